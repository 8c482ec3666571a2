// SPDX-License-Identifier: Apache-2.0
// What transactions of lscc may do, at each capability level of 1.x.
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../common/policies/index.ts';
import { protos } from '../../../common/protos/index.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { createTestChannel } from '../../testing/test-channel.ts';
import {
  chaincodeData,
  type LegacyBench,
  legacyBench,
  legacyDefinition,
  policyBytes,
} from '../testing/legacy-bench.ts';
import {
  collectionPackage,
  type LsccTransaction,
  lsccTransaction,
} from '../testing/lscc-transactions.ts';

const LEVELS = ['none', 'V1_1', 'V1_2', 'V1_3', 'V1_4_2'];
const [OLD, NEW] = ['1.0', '2.0'].map((version) => legacyDefinition({ version })) as [
  ReturnType<typeof legacyDefinition>,
  ReturnType<typeof legacyDefinition>,
];
const NOBODY = policyBytes("OR('Org2MSP.member')");
const { NODE, UNDEFINED } = protos.ChaincodeSpec.Type;

const collection = (
  name: string,
  more: protos.IStaticCollectionConfig = {},
): protos.IStaticCollectionConfig => ({
  name,
  member_orgs_policy: { signature_policy: parsePolicy("OR('Org1MSP.member','Org2MSP.member')") },
  required_peer_count: 1,
  maximum_peer_count: 2,
  block_to_live: 5,
  ...more,
});
const ONE = collectionPackage(collection('one'));

let bench: LegacyBench;

beforeAll(async () => {
  bench = legacyBench(await createTestChannel(), {
    old: OLD,
    guarded: { ...OLD, instantiationPolicy: NOBODY },
    unguarded: { ...OLD, instantiationPolicy: new Uint8Array() },
    withOne: { ...OLD, collections: ONE },
  });
});

const codeOf = (level: string, transaction: LsccTransaction) =>
  bench.codeOf(level, lsccTransaction(transaction));
const upgrade = (name: string, more: Partial<LsccTransaction> = {}): LsccTransaction => ({
  fn: 'upgrade',
  name,
  definition: NEW,
  ...more,
});

describe.each(LEVELS)('at application capability %s', (level) => {
  it('instantiates and upgrades', async () => {
    expect(await codeOf(level, { definition: OLD })).toBe('VALID');
    expect(await codeOf(level, { definition: OLD, type: NODE })).toBe('VALID');
    expect(await codeOf(level, upgrade('old'))).toBe('VALID');
    // What the chaincode wrote when it was initialised.
    expect(await codeOf(level, { definition: OLD, writes: { cc: { keys: ['k'] } } })).toBe('VALID');
  });

  it.each<[what: string, LsccTransaction]>([
    ['another function', { fn: 'install', definition: OLD }],
    ['one argument', { definition: OLD, args: [] }],
    ['seven arguments', { definition: OLD, args: Array.from({ length: 6 }, () => utf8('x')) }],
    ['a deployment that is none', { definition: OLD, args: [utf8('x')] }],
    ['no chaincode', { definition: OLD, args: [new Uint8Array()] }],
    ['a chaincode of no type', { definition: OLD, type: UNDEFINED }],
    ['a name that is none', { name: 'a b', definition: OLD }],
    ['the name of a system chaincode', { name: 'qscc', definition: OLD }],
    ['a version that is none', { definition: legacyDefinition({ version: '1 0' }) }],
    ['no writes', { definition: OLD, values: {} }],
    ['another key', { definition: OLD, values: { other: chaincodeData('cc', OLD) } }],
    ['a value that is none', { definition: OLD, values: { cc: utf8('x') } }],
    ['another name', { definition: OLD, values: { cc: chaincodeData('other', OLD) } }],
    ['another version', { definition: OLD, values: { cc: chaincodeData('cc', NEW) } }],
    ['three writes', { definition: OLD, values: { cc: chaincodeData('cc', OLD), d: ONE, e: ONE } }],
    ['writes elsewhere', { definition: OLD, writes: { other: { keys: ['k'] } } }],
    ['no instantiation policy', { definition: { ...OLD, instantiationPolicy: new Uint8Array() } }],
    ['a sender who may not', { definition: { ...OLD, instantiationPolicy: NOBODY } }],
    ['what is instantiated', { name: 'old', definition: OLD }],
    ['an upgrade of nothing', upgrade('cc')],
    ['an upgrade to the same version', upgrade('old', { definition: OLD })],
    ['an upgrade by who may not', upgrade('guarded')],
    ['an upgrade that nobody may make', upgrade('unguarded')],
  ])('is ENDORSEMENT_POLICY_FAILURE with %s', async (_what, transaction) => {
    expect(await codeOf(level, transaction)).toBe('ENDORSEMENT_POLICY_FAILURE');
  });

  it('is ENDORSEMENT_POLICY_FAILURE with input that is none, or none at all', async () => {
    const good = lsccTransaction({ definition: OLD });
    const bare = protos.ChaincodeInvocationSpec.encode({ chaincode_spec: {} }).finish();
    for (const input of [utf8('x'), bare]) {
      expect(await bench.codeOf(level, { ...good, input })).toBe('ENDORSEMENT_POLICY_FAILURE');
    }
    expect(await bench.codeOf(level, { ...good, endorsers: [] })).toBe(
      'ENDORSEMENT_POLICY_FAILURE',
    );
  });

  it('lets the last of several upgrades count, and no other use of the chaincode', async () => {
    const transactions = [
      { chaincode: 'old', writes: { old: { keys: ['k'] } } },
      lsccTransaction(upgrade('old')),
      lsccTransaction(upgrade('old', { definition: legacyDefinition({ version: '3.0' }) })),
      { chaincode: 'withOne', writes: { withOne: { keys: ['k'] } } },
      { chaincode: 'withOne', writes: { old: { keys: ['k'] }, withOne: { keys: ['k'] } } },
    ];
    const envelopes = await Promise.all(transactions.map((one) => bench.transaction(one)));
    const conflict = 'CHAINCODE_VERSION_CONFLICT';
    const codes = [conflict, conflict, 'VALID', 'VALID', 'VALID'];
    expect(await bench.codesOf(level, envelopes)).toEqual(codes);
  });

  it('sees no conflict with an upgrade of a chaincode that is not in Go', async () => {
    const transactions = [
      { chaincode: 'old', writes: { old: { keys: ['k'] } } },
      lsccTransaction(upgrade('old', { type: NODE })),
    ];
    const envelopes = await Promise.all(transactions.map((one) => bench.transaction(one)));
    expect(await bench.codesOf(level, envelopes)).toEqual(['VALID', 'VALID']);
  });
});

