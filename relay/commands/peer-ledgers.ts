// SPDX-License-Identifier: Apache-2.0
// A peer's ledgers in a directory, for commands that need more than their blocks. They are opened only where there are
// some: an orderer's chains are told apart, and nothing is made.
import { FabricError } from '../../src/common/runtime/errors.ts';
import type { LedgerProvider } from '../../src/ledger/kvledger/ledger-provider.ts';
import type { PeerLedger } from '../../src/ledger/types.ts';
import { type ChainTip, tipOf } from './chain-tip.ts';
import { type CommandLedgers, ledgersIn } from './command-ledgers.ts';
import { ProgressBar } from './progress-bar.ts';
import { countKeys } from './state-keys.ts';
import { type ChainDirectory, needChains, openBlocks, PEER_STORES } from './stored-chains.ts';
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

  constructor(directory: ChainDirectory, opened: CommandLedgers) {
    this.directory = directory;
    this.#opened = opened;
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
    const ledger = await this.ledgers.open(ledgerId);
    await ledger.close();
    return {
      channelId: ledgerId,
      ...(await this.tip(ledgerId)),
      keys: await countKeys(this.directory.stores, ledgerId),
    };
  }

  open(ledgerId: string): Promise<PeerLedger> {
    return this.ledgers.open(ledgerId);
  }

  /** Of a closed ledger. */
  async tip(channelId: string): Promise<ChainTip> {
    const store = `${PEER_STORES}/${channelId}/blocks`;
    await using opened = await openBlocks(this.directory, { kind: 'peer', channelId, store });
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
  const bar = new ProgressBar('blocks');
  let count = 0;
  const stores = watchBlockReads(directory.stores, () => {
    signal.throwIfAborted();
    bar.update({ done: 0, count: ++count });
  });
  const opened = await ledgersIn(stores, directory.path);
  return new PeerLedgers(directory, {
    ledgers: opened.ledgers,
    [Symbol.asyncDispose]: async () => {
      bar.end();
      await opened[Symbol.asyncDispose]();
    },
  });
}
