// SPDX-License-Identifier: Apache-2.0
// What the rest of a node asks of its peer, as services: proposals as Fabric has them, blocks as bytes, and questions of the node's gateway, its
// console and its page, whose requests and answers are JSON. PeerNode decides which of them others may call.
import { common, protos } from '../../common/protos/index.ts';
import { concat, EMPTY_BYTES, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { type ErrorData, FabricError, messageOf } from '../../common/runtime/errors.ts';
import { localClient } from '../../common/wire/local-client.ts';
import {
  GrpcStatus,
  ServiceError,
  type ServiceHandler,
  type ServiceTable,
  unary,
  unaryHandler,
} from '../../common/wire/service.ts';
import { blockfileEntry } from '../../ledger/blkstorage/blockfile/index.ts';
import type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  MemberTotals,
  StateEntry,
  TxView,
} from '../api/ledger-views.ts';
import type { MissingParts } from '../chaincode/missing-parts.ts';
import type { EndorsementInterest, EndorsementPlan } from '../discovery/index.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import type { CommitOutcome } from '../gateway/index.ts';
import type { Channel } from './channel.ts';
import type { ChaincodeUse, InstallRequest } from './installed-packages.ts';
import type { Peer } from './peer.ts';
import * as queries from './peer-queries.ts';

/** A PeerQuestion's request in JSON; its Reply in JSON. */
export const ASK_METHOD = '/tabric.Peer/Ask';
/** A BlockRequest in JSON; the serialized block, or nothing beyond the height. */
export const BLOCK_METHOD = '/tabric.Peer/Block';
/** A BlockRequest in JSON; the block with its length in front, as it stands in Fabric's block files. */
export const BLOCKFILE_ENTRY_METHOD = '/tabric.Peer/BlockfileEntry';
/** A SignedProposal; its serialized ProposalResponse behind one byte, 1 when that endorsement alone is enough. */
export const ENDORSE_JUDGED_METHOD = '/tabric.Peer/EndorseJudged';
/** A ResourceRequest in JSON, then data, identity and signature; a Reply in JSON, whose error says why access is denied. */
export const CHECK_ACL_METHOD = '/tabric.Peer/CheckAcl';
/** An InstallRequest in JSON, then the package; a Reply with an InstalledPackage in JSON. */
export const INSTALL_METHOD = '/tabric.Peer/Install';
/** The package id in JSON, then the program that was built from it; a Reply in JSON. */
export const ADD_PROGRAM_METHOD = '/tabric.Peer/AddProgram';
/** A common.Payload whose header names the channel and whose data is a protos.ChaincodeEndorsedAction; a Reply in JSON. */
export const SATISFIES_METHOD = '/tabric.Peer/SatisfiesPolicy';

export interface BlockRequest {
  readonly channel: string;
  readonly number: number;
}

export interface InstalledPackage {
  readonly packageId: string;
  /** What must be made before it can run; see addProgram. */
  readonly missing?: MissingParts;
}

export interface ResourceRequest {
  readonly channel: string;
  readonly resource: string;
}

/** Questions by name, with what they take and give. Plain data. */
export interface PeerQuestions {
  block(request: BlockRequest): Promise<BlockView | undefined>;
  blocks(request: {
    channel: string;
    from?: number | undefined;
    limit?: number | undefined;
  }): Promise<BlockView[]>;
  tx(request: { channel: string; txId: string }): Promise<TxView | undefined>;
  state(request: { channel: string; namespace: string; key: string }): Promise<string | undefined>;
  states(request: {
    channel: string;
    namespace: string;
    start?: string | undefined;
    limit?: number | undefined;
  }): Promise<StateEntry[]>;
  history(request: { channel: string; namespace: string; key: string }): Promise<HistoryEntry[]>;
  members(request: { channel: string }): Promise<MemberTotals[]>;
  chaincodes(request: { channel: string }): Promise<ChaincodeInfo[]>;
  chaincode(request: { channel: string; name: string }): Promise<ChaincodeInfo>;
  /** The outcome of a transaction that is in the ledger. */
  outcome(request: { channel: string; txId: string }): Promise<CommitOutcome | undefined>;
  plan(request: {
    channel: string;
    chaincode: string;
    interest?: EndorsementInterest | undefined;
  }): Promise<EndorsementPlan>;
  /** The package that runs as a chaincode of a channel, and whether it came from the network. */
  installedPackage(
    request: ChaincodeUse,
  ): Promise<{ readonly packageId: string; readonly fromNetwork: boolean } | undefined>;
}

/** The answer to a question: what it gave, or what it threw. */
export type Reply =
  | { readonly value?: unknown }
  | {
      readonly error: {
        readonly name: string;
        readonly code: string;
        readonly message: string;
        readonly data: ErrorData;
      };
    };

