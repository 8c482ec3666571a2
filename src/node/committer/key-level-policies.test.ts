// SPDX-License-Identifier: Apache-2.0
// Policies of keys and of collections, of which a real channel has few.
import { beforeAll, describe, expect, it } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { keyHash, keyPolicy } from './testing/crafted.ts';
import { MemoryValidationLedger } from './testing/memory-validation-ledger.ts';
import { type ValidationBench, validationBench } from './testing/validation-bench.ts';

const GARBAGE = Uint8Array.of(0xff);
const FAILS = 'ENDORSEMENT_POLICY_FAILURE';

let channel: TestChannel;
let bench: ValidationBench;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = validationBench(channel);
});

describe('the policy of a key', () => {
  /** A ledger in which keys of `basic` have policies. */
  function guarding(keys: Record<string, string | Uint8Array>): MemoryValidationLedger {
    const ledger = new MemoryValidationLedger();
    for (const [key, policy] of Object.entries(keys)) {
      ledger.policies.set(JSON.stringify(['basic', '', key]), keyPolicy(policy));
    }
    return ledger;
  }

  it('counts instead of the chaincode’s', async () => {
    const [org1] = channel.peers.Org1MSP;
    const [org2] = channel.peers.Org2MSP;
    const ledger = guarding({ k: "OR('Org2MSP.peer')" });
    expect(await bench.codeOf({ endorsers: [org1] }, ledger)).toBe(FAILS);
    expect(await bench.codeOf({ endorsers: [org2] }, ledger)).toBe('VALID');
    const mixed = { basic: { keys: ['k', 'free'] } };
    expect(await bench.codeOf({ endorsers: [org2], writes: mixed }, ledger)).toBe(FAILS);
    expect(await bench.codeOf({ endorsers: [org1, org2], writes: mixed }, ledger)).toBe('VALID');
  });

  it('guards its own replacement', async () => {
    const ledger = guarding({ k: "OR('Org2MSP.peer')" });
    const writes = { basic: { policies: { k: "OR('Org1MSP.peer')" } } };
    expect(await bench.codeOf({ writes }, ledger)).toBe(FAILS);
    expect(await bench.codeOf({ writes, endorsers: [channel.peers.Org2MSP[0]] }, ledger)).toBe(
      'VALID',
    );
  });

  it('is satisfied by nobody when it is no policy', async () => {
    const noVersion = common.SignaturePolicyEnvelope.encode({ version: 1 }).finish();
    for (const parameter of [GARBAGE, noVersion]) {
      const ledger = guarding({ k: parameter });
      expect(await bench.codeOf({}, ledger)).toBe(FAILS);
    }
    expect(await bench.codeOf({}, guarding({ k: new Uint8Array() }))).toBe('VALID');
  });

  it('is unsettled for the rest of a block that changes it', async () => {
    const change = await bench.transaction({
      writes: { basic: { policies: { k: "OR('Org1MSP.peer')" } } },
    });
    const write = await bench.transaction();
    const other = await bench.transaction({ writes: { basic: { keys: ['other'] } } });
    expect(await bench.codesOf([write, change, write.slice(), other])).toEqual([
      'VALID',
      'VALID',
      FAILS,
      'VALID',
    ]);
    const failed = await bench.transaction({
      endorsers: [],
      writes: { basic: { policies: { k: "OR('Org1MSP.peer')" } } },
    });
    expect(await bench.codesOf([failed, await bench.transaction()])).toEqual([FAILS, 'VALID']);
  });

  it('is unsettled even if another namespace of the transaction is not endorsed', async () => {
    const half = await bench.transaction({
      writes: { basic: { policies: { k: "OR('Org1MSP.peer')" } }, both: { keys: ['k'] } },
    });
    expect(await bench.codesOf([half, await bench.transaction()])).toEqual([FAILS, FAILS]);
  });

  it('does not confuse keys and namespaces', async () => {
    const [org1] = channel.peers.Org1MSP;
    const [org2] = channel.peers.Org2MSP;
    const endorsers = [org1, org2];
    const change = await bench.transaction({
      endorsers,
      chaincode: 'both',
      writes: { both: { policies: { k: "OR('Org1MSP.peer')" } } },
    });
    expect(await bench.codesOf([change, await bench.transaction({ endorsers })])).toEqual([
      'VALID',
      'VALID',
    ]);
  });
});

describe('private data', () => {
  async function codeFor(
    collection: string,
    endorsers: readonly ('Org1MSP' | 'Org2MSP')[],
    ledger?: MemoryValidationLedger,
  ): Promise<string> {
    const writes = { both: { collections: { [collection]: { keys: ['secret'] } } } };
    const signers = endorsers.map((mspId) => channel.peers[mspId][0]);
    return bench.codeOf({ chaincode: 'both', writes, endorsers: signers }, ledger);
  }

  it('is guarded by the collection’s policy, or else by the chaincode’s', async () => {
    expect(await codeFor('own', ['Org1MSP'])).toBe('VALID');
    expect(await codeFor('own', ['Org2MSP'])).toBe(FAILS);
    expect(await codeFor('asChaincode', ['Org1MSP'])).toBe(FAILS);
    expect(await codeFor('asChaincode', ['Org1MSP', 'Org2MSP'])).toBe('VALID');
  });

  it('is guarded by an organisation in its implicit collection', async () => {
    expect(await codeFor('_implicit_org_Org2MSP', ['Org2MSP'])).toBe('VALID');
    expect(await codeFor('_implicit_org_Org2MSP', ['Org1MSP'])).toBe(FAILS);
    expect(await codeFor('_implicit_org_Org9MSP', ['Org1MSP', 'Org2MSP'])).toBe(FAILS);
  });

  it('has no place in a collection that nobody defined', async () => {
    expect(await codeFor('nosuchcollection', ['Org1MSP', 'Org2MSP'])).toBe(FAILS);
  });

  it('needs the chaincode’s endorsement too when public data is written', async () => {
    const collections = { own: { keys: ['secret'] } };
    const writes = { both: { keys: ['k'], collections } };
    const endorsers = [channel.peers.Org1MSP[0]];
    expect(await bench.codeOf({ chaincode: 'both', writes, endorsers })).toBe(FAILS);
  });

  it('may have a policy for a key', async () => {
    const ledger = new MemoryValidationLedger();
    const id = JSON.stringify(['both', 'own', toHex(keyHash('secret'))]);
    ledger.policies.set(id, keyPolicy("OR('Org2MSP.peer')"));
    expect(await codeFor('own', ['Org1MSP'], ledger)).toBe(FAILS);
    expect(await codeFor('own', ['Org2MSP'], ledger)).toBe('VALID');
    expect(await codeFor('asChaincode', ['Org1MSP', 'Org2MSP'], ledger)).toBe('VALID');
  });

  it('is unsettled for the rest of a block that changes the policy of its key', async () => {
    const make = (set: object): Promise<Uint8Array> =>
      bench.transaction({ chaincode: 'both', writes: { both: { collections: { own: set } } } });
    const change = await make({ policies: { secret: "OR('Org1MSP.peer')" } });
    const codes = await bench.codesOf([
      change,
      await make({ keys: ['secret'] }),
      await make({ keys: ['x'] }),
    ]);
    expect(codes).toEqual(['VALID', FAILS, 'VALID']);
  });
});