describe('what a level brings', () => {
  const from = (first: string, before: string, after: string) =>
    LEVELS.map((level): [string, string] => [
      level,
      LEVELS.indexOf(level) < LEVELS.indexOf(first) ? before : after,
    ]);
  const bad = 'ENDORSEMENT_POLICY_FAILURE';

  it.each(from('V1_2', bad, 'VALID'))('collections, at %s: %s', async (level, code) => {
    expect(await codeOf(level, { definition: OLD, collections: ONE })).toBe(code);
    expect(await codeOf(level, upgrade('old', { collections: ONE }))).toBe(code);
  });

  it.each(from('V1_1', 'VALID', bad))(
    'an upgrade to a policy that its sender does not satisfy, at %s: %s',
    async (level, code) => {
      const definition = legacyDefinition({ version: '2.0', instantiationPolicy: NOBODY });
      expect(await codeOf(level, upgrade('old', { definition }))).toBe(code);
    },
  );
});

describe('collections, from V1_2 on', () => {
  const deploy = (...collections: protos.IStaticCollectionConfig[]): LsccTransaction => ({
    definition: OLD,
    collections: collectionPackage(...collections),
  });
  const and = { signature_policy: parsePolicy("AND('Org1MSP.member','Org2MSP.member')") };

  it.each<[what: string, LsccTransaction]>([
    [
      'others than were asked for',
      { ...deploy(collection('one')), writtenCollections: collectionPackage(collection('two')) },
    ],
    [
      'none, though some were asked for',
      { ...deploy(collection('one')), values: { cc: chaincodeData('cc', OLD) } },
    ],
    [
      'another key',
      { ...deploy(collection('one')), values: { cc: chaincodeData('cc', OLD), other: ONE } },
    ],
    ['a package that is none', { definition: OLD, collections: utf8('x') }],
    ['a name that is none', deploy(collection('a b'))],
    ['no name', deploy(collection(''))],
    ['the same twice', deploy(collection('one'), collection('one'))],
    ['less than it requires', deploy(collection('one', { maximum_peer_count: 0 }))],
    ['less than nothing', deploy(collection('one', { required_peer_count: -1 }))],
    ['members that must agree', deploy(collection('one', { member_orgs_policy: and }))],
    [
      'one less than before',
      upgrade('withOne', { collections: collectionPackage(collection('two')) }),
    ],
    [
      'an empty package, which is one less',
      upgrade('withOne', {
        collections: new Uint8Array(),
        values: { withOne: chaincodeData('withOne', NEW) },
      }),
    ],
    [
      'another life',
      upgrade('withOne', {
        collections: collectionPackage(collection('one', { block_to_live: 6 })),
      }),
    ],
  ])('are refused: %s', async (_what, transaction) => {
    expect(await codeOf('V1_2', transaction)).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(await codeOf('V1_3', transaction)).toBe('ENDORSEMENT_POLICY_FAILURE');
  });

  it('may become more, or be left as they are', async () => {
    const more = collectionPackage(collection('two'), collection('one'));
    expect(await codeOf('V1_3', upgrade('withOne', { collections: more }))).toBe('VALID');
    expect(await codeOf('V1_3', upgrade('withOne'))).toBe('VALID');
  });
});
