// SPDX-License-Identifier: Apache-2.0
// Definitions in the state of a real channel, compared with what its peer answers to `querycommitted`.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createBundleFromBlock } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { createApplicationPolicy, rejectPolicy } from '../../common/policies/index.ts';
import type { Policy } from '../../common/policies/types.ts';
import { kvrwset, lifecycle, protos, rwset } from '../../common/protos/index.ts';
import { toBase64 } from '../../common/runtime/bytes.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { readBlock } from '../../common/testdata/mychannel.ts';
import { LedgerError, type PeerLedger, type QueryExecutor } from '../../ledger/types.ts';
import type { NamespaceDefinition } from '../committer/index.ts';
import { realLedger } from '../replay/testing/chains.ts';
import {
  ChaincodeEndorsementInfoSource,
  DeployedChaincodes,
  describedChaincodes,
  implicitCollection,
  implicitCollectionName,
  mspIdIfImplicitCollection,
  namespaceDefinitionOf,
  namespacePolicies,
  queryChaincodeDefinition,
  queryChaincodeDefinitions,
} from './index.ts';
import type { LifecycleState } from './lifecycle-state.ts';

interface Answer {
  readonly name: string;
  readonly sequence: number;
  readonly version: string;
  readonly endorsement_plugin: string;
  readonly validation_plugin: string;
  readonly validation_parameter: string;
  readonly collections: {
    readonly config?: readonly {
      readonly Payload: {
        readonly StaticCollectionConfig: {
          readonly name: string;
          readonly maximum_peer_count?: number;
          readonly block_to_live?: number;
          readonly member_only_read?: boolean;
        };
      };
    }[];
  };
}

const answers: readonly Answer[] = JSON.parse(
  readFileSync(new URL('./testdata/querycommitted.json', import.meta.url), 'utf8'),
).chaincode_definitions;

/** State of `_lifecycle` that no real peer has. */
function stateOf(values: ReadonlyMap<string, Uint8Array>): LifecycleState {
  return {
    getStateMultipleKeys: async (_namespace, keys) => keys.map((key) => values.get(key)),
    getStateRange: async (namespace, startKey, endKey) => {
      const keys = [...values.keys()].filter((key) => key >= startKey && key < endKey).sort();
      const rows = keys.map((key) => {
        const value = values.get(key) ?? new Uint8Array();
        return { namespace, key, value, version: { blockNum: 1, txNum: 0 } };
      });
      return { next: async () => rows.shift(), close: () => {} };
    },
  };
}

const { StateData, StateMetadata, ChaincodeValidationInfo } = lifecycle;

function definedState(
  name: string,
  { plugin = 'vscc', parameter = createApplicationPolicy("OR('Org1MSP.peer')"), sequence = 1 } = {},
): Map<string, Uint8Array> {
  const info = { validation_plugin: plugin, validation_parameter: parameter };
  const bytes = ChaincodeValidationInfo.encode(info).finish();
  return new Map([
    [
      `namespaces/metadata/${name}`,
      StateMetadata.encode({ datatype: 'ChaincodeDefinition' }).finish(),
    ],
    [`namespaces/fields/${name}/Sequence`, StateData.encode({ Int64: sequence }).finish()],
    [`namespaces/fields/${name}/ValidationInfo`, StateData.encode({ Bytes: bytes }).finish()],
  ]);
}

async function withState<T>(
  ledger: PeerLedger,
  read: (state: LifecycleState) => Promise<T>,
): Promise<T> {
  const executor = ledger.newQueryExecutor();
  try {
    return await read(executor);
  } finally {
    executor.done();
  }
}

