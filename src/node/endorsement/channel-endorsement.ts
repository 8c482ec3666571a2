// SPDX-License-Identifier: Apache-2.0
// What a gateway asks of its own peer about endorsements: whose there must be, and whether there are enough. The answer to the
// second is the validator's own, on the state as it is now.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { createApplicationPolicy, parsePolicy } from '../../common/policies/index.ts';
import type { Policy, SignedData } from '../../common/policies/types.ts';
import { protos } from '../../common/protos/index.ts';
import {
  unmarshalChaincodeAction,
  unmarshalProposalResponsePayload,
} from '../../common/protoutil/index.ts';
import { concat } from '../../common/runtime/bytes.ts';
import {
  ChangedKeyPolicies,
  type KeyPolicies,
  LIFECYCLE_NAMESPACE,
  type NamespacePolicies,
  type NamespaceWrites,
  namespaceEndorsed,
  namespaceWritesOf,
} from '../committer/index.ts';
import type { EndorsementInterest, EndorsementPlan } from '../gateway/connection.ts';
import { layoutsOf } from '../gateway/endorsement-plan.ts';
import { type DeployedChaincodes, mspIdIfImplicitCollection } from '../lifecycle/index.ts';
import { type CollectionStore, memberOrgs } from '../privdata/index.ts';
import { planForInterest } from './interest-plan.ts';

export interface ChannelEndorsementComponents {
  /** MSP id of the gateway's client, whose peers are asked first. */
  readonly mspId: string;
  readonly deployed: Pick<DeployedChaincodes, 'chaincode'>;
  readonly collections: Pick<CollectionStore, 'collections' | 'find'>;
  readonly bundle: () => ChannelConfigBundle;
  readonly policies: () => Promise<NamespacePolicies>;
  readonly keyPolicies: KeyPolicies;
}

export interface EndorsementOf {
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

type Layouts = readonly (readonly string[])[];

const LIFECYCLE_ENDORSEMENT_POLICY = '/Channel/Application/LifecycleEndorsement';
/** More organisations than this are not tried in all combinations. */
const MAX_COMBINED_ORGS = 8;

export class ChannelEndorsement {
  readonly #components: ChannelEndorsementComponents;

  constructor(components: ChannelEndorsementComponents) {
    this.#components = components;
  }

  /** Whose endorsements a call of the chaincode needs. */
  async plan(chaincode: string, interest?: EndorsementInterest): Promise<EndorsementPlan> {
    const { collections, mspId } = this.#components;
    if (!interest || interest.chaincodes.length === 0) {
      const layouts = await this.#chaincodeLayouts(chaincode);
      const dependsOnInterest = (await collections.collections(chaincode)).length > 0;
      return { layouts, dependsOnInterest };
    }
    const layouts = new Map<string, Layouts>();
    const members = new Map<string, readonly string[]>();
    for (const { name, collectionNames } of interest.chaincodes) {
      layouts.set(idOf(name), await this.#chaincodeLayouts(name));
      for (const collection of collectionNames) {
        const id = idOf(name, collection);
        layouts.set(id, await this.#collectionLayouts(name, collection));
        const config = await collections.find(name, collection);
        members.set(id, config ? memberOrgs(config) : []);
      }
    }
    const policies = {
      chaincode: (name: string) => layouts.get(idOf(name)) ?? [],
      collection: (name: string, collection: string) => layouts.get(idOf(name, collection)) ?? [],
      members: (name: string, collection: string) => members.get(idOf(name, collection)) ?? [],
    };
    return planForInterest(interest, policies, mspId);
  }

  /** Whether endorsements of a serialized ProposalResponsePayload satisfy the policies of all that it writes. */
  async isSatisfied(payload: Uint8Array, endorsements: readonly EndorsementOf[]): Promise<boolean> {
    const { bundle, policies, keyPolicies } = this.#components;
    const written = writesIn(payload);
    if (!written) return false;
    const signatures: SignedData[] = endorsements.map(({ endorser, signature }) => ({
      data: concat(payload, endorser),
      identity: endorser,
      signature,
    }));
    const known = await policies();
    const evaluate = async (policy: Policy | undefined): Promise<boolean> =>
      policy ? policy.evaluateSignedData(signatures) : false;
    for (const writes of written) {
      const { namespace } = writes;
      const verdict = {
        ...writes,
        chaincodePolicySatisfied: await evaluate(known.policyOf(namespace)),
        collections: await Promise.all(
          writes.collections.map(async (one) => ({
            ...one,
            policySatisfied: await evaluate(known.collectionPolicyOf(namespace, one.collection)),
          })),
        ),
      };
      const changed = new ChangedKeyPolicies();
      const ok = await namespaceEndorsed(verdict, changed, keyPolicies, bundle(), () => signatures);
      if (!ok) return false;
    }
    return true;
  }

  async #chaincodeLayouts(name: string): Promise<Layouts> {
    if (name === LIFECYCLE_NAMESPACE) {
      return this.#layoutsOf(createApplicationPolicy(LIFECYCLE_ENDORSEMENT_POLICY));
    }
    const found = await this.#components.deployed.chaincode(name);
    return found ? this.#layoutsOf(found.validationParameter) : [];
  }

  async #collectionLayouts(chaincode: string, collection: string): Promise<Layouts> {
    const mspId = mspIdIfImplicitCollection(collection);
    if (mspId !== undefined) return [[mspId]];
    const config = await this.#components.collections.find(chaincode, collection);
    const own = config?.endorsement_policy;
    if (!own) return this.#chaincodeLayouts(chaincode);
    return this.#layoutsOf(protos.ApplicationPolicy.encode(own).finish());
  }

  // A reference is usually to MAJORITY Endorsement. Where it is not, asking goes on until it is satisfied.
  #layoutsOf(applicationPolicy: Uint8Array): Layouts {
    const { mspId, bundle } = this.#components;
    const { signature_policy } = protos.ApplicationPolicy.decode(applicationPolicy);
    if (signature_policy) return layoutsOf(signature_policy, mspId);
    const orgs = bundle().application.orgs.map((org) => org.mspId);
    const ordered = [mspId, ...orgs.filter((one) => one !== mspId)];
    const majority = Math.floor(orgs.length / 2) + 1;
    if (orgs.length > MAX_COMBINED_ORGS) return [ordered.slice(0, majority)];
    const principals = ordered.map((one) => `'${one}.member'`).join(',');
    return layoutsOf(parsePolicy(`OutOf(${majority},${principals})`), mspId);
  }
}

// Undefined when it is no payload, or none that could become valid; another peer made it.
function writesIn(payload: Uint8Array): NamespaceWrites[] | undefined {
  try {
    const { extension } = unmarshalProposalResponsePayload(payload);
    const { chaincode_id, results } = unmarshalChaincodeAction(extension);
    return namespaceWritesOf(chaincode_id?.name ?? '', results);
  } catch {
    return undefined;
  }
}

function idOf(chaincode: string, collection = ''): string {
  return `${chaincode}\0${collection}`;
}
