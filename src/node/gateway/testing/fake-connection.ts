// SPDX-License-Identifier: Apache-2.0
// A network of endorsers that really sign, under a policy that is really evaluated, and an orderer and a peer that do
// what a test tells them.
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { parsePolicy } from '../../../common/policies/index.ts';
import { common, protos } from '../../../common/protos/index.ts';
import {
  createProposalResponse,
  unmarshalProposal,
  unmarshalSignedProposal,
} from '../../../common/protoutil/index.ts';
import { concat, utf8 } from '../../../common/runtime/bytes.ts';
import type { TestChannel } from '../../testing/test-channel.ts';
import type {
  CommitOutcome,
  EndorsementInterest,
  EndorsementPlan,
  Endorser,
  GatewayConnection,
} from '../connection.ts';
import { layoutsOf } from '../endorsement-plan.ts';

/** What an endorser does with a serialized SignedProposal. */
export type Behaviour = (
  signedProposal: Uint8Array,
  identity: SigningIdentity,
  signal: AbortSignal,
) => Promise<Uint8Array>;

/** Runs a chaincode that returns and writes `result`. */
export function returns(result: string, status = 200): Behaviour {
  return async (signedProposal, identity) => {
    const { proposal_bytes } = unmarshalSignedProposal(signedProposal);
    const response = await createProposalResponse(
      unmarshalProposal(proposal_bytes),
      {
        response: { status, message: status < 400 ? '' : result, payload: utf8(result) },
        results: utf8(result),
        events: new Uint8Array(),
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

export class FakeConnection implements GatewayConnection {
  readonly #channel: TestChannel;
  readonly #policy: string;
  readonly #endorsers: readonly FakeEndorser[];
  /** Names of endorsers, in the order in which they were asked. */
  readonly asked: string[] = [];
  /** Names of endorsers who have answered or failed. */
  readonly answered: string[] = [];
  /** Serialized envelopes that were broadcast. */
  readonly sent: Uint8Array[] = [];
  /** Plans of the policy's layouts, before or after a first endorsement. */
  onPlan: (layouts: EndorsementPlan['layouts'], interest?: EndorsementInterest) => EndorsementPlan =
    (layouts) => ({ layouts });
  onBroadcast: GatewayConnection['broadcast'] = async () => ({ status: 200, info: '' });
  onCommit: (transactionId: string, signal: AbortSignal) => Promise<CommitOutcome> = async () => ({
    code: 0,
    blockNumber: 7,
  });

  constructor(channel: TestChannel, policy: string, endorsers: readonly FakeEndorser[]) {
    this.#channel = channel;
    this.#policy = policy;
    this.#endorsers = endorsers;
  }

  endorsers(): Endorser[] {
    return this.#endorsers.map(({ name, identity, does = returns('ok'), height = 5, own }) => ({
      name,
      mspId: identity.mspId,
      height,
      own: own ?? false,
      processProposal: async (signedProposal, { signal }) => {
        this.asked.push(name);
        try {
          return await does(signedProposal, identity, signal);
        } finally {
          this.answered.push(name);
        }
      },
    }));
  }

  satisfiesPolicy(
    _channel: string,
    _chaincode: string,
    payload: Uint8Array,
    endorsements: readonly { endorser: Uint8Array; signature: Uint8Array }[],
  ): Promise<boolean> {
    const envelope = common.SignaturePolicyEnvelope.encode(parsePolicy(this.#policy)).finish();
    return this.#channel.bundle.signaturePolicy(envelope).evaluateSignedData(
      endorsements.map(({ endorser, signature }) => ({
        data: concat(payload, endorser),
        identity: endorser,
        signature,
      })),
    );
  }

  async endorsementPlan(
    _channel: string,
    _chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    const layouts = layoutsOf(parsePolicy(this.#policy), this.#channel.client.mspId);
    return this.onPlan(layouts, interest);
  }

  broadcast(envelope: Uint8Array, options: { signal: AbortSignal }) {
    this.sent.push(envelope);
    return this.onBroadcast(envelope, options);
  }

  commitOutcome(_channel: string, transactionId: string, { signal }: { signal: AbortSignal }) {
    return this.onCommit(transactionId, signal);
  }
}
