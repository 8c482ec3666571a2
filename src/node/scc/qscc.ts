// SPDX-License-Identifier: Apache-2.0
// The query system chaincode (core/scc/qscc/query.go): blocks and transactions of a channel, as they are stored. Arguments are the
// function, the channel, and what is asked for.
import { common, Writer } from '../../common/protos/index.ts';
import { proposalAsSignedData } from '../../common/protoutil/index.ts';
import { fromUtf8, toHex } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { BlockchainInfo, PeerLedger, TransactionInfo } from '../../ledger/types.ts';
import type { AclProvider } from '../aclmgmt/index.ts';
import { calledByClient, refuse, success, textArg } from './responses.ts';
import type { SystemChaincode } from './system-chaincode.ts';

export interface QsccComponents {
  readonly ledgers: (channelId: string) => PeerLedger | undefined;
  readonly acl: Pick<AclProvider, 'checkAcl'>;
}

const NAME = 'qscc';
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

type Query = (ledger: PeerLedger, arg: Uint8Array) => Promise<Uint8Array>;

const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>([
  ['GetChainInfo', async (ledger) => encodeInfo(ledger.getBlockchainInfo())],
  ['GetBlockByNumber', getBlockByNumber],
  ['GetBlockByHash', getBlockByHash],
  ['GetTransactionByID', getTransactionByID],
  ['GetBlockByTxID', getBlockByTxID],
]);

export function qscc({ ledgers, acl }: QsccComponents): SystemChaincode {
  return {
    name: NAME,
    simulates: false,
    async invoke(stub) {
      const { args, signedProposal } = stub;
      const [fname, channelId] = [textArg(stub, 0), textArg(stub, 1)];
      const arg = args[2];
      if (args.length < 2) refuse(`Incorrect number of arguments, ${args.length}`);
      const called = calledByClient(stub);
      if (called !== NAME) {
        refuse(
          `Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '${called}'`,
        );
      }
      if (fname !== 'GetChainInfo' && arg === undefined)
        refuse(`missing 3rd argument for ${fname}`);
      const ledger = ledgers(channelId);
      if (!ledger) return refuse(`Invalid chain ID, ${channelId}`);
      try {
        await acl.checkAcl(`${NAME}/${fname}`, channelId, proposalAsSignedData(signedProposal));
      } catch (error) {
        refuse(`access denied for [${fname}][${channelId}]: [${messageOf(error)}]`, error);
      }
      const query = QUERIES.get(fname);
      if (!query) return refuse(`Requested function ${fname} not found.`);
      return success(await query(ledger, arg ?? new Uint8Array()));
    },
  };
}

function encodeInfo(info: BlockchainInfo): Uint8Array {
  const { height, currentBlockHash, previousBlockHash, lastBlockInSnapshot } = info;
  return common.BlockchainInfo.encode({
    height,
    currentBlockHash,
    previousBlockHash,
    ...(lastBlockInSnapshot !== undefined && {
      bootstrappingSnapshotInfo: { lastBlockInSnapshot },
    }),
  }).finish();
}

async function getBlockByNumber(ledger: PeerLedger, arg: Uint8Array): Promise<Uint8Array> {
  const text = fromUtf8(arg);
  const parsed = parseUint64(text);
  const number = parsed === MAX_UINT64 ? BigInt(ledger.getBlockchainInfo().height - 1) : parsed;
  const block =
    number <= BigInt(Number.MAX_SAFE_INTEGER)
      ? await ledger.getBlockByNumber(Number(number))
      : undefined;
  const reason = `no such block number [${number}] in index`;
  return block ?? refuse(`Failed to get block number ${parsed}, error ${reason}`);
}

async function getBlockByHash(ledger: PeerLedger, hash: Uint8Array): Promise<Uint8Array> {
  const block = await ledger.getBlockByHash(hash);
  const reason = `no such block hash [${toHex(hash)}] in index`;
  return block ?? refuse(`Failed to get block hash ${fromUtf8(hash)}, error ${reason}`);
}

async function getBlockByTxID(ledger: PeerLedger, arg: Uint8Array): Promise<Uint8Array> {
  const txId = fromUtf8(arg);
  const block = await ledger.getBlockByTxID(txId);
  return block ?? refuse(`Failed to get block for txID ${txId}, error ${unknownTx(txId)}`);
}

async function getTransactionByID(ledger: PeerLedger, arg: Uint8Array): Promise<Uint8Array> {
  const txId = fromUtf8(arg);
  const found = await ledger.getTransactionByID(txId);
  if (!found) return refuse(`Failed to get transaction with id ${txId}, error ${unknownTx(txId)}`);
  return encodeProcessed(found);
}

// A serialized protos.ProcessedTransaction, around the envelope's bytes as they were received.
function encodeProcessed({ envelope, validationCode }: TransactionInfo): Uint8Array {
  const writer = new Writer().uint32((1 << 3) | 2).bytes(envelope);
  if (validationCode !== 0) writer.uint32((2 << 3) | 0).int32(validationCode);
  return writer.finish();
}

function unknownTx(txId: string): string {
  return `no such transaction ID [${txId}] in index`;
}

// As Go's strconv.ParseUint does, down to its errors.
function parseUint64(text: string): bigint {
  const fail = (reason: string) =>
    refuse(
      `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(text.slice(0, 100))}: ${reason}`,
    );
  if (!/^[0-9]+$/.test(text)) return fail('invalid syntax');
  // Longer ones would take long to read, and are too large, or begin with more zeros than anybody writes.
  const value = text.length > 100 ? MAX_UINT64 + 1n : BigInt(text);
  return value > MAX_UINT64 ? fail('value out of range') : value;
}
