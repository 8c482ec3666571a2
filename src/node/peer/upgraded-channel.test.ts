// SPDX-License-Identifier: Apache-2.0
// A channel from 1.x to 2.0: each block is validated under the capabilities and the definitions that hold when it comes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proposeConfigUpdate } from '../../common/channelconfig/index.ts';
import { parsePolicy } from '../../common/policies/index.ts';
import { common } from '../../common/protos/index.ts';
import { createSignedEnvelope } from '../../common/protoutil/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { codeName } from '../committer/index.ts';
import { createSignatureWorker, SignaturePool } from '../committer/signatures/index.ts';
import { type Crafted, craft } from '../committer/testing/crafted.ts';
import { legacyDefinition, policyBytes } from '../committer/testing/legacy-bench.ts';
import { collectionPackage, lsccTransaction } from '../committer/testing/lscc-transactions.ts';
import { withApplicationCapability } from '../peer-node/testing/config-updates.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { TestPeer } from '../testing/test-peer.ts';

const FIRST = legacyDefinition();
const SECOND = legacyDefinition({
  version: '2.0',
  policy: policyBytes("AND('Org1MSP.member','Org2MSP.member')"),
});
const COLLECTIONS = collectionPackage({
  name: 'one',
  member_orgs_policy: { signature_policy: parsePolicy("OR('Org1MSP.member')") },
  maximum_peer_count: 1,
  block_to_live: 7,
});

let members: TestChannel;
let peer: TestPeer;

beforeEach(async () => {
  members = await createTestChannel('V1_4_2');
  const pool = new SignaturePool([createSignatureWorker()]);
  peer = await TestPeer.start(members, {
    channels: [
      { description: { name: CHANNEL, chaincodes: [] }, genesisBlock: members.genesisBlock },
    ],
    signatureStage: pool.verify,
  });
});
afterEach(() => peer.stop());

/** The code of a transaction alone in the next block. */
async function commit(options: Partial<Crafted>): Promise<string> {
  const endorsers = [members.peers.Org1MSP[0]];
  const { flags } = await peer.commit(CHANNEL, [
    await craft({ client: members.client, endorsers, ...options }),
  ]);
  return codeName(flags[0] ?? 255);
}

function invoke(version: string): Partial<Crafted> {
  return {
    chaincode: 'cc',
    writes: { cc: { keys: ['k'] } },
    action: (action) => {
      action.chaincode_id = { name: 'cc', version };
    },
  };
}

async function upgradeTo(capability: string): Promise<void> {
  const { bundle } = peer.peer.requireChannel(CHANNEL);
  const clock = new FakeClock();
  const admins = [members.admin, await members.organisations.Org2MSP.member('admin0', ['admin'])];
  const update = await withApplicationCapability(bundle, capability, admins, clock);
  const config = await proposeConfigUpdate(bundle, common.Envelope.decode(update));
  const about = { nonce: systemRandomBytes(24), now: clock.now() };
  const envelope = await createSignedEnvelope(
    common.HeaderType.CONFIG,
    CHANNEL,
    members.orderer,
    config,
    about,
  );
  await peer.commit(CHANNEL, [common.Envelope.encode(envelope).finish()]);
}

describe('a channel of 1.x', () => {
  it('takes chaincodes and their versions from lscc, block by block', async () => {
    expect(await commit(invoke('1.0'))).toBe('INVALID_OTHER_REASON');
    expect(await commit(lsccTransaction({ definition: FIRST }))).toBe('VALID');
    expect(await commit(invoke('1.0'))).toBe('VALID');
    expect(await commit(invoke('2.0'))).toBe('EXPIRED_CHAINCODE');
    expect(await commit(lsccTransaction({ definition: FIRST }))).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(await commit(lsccTransaction({ fn: 'upgrade', definition: SECOND }))).toBe('VALID');
    expect(await commit(invoke('1.0'))).toBe('EXPIRED_CHAINCODE');
    expect(await commit(invoke('2.0'))).toBe('ENDORSEMENT_POLICY_FAILURE');
    const endorsers = [members.peers.Org1MSP[0], members.peers.Org2MSP[0]];
    expect(await commit({ ...invoke('2.0'), endorsers })).toBe('VALID');
  });

  it('knows the collections of a chaincode, which an upgrade without any leaves', async () => {
    const { collections, ledger } = peer.peer.requireChannel(CHANNEL);
    await commit(lsccTransaction({ definition: FIRST, collections: COLLECTIONS }));
    const before = await collections.find('cc', 'one');
    expect(before?.block_to_live.toNumber()).toBe(7);
    expect(await commit(lsccTransaction({ fn: 'upgrade', definition: SECOND }))).toBe('VALID');
    expect(await collections.find('cc', 'one')).toEqual(before);
    // The ledger has its own history of them.
    const simulator = ledger.newTxSimulator('tx');
    simulator.setPrivateData('cc', 'one', 'k', utf8('v'));
    expect(() => simulator.setPrivateData('cc', 'two', 'k', utf8('v'))).toThrow(
      expect.objectContaining({ code: 'COLLECTION_UNKNOWN' }),
    );
    simulator.done();
  });

  it('goes by _lifecycle once it has V2_0, and by lscc for what is not there', async () => {
    await commit(lsccTransaction({ definition: FIRST }));
    await upgradeTo('V2_0');
    // Versions do not count any more.
    expect(await commit(invoke('0.1'))).toBe('VALID');
    expect(await commit(lsccTransaction({ fn: 'upgrade', definition: SECOND }))).toBe(
      'INVALID_CHAINCODE',
    );
    const policy = "AND('Org1MSP.peer','Org2MSP.peer')";
    await peer.define(CHANNEL, {
      name: 'cc',
      version: '3.0',
      sequence: 1,
      endorsementPolicy: policy,
    });
    expect(await commit(invoke('3.0'))).toBe('ENDORSEMENT_POLICY_FAILURE');
  });

  it('may be brought to V2_0 in steps', async () => {
    for (const capability of ['V1_1', 'V1_3', 'V2_0', 'V2_5']) await upgradeTo(capability);
    expect([...peer.peer.requireChannel(CHANNEL).bundle.application.capabilities]).toEqual([
      'V2_5',
    ]);
  });
});
