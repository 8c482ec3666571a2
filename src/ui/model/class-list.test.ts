// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { samplePeers } from '../dev/sample-ledger.ts';
import { classRows, csvOf, findMembers, sortRows } from './class-list.ts';

const [, sample] = samplePeers(7);
if (!sample) throw new Error('no sample peer');
const peer = (name: string, more: Partial<PeerInfo> = {}): PeerInfo => ({
  ...sample,
  name,
  ...more,
});
const totals = (name: string, valid: number, more = {}) => ({
  mspId: 'Org1MSP',
  name,
  valid,
  invalid: 1,
  lastTx: 5_000,
  ...more,
});

describe('a class', () => {
  const rows = classRows(
    [
      peer('orderer.example.com', { role: 'orderer' }),
      peer('peer0.org1.example.com', { mspId: 'Org1MSP', displayName: 'Li Wei', height: 7 }),
      peer('peer10.org1.example.com', { mspId: 'Org1MSP', height: 3 }),
      peer('peer0.org2.example.com', { mspId: 'Org2MSP', height: 7 }),
    ],
    [
      totals('user0.org1.example.com', 4),
      totals('user2.org1.example.com', 9, { displayName: 'Ana', lastTx: 99_000 }),
    ],
    10_000,
  );

  test('has a row for each person: a peer with its client, and clients alone', () => {
    expect(rows).toMatchObject([
      { displayName: 'Li Wei', peer: 'peer0.org1.example.com', valid: 4, invalid: 1, height: 7 },
      { displayName: '', peer: 'peer10.org1.example.com', valid: 0, invalid: 0 },
      { mspId: 'Org2MSP', peer: 'peer0.org2.example.com', valid: 0 },
      {
        displayName: 'Ana',
        peer: '',
        client: 'user2.org1.example.com',
        valid: 9,
        lastSeen: 10_000,
      },
    ]);
  });

  test('is sorted by any column, then by name', () => {
    const names = (...[column, down]: [Parameters<typeof sortRows>[1], boolean]) =>
      sortRows(rows, column, down).map((row) => row.displayName || row.peer.split('.')[0]);
    expect(names('displayName', false)).toEqual(['Ana', 'Li Wei', 'peer0', 'peer10']);
    expect(names('valid', true)).toEqual(['Ana', 'Li Wei', 'peer0', 'peer10']);
    expect(names('height', false)).toEqual(['Ana', 'peer10', 'Li Wei', 'peer0']);
    expect(names('mspId', true)[0]).toBe('peer0');
  });

  test('is searched by every name', () => {
    expect(findMembers(rows, ' li w')).toHaveLength(1);
    expect(findMembers(rows, 'USER2')).toMatchObject([{ displayName: 'Ana' }]);
    expect(findMembers(rows, 'peer0')).toHaveLength(2);
    expect(findMembers(rows, ' ')).toEqual([]);
  });
});

test('CSV keeps commas, quotes and lines, and is no formula', () => {
  expect(csvOf([['a,b', 'say "x"', 'two\nlines', 3, '=1+1', '-7', -7, '李伟']])).toBe(
    `\ufeff"a,b","say ""x""","two\nlines",3,'=1+1,'-7,-7,李伟\r\n`,
  );
});
