// SPDX-License-Identifier: Apache-2.0
// The codes of 1.x, by transactions that are right in all but one thing.
import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../../common/runtime/clock.ts';
import { createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import { type Crafted, keyPolicy } from '../testing/crafted.ts';
import {
  type LegacyBench,
  legacyBench,
  legacyDefinition,
  policyBytes,
} from '../testing/legacy-bench.ts';
import { MemoryValidationLedger } from '../testing/memory-validation-ledger.ts';

const LEVELS = ['none', 'V1_1', 'V1_2', 'V1_3', 'V1_4_2'];
const K: Crafted['writes'] = { cc: { keys: ['k'] } };

let channel: TestChannel;
let bench: LegacyBench;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = legacyBench(channel, {
    cc: legacyDefinition(),
    both: legacyDefinition({ policy: policyBytes("AND('Org1MSP.member','Org2MSP.member')") }),
    broken: legacyDefinition({ policy: utf8('no policy') }),
    bare: legacyDefinition({ policy: new Uint8Array() }),
    foreign: legacyDefinition({ vscc: 'mine' }),
  });
});

describe.each(LEVELS)('at application capability %s', (level) => {
  it('is VALID as it should be', async () => {
    expect(await bench.codeOf(level, {})).toBe('VALID');
  });

  it.each<[code: string, what: string, Partial<Crafted>]>([
    [
      'INVALID_OTHER_REASON',
      'a chaincode that lscc does not know',
      { chaincode: 'nosuch', writes: { nosuch: { keys: ['k'] } } },
    ],
    [
      'INVALID_OTHER_REASON',
      'a chaincode without policy',
      { chaincode: 'bare', writes: { bare: { keys: ['k'] } } },
    ],
    ['INVALID_OTHER_REASON', 'no version', { action: (a) => (a.chaincode_id = { name: 'cc' }) }],
    [
      'INVALID_OTHER_REASON',
      'another chaincode in the action',
      { action: (a) => (a.chaincode_id = { name: 'both', version: '1.0' }) },
    ],
    [
      'INVALID_OTHER_REASON',
      'writes to what lscc does not know',
      { writes: { ...K, _lifecycle: { keys: ['k'] } } },
    ],
    [
      'EXPIRED_CHAINCODE',
      'another version',
      { action: (a) => (a.chaincode_id = { name: 'cc', version: '0.9' }) },
    ],
    ['ENDORSEMENT_POLICY_FAILURE', 'no endorser', { endorsers: [] }],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'a policy that is none',
      { chaincode: 'broken', writes: { broken: { keys: ['k'] } } },
    ],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'writes to a chaincode with another policy',
      { writes: { ...K, both: { keys: ['k'] } } },
    ],
    ['ILLEGAL_WRITESET', 'writes to lscc', { writes: { ...K, lscc: { keys: ['cc'] } } }],
    ['ILLEGAL_WRITESET', 'writes to cscc', { writes: { ...K, cscc: { keys: ['k'] } } }],
    ['ILLEGAL_WRITESET', 'writes to vscc', { writes: { ...K, vscc: { keys: ['k'] } } }],
    ['ILLEGAL_WRITESET', 'an invocation of escc', { chaincode: 'escc' }],
    [
      'VALID',
      'writes to qscc, which any member guards',
      { writes: { ...K, qscc: { keys: ['k'] } } },
    ],
    ['VALID', 'an invocation of cscc', { chaincode: 'cscc', writes: {} }],
    [
      'ENDORSEMENT_POLICY_FAILURE',
      'an invocation of cscc that nobody endorsed',
      { chaincode: 'cscc', writes: {}, endorsers: [] },
    ],
  ])('is %s with %s', async (code, _what, options) => {
    expect(await bench.codeOf(level, options)).toBe(code);
  });

  it('takes no orderer for a member', async () => {
    const { orderer } = channel;
    const invocation = { chaincode: 'cscc', writes: {}, endorsers: [orderer] };
    expect(await bench.codeOf(level, invocation)).toBe('ENDORSEMENT_POLICY_FAILURE');
  });

  it('stops at a plugin that is not here', async () => {
    const foreign = { chaincode: 'foreign', writes: { foreign: { keys: ['k'] } } };
    await expect(bench.codeOf(level, foreign)).rejects.toMatchObject({
      code: 'VALIDATION_PLUGIN_UNKNOWN',
    });
  });

  it('gives the code of the first namespace that fails', async () => {
    const [former, latter] = [{ both: { keys: ['k'] } }, { nosuch: { keys: ['k'] } }];
    expect(await bench.codeOf(level, { writes: { ...former, ...latter } })).toBe(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    expect(await bench.codeOf(level, { writes: { ...latter, ...former } })).toBe(
      'INVALID_OTHER_REASON',
    );
  });

  it('knows an id before anything else', async () => {
    const ledger = new MemoryValidationLedger();
    ledger.txIDExists = async () => true;
    expect(await bench.codeOf(level, { endorsers: [] }, ledger)).toBe('DUPLICATE_TXID');
  });
});

