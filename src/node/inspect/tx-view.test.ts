// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { TxPrivateWrite } from '../api/ledger-views.ts';
import { txViewOf } from './tx-view.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the view of a transaction of a real channel', () => {
  test('names private writes by their hashes', () => {
    const found = expectedBlocks.flatMap(({ number: block }) => {
      const [envelope] = common.Block.decode(readBlock(block)).data?.data ?? [];
      const view = envelope && txViewOf(envelope, { block, index: 0, code: 0 });
      return view?.privateWrites ?? [];
    });
    const first: TxPrivateWrite = {
      namespace: 'pvt',
      collection: 'colBoth',
      keyHash: sha256('pkey1'),
      valueHash: sha256('secret-both'),
      isDelete: false,
    };
    expect(found).toContainEqual(first);
    expect(found).toContainEqual({
      ...first,
      keyHash: sha256('pkey4'),
      valueHash: '',
      isDelete: true,
    });
  });
});
