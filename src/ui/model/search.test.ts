// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { TxView } from '../../node/api/ledger-views.ts';
import type { ClassRow } from './class-list.ts';
import { resolveSearch, type SearchPorts } from './search.ts';

const txId = 'a'.repeat(64);
const blockHash = 'b'.repeat(64);
const keys = ['7', 'asset1', 'asset2'];
const ports: SearchPorts = {
  reader: {
    tx: async (id) => (id === txId ? ({ txId: id } as TxView) : undefined),
    state: async (_chaincode, key) => (keys.includes(key) ? '{}' : undefined),
    states: async (namespace, { start = '' } = {}) =>
      keys
        .filter((key) => key >= start)
        .map((key) => ({ namespace, key, value: '{}', version: { block: 1, tx: 0 } })),
  },
  height: 6,
  namespaces: ['basic'],
  blocks: [{ number: 3, hash: blockHash }],
};

const row = (displayName: string, peer: string): ClassRow => ({
  id: peer,
  displayName,
  mspId: 'Org1MSP',
  peer,
  client: '',
  height: 1,
  status: 'alive',
  valid: 0,
  invalid: 0,
  lastSeen: 0,
});
const members = async () => [
  row('Li Wei', 'peer0.org1.example.com'),
  row('asset1', 'peer1.org1.example.com'),
];

describe('the search box', () => {
  it.each([
    ['li we', { view: 'class', query: 'li we' }],
    ['peer1.', { view: 'class', query: 'peer1.' }],
    // Whoever is called like a key does not hide it.
    ['asset1', { view: 'key', chaincode: 'basic', key: 'asset1' }],
    ['asset2', { view: 'key', chaincode: 'basic', key: 'asset2' }],
    ['asset2x', undefined],
  ])('finds members by “%s”', async (query, route) => {
    expect(await resolveSearch(query, { ...ports, members })).toEqual(route);
  });

  it.each([
    ['5', { view: 'block', number: 5 }],
    [' #0 ', { view: 'block', number: 0 }],
    [txId.toUpperCase(), { view: 'tx', txId }],
    [blockHash, { view: 'block', number: 3 }],
    ['asset1', { view: 'key', chaincode: 'basic', key: 'asset1' }],
    ['basic/asset2', { view: 'key', chaincode: 'basic', key: 'asset2' }],
    ['asse', { view: 'state', chaincode: 'basic', prefix: 'asse' }],
  ])('leads %s to its page', async (query, route) => {
    expect(await resolveSearch(query, ports)).toEqual(route);
  });

  it('takes a number that is no block for a key', async () => {
    expect(await resolveSearch('7', ports)).toEqual({ view: 'key', chaincode: 'basic', key: '7' });
  });

  it.each(['', '  ', 'zebra', 'c'.repeat(64)])('finds nothing for “%s”', async (query) => {
    expect(await resolveSearch(query, ports)).toBeUndefined();
  });
});
