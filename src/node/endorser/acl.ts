// SPDX-License-Identifier: Apache-2.0
// Who may use what on a channel (Fabric's core/aclmgmt): the channel's configuration names a policy for a resource, else
// a default holds.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import type { protos } from '../../common/protos/index.ts';
import {
  unmarshalHeader,
  unmarshalProposal,
  unmarshalSignatureHeader,
} from '../../common/protoutil/unmarshalers.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

const READERS = '/Channel/Application/Readers';
const WRITERS = '/Channel/Application/Writers';

/** Policies of resources that the channel's configuration does not name (defaultaclprovider.go). */
export const DEFAULT_ACLS: ReadonlyMap<string, string> = new Map([
  ['peer/Propose', WRITERS],
  ['peer/ChaincodeToChaincode', WRITERS],
  ['qscc/GetChainInfo', READERS],
  ['qscc/GetBlockByNumber', READERS],
  ['qscc/GetBlockByHash', READERS],
  ['qscc/GetTransactionByID', READERS],
  ['qscc/GetBlockByTxID', READERS],
  ['cscc/GetConfigBlock', READERS],
  ['cscc/GetChannelConfig', READERS],
  ['event/Block', READERS],
  ['event/FilteredBlock', READERS],
  ['gateway/CommitStatus', READERS],
  ['gateway/ChaincodeEvents', READERS],
  ['_lifecycle/CommitChaincodeDefinition', WRITERS],
  ['_lifecycle/QueryChaincodeDefinition', WRITERS],
  ['_lifecycle/QueryChaincodeDefinitions', WRITERS],
  ['_lifecycle/CheckCommitReadiness', WRITERS],
]);

/** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the policy of `resource`. */
export async function checkAcl(
  bundle: ChannelConfigBundle,
  resource: string,
  signed: SignedData,
): Promise<void> {
  const own = bundle.application.acls.get(resource);
  const path = own ?? DEFAULT_ACLS.get(resource);
  if (path === undefined) throw denied(`Unmapped policy for ${resource}`);
  let reason = 'signature set did not satisfy policy';
  try {
    if (await bundle.policyManager.getPolicy(path).evaluateSignedData([signed])) return;
  } catch (error) {
    reason = messageOf(error);
  }
  // Two places of Fabric's code, two spellings.
  throw denied(
    own === undefined
      ? `Failed evaluating policy on signed data during check policy on channel [${bundle.channelId}] with policy [${path}]: [${reason}]`
      : `failed evaluating policy on signed data during check policy [${path}]: [${reason}]`,
  );
}

/** What the creator of a proposal signed. Throws ProtoError when its headers cannot be reached. */
export function proposalAsSignedData(signedProposal: protos.ISignedProposal): SignedData {
  const data = signedProposal.proposal_bytes ?? EMPTY_BYTES;
  const { signature_header } = unmarshalHeader(unmarshalProposal(data).header);
  const { creator } = unmarshalSignatureHeader(signature_header);
  return { data, identity: creator, signature: signedProposal.signature ?? EMPTY_BYTES };
}

function denied(message: string): FabricError {
  return new FabricError('ACCESS_DENIED', message);
}
