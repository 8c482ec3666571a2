// SPDX-License-Identifier: Apache-2.0
// Whether the peers of a channel have made the same of its blocks. State info tells the commit hash of each peer's newest block; where it
// differs from this peer's, the first block that differs is looked for by asking the other peer, and told. A difference cannot be mended by
// making the databases again: it comes from different rules, most likely different definitions of a chaincode.
import type { PeerClient } from '../peer/peer-client.ts';

/** What a peer made of a block. */
export interface BlockOutcome {
  /** Hex; empty for a block without, such as the first. */
  readonly commitHash: string;
  readonly txIds: readonly string[];
  /** Names of validation codes, one a transaction. */
  readonly statuses: readonly string[];
}

/** A member's newest block, as it says. */
export interface Claim {
  /** PKI-ID in hex. */
  readonly id: string;
  readonly name: string;
  readonly height: number;
  readonly commitHash: string;
}

export interface LedgerDifference {
  /** The first block that differs. */
  readonly block: number;
  /** Names of the peers that differ from this one. */
  readonly peers: readonly string[];
  /** How many of those that could be compared agree with this peer. */
  readonly agreeing: number;
  /** Transactions of that block that were judged differently, a few of them. */
  readonly transactions: readonly {
    readonly txId: string;
    readonly here: string;
    readonly there: string;
  }[];
}

export interface LedgerComparisonComponents {
  /** Of this peer's ledger; undefined for a block that it does not have. */
  readonly own: (block: number) => Promise<BlockOutcome | undefined>;
  /** Of another peer's, by its PKI-ID. Rejects when it does not answer. */
  readonly ask: (id: string, block: number) => Promise<BlockOutcome>;
  /** Told of what is known now; undefined when all agree. */
  readonly changed: (difference: LedgerDifference | undefined) => void;
}

/** Claims are small, and a channel has dozens of members. */
const MAX_CLAIMS = 2_000;
const MAX_TRANSACTIONS = 5;

export class LedgerComparison {
  readonly #components: LedgerComparisonComponents;
  /** Claims about blocks that this peer does not have yet. */
  readonly #waiting = new Map<string, Claim>();
  readonly #agreeing = new Set<string>();
  readonly #differing = new Map<string, string>();
  #difference: LedgerDifference | undefined;
  #finding = false;

  constructor(components: LedgerComparisonComponents) {
    this.#components = components;
  }

  /** A member has told of its newest block. */
  async heard(claim: Claim): Promise<void> {
    const { id, height, commitHash } = claim;
    if (commitHash === '' || height < 2) return;
    const own = await this.#components.own(height - 1);
    if (!own) {
      if (this.#waiting.size < MAX_CLAIMS) this.#waiting.set(id, claim);
      return;
    }
    this.#waiting.delete(id);
    if (own.commitHash === '') return;
    if (own.commitHash === commitHash) this.#agrees(id);
    else await this.#differs(claim);
  }

  /** This peer has one more block. */
  async committed(): Promise<void> {
    for (const claim of [...this.#waiting.values()]) await this.heard(claim);
  }

  /** What those said who are members no more does not count. */
  retain(isMember: (id: string) => boolean): void {
    for (const said of [this.#waiting, this.#agreeing])
      for (const id of [...said.keys()]) if (!isMember(id)) said.delete(id);
    const gone = [...this.#differing.keys()].filter((id) => !isMember(id));
    for (const id of gone) this.#differing.delete(id);
    if (gone.length > 0) this.#tell();
  }

  #agrees(id: string): void {
    this.#agreeing.add(id);
    if (this.#differing.delete(id)) this.#tell();
  }

  async #differs({ id, name, height }: Claim): Promise<void> {
    this.#agreeing.delete(id);
    const isNews = !this.#differing.has(id);
    this.#differing.set(id, name);
    if (!isNews || this.#finding) return this.#tell();
    this.#finding = true;
    try {
      this.#difference = await this.#first(id, height - 1);
    } catch {
      // It does not answer: what is known is that it differs by its newest block.
      this.#difference ??= { block: height - 1, transactions: [], peers: [], agreeing: 0 };
    } finally {
      this.#finding = false;
    }
    this.#tell();
  }

  /** The first block that differs, `last` at the latest; the hash of each covers those before it. */
  async #first(id: string, last: number): Promise<LedgerDifference> {
    const { own, ask } = this.#components;
    let [same, different] = [0, last];
    while (different - same > 1) {
      const middle = (same + different) >> 1;
      const [here, there] = await Promise.all([own(middle), ask(id, middle)]);
      if (here?.commitHash === there.commitHash) same = middle;
      else different = middle;
    }
    const [here, there] = await Promise.all([own(different), ask(id, different)]);
    const transactions = (here?.txIds ?? []).flatMap((txId, index) => {
      const [mine, theirs] = [here, there].map((outcome) => outcome?.statuses[index] ?? '');
      return mine === theirs ? [] : [{ txId, here: mine ?? '', there: theirs ?? '' }];
    });
    return {
      block: different,
      transactions: transactions.slice(0, MAX_TRANSACTIONS),
      peers: [],
      agreeing: 0,
    };
  }

  #tell(): void {
    if (this.#differing.size === 0) this.#difference = undefined;
    const difference = this.#difference && {
      ...this.#difference,
      peers: [...this.#differing.values()].sort(),
      agreeing: this.#agreeing.size,
    };
    this.#components.changed(difference);
  }
}

/** What this peer made of a block. */
export async function ownOutcome(
  peer: Pick<PeerClient, 'ask'>,
  channel: string,
  number: number,
): Promise<BlockOutcome | undefined> {
  const block = await peer.ask('block', { channel, number });
  if (!block) return undefined;
  return {
    commitHash: block.commitHash ?? '',
    txIds: block.transactions.map(({ txId }) => txId),
    statuses: block.transactions.map(({ status }) => status),
  };
}

/** What another peer answered, checked. Throws an Error. */
export function readOutcome(json: unknown): BlockOutcome {
  const { commitHash, txIds, statuses } = Object(json) as Readonly<Record<string, unknown>>;
  const texts = (list: unknown): string[] =>
    Array.isArray(list) ? list.map((text) => String(text).slice(0, MAX_TEXT)) : [];
  if (typeof commitHash !== 'string') throw new Error('it is no outcome of a block');
  return { commitHash, txIds: texts(txIds), statuses: texts(statuses) };
}

/** Of a transaction id or the name of a code. */
const MAX_TEXT = 100;

/** The difference in words. */
export function differenceText(
  channel: string,
  { block, peers, agreeing, transactions }: LedgerDifference,
): string {
  const others = `${peers.slice(0, 3).join(', ')}${peers.length > 3 ? ` and ${peers.length - 3} more` : ''}`;
  const codes = transactions.map(
    ({ txId, here, there }) => `${txId.slice(0, 16)} is ${here} here and ${there} there`,
  );
  const which = codes.length > 0 ? `: transaction ${codes.join('; ')}` : '';
  return `the ledger of ${channel} differs from block ${block} on from that of ${others}, as they say${which}. ${agreeing + 1} of ${agreeing + 1 + peers.length} compared peers have what this one has. Peers with different definitions of a chaincode judge differently: the side that is wrong must join again with a new ledger; rebuilding the databases does not mend it`;
}