describe('what a level brings', () => {
  const from = (first: string, before: string, after: string) =>
    LEVELS.map((level): [string, string] => [
      level,
      LEVELS.indexOf(level) < LEVELS.indexOf(first) ? before : after,
    ]);

  it.each(from('V1_1', 'VALID', 'DUPLICATE_TXID'))(
    'an id twice in a block, at %s: %s',
    async (level, code) => {
      const nonce = systemRandomBytes(24);
      const twice = [await bench.transaction({ nonce }), await bench.transaction({ nonce })];
      expect(await bench.codesOf(level, twice)).toEqual(['VALID', code]);
    },
  );

  it.each(from('V1_2', 'VALID', 'EXPIRED_CHAINCODE'))(
    'an old version that wrote nothing, at %s: %s',
    async (level, code) => {
      const action: Crafted['action'] = (a) => (a.chaincode_id = { name: 'cc', version: '0.9' });
      expect(await bench.codeOf(level, { writes: {}, action })).toBe(code);
    },
  );

  it.each(from('V1_2', 'VALID', 'INVALID_OTHER_REASON'))(
    'an event of another chaincode, at %s: %s',
    async (level, code) => {
      expect(await bench.codeOf(level, { event: { chaincode_id: 'other' } })).toBe(code);
    },
  );

  it.each(from('V1_2', 'VALID', 'ENDORSEMENT_POLICY_FAILURE'))(
    'private data of another chaincode, at %s: %s',
    async (level, code) => {
      const writes = { ...K, both: { collections: { any: { keys: ['p'] } } } };
      expect(await bench.codeOf(level, { writes })).toBe(code);
    },
  );

  it.each(from('V1_3', 'VALID', 'ENDORSEMENT_POLICY_FAILURE'))(
    'a key of its own policy, at %s: %s',
    async (level, code) => {
      const ledger = new MemoryValidationLedger();
      ledger.validationParameter = async () => keyPolicy("OR('Org2MSP.member')");
      expect(await bench.codeOf(level, {}, ledger)).toBe(code);
    },
  );

  it.each(from('V1_3', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'))(
    'a bad and a good signature of one endorser, at %s: %s',
    async (level, code) => {
      const options: Partial<Crafted> = {
        actionPayload: ({ action }) => {
          const [good] = action?.endorsements ?? [];
          Object.assign(action ?? {}, {
            endorsements: [{ ...good, signature: utf8('bad') }, good],
          });
        },
      };
      expect(await bench.codeOf(level, options)).toBe(code);
    },
  );
});

describe('a chaincode that only lscc defines, at application capability V2_0', () => {
  it('is validated by its policy, whatever its version and its collections', async () => {
    const action: Crafted['action'] = (a) => (a.chaincode_id = { name: 'cc', version: '0.9' });
    expect(await bench.codeOf('V2_0', { action })).toBe('VALID');
    const writes = {
      cc: { collections: { nosuch: { keys: ['p'] }, _implicit_org_Org2MSP: { keys: ['p'] } } },
    };
    expect(await bench.codeOf('V2_0', { writes })).toBe('VALID');
    expect(await bench.codeOf('V2_0', { writes, endorsers: [] })).toBe(
      'ENDORSEMENT_POLICY_FAILURE',
    );
  });

  it('is unknown without policy', async () => {
    expect(await bench.codeOf('V2_0', { chaincode: 'bare' })).toBe('INVALID_CHAINCODE');
  });

  it('is no longer defined by transactions of lscc', async () => {
    expect(await bench.codeOf('V2_0', { chaincode: 'lscc', writes: {} })).toBe('INVALID_CHAINCODE');
  });
});
