// SPDX-License-Identifier: Apache-2.0
// The one search box: block number, transaction id, block hash, key or somebody's name, in that order; then keys that begin so. What a member
// calls itself hides nothing.
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { ChannelRoute, LedgerRoute } from '../router.ts';
import { type ClassRow, findMembers } from './class-list.ts';
import type { LedgerReader } from './ledger-store.ts';

/** Where a search leads: to a page of the ledger, or to somebody on the channel. */
export type SearchRoute = LedgerRoute | Extract<ChannelRoute, { view: 'class' }>;

export interface SearchPorts {
  readonly reader: Pick<LedgerReader, 'tx' | 'state' | 'states'>;
  readonly height: number;
  readonly namespaces: readonly string[];
  /** Blocks at hand, to find one by its hash. */
  readonly blocks: readonly Pick<BlockView, 'number' | 'hash'>[];
  /** Everybody on the channel; absent for a ledger that was opened from files. */
  readonly members?: () => Promise<readonly ClassRow[]>;
}

/** Where the query leads, or undefined when nothing matches. */
export async function resolveSearch(
  query: string,
  ports: SearchPorts,
): Promise<SearchRoute | undefined> {
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
  const key = await findKey(text, ports);
  if (key) return key;
  const members = findMembers((await ports.members?.()) ?? [], text);
  return members.length > 0 ? { view: 'class', query: text } : findKeysFrom(text, ports);
}

async function findKey(text: string, ports: SearchPorts): Promise<LedgerRoute | undefined> {
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
  return undefined;
}

async function findKeysFrom(text: string, ports: SearchPorts): Promise<LedgerRoute | undefined> {
  for (const name of ports.namespaces) {
    const [first] = await ports.reader.states(name, { start: text, limit: 1 });
    if (first?.key.startsWith(text)) return { view: 'state', chaincode: name, prefix: text };
  }
  return undefined;
}
