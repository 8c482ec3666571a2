// SPDX-License-Identifier: Apache-2.0
// Where the parts of a serialized common.Block are (as blkstorage/block_serialization.go finds them while it
// writes). The store needs places, not objects: a transaction is later cut out of the stored bytes, and what the
// peer adds to the metadata is spliced in, so that no received byte is ever encoded again. It is also the one decoded form of
// a block between its arrival and its commit, so that each thread looks for its parts only once.
import { common, Reader, Writer } from '../../common/protos/index.ts';
import { blockHeaderHash } from '../../common/protoutil/blockutils.ts';
import { toNumber } from '../../common/protoutil/numbers.ts';
import { concat, EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { LedgerError } from '../ledger-error.ts';
import { ParsedTx, type Span } from './parsed-tx.ts';

export type { Span } from './parsed-tx.ts';

/** A block as bytes, and where its parts are in them. */
export interface SerializedBlock {
  readonly bytes: Uint8Array;
  readonly header: common.BlockHeader;
  readonly number: number;
  readonly headerHash: Uint8Array;
  readonly previousHash: Uint8Array;
  /** What the header says that the hash of the data is. */
  readonly dataHash: Uint8Array;
  /** The envelopes, and where they are. */
  readonly transactions: readonly ParsedTx[];
  /** The metadata slots; views into `bytes`. */
  readonly metadata: readonly Uint8Array[];
  /** The metadata field with its tag; empty, at the end, when there is none. */
  readonly metadataField: Span;
}

const LENGTH_DELIMITED = 2;
const HEADER = 1;
const DATA = 2;
const METADATA = 3;
const SLOTS = 5;

/** Finds the parts; throws LedgerError BLOCK_MALFORMED. Unknown fields stay where they are. */
export function parseBlock(bytes: Uint8Array): SerializedBlock {
  try {
    return parse(bytes);
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError('BLOCK_MALFORMED', `not a block: ${messageOf(cause)}`, { cause });
  }
}

function parse(bytes: Uint8Array): SerializedBlock {
  const parts = fieldsOf(bytes, { start: 0, end: bytes.length });
  const header = only(parts, HEADER);
  if (!header) throw new LedgerError('BLOCK_MALFORMED', 'block has no header');
  const decoded = common.BlockHeader.decode(bytes.subarray(header.start, header.end));
  const data = only(parts, DATA);
  const metadata = only(parts, METADATA);
  const slots = metadata ? fieldsOf(bytes, metadata).filter(({ field }) => field === 1) : [];
  const transactions = data ? fieldsOf(bytes, data).filter(({ field }) => field === 1) : [];
  return {
    bytes,
    ...headerParts(decoded),
    transactions: transactions.map((span) => new ParsedTx(bytes, span)),
    metadata: slots.map(({ start, end }) => bytes.subarray(start, end)),
    metadataField: metadata
      ? { start: metadata.tag, end: metadata.end }
      : { start: bytes.length, end: bytes.length },
  };
}

function headerParts(header: common.BlockHeader) {
  return {
    header,
    number: toNumber(header.number),
    headerHash: blockHeaderHash(header),
    previousHash: header.previous_hash,
    dataHash: header.data_hash,
  };
}

/** The hash of a serialized block's header, without looking at the rest; undefined where there is no header. */
export function headerHashIn(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const header = only(fieldsOf(bytes, { start: 0, end: bytes.length }), HEADER);
    if (!header) return undefined;
    return blockHeaderHash(common.BlockHeader.decode(bytes.subarray(header.start, header.end)));
  } catch {
    return undefined;
  }
}

interface Field extends Span {
  readonly field: number;
  /** Where the tag is. */
  readonly tag: number;
}

// The length-delimited fields of a message.
function fieldsOf(bytes: Uint8Array, { start, end }: Span): Field[] {
  const reader = new Reader(bytes.subarray(start, end));
  const fields: Field[] = [];
  while (reader.pos < reader.end) {
    const at = start + reader.pos;
    const tag = reader.tag();
    if ((tag & 7) === LENGTH_DELIMITED) {
      const { from, to } = reader.limit();
      reader.pos = to;
      fields.push({ field: tag >>> 3, tag: at, start: start + from, end: start + to });
    } else {
      reader.skip(tag);
    }
  }
  return fields;
}

// Protobuf would merge a field that comes twice. Fabric never writes such, and the places would be ambiguous.
function only(fields: readonly Field[], field: number): Field | undefined {
  const [first, second] = fields.filter((candidate) => candidate.field === field);
  if (second) throw new LedgerError('BLOCK_MALFORMED', `block has field ${field} twice`);
  return first;
}

/** The id of each transaction, empty where the envelope is too malformed to have one. */
export function txIdsOf(block: SerializedBlock): string[] {
  return block.transactions.map(({ txId }) => txId);
}

/** The bytes of the block with some metadata slots replaced, and at least Fabric's five slots. */
export function withMetadata(
  block: SerializedBlock,
  slots: ReadonlyMap<number, Uint8Array>,
): Uint8Array {
  return replaceMetadata(block, slots).bytes;
}

/** The same as a block; what was decoded of its transactions is kept. */
export function replaceMetadata(
  block: SerializedBlock,
  slots: ReadonlyMap<number, Uint8Array>,
): SerializedBlock {
  const { start, end } = block.metadataField;
  const count = Math.max(SLOTS, block.metadata.length);
  const metadata = Array.from(
    { length: count },
    (_, i) => slots.get(i) ?? block.metadata[i] ?? EMPTY_BYTES,
  );
  const field = metadataFieldOf(metadata);
  const bytes = concat(block.bytes.subarray(0, start), field, block.bytes.subarray(end));
  const moved = field.length - (end - start);
  return {
    ...block,
    bytes,
    metadata,
    metadataField: { start, end: start + field.length },
    // Metadata follows the data in every block that an orderer makes, and then no transaction moves.
    transactions: block.transactions.map((tx) =>
      tx.start < end || moved === 0
        ? tx
        : new ParsedTx(bytes, { start: tx.start + moved, end: tx.end + moved }),
    ),
  };
}

function metadataFieldOf(slots: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  for (const slot of slots) writer.uint32((1 << 3) | LENGTH_DELIMITED).bytes(slot);
  const metadata = writer.finish();
  const prefix = new Writer().uint32((METADATA << 3) | LENGTH_DELIMITED).uint32(metadata.length);
  return concat(prefix.finish(), metadata);
}

/** True for a block that is exactly one CONFIG envelope. Never throws. */
export function holdsConfig({ transactions: [tx, ...more] }: SerializedBlock): boolean {
  try {
    return more.length === 0 && tx?.channelHeader.type === common.HeaderType.CONFIG;
  } catch {
    return false;
  }
}

/** The validation codes that a peer wrote; empty in a block as the orderer gives it. */
export function transactionsFilterOf(block: SerializedBlock): Uint8Array {
  return block.metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
}
