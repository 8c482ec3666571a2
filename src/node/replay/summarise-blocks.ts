// SPDX-License-Identifier: Apache-2.0
// What is in a file of blocks, at a glance; nothing is verified.
import { common, protos } from '../../common/protos/index.ts';
import { fromTimestamp, getTransactionsFilter } from '../../common/protoutil/index.ts';
import { codeName } from '../committer/index.ts';

/** Plain data, fit for JSON. Counts are by name. */
export interface BlocksSummary {
  readonly channelIds: readonly string[];
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly blocks: number;
  readonly transactions: number;
  readonly bytes: number;
  readonly largestBlock: { readonly number: number; readonly bytes: number };
  /** Numbers of the blocks that hold a configuration. */
  readonly configBlocks: readonly number[];
  readonly types: Readonly<Record<string, number>>;
  readonly chaincodes: Readonly<Record<string, number>>;
  /** Empty for the blocks of an orderer. */
  readonly codes: Readonly<Record<string, number>>;
  /** Milliseconds since the Unix epoch, as the first and the last transaction that can be read say. */
  readonly from?: number;
  readonly to?: number;
}

/** Sums up blocks as they are read. Envelopes that cannot be read count as type UNREADABLE. */
export class BlocksSummariser {
  readonly #channelIds = new Set<string>();
  readonly #types = new Map<string, number>();
  readonly #chaincodes = new Map<string, number>();
  readonly #codes = new Map<string, number>();
  readonly #configBlocks: number[] = [];
  #first: number | undefined;
  #last = -1;
  #blocks = 0;
  #transactions = 0;
  #bytes = 0;
  #largest = { number: -1, bytes: -1 };
  #from: number | undefined;
  #to: number | undefined;

  add({ number, block: bytes }: { readonly number: number; readonly block: Uint8Array }): void {
    const block = common.Block.decode(bytes);
    const envelopes = block.data?.data ?? [];
    this.#first ??= number;
    this.#last = number;
    this.#blocks++;
    this.#transactions += envelopes.length;
    this.#bytes += bytes.length;
    if (bytes.length > this.#largest.bytes) this.#largest = { number, bytes: bytes.length };
    for (const code of getTransactionsFilter(block)) count(this.#codes, codeName(code));
    for (const envelope of envelopes) this.#addEnvelope(number, envelope);
  }

  summary(): BlocksSummary {
    return {
      channelIds: [...this.#channelIds],
      firstBlock: this.#first ?? -1,
      lastBlock: this.#last,
      blocks: this.#blocks,
      transactions: this.#transactions,
      bytes: this.#bytes,
      largestBlock: this.#largest,
      configBlocks: this.#configBlocks,
      types: Object.fromEntries(this.#types),
      chaincodes: Object.fromEntries(this.#chaincodes),
      codes: Object.fromEntries(this.#codes),
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#to !== undefined && { to: this.#to }),
    };
  }

  #addEnvelope(blockNum: number, bytes: Uint8Array): void {
    const header = channelHeaderOf(bytes);
    if (!header) {
      count(this.#types, 'UNREADABLE');
      return;
    }
    count(this.#types, common.HeaderType[header.type] ?? `TYPE_${header.type}`);
    this.#channelIds.add(header.channel_id);
    if (header.type === common.HeaderType.CONFIG) this.#configBlocks.push(blockNum);
    const chaincode = chaincodeOf(header);
    if (chaincode) count(this.#chaincodes, chaincode);
    const time = timeOf(header);
    this.#to = time ?? this.#to;
    this.#from ??= time;
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function channelHeaderOf(envelope: Uint8Array): common.ChannelHeader | undefined {
  try {
    const { header } = common.Payload.decode(common.Envelope.decode(envelope).payload);
    return header ? common.ChannelHeader.decode(header.channel_header) : undefined;
  } catch {
    return undefined;
  }
}

function timeOf({ timestamp }: common.ChannelHeader): number | undefined {
  try {
    return timestamp ? fromTimestamp(timestamp) : undefined;
  } catch {
    return undefined; // of no calendar
  }
}

function chaincodeOf(header: common.ChannelHeader): string | undefined {
  if (header.type !== common.HeaderType.ENDORSER_TRANSACTION) return undefined;
  try {
    return protos.ChaincodeHeaderExtension.decode(header.extension).chaincode_id?.name;
  } catch {
    return undefined;
  }
}
