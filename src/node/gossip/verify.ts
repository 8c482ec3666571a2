// SPDX-License-Identifier: Apache-2.0
// Who signed a gossip message (MessageCryptoService.VerifyByChannel of Fabric's internal/peer/gossip/mcs.go).
import {
  checkWellFormed,
  type Identity,
  type MSPManager,
  pkiIdOf,
} from '../../common/msp/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import { GossipError, type ReceivedMessage } from './message.ts';

/**
 * The valid member of MSP `mspId` that signed the message. Throws GossipError or MSPError: then nobody honest passes the message on.
 */
export async function verifySender(
  manager: MSPManager,
  { payload, signature }: ReceivedMessage,
  sender: { readonly identity: Uint8Array; readonly pkiId: Uint8Array; readonly mspId: string },
): Promise<Identity> {
  checkWellFormed(sender.identity);
  if (!equalBytes(pkiIdOf(sender.identity), sender.pkiId)) {
    throw new GossipError('PKI_ID_MISMATCH', 'the PKI-ID is not that of the identity');
  }
  const identity = await manager.deserializeIdentity(sender.identity);
  if (identity.mspId !== sender.mspId) {
    throw new GossipError(
      'WRONG_MSP',
      `a message of ${identity.mspId} on a topic of ${sender.mspId}`,
    );
  }
  await identity.validate();
  if (!(await identity.verify(payload, signature))) {
    throw new GossipError('BAD_SIGNATURE', 'the signature of a gossip message is wrong');
  }
  return identity;
}
