// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/common/policies/index.ts';
import { defaultNetworkConfig, parseNetworkConfig } from './network-config.ts';
import { formatDuration, parseDuration, parseSize } from './units.ts';

const parse = (text: string) => parseNetworkConfig(text, 'network.yaml');

describe('the default network', () => {
  it('is that of fabric-samples', () => {
    const { organisations, orderer, channels } = defaultNetworkConfig();
    expect(organisations.map((org) => [org.name, org.mspId, org.domain, org.caName])).toEqual([
      ['Org1', 'Org1MSP', 'org1.example.com', 'ca-org1'],
      ['Org2', 'Org2MSP', 'org2.example.com', 'ca-org2'],
    ]);
    expect(orderer.mspId).toBe('OrdererMSP');
    expect(channels).toHaveLength(1);
    expect(channels[0]).toMatchObject({
      name: 'mychannel',
      organisations: ['Org1', 'Org2'],
      batchTimeoutMs: 2000,
      batchSize: { maxMessageCount: 10, absoluteMaxBytes: 103809024, preferredMaxBytes: 524288 },
      capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
      chaincodes: [
        {
          name: 'basic',
          version: '1.0',
          sequence: 1,
          endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')",
        },
      ],
    });
  });

  it('has its chaincode endorsed by each organisation where that is asked for', () => {
    const { channels } = defaultNetworkConfig('AND');
    expect(channels.map(({ chaincodes }) => chaincodes)).toEqual([
      [
        expect.objectContaining({
          name: 'basic',
          endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')",
        }),
      ],
    ]);
  });
});

describe('network.yaml', () => {
  it('chooses the state database of a channel', () => {
    const { channels } = parse(`
channels:
  - { name: one, stateDatabase: CouchDB }
  - { name: two, stateDatabase: goleveldb }
`);
    expect(channels.map(({ stateDatabase }) => stateDatabase)).toEqual(['CouchDB', undefined]);
    expect(() => parse('channels: [{ name: one, stateDatabase: couchdb }]')).toThrow(
      /goleveldb or CouchDB/,
    );
  });

  it('switches the history of keys off for a channel', () => {
    const { channels } = parse(`
channels:
  - { name: one, historyDatabase: false }
  - { name: two, historyDatabase: true }
  - { name: three }
`);
    expect(channels.map(({ historyDatabase }) => historyDatabase)).toEqual([
      false,
      undefined,
      undefined,
    ]);
    expect(() => parse('channels: [{ name: one, historyDatabase: off }]')).toThrow(
      /channels\[0\]\.historyDatabase must be true or false/,
    );
  });

  it('describes organisations, channels, chaincodes and gossip', () => {
    const network = parse(`
organizations:
  - name: Alpha
    anchorPeers: [{ host: peer0.alpha.example.com }]
  - { name: Beta, mspId: BetaID, domain: beta.test, ca: beta-ca }
orderer: { name: Ord, domain: ord.test }
channels:
  - name: one
    organizations: [Beta]
    batchTimeout: 200ms
    batchSize: { maxMessageCount: 1, preferredMaxBytes: 1 MB }
    policies: { Endorsement: ANY Endorsement }
    chaincodes: [{ name: cc, version: 1.10, endorsementPolicy: /Channel/Application/Endorsement }]
  - name: two
peer:
  gossip: { useLeaderElection: false, orgLeader: true, election: { leaderAliveThreshold: 10s }, state: { batchSize: 5 } }
iceServers: ['stun:stun.example.com:3478']
`);
    expect(network.organisations[0]).toMatchObject({
      mspId: 'AlphaMSP',
      domain: 'alpha.example.com',
      caName: 'ca-alpha',
      anchorPeers: [{ host: 'peer0.alpha.example.com', port: 7051 }],
    });
    expect(network.organisations[1]).toMatchObject({ mspId: 'BetaID', caName: 'beta-ca' });
    expect(network.orderer).toMatchObject({ mspId: 'OrdMSP', domain: 'ord.test' });
    expect(network.channels[0]).toMatchObject({
      organisations: ['Beta'],
      batchTimeoutMs: 200,
      batchSize: { maxMessageCount: 1, preferredMaxBytes: 2 ** 20 },
      policies: { Endorsement: 'ANY Endorsement' },
    });
    expect(network.channels[0]?.chaincodes).toEqual([
      {
        name: 'cc',
        version: '1.10',
        sequence: 1,
        endorsementPolicy: '/Channel/Application/Endorsement',
      },
    ]);
    expect(network.channels[1]?.organisations).toEqual(['Alpha', 'Beta']);
    expect(network.channels[1]?.chaincodes[0]?.endorsementPolicy).toBe(
      "OR('AlphaMSP.peer','BetaID.peer')",
    );
    expect(network.gossip).toMatchObject({ useLeaderElection: false, orgLeader: true });
    expect(network.gossip.election.leaderAliveThresholdMs).toBe(10_000);
    expect(network.gossip.state).toMatchObject({ batchSize: 5, blockBufferSize: 20 });
    expect(network.iceServers).toEqual([{ urls: 'stun:stun.example.com:3478' }]);
  });

  it.each([
    ['channels: [', 'network.yaml:1: '],
    ['- 1\n', 'network.yaml:1: the file must be a mapping'],
    [
      'channels:\n  - name: one\n    batchTimout: 2s\n',
      'network.yaml:3: channels[0].batchTimout is not a known setting; known here: name,',
    ],
    ['channels:\n  - name: One\n', 'network.yaml:2: channels[0].name must be a channel name'],
    ['channels:\n  - organisations: [Org1]\n', 'channels[0].name is missing'],
    [
      'channels:\n  - name: one\n    batchTimeout: soon\n',
      'network.yaml:3: channels[0].batchTimeout must be a duration',
    ],
    [
      'channels:\n  - name: one\n    organisations: [Org9]\n',
      'network.yaml:3: channels[0].organisations[0] is not an organisation of this file (Org1, Org2)',
    ],
    [
      'channels:\n  - name: one\n    batchSize: {maxMessageCount: 0}\n',
      'channels[0].batchSize.maxMessageCount must be a whole number from 1',
    ],
    [
      'channels:\n  - name: one\n    batchSize: {absoluteMaxBytes: 1 KB, preferredMaxBytes: 2 KB}\n',
      'must not be larger than absoluteMaxBytes',
    ],
    ['channels: [{name: one}, {name: one}]', 'channels has the name one twice'],
    [
      'channels: [{name: one, chaincodes: [{name: a, package: etc/passwd}]}]',
      'chaincodes[0].package must be the name of a sample',
    ],
    ['organisations: []', 'organisations must name at least one organisation'],
    ['organisations: [{name: A}, {name: B, mspId: AMSP}]', 'has the mspId AMSP twice'],
    [
      'organisations: [{name: Orderer}]',
      'shares its name, mspId or ca with the orderer organisation',
    ],
    ['organisations: [{name: "a b"}]', 'organisations[0].name must be a name of letters'],
    [
      'channels: [{name: one, chaincodes: [{name: a, endorsementPolicy: "OR(\'Org1MSP.boss\')"}]}]',
      'chaincodes[0].endorsementPolicy must be a policy',
    ],
    ['channels: [{name: one, policies: {Admins: "AND(\'Org1MSP.admin\'"}}]', 'must be a policy'],
    ['iceServers: [http://x]', 'iceServers[0] must be a stun: or turn: URL'],
  ])('refuses %j and says where and why', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('refuses aliases that blow up and files that are too large', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]', 'channels: [*a,*a,*a,*a,*a,*a,*a,*a]'].join('\n');
    expect(() => parse(bomb)).toThrow('network.yaml');
    expect(() => parse(`#${'x'.repeat(2 ** 20)}`)).toThrow('larger than');
  });
});

