// SPDX-License-Identifier: Apache-2.0
// A chaincode's port with a test at the other end.
import { protos } from '../../../common/protos/index.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { MessageType } from '../chaincode-message.ts';
import type { ChaincodeLauncher, ChaincodePort } from '../launcher.ts';

/** Keeps what the peer sends; `receive` gives it a message. */
export class FakePort implements ChaincodePort {
  readonly sent: Uint8Array[] = [];
  closed = false;
  readonly #early: unknown[] = [];
  #started = false;
  #listener: ((event: MessageEvent) => void) | undefined;
  /** Called on each message that the peer sends. */
  onSent: (message: protos.ChaincodeMessage) => void = () => {};

  postMessage(message: ArrayBuffer): void {
    const bytes = new Uint8Array(message);
    this.sent.push(bytes);
    this.onSent(protos.ChaincodeMessage.decode(bytes));
  }

  addEventListener(type: 'message' | 'close', listener: (event: MessageEvent) => void): void {
    if (type === 'message') this.#listener = listener;
  }

  // As a real port: what came before is kept until now.
  start(): void {
    this.#started = true;
    for (const data of this.#early.splice(0)) this.receive(data);
  }

  close(): void {
    this.closed = true;
  }

  receive(data: unknown): void {
    if (this.#started) this.#listener?.({ data } as MessageEvent);
    else this.#early.push(data);
  }

  send(message: protos.IChaincodeMessage): void {
    this.receive(protos.ChaincodeMessage.encode(message).finish());
  }

  register(name: string): void {
    const payload = protos.ChaincodeID.encode({ name }).finish();
    this.send({ type: MessageType.REGISTER, payload });
  }
}

/** Launches ports that a test holds; each registers at once unless `silent`. */
export class FakeLauncher implements ChaincodeLauncher {
  readonly ports = new Map<string, FakePort>();
  readonly killed: string[] = [];
  silent = false;

  async launch(ccid: string): Promise<FakePort> {
    const port = new FakePort();
    this.ports.set(ccid, port);
    if (!this.silent) port.register(ccid);
    return port;
  }

  kill(ccid: string): void {
    this.killed.push(ccid);
  }
}

/** The COMPLETED message of a transaction. */
export function completed(
  { txid, channel_id }: Pick<protos.ChaincodeMessage, 'txid' | 'channel_id'>,
  response: protos.IResponse = { status: 200 },
): protos.IChaincodeMessage {
  const payload = protos.Response.encode(response).finish();
  return { type: MessageType.COMPLETED, payload, txid, channel_id };
}

/** A request of a transaction. */
export function request(type: number, txid: string, channel_id: string, payload = utf8('')) {
  return { type, txid, channel_id, payload };
}
