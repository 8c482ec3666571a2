// SPDX-License-Identifier: Apache-2.0
// Who may be bound by the handshake: members of the MSPs of any joined channel (Fabric's internal/peer/gossip/mcs.go), and before the first
// channel is joined only the pinned relay, from which its genesis block comes.

import { type BCCSP, defaultBCCSP } from '../../common/crypto/index.ts';
import {
  certificateOf,
  checkWellFormed,
  decodeSerializedIdentity,
  type Identity,
  identityName,
  type MSPManager,
  pkiIdOf,
} from '../../common/msp/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { GossipError } from '../gossip/message.ts';

/** Decides who may be bound: deserializes and validates an identity; rejects with the reason. */
export type IdentityCheck = (serialized: Uint8Array, peerId: string) => Promise<Identity>;

export interface IdentityCheckComponents {
  /** MSP managers of the channels joined, at this moment. */
  readonly mspManagers: () => readonly MSPManager[];
  /** Peer ids that come from a source as trusted as the page itself, with the MSP they must belong to. */
  readonly pinned?: ReadonlyMap<string, { readonly mspId: string }>;
  readonly bccsp?: BCCSP;
}

/** An IdentityCheck over the channels' MSPs. */
export function identityCheck({
  mspManagers,
  pinned,
  bccsp = defaultBCCSP(),
}: IdentityCheckComponents): IdentityCheck {
  return async (serialized, peerId) => {
    checkWellFormed(serialized);
    const managers = mspManagers();
    const pin = pinned?.get(peerId);
    if (managers.length === 0 && pin) return pinnedIdentity(serialized, pin.mspId, bccsp);
    let failure: unknown = new FabricError('NO_CHANNEL', 'no channel has been joined yet');
    for (const manager of managers) {
      try {
        const identity = await manager.deserializeIdentity(serialized);
        await identity.validate();
        return identity;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

/** Common name of the certificate in a serialized identity; its MSP and the start of the PKI-ID where it has none. */
export function nameOfIdentity(serialized: Uint8Array): string {
  const name = identityName(serialized);
  if (name !== '') return name;
  const pkiId = toHex(pkiIdOf(serialized).subarray(0, 4));
  return `${decodeSerializedIdentity(serialized).mspid}/${pkiId}`;
}

// Trusted for its peer id alone; its signature must still fit the certificate that it shows.
function pinnedIdentity(serialized: Uint8Array, mspId: string, bccsp: BCCSP): Identity {
  const { mspid } = decodeSerializedIdentity(serialized);
  if (mspid !== mspId) {
    throw new GossipError('WRONG_MSP', `the relay shows an identity of ${mspid}, not ${mspId}`);
  }
  const { publicKey, notAfter } = certificateOf(serialized);
  return {
    mspId,
    id: toHex(pkiIdOf(serialized)),
    serialized,
    expiresAt: notAfter,
    validate: async () => {},
    verify: (message, signature) => bccsp.verify(publicKey, message, signature),
    satisfiesPrincipal: async () => false,
  };
}
