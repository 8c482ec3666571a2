// SPDX-License-Identifier: Apache-2.0
// The stream between fabric-shim and the peer: gRPC's in Fabric, a MessagePort here. Each port message is one
// serialized protos.ChaincodeMessage, as an ArrayBuffer.
import { common, peer } from '@hyperledger/fabric-protos';
import { EventEmitter } from 'events/';
import { beginScope, endScope, enterScope } from './transaction-scope.ts';

const { Type } = peer.ChaincodeMessage;

/** What fabric-shim asks of a duplex gRPC stream. */
export class ShimStream extends EventEmitter {
  readonly #port: MessagePort;
  readonly #onTransaction: () => void;
  #terminated = false;

  /** @param onTransaction called when a transaction begins. */
  constructor(port: MessagePort, onTransaction: () => void) {
    super();
    this.#port = port;
    this.#onTransaction = onTransaction;
    port.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      const message = peer.ChaincodeMessage.deserializeBinary(new Uint8Array(event.data));
      this.#enter(message);
      this.emit('data', message);
    };
  }

  /** The program has ended: whatever it still does, nobody hears of it. */
  terminate(): void {
    if (this.#terminated) return;
    this.#terminated = true;
    // Not every platform tells the other end that a port is closed.
    this.#port.postMessage(null);
    this.#port.close();
  }

  write(message: InstanceType<typeof peer.ChaincodeMessage>): void {
    if (this.#terminated) return;
    const type = message.getType();
    if (type === Type.COMPLETED || type === Type.ERROR) endScope(scopeOf(message));
    const bytes = message.serializeBinary();
    const owned = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#port.postMessage(owned.buffer, [owned.buffer as ArrayBuffer]);
  }

  end(): void {
    this.#port.close();
  }

  #enter(message: InstanceType<typeof peer.ChaincodeMessage>): void {
    const type = message.getType();
    if (type === Type.TRANSACTION || type === Type.INIT) {
      this.#onTransaction();
      beginScope(scopeOf(message), message.getTxid(), timestampOf(message));
    } else {
      enterScope(scopeOf(message));
    }
  }
}

function scopeOf(message: InstanceType<typeof peer.ChaincodeMessage>): string {
  return `${message.getChannelId()}/${message.getTxid()}`;
}

function timestampOf(message: InstanceType<typeof peer.ChaincodeMessage>): number {
  const signed = message.getProposal();
  if (!signed) return 0;
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const time = channel.getTimestamp();
  return time ? time.getSeconds() * 1000 + Math.floor(time.getNanos() / 1e6) : 0;
}
