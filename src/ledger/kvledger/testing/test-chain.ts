// SPDX-License-Identifier: Apache-2.0
// A chain with public and private writes, simulated on one ledger, that other ledgers can then be given.
import { FakeClock } from '../../../common/runtime/clock.ts';
import type { KVStoreProvider } from '../../kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../../types.ts';
import type { KVLedgerOptions } from '../kv-ledger-options.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from './block-generator.ts';
import { persistently } from './fault-sweep.ts';

/** A block as it is committed. */
export interface TestBlock {
  readonly bytes: Uint8Array;
  readonly flags: Uint8Array;
  readonly privateData: ReadonlyMap<number, Uint8Array>;
}

/** Makes the blocks after the genesis block: one list of transactions a block. */
export async function makeChain(
  channelId: string,
  blocks: readonly (readonly ((simulator: TxSimulator) => unknown)[])[],
  options: KVLedgerOptions = {},
): Promise<TestBlock[]> {
  const provider = await LedgerProvider.open(
    new MemoryKVStoreProvider(),
    'p',
    new FakeClock(),
    options,
  );
  const generator = new BlockGenerator(channelId);
  const genesis = { bytes: generator.genesis(), flags: new Uint8Array(1), privateData: new Map() };
  const ledger = await provider.create(genesis.bytes);
  const chain: TestBlock[] = [genesis];
  for (const transactions of blocks) {
    const results = await Promise.all(
      transactions.map(async (run) => {
        const simulator = ledger.newTxSimulator('tx');
        await run(simulator);
        return simulator.getTxSimulationResults();
      }),
    );
    const privateData = new Map(
      results.flatMap(({ privateResults }, i) =>
        privateResults ? [[i, privateResults] as const] : [],
      ),
    );
    const bytes = generator.nextOf(results.map(({ publicResults }) => publicResults));
    const flags = new Uint8Array(results.length);
    await ledger.commit(bytes, flags.slice(), privateData);
    chain.push({ bytes, flags, privateData });
  }
  await provider.close();
  return chain;
}

/** Makes a ledger of a chain, or opens it, and commits what it lacks below a height. Tries again what a full disk refuses. */
export async function grow(
  provider: LedgerProvider,
  channelId: string,
  chain: readonly TestBlock[],
  height = chain.length,
): Promise<PeerLedger> {
  const known = (await provider.statuses()).has(channelId);
  const genesis = chain[0]?.bytes ?? new Uint8Array();
  const ledger = await persistently(() =>
    known ? provider.open(channelId) : provider.create(genesis),
  );
  const next = ledger.getBlockchainInfo().height;
  for (const { bytes, flags, privateData } of chain.slice(next, height)) {
    await persistently(() => ledger.commit(bytes, flags.slice(), privateData));
  }
  return ledger;
}

/** Whatever else a store holds, as text: every row, in order. */
export async function rowsOf(stores: KVStoreProvider, name: string): Promise<string[]> {
  const store = await stores.open(name);
  const rows: string[] = [];
  for await (const [key, value] of store.range({})) rows.push(`${key.join()}=${value.join()}`);
  await store.close();
  return rows;
}
