// SPDX-License-Identifier: Apache-2.0
// A channel for tests of maintenance: every block writes, some with private data that lives on, expires or is purged.
import { utf8 } from '../../../common/runtime/bytes.ts';
import type { TxSimulator } from '../../types.ts';
import type { LedgerProviderOptions } from '../ledger-provider.ts';
import { makeChain, type TestBlock } from './test-chain.ts';

export const CHANNEL = 'testchannel';

/** Where its state and history can be looked at. */
export const PLACE = { prefix: 'p', ledgerId: CHANNEL, namespace: 'cc', key: 'k1' } as const;

/** Small, so that every kind of write occurs in few blocks. */
export const OPTIONS: LedgerProviderOptions = {
  state: { flushBlocks: 3 },
  historyIndex: { flushBlocks: 4, fanIn: 2 },
  txIdIndex: { flushBlocks: 2, fanIn: 3 },
  private: {
    mspId: 'Org1MSP',
    collections: {
      collectionInfo: (_, collection) => ({
        blockToLive: collection === 'short' ? 2 : 0,
        memberOrgs: ['Org1MSP'],
      }),
    },
  },
};

type Run = (simulator: TxSimulator) => unknown;

function transactions(i: number): Run[] {
  const asset: Run = (simulator) => {
    const value = JSON.stringify({ i, colour: i % 2 ? 'red' : 'blue' });
    simulator.setState('cc', `k${i % 4}`, utf8(value));
    if (i % 5 === 0) simulator.setStateMetadata('cc', 'k0', new Map([['m', utf8(`${i}`)]]));
  };
  const secret: Run = (simulator) => {
    simulator.setPrivateData('cc', i % 2 ? 'short' : 'forever', `s${i % 3}`, utf8(`secret ${i}`));
  };
  const purge: Run = (simulator) => simulator.purgePrivateData('cc', 'forever', 's2');
  return i === 9 ? [asset, purge] : [asset, secret];
}

/** @param count blocks after the genesis block. */
export function maintainedChain(count: number): Promise<TestBlock[]> {
  const blocks = Array.from({ length: count }, (_, i) => transactions(i + 1));
  return makeChain(CHANNEL, blocks, OPTIONS);
}
