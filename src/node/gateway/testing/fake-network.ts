// SPDX-License-Identifier: Apache-2.0
// A network of endorsers that really sign, under a policy that is really evaluated, and an orderer and a peer that do
// what a test tells them.
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { parsePolicy } from '../../../common/policies/index.ts';
import type { SignedData } from '../../../common/policies/types.ts';
import { common, protos } from '../../../common/protos/index.ts';
import {
  createProposalResponse,
  unmarshalChannelHeader,
  unmarshalEnvelope,
  unmarshalHeader,
  unmarshalPayload,
  unmarshalProposal,
  unmarshalProposalResponse,
  unmarshalSignedProposal,
} from '../../../common/protoutil/index.ts';
import { concat, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { AclProvider } from '../../aclmgmt/index.ts';
import {
  type EndorsementInterest,
  type EndorsementOf,
  type EndorsementPlan,
  layoutsOf,
} from '../../discovery/index.ts';
import { CHANNEL, type TestChannel } from '../../testing/test-channel.ts';
import type {
  BroadcastStatus,
  CommitOutcome,
  CommittedTransactions,
  Endorser,
  GatewayServiceComponents,
} from '../service/components.ts';

/** What an endorser does with a serialized SignedProposal. */
export type Behaviour = (
  signedProposal: Uint8Array,
  identity: SigningIdentity,
  signal: AbortSignal,
) => Promise<Uint8Array>;

/** Runs a chaincode that returns and writes `result`, and emits an event of that name if it is told to. */
export function returns(result: string, status = 200, emits = false): Behaviour {
  return async (signedProposal, identity) => {
    const { proposal_bytes } = unmarshalSignedProposal(signedProposal);
    const proposal = unmarshalProposal(proposal_bytes);
    const { channel_header } = unmarshalHeader(proposal.header);
    const { tx_id } = unmarshalChannelHeader(channel_header);
    const event = { chaincode_id: 'basic', tx_id, event_name: result, payload: utf8(result) };
    const response = await createProposalResponse(
      proposal,
      {
        response: { status, message: status < 400 ? '' : result, payload: utf8(result) },
        results: utf8(result),
        events: emits ? protos.ChaincodeEvent.encode(event).finish() : new Uint8Array(),
        chaincodeId: { name: 'basic', version: '1.0' },
      },
      identity,
    );
    return protos.ProposalResponse.encode(response).finish();
  };
}

/** A peer that fails by itself. */
export function fails(message: string): Behaviour {
  const answer = { response: { status: 500, message } };
  return async () => protos.ProposalResponse.encode(answer).finish();
}

/** A peer that says nothing, signal or not. */
export const hangs: Behaviour = () => new Promise(() => {});

/** Lets signatures be made, which a fake clock does not wait for, until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface FakeEndorser {
  readonly name: string;
  readonly identity: SigningIdentity;
  readonly does?: Behaviour;
  readonly height?: number;
  readonly own?: boolean;
}

/** All that a gateway service stands on. */
export class FakeNetwork implements GatewayServiceComponents {
  readonly name = 'peer';
  readonly clock: FakeClock;
  readonly trace: TraceBus;
  readonly #channel: TestChannel;
  readonly #policy: string;
  readonly #endorsers: FakeEndorser[];
  readonly #listeners = new Set<(block: CommittedTransactions) => void>();
  /** Names of endorsers, in the order in which they were asked. */
  readonly asked: string[] = [];
  /** Names of endorsers who have answered or failed. */
  readonly answered: string[] = [];
  /** Serialized envelopes that were broadcast. */
  readonly sent: Uint8Array[] = [];
  /** What was asked of the peer besides, in order. */
  readonly calls: ('plan' | 'satisfies' | 'outcome' | 'acl' | 'block')[] = [];
  /** Outcomes in the ledger. */
  readonly ledger = new Map<string, CommitOutcome>();
  /** Serialized blocks in the ledger. */
  readonly blocks: Uint8Array[] = [];
  planVersion = 1;
  /** What becomes of a transaction that the orderer took; nothing when undefined. */
  outcomeOfOrdered: CommitOutcome | undefined = { code: 0, blockNumber: 7 };
  /** Plans of the policy's layouts, before or after a first endorsement. */
  onPlan: (layouts: EndorsementPlan['layouts'], interest?: EndorsementInterest) => EndorsementPlan =
    (layouts) => ({ layouts });
  onBroadcast: (
    envelope: Uint8Array,
    options: { signal: AbortSignal },
  ) => Promise<BroadcastStatus> = async () => ({ status: 200, info: '' });
  onOutcome: (txId: string) => Promise<CommitOutcome | undefined> = async (txId) =>
    this.ledger.get(txId);

  constructor(
    channel: TestChannel,
    policy: string,
    endorsers: readonly FakeEndorser[],
    clock = new FakeClock(),
    trace = new TraceBus(),
  ) {
    this.#channel = channel;
    this.#policy = policy;
    this.#endorsers = [...endorsers];
    this.clock = clock;
    this.trace = trace;
  }

  get mspId(): string {
    return this.#channel.client.mspId;
  }

  /** Those who are told of commits. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Puts transactions into the ledger, in one block, and tells of it. */
  commit(outcomes: Readonly<Record<string, number>>, blockNumber = 7): void {
    const txIds = Object.keys(outcomes);
    for (const [txId, code] of Object.entries(outcomes)) {
      if (!this.ledger.has(txId)) this.ledger.set(txId, { code, blockNumber });
    }
    this.tell({ txIds, codes: Object.values(outcomes), blockNumber });
  }

  tell(block: Partial<CommittedTransactions>): void {
    const { planVersion } = this;
    const all = { channel: CHANNEL, blockNumber: 7, txIds: [], codes: [], planVersion, ...block };
    for (const listener of this.#listeners) listener(all);
  }

  endorsers(channel: string): Endorser[] {
    if (channel !== CHANNEL) return [];
    return this.#endorsers.map(({ name, identity, does = returns('ok'), height = 5, own }) => ({
      name,
      mspId: identity.mspId,
      height,
      own: own ?? false,
      processProposal: async (signedProposal, { signal, judged }) => {
        this.asked.push(name);
        try {
          const response = await does(signedProposal, identity, signal);
          return judged ? { response, enough: await this.#isEnough(response) } : { response };
        } finally {
          this.answered.push(name);
        }
      },
    }));
  }

  /** Another peer can be reached. */
  add(endorser: FakeEndorser): void {
    this.#endorsers.push(endorser);
  }

  satisfiesPolicy(
    _channel: string,
    payload: Uint8Array,
    endorsements: readonly EndorsementOf[],
  ): Promise<boolean> {
    this.calls.push('satisfies');
    return this.#evaluate(payload, endorsements);
  }

  async endorsementPlan(
    _channel: string,
    _chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    this.calls.push('plan');
    const layouts = layoutsOf(parsePolicy(this.#policy), this.mspId);
    return this.onPlan(layouts, interest);
  }

  async broadcast(
    _channel: string,
    envelope: Uint8Array,
    options: { signal: AbortSignal },
  ): Promise<BroadcastStatus> {
    this.sent.push(envelope);
    const answer = await this.onBroadcast(envelope, options);
    if (answer.status === 200 && this.outcomeOfOrdered) {
      const { code, blockNumber } = this.outcomeOfOrdered;
      const { header } = unmarshalPayload(unmarshalEnvelope(envelope).payload);
      const { tx_id } = unmarshalChannelHeader(header?.channel_header ?? utf8(''));
      this.commit({ [tx_id]: code }, blockNumber);
    }
    return answer;
  }

  outcome(_channel: string, txId: string): Promise<CommitOutcome | undefined> {
    this.calls.push('outcome');
    return this.onOutcome(txId);
  }

  onCommitted(listener: (block: CommittedTransactions) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  height(): number {
    return this.blocks.length;
  }

  async block(_channel: string, number: number): Promise<Uint8Array | undefined> {
    this.calls.push('block');
    return this.blocks[number];
  }

  async checkAcl(channel: string, resource: string, signed: SignedData): Promise<void> {
    this.calls.push('acl');
    if (channel !== CHANNEL) throw new Error(`channel ${channel} not found`);
    const bundles = () => this.#channel.bundle;
    const acl = new AclProvider({ bundles, localMsp: () => undefined });
    await acl.checkAcl(resource, channel, signed);
  }

  async #isEnough(response: Uint8Array): Promise<boolean> {
    const { payload, endorsement } = unmarshalProposalResponse(response);
    return endorsement ? this.#evaluate(payload, [endorsement]) : false;
  }

  #evaluate(payload: Uint8Array, endorsements: readonly EndorsementOf[]): Promise<boolean> {
    const envelope = common.SignaturePolicyEnvelope.encode(parsePolicy(this.#policy)).finish();
    return this.#channel.bundle.signaturePolicy(envelope).evaluateSignedData(
      endorsements.map(({ endorser, signature }) => ({
        data: concat(payload, endorser),
        identity: endorser,
        signature,
      })),
    );
  }
}