describe('the definitions of a real channel', () => {
  test('are what its peer says', async () => {
    const found = await withState(await realLedger(), queryChaincodeDefinitions);
    expect(found.map(({ name }) => name)).toEqual(['basic', 'both', 'one', 'pvt']);
    for (const answer of answers) {
      const one = found.find(({ name }) => name === answer.name);
      expect(one).toMatchObject({
        sequence: answer.sequence,
        version: answer.version,
        endorsementPlugin: answer.endorsement_plugin,
        validationPlugin: answer.validation_plugin,
        initRequired: false,
      });
      expect(toBase64(one?.validationParameter ?? new Uint8Array())).toBe(
        answer.validation_parameter,
      );
      const expected = (answer.collections.config ?? []).map(
        ({ Payload: { StaticCollectionConfig: config } }) => ({
          name: config.name,
          maximum_peer_count: config.maximum_peer_count ?? 0,
          blockToLive: config.block_to_live ?? 0,
          member_only_read: config.member_only_read ?? false,
        }),
      );
      expect(
        one?.collections.map(({ name, maximum_peer_count, block_to_live, member_only_read }) => ({
          name,
          maximum_peer_count,
          blockToLive: block_to_live.toNumber(),
          member_only_read,
        })),
      ).toEqual(expected);
    }
  });

  test('are those of the height', async () => {
    const sequences = async (count: number): Promise<(string | number)[][]> =>
      (await withState(await realLedger(count), queryChaincodeDefinitions)).map(
        ({ name, sequence }) => [name, sequence],
      );
    expect(await sequences(3)).toEqual([]);
    expect(await sequences(4)).toEqual([['both', 1]]);
    expect(await sequences(70)).toContainEqual(['basic', 1]);
    expect(await sequences(71)).toContainEqual(['basic', 2]);
  });

  test('may be asked for by name', async () => {
    const ledger = await realLedger(16);
    const one = await withState(ledger, (state) => queryChaincodeDefinition(state, 'one'));
    expect(one).toMatchObject({ name: 'one', sequence: 1 });
    expect(await withState(ledger, (state) => queryChaincodeDefinition(state, 'on'))).toBe(
      undefined,
    );
  });
});

describe('state that no peer wrote', () => {
  test('is refused where it does not decode', async () => {
    for (const field of ['Sequence', 'ValidationInfo']) {
      const values = definedState('cc').set(`namespaces/fields/cc/${field}`, Uint8Array.of(0xff));
      await expect(queryChaincodeDefinitions(stateOf(values))).rejects.toMatchObject({
        code: 'LIFECYCLE_STATE_MALFORMED',
        message: expect.stringContaining(`cc/${field}`),
      });
    }
    const metadata = definedState('cc').set('namespaces/metadata/cc', Uint8Array.of(0xff));
    await expect(queryChaincodeDefinitions(stateOf(metadata))).rejects.toThrow('metadata/cc');
  });

  test('counts as empty where a field is missing', async () => {
    const state = stateOf(definedState('cc'));
    expect(await queryChaincodeDefinitions(state)).toMatchObject([
      { name: 'cc', version: '', endorsementPlugin: '', collections: [] },
    ]);
  });

  test('of another datatype is left alone', async () => {
    const other = StateMetadata.encode({ datatype: 'ChaincodeParameters' }).finish();
    const values = definedState('cc').set('namespaces/metadata/dd', other);
    expect(await queryChaincodeDefinitions(stateOf(values))).toMatchObject([{ name: 'cc' }]);
  });
});

