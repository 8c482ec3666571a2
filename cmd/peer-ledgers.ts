// SPDX-License-Identifier: Apache-2.0
// A peer's ledgers in a directory, for commands that need more than their blocks. They are opened only where there are
// some: an orderer's chains are told apart, and nothing is made.
import { FabricError } from '../src/common/runtime/errors.ts';
import { type ChainExtent, chainExtent } from '../src/ledger/blkstorage/index.ts';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import type { PeerLedger } from '../src/ledger/types.ts';
import { type ChainTip, tipOf } from './chain-tip.ts';
import { type CommandLedgers, ledgersIn } from './command-ledgers.ts';
import { ProgressBar } from './progress-bar.ts';
import { countKeys } from './state-keys.ts';
import { type ChainDirectory, needChains, openBlocks, peerBlocks } from './stored-chains.ts';
import { watchBlockReads } from './watched-stores.ts';

/** What a ledger came to: the same at every peer that has as many blocks. */
export interface LedgerProof extends ChainTip {
  readonly channelId: string;
  /** In the state, with those of private data. */
  readonly keys: number;
}

export class PeerLedgers implements AsyncDisposable {
  readonly directory: ChainDirectory;
  readonly #opened: CommandLedgers;
  readonly #reads: BlockReads;

  constructor(directory: ChainDirectory, opened: CommandLedgers, reads: BlockReads) {
    this.directory = directory;
    this.#opened = opened;
    this.#reads = reads;
  }

  get ledgers(): LedgerProvider {
    return this.#opened.ledgers;
  }

  /** The ledger asked for, or the only one. Throws FabricError LEDGER_NOT_FOUND. */
  async choose(wanted: string | undefined): Promise<string> {
    const ids = [...(await this.ledgers.statuses()).keys()];
    const [ledgerId, another] = ids.filter((id) => id === (wanted ?? id));
    if (ledgerId !== undefined && another === undefined) return ledgerId;
    const text =
      another === undefined
        ? `there is no such ledger in ${this.directory.path}; there are: ${ids.join(', ') || 'none'}`
        : `say which --channel: ${ids.join(', ')}`;
    throw new FabricError('LEDGER_NOT_FOUND', text);
  }

  /** Opens a ledger, which makes again what it lacks, and tells what it came to. It is closed afterwards. */
  async prove(ledgerId: string): Promise<LedgerProof> {
    const ledger = await this.open(ledgerId);
    await ledger.close();
    return {
      channelId: ledgerId,
      ...(await this.tip(ledgerId)),
      keys: await countKeys(this.directory.stores, ledgerId),
    };
  }

  /** With a progress bar, since it makes again what it lacks. */
  async open(ledgerId: string): Promise<PeerLedger> {
    this.#reads.begin((await this.extent(ledgerId)).height);
    try {
      return await this.ledgers.open(ledgerId);
    } finally {
      this.#reads.end();
    }
  }

  /** Of a closed ledger, whether or not its blocks are indexed. */
  async extent(ledgerId: string): Promise<ChainExtent> {
    const store = await this.directory.stores.open(peerBlocks(ledgerId));
    try {
      return await chainExtent(store, ledgerId);
    } finally {
      await store.close();
    }
  }

  /** Of a closed ledger. */
  async tip(channelId: string): Promise<ChainTip> {
    const chain = { kind: 'peer', channelId, store: peerBlocks(channelId) } as const;
    await using opened = await openBlocks(this.directory, chain);
    return await tipOf(opened.blockStore);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }
}

/** Throws FabricError LEDGER_NOT_FOUND, ORDERER_CHAIN, STORE_LOCKED. */
export async function openPeerLedgers(path: string, signal: AbortSignal): Promise<PeerLedgers> {
  const directory = await needChains(path);
  if (!directory.isPeers) {
    const text = `${path} holds an orderer's chains, which are blocks only: use export, inspect, list or verify`;
    throw new FabricError('ORDERER_CHAIN', text);
  }
  const reads = new BlockReads(signal);
  const stores = watchBlockReads(directory.stores, () => reads.next());
  return new PeerLedgers(directory, await ledgersIn(stores, directory.path), reads);
}

// Databases are made in two walks over the blocks: one for the index, one for state and history.
class BlockReads {
  readonly #signal: AbortSignal;
  #bar: ProgressBar | undefined;
  #total = 0;
  #done = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  begin(height: number): void {
    this.#bar = new ProgressBar('blocks');
    this.#total = 2 * height;
    this.#done = 0;
  }

  next(): void {
    this.#signal.throwIfAborted();
    this.#done++;
    this.#bar?.update({ done: this.#done, total: this.#total, count: this.#done / 2 });
  }

  end(): void {
    this.#bar?.end();
    this.#bar = undefined;
  }
}
