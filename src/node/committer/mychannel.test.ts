// SPDX-License-Identifier: Apache-2.0
// All blocks of a real channel through both halves of validation; every code must be the real peer's.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { protos } from '../../common/protos/index.ts';
import { unmarshalBlock } from '../../common/protoutil/index.ts';
import { expectedBlocks } from '../../common/testdata/mychannel.ts';
import { policiesOf } from '../testing/deployed.ts';
import { validateBlock } from './block-validator.ts';
import { codeName, verifySignatures } from './index.ts';
import { MemoryValidationLedger } from './testing/memory-validation-ledger.ts';
import { REAL_DEFINITIONS, realBundles, reasonsOf, receivedBlock } from './testing/real-channel.ts';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = protos.TxValidationCode;

let bundles: ChannelConfigBundle[];

beforeAll(async () => {
  bundles = await realBundles();
});

// The ledger finds these two, after validation.
function validatorCode(code: number): number {
  return code === MVCC_READ_CONFLICT || code === PHANTOM_READ_CONFLICT ? VALID : code;
}

/** Names of the codes of every block after the genesis block, of which validation is never asked. */
async function validate(definitions: readonly ChaincodeDefinition[]): Promise<string[][]> {
  const ledger = new MemoryValidationLedger();
  const [genesis, ...rest] = expectedBlocks;
  ledger.commit(unmarshalBlock(receivedBlock(0)), genesis?.transactionsFilter ?? []);
  const names: string[][] = [];
  for (const { number, transactionsFilter } of rest) {
    const block = unmarshalBlock(receivedBlock(number));
    const bundle = bundles[number];
    if (!bundle) throw new Error(`no configuration for block ${number}`);
    const policies = policiesOf(definitions, bundle);
    const verdicts = await verifySignatures(block, { bundle, policies });
    const flags = await validateBlock(block, structuredClone(verdicts), bundle, ledger);
    names.push(Array.from(flags, (code, i) => `${number}.${i} ${codeName(code)}`));
    for (const verdict of verdicts) {
      expect(verdict.code === VALID, `${number}: ${reasonsOf(verdicts)}`).toBe(!verdict.reason);
    }
    ledger.commit(block, transactionsFilter);
  }
  return names;
}

const expected = expectedBlocks
  .slice(1)
  .map(({ number, transactionsFilter }) =>
    transactionsFilter.map((code, i) => `${number}.${i} ${codeName(validatorCode(code))}`),
  );

describe('a real channel', () => {
  it('gets the same validation codes', async () => {
    const names = await validate(REAL_DEFINITIONS);
    expect(names).toEqual(expected);
    const seen = new Set(names.flat().map((name) => name.split(' ')[1]));
    expect([...seen].sort()).toEqual([
      'BAD_COMMON_HEADER',
      'BAD_PROPOSAL_TXID',
      'DUPLICATE_TXID',
      'ENDORSEMENT_POLICY_FAILURE',
      'INVALID_ENDORSER_TRANSACTION',
      'VALID',
    ]);
  });

  // Blocks whose codes change when a definition is another one.
  async function differing(
    change: (definition: ChaincodeDefinition) => ChaincodeDefinition | undefined,
  ): Promise<string[]> {
    const names = await validate(REAL_DEFINITIONS.flatMap((one) => change(one) ?? []));
    return names.flat().filter((name, i) => name !== expected.flat()[i]);
  }

  it('has transactions that a laxer or stricter policy would judge otherwise', async () => {
    const laxer = await differing((one) =>
      one.name === 'both' ? { ...one, endorsementPolicy: "OR('Org1MSP.peer')" } : one,
    );
    expect(laxer).toEqual(['45.0 VALID', '57.0 VALID']);
    const stricter = await differing((one) =>
      one.name === 'one' ? { ...one, endorsementPolicy: "OR('Org2MSP.peer')" } : one,
    );
    expect(stricter.slice(0, 3)).toEqual(
      [0, 1, 2].map((i) => `17.${i} ENDORSEMENT_POLICY_FAILURE`),
    );
  });

  it('knows a chaincode and a collection only by their definitions', async () => {
    const withoutBasic = await differing((one) => (one.name === 'basic' ? undefined : one));
    expect(withoutBasic[0]).toBe('26.0 INVALID_CHAINCODE');
    expect(withoutBasic.every((name) => name.endsWith(' INVALID_CHAINCODE'))).toBe(true);
    const withoutCollections = await differing(({ collections: _, ...one }) => one);
    expect(withoutCollections).toEqual(
      [33, 34, 36, 37].map((number) => `${number}.0 ENDORSEMENT_POLICY_FAILURE`),
    );
  });
});