describe('units', () => {
  it.each([
    ['2s', 2000],
    ['200ms', 200],
    ['1m30s', 90_000],
    ['0.5h', 1_800_000],
    ['2', undefined],
    ['', undefined],
    ['-2s', undefined],
    ['2s 3', undefined],
  ])('reads the duration %j', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([200, 2000, 90_000, 3_600_000, 1500])('writes %i ms as it reads it', (ms) => {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each([
    ['512 KB', 524288],
    ['99 MB', 103809024],
    ['1048576', 1048576],
    ['2g', 2147483648],
    ['many', undefined],
  ])('reads the size %j', (text, bytes) => expect(parseSize(text)).toBe(bytes));
});

describe('chaincodes in network.yaml', () => {
  const chaincodeOf = (fields: object) =>
    parse(JSON.stringify({ channels: [{ name: 'one', chaincodes: [{ name: 'cc', ...fields }] }] }))
      .channels[0]?.chaincodes[0];

  it.each([
    ["OR ('Org1MSP.member', 'Org2MSP.member')", "OR('Org1MSP.member','Org2MSP.member')"],
    ["or('Org1MSP.member')", "OR('Org1MSP.member')"],
    ["And('Org1MSP.peer','Org2MSP.peer')", "AND('Org1MSP.peer','Org2MSP.peer')"],
    ["outof(1,'Org1MSP.peer','Org2MSP.peer')", "OutOf(1,'Org1MSP.peer','Org2MSP.peer')"],
    ["OUTOF(1,'Org1MSP.peer','Org2MSP.peer')", "OutOf(1,'Org1MSP.peer','Org2MSP.peer')"],
    ["OutOf ( 1 , 'Org1MSP.peer' )", "OutOf(1,'Org1MSP.peer')"],
    [" OR('Org1MSP.member') ", "OR('Org1MSP.member')"],
    ["OR(\n'Org1MSP.member',\n'Org2MSP.member'\n)\n", "OR('Org1MSP.member','Org2MSP.member')"],
  ])('may have the policy %j, as Fabric may', (text, canonical) => {
    const same = (given: string | undefined) =>
      expect(parsePolicy(given ?? '')).toEqual(parsePolicy(canonical));
    same(chaincodeOf({ endorsementPolicy: text })?.endorsementPolicy);
    const member = {
      name: 'c',
      policy: "OR('Org1MSP.member')",
      endorsementPolicy: { signaturePolicy: text },
    };
    same(chaincodeOf({ collections: [member] })?.collections?.[0]?.endorsementPolicy);
    const channel = { name: 'one', policies: { Admins: text } };
    same(parse(JSON.stringify({ channels: [channel] })).channels[0]?.policies.Admins);
  });

  it.each([
    'OR(Org1MSP.member)',
    "'Org1MSP.member'",
    "OR('Org1MSP.MEMBER')",
    "OR('Org1MSP.peer0')",
    'AND()',
    "OR('A.member',)",
    "OutOf(-1,'A.member')",
  ])('may not have %j for a policy', (endorsementPolicy) => {
    expect(() => chaincodeOf({ endorsementPolicy })).toThrow(/endorsementPolicy must be a policy/);
  });

  it('are told where a policy of the channel is', () => {
    expect(() => chaincodeOf({ endorsementPolicy: 'MAJORITY Endorsement' })).toThrow(
      /such as \/Channel\/Application\/Endorsement/,
    );
  });

  it('may require Init', () => {
    expect(chaincodeOf({ initRequired: true })).toMatchObject({ initRequired: true });
    expect(chaincodeOf({})).not.toHaveProperty('initRequired');
  });

  it.each(['cscc', 'escc', 'lscc', 'qscc', 'vscc', '_lifecycle'])(
    'may not be called %s',
    (name) => {
      expect(() => chaincodeOf({ name })).toThrow(/system chaincode|must be a chaincode name/);
    },
  );
});

describe('collections in network.yaml', () => {
  const withCollections = (text: string): string => `
channels:
  - name: one
    chaincodes:
      - { name: cc, package: asset-transfer-basic, collections: ${text} }
`;
  const collectionsOf = (text: string) =>
    parse(withCollections(text)).channels[0]?.chaincodes[0]?.collections;

  it('are written as in Fabric, with its defaults', () => {
    const member = `"OR('Org1MSP.member')"`;
    expect(collectionsOf(`[{ name: private-1, policy: ${member} }]`)).toEqual([
      {
        name: 'private-1',
        policy: "OR('Org1MSP.member')",
        requiredPeerCount: 0,
        maxPeerCount: 1,
        blockToLive: 0,
        memberOnlyRead: false,
        memberOnlyWrite: false,
      },
    ]);
    // The JSON of fabric-samples is YAML as well.
    const json = JSON.stringify([
      {
        name: 'assetCollection',
        policy: "OR('Org1MSP.member', 'Org2MSP.member')",
        requiredPeerCount: 1,
        maxPeerCount: 3,
        blockToLive: 1000000,
        memberOnlyRead: true,
        memberOnlyWrite: true,
      },
      {
        name: 'Org1MSPPrivateCollection',
        policy: "OR('Org1MSP.member')",
        endorsementPolicy: { signaturePolicy: "OR('Org1MSP.member')" },
      },
      {
        name: 'third',
        policy: "OR('Org1MSP.member')",
        endorsementPolicy: { channelConfigPolicy: '/Channel/Application/Endorsement' },
      },
    ]);
    const [first, second, third] = collectionsOf(json) ?? [];
    expect(first).toMatchObject({ requiredPeerCount: 1, maxPeerCount: 3, blockToLive: 1000000 });
    expect(first).toMatchObject({ memberOnlyRead: true, memberOnlyWrite: true });
    expect(second?.endorsementPolicy).toBe("OR('Org1MSP.member')");
    expect(third?.endorsementPolicy).toBe('/Channel/Application/Endorsement');
  });

  const member = `policy: "OR('Org1MSP.member')"`;
  it.each([
    [`[{ name: _own, ${member} }]`, /name must be a collection name/],
    [`[{ name: a, ${member} }, { name: a, ${member} }]`, /has the collection a twice/],
    ['[{ name: a }]', /policy is missing/],
    [`[{ name: a, policy: "AND('Org1MSP.member','Org2MSP.member')" }]`, /must be an OR/],
    [`[{ name: a, policy: "OR('Org9MSP.member')" }]`, /names Org9MSP, which is not part/],
    [`[{ name: a, policy: "OR('Org1MSP.king')" }]`, /must be a policy/],
    [
      `[{ name: a, ${member}, requiredPeerCount: 2 }]`,
      /must not be less than requiredPeerCount, 2/,
    ],
    [`[{ name: a, ${member}, requiredPeerCount: -1 }]`, /must be a whole number from 0/],
    [`[{ name: a, ${member}, blockToLive: soon }]`, /must be a whole number from 0/],
    [`[{ name: a, ${member}, memberOnlyRead: 1 }]`, /must be true or false/],
    [`[{ name: a, ${member}, endorsementPolicy: {} }]`, /either a signaturePolicy or a channelC/],
    [`[{ name: a, ${member}, endorsementPolicy: { signaturePolicy: x } }]`, /must be a policy/],
    [`[{ name: a, ${member}, memberOnlyReads: true }]`, /is not a known setting/],
  ])('%s is refused', (text, problem) => {
    expect(() => collectionsOf(text)).toThrow(problem);
  });
});
