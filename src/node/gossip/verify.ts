// SPDX-License-Identifier: Apache-2.0
// Who signed a gossip message (MessageCryptoService.Verify and VerifyByChannel of Fabric's internal/peer/gossip/mcs.go).
import {
  checkWellFormed,
  type Identity,
  type MSPManager,
  pkiIdOf,
} from '../../common/msp/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { GossipError, type ReceivedMessage } from './message.ts';

export interface Sender {
  /** Serialized identity, which need not be the sender's before this has verified it. */
  readonly identity: Uint8Array;
  readonly pkiId: Uint8Array;
  readonly mspId: string;
}

/**
 * The valid member of MSP `mspId` that signed the message, by any of the managers. Throws GossipError or MSPError: then no honest peer
 * passes the message on.
 */
export async function verifySender(
  managers: readonly MSPManager[],
  { payload, signature }: ReceivedMessage,
  sender: Sender,
): Promise<Identity> {
  checkWellFormed(sender.identity);
  if (!equalBytes(pkiIdOf(sender.identity), sender.pkiId)) {
    throw new GossipError('PKI_ID_MISMATCH', 'the PKI-ID is not that of the identity');
  }
  const identity = await validIdentity(managers, sender.identity);
  if (identity.mspId !== sender.mspId) {
    throw new GossipError(
      'WRONG_MSP',
      `a message of ${identity.mspId} on a topic of ${sender.mspId}`,
    );
  }
  if (!(await identity.verify(payload, signature))) {
    throw new GossipError('BAD_SIGNATURE', 'the signature of a gossip message is wrong');
  }
  return identity;
}

/** The identity, valid for the first of the managers that knows it. Throws what the last one says. */
export async function validIdentity(
  managers: readonly MSPManager[],
  serialized: Uint8Array,
): Promise<Identity> {
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
}
