// SPDX-License-Identifier: Apache-2.0
// The one search box: block number, transaction id, block hash or key, in that order.
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { LedgerRoute } from '../router.ts';
import type { LedgerReader } from './ledger-store.ts';

export interface SearchPorts {
  readonly reader: Pick<LedgerReader, 'tx' | 'state' | 'states'>;
  readonly height: number;
  readonly namespaces: readonly string[];
  /** Blocks at hand, to find one by its hash. */
  readonly blocks: readonly Pick<BlockView, 'number' | 'hash'>[];
}

/** Where the query leads, or undefined when nothing matches. */
export async function resolveSearch(
  query: string,
  ports: SearchPorts,
): Promise<LedgerRoute | undefined> {
  const text = query.trim();
  if (text === '') return undefined;
  const number = text.match(/^#?(\d{1,15})$/)?.[1];
  if (number !== undefined && Number(number) < ports.height) {
    return { view: 'block', number: Number(number) };
  }
  if (/^[0-9a-f]{64}$/i.test(text)) {
    const hash = text.toLowerCase();
    if (await ports.reader.tx(hash)) return { view: 'tx', txId: hash };
    const block = ports.blocks.find((candidate) => candidate.hash === hash);
    if (block) return { view: 'block', number: block.number };
  }
  return searchKeys(text, ports);
}

async function searchKeys(text: string, ports: SearchPorts): Promise<LedgerRoute | undefined> {
  const [, named, rest] = text.match(/^([\w-]+)\/(.+)$/s) ?? [];
  for (const name of ports.namespaces) {
    if ((await ports.reader.state(name, text)) !== undefined) {
      return { view: 'key', chaincode: name, key: text };
    }
    if (
      name === named &&
      rest !== undefined &&
      (await ports.reader.state(name, rest)) !== undefined
    ) {
      return { view: 'key', chaincode: name, key: rest };
    }
  }
  for (const name of ports.namespaces) {
    const [first] = await ports.reader.states(name, { start: text, limit: 1 });
    if (first?.key.startsWith(text)) return { view: 'state', chaincode: name, prefix: text };
  }
  return undefined;
}