describe('what is deployed', () => {
  const DESCRIBED = describedChaincodes(
    ['both', 'local'].map((name) => ({
      name,
      version: '0.9',
      sequence: 1,
      endorsementPolicy: "OR('Org1MSP.peer')",
    })),
  );
  const deployedOn = (ledger: Pick<PeerLedger, 'newQueryExecutor'>): DeployedChaincodes =>
    new DeployedChaincodes({ ledger, described: DESCRIBED, log: silentLogger });

  test('is what the chain defines, and what the network describes beside it', async () => {
    const deployed = deployedOn(await realLedger(4));
    const all = await deployed.chaincodes();
    expect(all.map(({ name, version, source }) => [name, version, source])).toEqual([
      ['both', '1.0', 'chain'],
      ['local', '0.9', 'network'],
    ]);
    expect(await deployed.chaincode('local')).toMatchObject({
      endorsementPlugin: 'escc',
      validationPlugin: 'vscc',
      initRequired: false,
    });
    expect(await deployed.chaincode('absent')).toBe(undefined);
  });

  test('is read again only when a block may have changed it, and tells of a change', async () => {
    const ledger = await realLedger(3);
    let reads = 0;
    const deployed = deployedOn({
      newQueryExecutor: () => {
        reads++;
        return ledger.newQueryExecutor();
      },
    });
    const told: string[] = [];
    deployed.events.on('definitions:changed', (all) => {
      told.push(all.map(({ name, source }) => `${name} ${source}`).join());
    });
    const before = await deployed.current();
    expect(await deployed.current()).toBe(before);
    expect(reads).toBe(1);
    deployed.invalidate();
    // Read again, and the same: what was checked under them still counts.
    expect(await deployed.current()).toBe(before);
    expect(reads).toBe(2);
    await ledger.commit(readBlock(3), Uint8Array.of(0));
    expect(await deployed.current()).toBe(before);
    expect(told).toEqual([]);
    deployed.invalidate();
    await deployed.settled();
    expect(told).toEqual(['both chain,local network']);
    expect(await deployed.current()).not.toBe(before);
    expect(reads).toBe(3);
  });

  test('is asked for again after a failure, and at once when the commits were faster', async () => {
    const ledger = await realLedger(4);
    const failures = [
      new LedgerError('STORE_FAILED', 'the disk'),
      new LedgerError('SNAPSHOT_EXPIRED', 'too slow'),
    ];
    const deployed = deployedOn({
      newQueryExecutor: () => {
        const failure = failures.shift();
        const executor = ledger.newQueryExecutor();
        if (!failure) return executor;
        return Object.assign(executor, {
          getStateRange: () => Promise.reject(failure),
        } satisfies Partial<QueryExecutor>);
      },
    });
    await expect(deployed.current()).rejects.toThrow('the disk');
    expect(await deployed.current()).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  test('settles though it cannot be read, and is read by the next who asks', async () => {
    const ledger = await realLedger(4);
    let failing = false;
    const warnings: string[] = [];
    const deployed = new DeployedChaincodes({
      ledger: {
        newQueryExecutor: () => {
          if (failing) throw new LedgerError('STORE_FAILED', 'the disk');
          return ledger.newQueryExecutor();
        },
      },
      described: [],
      log: { warn: (text) => void warnings.push(text) },
    });
    const before = await deployed.current();
    failing = true;
    deployed.invalidate();
    await deployed.settled();
    expect(warnings).toEqual(['the definitions cannot be read now: the disk']);
    failing = false;
    expect(await deployed.current()).toBe(before);
  });
});

describe('what must be known to run a chaincode', () => {
  const PACKAGE = 'both_1:00';
  const sourceOver = (ledger: PeerLedger): ChaincodeEndorsementInfoSource => {
    const described = describedChaincodes([
      { name: 'local', version: '0.9', sequence: 7, endorsementPolicy: "OR('Org1MSP.peer')" },
    ]);
    const deployed = new DeployedChaincodes({ ledger, described, log: silentLogger });
    return new ChaincodeEndorsementInfoSource({
      isSystemChaincode: (name) => name === 'qscc',
      deployed: (channelId) => (channelId === 'mychannel' ? deployed : undefined),
      packageIdOf: (_channelId, name) => (name === 'both' ? PACKAGE : undefined),
    });
  };

  test('comes from the definition and the package', async () => {
    const source = sourceOver(await realLedger(4));
    const info = (name: string, channel = 'mychannel') =>
      source.chaincodeEndorsementInfo(channel, name);
    expect(await info('both')).toEqual({ version: '1.0', enforceInit: false, ccid: PACKAGE });
    expect(await info('qscc', '')).toMatchObject({ version: 'syscc', ccid: 'qscc.syscc' });
    await expect(info('local')).rejects.toMatchObject({ code: 'CHAINCODE_NOT_INSTALLED' });
    await expect(info('absent')).rejects.toThrow('chaincode absent not found');
    await expect(info('both', '')).rejects.toThrow("could not get channel config for channel ''");
  });

  test('is bound to the sequence that the simulation sees', async () => {
    const ledger = await realLedger(70);
    const source = sourceOver(ledger);
    const [old, absent] = [ledger.newTxSimulator('a'), ledger.newTxSimulator('b')];
    await source.chaincodeEndorsementInfo('mychannel', 'both', old);
    const { publicResults } = await old.getTxSimulationResults();
    const { ns_rwset } = rwset.TxReadWriteSet.decode(publicResults);
    const [set] = ns_rwset.map((one) => kvrwset.KVRWSet.decode(one.rwset));
    expect(set?.reads.map(({ key }) => key)).toEqual(['namespaces/fields/both/Sequence']);
    // The definition is of sequence 2 from block 70 on, which a simulation begun before does not see.
    const stale = ledger.newTxSimulator('c');
    await ledger.commit(readBlock(70), Uint8Array.of(0));
    await expect(
      sourceOver(ledger).chaincodeEndorsementInfo('mychannel', 'basic', stale),
    ).rejects.toThrow(
      "chaincode cache at sequence 2 but current sequence is 1, chaincode definition for 'basic' changed during invoke",
    );
    await expect(
      source.chaincodeEndorsementInfo('mychannel', 'absent', absent),
    ).rejects.toMatchObject({ code: 'CHAINCODE_NOT_FOUND' });
    for (const simulator of [absent, stale]) simulator.done();
  });
});

describe('policies of what is deployed', () => {
  let bundle: ChannelConfigBundle;
  let committed: NamespaceDefinition[];

  beforeAll(async () => {
    bundle = await createBundleFromBlock(readBlock(15));
    const found = await withState(await realLedger(), queryChaincodeDefinitions);
    committed = found.map(namespaceDefinitionOf);
  });

  const policies = (definitions: readonly NamespaceDefinition[]) =>
    namespacePolicies(definitions, bundle);

  test('guard namespaces; `_lifecycle` has the channel’s', () => {
    const found = policies(committed);
    expect(found.policyOf('pvt')).toBeDefined();
    expect(found.policyOf('absent')).toBe(undefined);
    const lifecyclePolicy = '/Channel/Application/LifecycleEndorsement';
    expect(found.policyOf('_lifecycle')).toBe(bundle.policyManager.getPolicy(lifecyclePolicy));
    expect(policies([]).policyOf('pvt')).toBe(undefined);
    expect(policies([]).policyOf('_lifecycle')).toBe(found.policyOf('_lifecycle'));
  });

  test('guard collections, unless these have their own', () => {
    const own: NamespaceDefinition = {
      name: 'cc',
      validationPlugin: 'vscc',
      validationParameter: createApplicationPolicy("OR('Org1MSP.peer')"),
      collections: [
        { name: 'guarded', endorsementPolicy: createApplicationPolicy("OR('Org2MSP.peer')") },
        { name: 'plain' },
      ],
    };
    const found = policies([own]);
    expect(found.collectionPolicyOf('cc', 'plain')).toBe(found.policyOf('cc'));
    expect(found.collectionPolicyOf('cc', 'guarded')).toBeDefined();
    expect(found.collectionPolicyOf('cc', 'guarded')).not.toBe(found.policyOf('cc'));
    expect(found.collectionPolicyOf('cc', 'absent')).toBe(undefined);
    const implicit = implicitCollectionName('Org1MSP');
    expect(found.collectionPolicyOf('cc', implicit)).toBe(
      bundle.policyManager.getPolicy('/Channel/Application/Org1MSP/Endorsement'),
    );
    expect(found.collectionPolicyOf('cc', implicitCollectionName('NoMSP'))).toBe(undefined);
  });

  test('that cannot be read, or name no policy of the channel, are satisfied by nobody', () => {
    const parameters = [
      Uint8Array.of(0xff),
      new Uint8Array(),
      createApplicationPolicy('/Channel/No'),
    ];
    const definitions = parameters.map((validationParameter, i) => ({
      name: `cc${i}`,
      validationPlugin: 'vscc',
      validationParameter,
      collections: [],
    }));
    const found = policies(definitions);
    const all: (Policy | undefined)[] = definitions.map(({ name }) => found.policyOf(name));
    expect(all).toEqual([rejectPolicy, rejectPolicy, rejectPolicy]);
  });

  test('halt the channel when they ask for a plugin that is not here', () => {
    const [first] = committed;
    if (!first) throw new Error('no definition');
    const found = policies([{ ...first, validationPlugin: 'mine' }, ...committed.slice(1)]);
    const unknown = expect.objectContaining({ code: 'VALIDATION_PLUGIN_UNKNOWN' });
    expect(() => found.policyOf(first.name)).toThrow(unknown);
    expect(() => found.collectionPolicyOf(first.name, 'any')).toThrow(unknown);
    expect(found.policyOf('pvt')).toBeDefined();
  });
});

describe('implicit collections', () => {
  test('belong to the organisation in their name', () => {
    expect(mspIdIfImplicitCollection('_implicit_org_Org1MSP')).toBe('Org1MSP');
    expect(mspIdIfImplicitCollection('implicit')).toBe(undefined);
    const { name, member_orgs_policy, block_to_live } = implicitCollection('Org1MSP');
    expect(name).toBe('_implicit_org_Org1MSP');
    expect(block_to_live.isZero()).toBe(true);
    const policy = protos.ApplicationPolicy.encode({
      signature_policy: member_orgs_policy?.signature_policy ?? null,
    }).finish();
    expect(policy).toEqual(createApplicationPolicy("OR('Org1MSP.member')"));
  });
});
