// SPDX-License-Identifier: Apache-2.0
// Private data from a client's transient map to the ledgers, through the real gateway, endorser, shim, committer and ledger.
import { sha256 } from '@noble/hashes/sha2.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { common, kvrwset, protos, rwset } from '../../common/protos/index.ts';
import { getActionFromEnvelope } from '../../common/protoutil/txutils.ts';
import { fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { EndorseError } from '../gateway/index.ts';
import { collectionOf } from '../testing/collections.ts';
import {
  CHAINCODE,
  PrivateNetwork,
  type PrivateNetworkOptions,
  type PrivatePeer,
} from './testing/private-network.ts';

const SOURCE = `
const { Contract } = require('fabric-contract-api');
async function rows(iterator) {
  const found = {};
  for await (const { key, value } of iterator) found[key] = value.toString();
  return found;
}
class Pvt extends Contract {
  async Put(ctx, coll, key) {
    await ctx.stub.putPrivateData(coll, key, Buffer.from(ctx.stub.getTransient().get('value')));
    return 'done';
  }
  async PutAs(ctx, coll, key, value) { await ctx.stub.putPrivateData(coll, key, Buffer.from(value)); }
  async PutByMsp(ctx, coll, key) { await ctx.stub.putPrivateData(coll, key, Buffer.from(ctx.stub.getMspID())); }
  async PutBoth(ctx, coll, key, value) {
    await ctx.stub.putState(key, Buffer.from('public'));
    await ctx.stub.putPrivateData(coll, key, Buffer.from(value));
  }
  async Copy(ctx, from, to, key) {
    const bytes = await ctx.stub.getPrivateData(from, key);
    await ctx.stub.putPrivateData(to, key, Buffer.from(bytes));
  }
  async Get(ctx, coll, key) { return Buffer.from(await ctx.stub.getPrivateData(coll, key)).toString(); }
  async Hash(ctx, coll, key) { return Buffer.from(await ctx.stub.getPrivateDataHash(coll, key)).toString('hex'); }
  async Del(ctx, coll, key) { await ctx.stub.deletePrivateData(coll, key); }
  async Purge(ctx, coll, key) { await ctx.stub.purgePrivateData(coll, key); }
  async Range(ctx, coll) { return rows(ctx.stub.getPrivateDataByRange(coll, '', '')); }
  async Query(ctx, coll, query) {
    const { iterator } = await ctx.stub.getPrivateDataQueryResult(coll, query);
    const found = {};
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      found[next.value.key] = next.value.value.toString();
    }
    return found;
  }
  async SetPolicy(ctx, coll, key, hex) {
    await ctx.stub.setPrivateDataValidationParameter(coll, key, Buffer.from(hex, 'hex'));
  }
  async GetPolicy(ctx, coll, key) {
    const bytes = await ctx.stub.getPrivateDataValidationParameter(coll, key);
    return bytes ? Buffer.from(bytes).toString('hex') : '';
  }
  async Fail(ctx, coll, key) { await ctx.stub.putPrivateData(coll, key, Buffer.from('x')); throw new Error('no'); }
}
exports.contracts = [Pvt];
`;

const ORG1 = "OR('Org1MSP.member')";
const COLLECTIONS = [
  collectionOf('both'),
  collectionOf('org1', { policy: ORG1 }),
  collectionOf('members', { policy: ORG1, memberOnlyRead: true, memberOnlyWrite: true }),
  collectionOf('short', { blockToLive: 1 }),
  collectionOf('careful', { requiredPeerCount: 1, maxPeerCount: 2 }),
];

let shared: PrivateNetwork;
let network: PrivateNetwork;

beforeAll(async () => {
  shared = await PrivateNetwork.start({ source: SOURCE, collections: COLLECTIONS });
});
afterAll(() => shared.stop());

beforeEach(() => {
  network = shared;
  network.asked.length = 0;
  for (const { warnings } of network.peers) warnings.length = 0;
});
afterEach(async () => {
  if (network !== shared) await network.stop();
});

/** A network for one test. */
const start = async (options: Partial<PrivateNetworkOptions>): Promise<void> => {
  network = await PrivateNetwork.start({ source: SOURCE, collections: COLLECTIONS, ...options });
};

const height = (): number => network.peer('org1').channel.height;

type Client = 'org1' | 'org1b' | 'org2';
const secret = (value: string) => ({ transientData: { value } });

async function submit(client: Client, fn: string, args: string[], more = {}): Promise<number> {
  const submitted = await network.contract(client).submitAsync(fn, { arguments: args, ...more });
  const status = submitted.getStatus();
  await network.cut();
  return (await status).code;
}

const evaluate = async (client: Client, fn: string, ...args: string[]): Promise<string> =>
  fromUtf8(await network.contract(client).evaluateTransaction(fn, ...args));

/** What each endorser said, or the error's own message. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof EndorseError)) throw new Error(`not refused: ${error}`);
  return [error.message, ...error.details.map(({ message }) => message)].join(' | ');
}

const rowsIn = async (peer: PrivatePeer): Promise<number> => {
  let rows = 0;
  for await (const _ of peer.transientRows()) rows++;
  return rows;
};

describe('a private write', () => {
  it('shows hashes in the transaction, the value to members, and misses to the others', async () => {
    const [org1, org1b, org2] = network.peers as [PrivatePeer, PrivatePeer, PrivatePeer];
    const blockNum = height();
    const contract = network.contract('org1');
    const submitted = await contract.submitAsync('Put', {
      arguments: ['org1', 'k'],
      ...secret('hush-hush'),
    });
    const [envelope = new Uint8Array()] = network.pending;
    expect(fromUtf8(envelope)).not.toContain('hush-hush');
    const { results } = getActionFromEnvelope(envelope);
    const { ns_rwset } = rwset.TxReadWriteSet.decode(results);
    const set = ns_rwset.find(({ namespace }) => namespace === CHAINCODE);
    const [coll] = set?.collection_hashed_rwset ?? [];
    const { hashed_writes } = kvrwset.HashedRWSet.decode(coll?.hashed_rwset ?? utf8(''));
    expect(hashed_writes.map(({ value_hash }) => toHex(value_hash))).toEqual([
      toHex(sha256(utf8('hush-hush'))),
    ]);
    expect(await rowsIn(org1)).toBe(3);

    const status = submitted.getStatus();
    await network.cut();
    expect(await status).toMatchObject({ code: 0, blockNumber: BigInt(blockNum) });
    expect(await org1.setsOf(blockNum)).toEqual(['pvt/org1']);
    expect([await org1.missing(), await org1b.missing(), await org2.missing()]).toEqual([
      [],
      [`${blockNum}/0/pvt/org1`],
      [],
    ]);
    expect(org1b.warnings).toEqual([
      `block ${blockNum} is committed with missing private write sets: 0/pvt/org1`,
    ]);
    expect(await evaluate('org1', 'Get', 'org1', 'k')).toBe('hush-hush');
    const missing = `private data matching public hash version is not available. Public hash version = {BlockNum: ${blockNum}, TxNum: 0}, Private data version = <nil>`;
    for (const client of ['org1b', 'org2'] as const) {
      expect(await refusalOf(evaluate(client, 'Get', 'org1', 'k'))).toContain(missing);
      const hash = toHex(sha256(utf8('hush-hush')));
      expect(await evaluate(client, 'Hash', 'org1', 'k')).toBe(hash);
    }
    await org1.channel.settled();
    expect(await rowsIn(org1)).toBe(0);
  });

  it('waits for its block in a store that outlives the peer', async () => {
    await network.contract('org1').submitAsync('Put', { arguments: ['org1', 'w'], ...secret('v') });
    const peer = network.peer('org1');
    await peer.stop();
    await peer.start();
    await network.cut();
    expect(await evaluate('org1', 'Get', 'org1', 'w')).toBe('v');
    expect(await peer.missing()).toEqual([]);
    await peer.stop();
    await peer.start();
    expect(await evaluate('org1', 'Get', 'org1', 'w')).toBe('v');
  });

  it('that a member cannot keep is no member’s: an outsider’s endorsement stores nothing', async () => {
    const org2 = network.peer('org2');
    const blockNum = height();
    const endorsingOrganizations = ['Org2MSP'];
    const code = await submit('org2', 'Put', ['org1', 'k'], {
      ...secret('v'),
      endorsingOrganizations,
    });
    expect(code).toBe(protos.TxValidationCode.VALID);
    expect(org2.warnings[0]).toContain('Org2MSP is no member of it');
    expect([await org2.setsOf(blockNum), await org2.missing()]).toEqual([[], []]);
    expect(await network.peer('org1').missing()).toContain(`${blockNum}/0/pvt/org1`);
    await org2.channel.settled();
    expect(await rowsIn(org2)).toBe(0);
  });

  it('takes the endorsement that the block is of, when endorsers differ', async () => {
    // Both of the client's peers endorse one proposal, with what they know; only one outcome is submitted.
    await submit('org1', 'PutAs', ['both', 'k', 'first']);
    const proposal = network.contract('org1').newProposal('Put', {
      arguments: ['both', 'k'],
      ...secret('second'),
    });
    const first = await proposal.endorse();
    const again = await proposal.endorse();
    expect(await rowsIn(network.peer('org1'))).toBe(6);
    expect(again.getTransactionId()).toBe(first.getTransactionId());
    await first.submit();
    await network.cut();
    expect(await evaluate('org1', 'Get', 'both', 'k')).toBe('second');
    await network.peer('org1').channel.settled();
    expect(await rowsIn(network.peer('org1'))).toBe(0);
  });

  it('of an invalid transaction changes nothing', async () => {
    await submit('org1', 'PutAs', ['both', 'k', 'first']);
    const contract = network.contract('org1');
    const blockNum = height();
    const copy = { arguments: ['both', 'both', 'k'] };
    await Promise.all([contract.submitAsync('Copy', copy), contract.submitAsync('Copy', copy)]);
    const [{ flags } = { flags: [] }] = await network.cut();
    expect([...flags]).toEqual([0, protos.TxValidationCode.MVCC_READ_CONFLICT]);
    expect(await network.peer('org1').setsOf(blockNum)).toEqual(['pvt/both']);
    await network.peer('org1').channel.settled();
    expect(await rowsIn(network.peer('org1'))).toBe(0);
  });

  it('of a failed function goes nowhere', async () => {
    expect(await refusalOf(evaluate('org1', 'Fail', 'both', 'k'))).toContain('no');
    expect(await rowsIn(network.peer('org1'))).toBe(0);
  });

  it('is refused when there is no room for it', async () => {
    await start({ transient: { maxTotalBytes: 200 } });
    const large = secret('x'.repeat(500));
    const refusal = refusalOf(
      network.contract('org1').submitAsync('Put', { arguments: ['both', 'k'], ...large }),
    );
    expect(await refusal).toContain('the transient store holds 0 of at most 200 bytes');
    expect(network.pending).toEqual([]);
  });

  it('expires, is deleted, is purged', async () => {
    await submit('org1', 'PutAs', ['short', 'k', 'v']);
    const kept = height();
    await submit('org1', 'PutAs', ['both', 'k', 'v']);
    expect(await evaluate('org1', 'Get', 'short', 'k')).toBe('v');
    await submit('org1', 'Del', ['both', 'k']);
    expect(await evaluate('org1', 'Get', 'short', 'k')).toBe('');
    expect(await evaluate('org2', 'Hash', 'short', 'k')).toBe('');
    expect(await evaluate('org1', 'Get', 'both', 'k')).toBe('');
    expect(await network.peer('org1').setsOf(kept)).toEqual(['pvt/both']);
    const purged = height();
    await submit('org1', 'PutAs', ['both', 'p', 'v']);
    await submit('org1', 'Purge', ['both', 'p']);
    expect(await evaluate('org1', 'Hash', 'both', 'p')).toBe('');
    const [left] = await network.peer('org1').channel.ledger.getPvtDataByNum(purged);
    expect(kvrwset.KVRWSet.decode(left?.rwset ?? utf8('')).writes).toEqual([]);
  });
});

describe('collections', () => {
  it('with a requiredPeerCount fail the endorsement, and say why', async () => {
    const refusal = await refusalOf(
      network.contract('org1').submitAsync('PutAs', { arguments: ['careful', 'k', 'v'] }),
    );
    expect(refusal).toMatch(
      /error in simulation: failed to distribute private collection, txID \w{64}, channel mychannel: could not build private data dissemination plan for chaincode pvt and collection careful: required to disseminate to at least 1 peers, but know of only 0 eligible peers/,
    );
    expect(await rowsIn(network.peer('org1'))).toBe(0);
  });

  it('for members refuse the others, by the creator of the proposal', async () => {
    await submit('org1', 'PutAs', ['members', 'k', 'v']);
    // At the very peer that has the value.
    const org1 = network.peers.filter(({ name }) => name === 'org1');
    const foreign = network.contract('org2', org1);
    const reading = foreign.evaluateTransaction('Get', 'members', 'k');
    expect(await refusalOf(reading)).toContain(
      'tx creator does not have read access permission on privatedata in chaincodeName:pvt collectionName: members',
    );
    const write = 'tx creator does not have write access permission on privatedata';
    for (const [fn, ...args] of [
      ['PutAs', 'members', 'k', 'w'],
      ['Del', 'members', 'k'],
      ['Purge', 'members', 'k'],
      ['SetPolicy', 'members', 'k', '00'],
    ] as const) {
      expect(await refusalOf(foreign.submitTransaction(fn, ...args)), fn).toContain(write);
    }
    for (const [fn, ...args] of [['Range'], ['GetPolicy', 'k'], ['Query', '{}']] as const) {
      const refusal = refusalOf(foreign.evaluateTransaction(fn, 'members', ...args));
      expect(await refusal, fn).toContain('does not have read access');
    }
    expect(await evaluate('org2', 'Hash', 'members', 'k')).toBe(toHex(sha256(utf8('v'))));
  });

  it('that nobody defined are not there; that of an organisation always is', async () => {
    expect(await refusalOf(evaluate('org1', 'Get', 'other', 'k'))).toContain(
      'collection mychannel/pvt/other could not be found',
    );
    expect(await refusalOf(evaluate('org1', 'Get', '_implicit_org_Org9MSP', 'k'))).toContain(
      'could not be found',
    );
    const own = '_implicit_org_Org1MSP';
    expect(await submit('org1', 'PutAs', [own, 'k', 'v'])).toBe(0);
    expect(await evaluate('org1', 'Get', own, 'k')).toBe('v');
  });

  it('have policies of their own, and keys too', async () => {
    await start({
      collections: [
        collectionOf('guarded', { endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')" }),
        collectionOf('both'),
      ],
    });
    network.asked.length = 0;
    expect(await submit('org1', 'PutAs', ['guarded', 'k', 'v'])).toBe(0);
    expect(network.asked).toEqual(['org1', 'org2']);
    // Both endorsed, so both have it.
    expect(await evaluate('org2', 'Get', 'guarded', 'k')).toBe('v');

    await submit('org1', 'PutAs', ['both', 'k', 'v']);
    expect(await evaluate('org1', 'GetPolicy', 'both', 'k')).toBe('');
    const both = toHex(
      common.SignaturePolicyEnvelope.encode({
        rule: { n_out_of: { n: 2, rules: [{ signed_by: 0 }, { signed_by: 1 }] } },
        identities: ['Org1MSP', 'Org2MSP'].map((msp_identifier) => ({
          principal: common.MSPRole.encode({ msp_identifier, role: 0 }).finish(),
        })),
      }).finish(),
    );
    expect(await submit('org1', 'SetPolicy', ['both', 'k', both])).toBe(0);
    expect(await evaluate('org2', 'GetPolicy', 'both', 'k')).toBe(both);
    network.asked.length = 0;
    expect(await submit('org1', 'PutAs', ['both', 'k', 'w'])).toBe(0);
    expect(network.asked).toEqual(['org1', 'org2']);
  });
});

describe('queries of private data', () => {
  it('give rows, and allow no writes beside them', async () => {
    await start({ stateDatabase: 'CouchDB' });
    await submit('org1', 'PutAs', ['both', 'a', '{"owner":"tom"}']);
    await submit('org1', 'PutAs', ['both', 'b', '{"owner":"ann"}']);
    expect(JSON.parse(await evaluate('org1', 'Range', 'both'))).toEqual({
      a: '{"owner":"tom"}',
      b: '{"owner":"ann"}',
    });
    const query = '{"selector":{"owner":"ann"}}';
    expect(JSON.parse(await evaluate('org1', 'Query', 'both', query))).toEqual({
      b: '{"owner":"ann"}',
    });
    expect(await evaluate('org2', 'Query', 'both', query)).toBe('{}');
    expect(await refusalOf(evaluate('org1', 'Query', 'both', '{"selector":1}'))).toContain(
      'Selector must be a JSON object',
    );
  });

  it('are not rich on a plain key-value state', async () => {
    expect(await refusalOf(evaluate('org1', 'Query', 'both', '{"selector":{}}'))).toContain(
      'ExecuteQuery not supported for leveldb',
    );
  });
});

describe('a gateway', () => {
  it('shows transient data only to who may hold the collection', async () => {
    await submit('org1', 'Put', ['org1', 'k'], secret('v'));
    expect(network.asked).toEqual(['org1']);
    // An outsider's own peer knows it anyway; then it is for members.
    network.asked.length = 0;
    await submit('org2', 'Put', ['org1', 'k2'], secret('v'));
    expect(network.asked[0]).toBe('org2');
    expect(network.asked.slice(1)).toEqual(['org1']);
    expect(await evaluate('org1', 'Get', 'org1', 'k2')).toBe('v');
  });

  it('refuses a policy that would show transient data to others', async () => {
    await start({ endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')" });
    network.asked.length = 0;
    const contract = network.contract('org1');
    const call = contract.submitAsync('Put', { arguments: ['org1', 'k'], ...secret('v') });
    expect(await refusalOf(call)).toContain(
      'requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [org1]; retry specifying trusted endorsing organizations to protect transient data',
    );
    expect(network.asked).toEqual(['org1']);
    const endorsingOrganizations = ['Org1MSP', 'Org2MSP'];
    const named = { ...secret('v'), endorsingOrganizations };
    expect(await submit('org1', 'Put', ['org1', 'k'], named)).toBe(0);
    // Without transient data there is nothing to hide, and both can write.
    expect(await submit('org1', 'PutAs', ['org1', 'k3', 'v'])).toBe(0);
  });

  it('asks only members where private values are read', async () => {
    await submit('org1', 'PutAs', ['org1', 'k', 'v']);
    network.asked.length = 0;
    expect(await submit('org1', 'Copy', ['org1', 'both', 'k'])).toBe(0);
    expect(network.asked).toEqual(['org1']);
  });

  it('needs a peer of its own organisation for transient data', async () => {
    const others = network.peers.filter(({ name }) => name === 'org2');
    const contract = network.contract('org1', others);
    const call = contract.submitAsync('Put', { arguments: ['both', 'k'], ...secret('v') });
    expect(await refusalOf(call)).toContain('name endorsing organisations');
    expect(network.asked).toEqual([]);
  });
});

describe('a channel below V2_5', () => {
  it('does not purge', async () => {
    await start({ capability: 'V2_0' });
    expect(
      await refusalOf(network.contract('org1').submitTransaction('Purge', 'both', 'k')),
    ).toContain(
      'purge private data is not enabled, channel application capability of V2_5 or later is required',
    );
  });
});
