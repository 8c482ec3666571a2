// SPDX-License-Identifier: Apache-2.0
// Who may use what (core/aclmgmt/resourceprovider.go, defaultaclprovider.go and core/policy/policy.go): a channel's configuration
// may name a policy for a resource, else a default holds. Resources of the peer itself are for members or admins of its own
// organisation.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { Identity, MSPManager } from '../../common/msp/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import { common } from '../../common/protos/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { CHANNEL_RESOURCES, LOCAL_RESOURCES, type LocalPolicy } from './resources.ts';

/** The MSP of the peer's organisation. */
export interface LocalMSP extends Pick<MSPManager, 'deserializeIdentity'> {
  readonly mspId: string;
}

export interface AclProviderComponents {
  readonly bundles: (channelId: string) => ChannelConfigBundle | undefined;
  /** Undefined as long as the peer has none. */
  readonly localMsp: () => LocalMSP | undefined;
}

export class AclProvider {
  readonly #components: AclProviderComponents;

  constructor(components: AclProviderComponents) {
    this.#components = components;
  }

  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the policy of `resource` on the channel. */
  async checkAcl(resource: string, channelId: string, signed: SignedData): Promise<void> {
    const local = LOCAL_RESOURCES.get(resource);
    if (local) return this.#checkLocal(local, signed);
    const bundle = this.#components.bundles(channelId);
    const configured = bundle?.application.acls.get(resource);
    const path = configured ?? CHANNEL_RESOURCES.get(resource);
    if (path === undefined) throw denied(`Unmapped policy for ${resource}`);
    if (!bundle) throw denied(`Failed to get policy manager for channel [${channelId}]`);
    const reason = await refusal(bundle, path, signed);
    if (reason === undefined) return;
    // Two places of Fabric's code, two spellings.
    throw denied(
      configured === undefined
        ? `Failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [${path}]: [${reason}]`
        : `failed evaluating policy on signed data during check policy [${path}]: [${reason}]`,
    );
  }

  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the peer's own policy of `resource`. */
  async checkAclNoChannel(resource: string, signed: SignedData): Promise<void> {
    const local = LOCAL_RESOURCES.get(resource);
    if (!local) throw denied('cannot override peer type policy for channeless ACL check');
    await this.#checkLocal(local, signed);
  }

  async #checkLocal(policy: LocalPolicy, { data, identity, signature }: SignedData): Promise<void> {
    const where = `during channelless check policy with policy [${policy}]`;
    const msp = this.#components.localMsp();
    if (!msp)
      throw denied(`Failed getting local MSP principal ${where}: [the peer has no MSP yet]`);
    let creator: Identity;
    try {
      creator = await msp.deserializeIdentity(identity);
    } catch (error) {
      throw denied(`Failed deserializing proposal creator ${where}: [${messageOf(error)}]`);
    }
    if (!(await creator.satisfiesPrincipal(principalOf(policy, msp.mspId)))) {
      const text = `Failed verifying that proposal's creator satisfies local MSP principal ${where}`;
      throw denied(
        `${text}: [This identity is not ${policy === 'Admins' ? 'an admin' : 'a member'}]`,
      );
    }
    if (!(await creator.verify(data, signature))) throw denied('The signature is invalid');
  }
}

// Undefined when the policy is satisfied.
async function refusal(
  bundle: ChannelConfigBundle,
  path: string,
  signed: SignedData,
): Promise<string | undefined> {
  try {
    const policy = bundle.policyManager.getPolicy(path);
    if (await policy.evaluateSignedData([signed])) return undefined;
    return 'signature set did not satisfy policy';
  } catch (error) {
    return messageOf(error);
  }
}

function principalOf(policy: LocalPolicy, msp_identifier: string): common.MSPPrincipal {
  const { MSPRole, MSPPrincipal } = common;
  const { ADMIN, MEMBER } = MSPRole.MSPRoleType;
  const role = policy === 'Admins' ? ADMIN : MEMBER;
  return {
    principal_classification: MSPPrincipal.Classification.ROLE,
    principal: MSPRole.encode({ msp_identifier, role }).finish(),
  };
}

function denied(message: string): FabricError {
  return new FabricError('ACCESS_DENIED', message);
}
