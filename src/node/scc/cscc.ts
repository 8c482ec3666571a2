// SPDX-License-Identifier: Apache-2.0
// The configuration system chaincode (core/scc/cscc/configure.go), as far as it answers questions: which channels the peer has
// joined, and how they are configured.
import { protos } from '../../common/protos/index.ts';
import { proposalAsSignedData } from '../../common/protoutil/index.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { AclProvider } from '../aclmgmt/index.ts';
import { calledByClient, refuse, success, textArg } from './responses.ts';
import type {
  SystemChaincode,
  SystemChaincodeResult,
  SystemChaincodeStub,
} from './system-chaincode.ts';

/** A channel that the peer has joined. */
export interface ConfiguredChannel {
  /** The last block that set its configuration, as it is stored. */
  configBlock(): Promise<Uint8Array>;
}

export interface CsccComponents {
  readonly channels: ReadonlyMap<string, ConfiguredChannel>;
  readonly acl: AclProvider;
}

const NAME = 'cscc';

export function cscc(components: CsccComponents): SystemChaincode {
  return {
    name: NAME,
    simulates: false,
    async invoke(stub) {
      const { args } = stub;
      const fname = textArg(stub, 0);
      if (args.length < 1 || (fname !== 'GetChannels' && args.length < 2)) {
        refuse(`Incorrect number of arguments, ${args.length}`);
      }
      const called = calledByClient(stub);
      if (called !== NAME) {
        refuse(
          `Rejecting invoke of CSCC from another chaincode, original invocation for '${called}'`,
        );
      }
      if (fname === 'GetChannels') return getChannels(components, stub);
      if (fname === 'GetConfigBlock') return getConfigBlock(components, stub);
      return refuse(`Requested function ${fname} not found.`);
    },
  };
}

async function getChannels(
  { acl, channels }: CsccComponents,
  { signedProposal }: SystemChaincodeStub,
): Promise<SystemChaincodeResult> {
  try {
    await acl.checkAclNoChannel(`${NAME}/GetChannels`, proposalAsSignedData(signedProposal));
  } catch (error) {
    refuse(`access denied for [GetChannels]: ${messageOf(error)}`, error);
  }
  const infos = [...channels.keys()].map((channel_id) => ({ channel_id }));
  return success(protos.ChannelQueryResponse.encode({ channels: infos }).finish());
}

async function getConfigBlock(
  { acl, channels }: CsccComponents,
  stub: SystemChaincodeStub,
): Promise<SystemChaincodeResult> {
  const channelId = textArg(stub, 1);
  const signed = proposalAsSignedData(stub.signedProposal);
  try {
    await acl.checkAcl(`${NAME}/GetConfigBlock`, channelId, signed);
  } catch (error) {
    refuse(`access denied for [GetConfigBlock][${channelId}]: ${messageOf(error)}`, error);
  }
  const channel = channels.get(channelId);
  if (!channel) return refuse(`Unknown channel ID, ${channelId}`);
  return success(await channel.configBlock());
}
