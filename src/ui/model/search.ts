// SPDX-License-Identifier: Apache-2.0
// The one search box: block number, transaction id, block hash or key, in that order.
import type { BlockView, ChaincodeInfo, Tabric } from '../../node/api.ts';
import type { Route } from '../router.ts';

export interface SearchPorts {
  readonly tabric: Pick<Tabric, 'tx' | 'state' | 'states'>;
  readonly height: number;
  readonly chaincodes: readonly Pick<ChaincodeInfo, 'name'>[];
  /** Blocks at hand, to find one by its hash. */
  readonly blocks: readonly Pick<BlockView, 'number' | 'hash'>[];
}

/** Where the query leads, or undefined when nothing matches. */
export async function resolveSearch(query: string, ports: SearchPorts): Promise<Route | undefined> {
  const text = query.trim();
  if (text === '') return undefined;
  const number = text.match(/^#?(\d{1,15})$/)?.[1];
  if (number !== undefined && Number(number) < ports.height) {
    return { view: 'block', number: Number(number) };
  }
  if (/^[0-9a-f]{64}$/i.test(text)) {
    const hash = text.toLowerCase();
    if (await ports.tabric.tx(hash)) return { view: 'tx', txId: hash };
    const block = ports.blocks.find((candidate) => candidate.hash === hash);
    if (block) return { view: 'block', number: block.number };
  }
  return searchKeys(text, ports);
}

async function searchKeys(text: string, ports: SearchPorts): Promise<Route | undefined> {
  const [, named, rest] = text.match(/^([\w-]+)\/(.+)$/s) ?? [];
  for (const { name } of ports.chaincodes) {
    if ((await ports.tabric.state(name, text)) !== undefined) {
      return { view: 'key', chaincode: name, key: text };
    }
    if (
      name === named &&
      rest !== undefined &&
      (await ports.tabric.state(name, rest)) !== undefined
    ) {
      return { view: 'key', chaincode: name, key: rest };
    }
  }
  for (const { name } of ports.chaincodes) {
    const [first] = await ports.tabric.states(name, { start: text, limit: 1 });
    if (first?.key.startsWith(text)) return { view: 'state', chaincode: name, prefix: text };
  }
  return undefined;
}
