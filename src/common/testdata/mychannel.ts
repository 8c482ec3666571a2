// SPDX-License-Identifier: Apache-2.0
//
// Access to testdata/mychannel for the tests of all of src/.

import { readFileSync } from 'node:fs';

const folder = new URL('./mychannel/', import.meta.url);

/** What tx-validation.json says of a transaction. */
export interface ExpectedTx {
  readonly code: number;
  readonly codeName: string;
  readonly type?: string;
  readonly txid?: string;
  readonly chaincode?: string;
  readonly scenario?: string;
}

/** What tx-validation.json says of a block; hashes in hex. */
export interface ExpectedBlock {
  readonly number: number;
  readonly headerHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly transactionsFilter: readonly number[];
  readonly commitHash: string;
  readonly txs: readonly ExpectedTx[];
}

/** Bytes of a file of the folder, as a plain Uint8Array. */
export function readTestdata(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(path, folder)));
}

/** Bytes of a block. */
export function readBlock(number: number): Uint8Array {
  return readTestdata(`blocks/${String(number).padStart(3, '0')}.block`);
}

/** All blocks, as they were validated by a real peer. */
export const expectedBlocks: readonly ExpectedBlock[] = JSON.parse(
  new TextDecoder().decode(readTestdata('tx-validation.json')),
);
