// SPDX-License-Identifier: Apache-2.0
// What each client has done on a channel, counted from its blocks: each block once, when somebody first asks after it was committed.
import { common } from '../../common/protos/index.ts';
import { fromTimestamp, unmarshalSignatureHeader } from '../../common/protoutil/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { type ParsedTx, parseBlock } from '../../ledger/blkstorage/index.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import type { MemberTotals } from '../api/ledger-views.ts';
import { codeName } from '../committer/index.ts';
import { describeIdentity } from './tx-view.ts';

type Totals = { -readonly [Field in keyof MemberTotals]: MemberTotals[Field] };

const VALID = 'VALID';

export class MemberTally {
  readonly #ledger: Pick<PeerLedger, 'getBlockchainInfo' | 'getBlockByNumber'>;
  /** By MSP and common name: a client's certificates come and go. */
  readonly #totals = new Map<string, Totals>();
  #counting: Promise<unknown> = Promise.resolve();
  #next = 0;

  constructor(ledger: Pick<PeerLedger, 'getBlockchainInfo' | 'getBlockByNumber'>) {
    this.#ledger = ledger;
  }

  /** Everybody who has made an endorser transaction, as of the blocks that are committed now. */
  async totals(): Promise<MemberTotals[]> {
    const counted = this.#counting.then(() => this.#count());
    this.#counting = counted.catch(() => {});
    await counted;
    return [...this.#totals.values()].map((totals) => ({ ...totals }));
  }

  // Blocks before a snapshot are not there, and are passed over.
  async #count(): Promise<void> {
    const { height, lastBlockInSnapshot = -1 } = this.#ledger.getBlockchainInfo();
    this.#next = Math.max(this.#next, lastBlockInSnapshot + 1);
    for (; this.#next < height; this.#next++) {
      const bytes = await this.#ledger.getBlockByNumber(this.#next);
      if (!bytes) continue;
      const { transactions, metadata } = parseBlock(bytes);
      const codes = metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
      for (const [index, tx] of transactions.entries()) this.#add(tx, codes?.[index] ?? -1);
    }
  }

  #add(tx: ParsedTx, code: number): void {
    const made = creationOf(tx);
    if (!made) return;
    const { certificate: _, ...identity } = describeIdentity(made.creator);
    const key = `${identity.mspId}/${identity.name}`;
    const totals = this.#totals.get(key) ?? { ...identity, valid: 0, invalid: 0, lastTx: 0 };
    this.#totals.set(key, totals);
    // The newest certificate says what a client is called now.
    if (identity.displayName === undefined) delete totals.displayName;
    else totals.displayName = identity.displayName;
    if (codeName(code) === VALID) totals.valid++;
    else totals.invalid++;
    totals.lastTx = Math.max(totals.lastTx, made.at);
  }
}

// Undefined for what is no endorser transaction, and where the envelope does not decode.
function creationOf(tx: ParsedTx): { creator: Uint8Array; at: number } | undefined {
  try {
    const { type, timestamp } = tx.channelHeader;
    if (type !== common.HeaderType.ENDORSER_TRANSACTION) return undefined;
    const header = unmarshalSignatureHeader(tx.payload.header?.signature_header ?? EMPTY_BYTES);
    return { creator: header.creator, at: fromTimestamp(timestamp) };
  } catch {
    return undefined;
  }
}