/** The services of a peer. @param check throws when nothing can be served any more. */
export function peerServices(peer: Peer, check: () => void = () => {}): ServiceTable {
  const channel = (name: string): Channel => {
    check();
    return peer.requireChannel(name);
  };
  const questions: PeerQuestions = {
    block: (asked) => queries.queryBlock(channel(asked.channel).ledger, asked.number),
    blocks: (asked) => queries.queryBlocks(channel(asked.channel).ledger, asked),
    tx: (asked) => queries.queryTx(channel(asked.channel).ledger, asked.txId),
    state: (asked) => queries.queryState(channel(asked.channel).ledger, asked.namespace, asked.key),
    states: (asked) => queries.queryStates(channel(asked.channel).ledger, asked.namespace, asked),
    history: (asked) =>
      queries.queryHistory(channel(asked.channel).ledger, asked.namespace, asked.key),
    members: (asked) => channel(asked.channel).tally.totals(),
    chaincodes: (asked) => queries.queryChaincodes(peer, channel(asked.channel)),
    chaincode: (asked) => queries.chaincodeInfo(peer, channel(asked.channel), asked.name),
    outcome: async (asked) => {
      const found = await channel(asked.channel).ledger.getTxValidationCodeByTxID(asked.txId);
      return found && { code: found.validationCode, blockNumber: found.blockNum };
    },
    plan: async (asked) => channel(asked.channel).endorsement.plan(asked.chaincode, asked.interest),
    installedPackage: async (asked) => {
      check();
      const packageId = peer.packages.packageIdOf(asked.channel, asked.chaincode);
      if (packageId === undefined) return undefined;
      return {
        packageId,
        fromNetwork: peer.packages.isFromNetwork(asked.channel, asked.chaincode),
      };
    },
  };
  const block = async ({ channel: name, number }: BlockRequest): Promise<Uint8Array | undefined> =>
    channel(name).ledger.getBlockByNumber(number);
  return new Map<string, ServiceHandler>([
    ...[...peer.services].map(([method, handler]) => [method, guarded(handler, check)] as const),
    [ASK_METHOD, unaryHandler((request) => answer(questions, request))],
    [BLOCK_METHOD, maybeBytes((request: BlockRequest) => block(request))],
    [
      BLOCKFILE_ENTRY_METHOD,
      maybeBytes(async (request: BlockRequest) => {
        const bytes = await block(request);
        return bytes && blockfileEntry(bytes);
      }),
    ],
    [
      INSTALL_METHOD,
      gathered(async ([header, bytes]) => {
        const request: InstallRequest = JSON.parse(fromUtf8(header));
        return reply(async (): Promise<InstalledPackage> => {
          check();
          const { packageId, missing } = await peer.install(request, bytes ?? new Uint8Array());
          return { packageId, ...(missing && { missing }) };
        });
      }),
    ],
    [
      ADD_PROGRAM_METHOD,
      gathered(async ([header, bytes]) => {
        const packageId: string = JSON.parse(fromUtf8(header));
        return reply(async () => {
          check();
          await peer.addProgram(packageId, bytes ?? new Uint8Array());
        });
      }),
    ],
    [
      ENDORSE_JUDGED_METHOD,
      unaryHandler(async (request, context) => {
        check();
        const client = localClient(peer.services, context.remote);
        const response = await unary(client, PROCESS_PROPOSAL, request, context);
        const name = channelOfProposal(request);
        const enough = await peer.channel(name)?.endorsement.isEnough(response);
        return concat(Uint8Array.of(enough ? 1 : 0), response);
      }),
    ],
    [
      CHECK_ACL_METHOD,
      gathered(
        async ([
          header,
          data = new Uint8Array(),
          identity = new Uint8Array(),
          signature = new Uint8Array(),
        ]) => {
          const { channel: name, resource }: ResourceRequest = JSON.parse(fromUtf8(header));
          return reply(async () => {
            check();
            await peer.acl.checkAcl(resource, name, { data, identity, signature });
          });
        },
      ),
    ],
    [
      SATISFIES_METHOD,
      unaryHandler((request) => {
        const { header, data } = common.Payload.decode(request);
        const { channel_id } = common.ChannelHeader.decode(header?.channel_header ?? EMPTY_BYTES);
        const action = protos.ChaincodeEndorsedAction.decode(data);
        const { proposal_response_payload: payload, endorsements } = action;
        return reply(async () =>
          channel(channel_id).endorsement.isSatisfied(payload, endorsements),
        );
      }),
    ],
  ]);
}

// Of a proposal that the endorser has taken apart already.
function channelOfProposal(signedProposal: Uint8Array): string {
  const { proposal_bytes } = protos.SignedProposal.decode(signedProposal);
  const { header } = protos.Proposal.decode(proposal_bytes);
  const { channel_header } = common.Header.decode(header);
  return common.ChannelHeader.decode(channel_header).channel_id;
}

function guarded(handler: ServiceHandler, check: () => void): ServiceHandler {
  return async function* (requests, context) {
    check();
    yield* handler(requests, context);
  };
}

async function answer(questions: PeerQuestions, request: Uint8Array): Promise<Uint8Array> {
  const { name, asked }: { name: keyof PeerQuestions; asked: never } = JSON.parse(
    fromUtf8(request),
  );
  const question: ((asked: never) => Promise<unknown>) | undefined = questions[name];
  if (!question) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `no question ${name}`);
  return reply(async () => question(asked));
}

async function reply(work: () => Promise<unknown>): Promise<Uint8Array> {
  let given: Reply;
  try {
    given = { value: await work() };
  } catch (error) {
    const isOurs = error instanceof FabricError;
    given = {
      error: {
        name: error instanceof Error ? error.name : 'Error',
        code: isOurs ? error.code : 'UNEXPECTED',
        message: messageOf(error),
        data: isOurs ? error.data : {},
      },
    };
  }
  return utf8(JSON.stringify(given, plain));
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

// A block is given away whole; none is no response.
function maybeBytes<Request>(
  serve: (request: Request) => Promise<Uint8Array | undefined>,
): ServiceHandler {
  return async function* (requests) {
    for await (const request of requests) {
      const bytes = await serve(JSON.parse(fromUtf8(request)));
      if (bytes) yield bytes.slice();
      return;
    }
  };
}

function gathered(
  serve: (requests: [Uint8Array, ...Uint8Array[]]) => Promise<Uint8Array>,
): ServiceHandler {
  return async function* (requests) {
    const all: Uint8Array[] = [];
    for await (const request of requests) all.push(request);
    const [first, ...rest] = all;
    if (!first) throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'the call carried no request');
    yield await serve([first, ...rest]);
  };
}
