// SPDX-License-Identifier: Apache-2.0
// Asks a peer what peer-services.ts answers, wherever the peer is.
import type { SignedData } from '../../common/policies/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { type ServiceClient, unary } from '../../common/wire/service.ts';
import type { EndorsementOf } from '../discovery/index.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import type { InstallRequest } from './installed-packages.ts';
import {
  ADD_PROGRAM_METHOD,
  ASK_METHOD,
  BLOCK_METHOD,
  BLOCKFILE_ENTRY_METHOD,
  CHECK_ACL_METHOD,
  ENDORSE_JUDGED_METHOD,
  INSTALL_METHOD,
  type InstalledPackage,
  type PeerQuestions,
  type Reply,
  type ResourceRequest,
  SATISFIES_METHOD,
} from './peer-services.ts';

type Question = keyof PeerQuestions;
type Asked<Name extends Question> = Parameters<PeerQuestions[Name]>[0];
type Given<Name extends Question> = PeerQuestions[Name] extends (
  asked: never,
) => Promise<infer Value>
  ? Value
  : never;

export class PeerClient {
  readonly #client: ServiceClient;
  readonly #signal: AbortSignal;

  /** @param options.signal ends all calls. */
  constructor(client: ServiceClient, options: { readonly signal: AbortSignal }) {
    this.#client = client;
    this.#signal = options.signal;
  }

  /** Asks a question. Rejects with what it threw, as a FabricError of the same code and data. */
  async ask<Name extends Question>(name: Name, asked: Asked<Name>): Promise<Given<Name>> {
    const request = utf8(JSON.stringify({ name, asked }));
    return read<Given<Name>>(await unary(this.#client, ASK_METHOD, request, this.#options()));
  }

  /** Sends a SignedProposal; the serialized ProposalResponse. */
  processProposal(
    signedProposal: Uint8Array,
    options: { signal: AbortSignal } = this.#options(),
  ): Promise<Uint8Array> {
    return unary(this.#client, PROCESS_PROPOSAL, signedProposal, options);
  }

  /** As `processProposal`, with whether that endorsement alone satisfies all policies that guard what was written. */
  async endorseJudged(
    signedProposal: Uint8Array,
    options: { signal: AbortSignal },
  ): Promise<{ response: Uint8Array; enough: boolean }> {
    const answer = await unary(this.#client, ENDORSE_JUDGED_METHOD, signedProposal, options);
    return { response: answer.subarray(1), enough: answer[0] === 1 };
  }

  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the policy of a resource. */
  async checkAcl(request: ResourceRequest, signed: SignedData): Promise<void> {
    const { data, identity, signature } = signed;
    const requests = [utf8(JSON.stringify(request)), data, identity, signature];
    await this.#gather(CHECK_ACL_METHOD, requests);
  }

  /** Serialized block; undefined beyond the height. */
  block(channel: string, number: number): Promise<Uint8Array | undefined> {
    return this.#maybe(BLOCK_METHOD, { channel, number });
  }

  /** A block with its length in front. */
  blockfileEntry(channel: string, number: number): Promise<Uint8Array | undefined> {
    return this.#maybe(BLOCKFILE_ENTRY_METHOD, { channel, number });
  }

  /** Keeps a package to run as a chaincode of a channel, without starting it. */
  install(request: InstallRequest, bytes: Uint8Array): Promise<InstalledPackage> {
    return this.#gather(INSTALL_METHOD, [utf8(JSON.stringify(request)), bytes]);
  }

  /** Keeps the program that was built from an installed package. */
  async addProgram(packageId: string, program: Uint8Array): Promise<void> {
    await this.#gather(ADD_PROGRAM_METHOD, [utf8(JSON.stringify(packageId)), program]);
  }

  /** Whether these endorsements over `payload` satisfy all policies that guard what was written. */
  async satisfiesPolicy(
    channel_id: string,
    proposal_response_payload: Uint8Array,
    endorsements: readonly EndorsementOf[],
  ): Promise<boolean> {
    const action = { proposal_response_payload, endorsements };
    const request = common.Payload.encode({
      header: { channel_header: common.ChannelHeader.encode({ channel_id }).finish() },
      data: protos.ChaincodeEndorsedAction.encode(action).finish(),
    }).finish();
    return read(await unary(this.#client, SATISFIES_METHOD, request, this.#options()));
  }

  async #gather<T>(method: string, requests: readonly Uint8Array[]): Promise<T> {
    for await (const bytes of this.#client.call(method, requests, this.#options()))
      return read<T>(bytes);
    throw new FabricError('NO_ANSWER', `${method} ended without an answer`);
  }

  async #maybe(method: string, request: object): Promise<Uint8Array | undefined> {
    const requests = [utf8(JSON.stringify(request))];
    for await (const bytes of this.#client.call(method, requests, this.#options())) return bytes;
    return undefined;
  }

  #options(): { signal: AbortSignal } {
    return { signal: this.#signal };
  }
}

// What this node's peer answers is not checked again: it is this node's code.
function read<T>(bytes: Uint8Array): T {
  const reply: Reply = JSON.parse(fromUtf8(bytes));
  if (!('error' in reply)) return reply.value as T;
  const { name, code, message, data } = reply.error;
  const error = new FabricError(code, message, { data });
  error.name = name;
  throw error;
}
