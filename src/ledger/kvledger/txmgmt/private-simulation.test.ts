// SPDX-License-Identifier: Apache-2.0
// Simulation with private data: the very bytes of real transactions and of a real peer's answer to a proposal.
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { common, kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import { getActionFromEnvelope } from '../../../common/protoutil/txutils.ts';
import { compareUtf8, fromUtf8, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock, readTestdata } from '../../../common/testdata/mychannel.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../../types.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { txRwSetFromBytes } from './rwsetutil/tx-rw-set.ts';

let ledger: PeerLedger;

beforeAll(async () => {
  const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
  ledger = await provider.create(readBlock(0));
  for (const { number, transactionsFilter } of expectedBlocks.slice(1, 33)) {
    await ledger.commit(readBlock(number), Uint8Array.from(transactionsFilter));
  }
});

// What a peer reads of a chaincode's definition before it runs the chaincode.
const DEFINITION = ['Collections', 'EndorsementInfo', 'Sequence', 'ValidationInfo'];

async function simulate(run: (simulator: TxSimulator) => void): Promise<[string, string]> {
  const simulator = ledger.newTxSimulator('tx');
  for (const field of DEFINITION) {
    await simulator.getState('_lifecycle', `namespaces/fields/pvt/${field}`);
  }
  await simulator.getState('_lifecycle', 'namespaces/metadata/pvt');
  run(simulator);
  const { publicResults, privateResults } = await simulator.getTxSimulationResults();
  return [toHex(publicResults), toHex(privateResults ?? new Uint8Array())];
}

function resultsOf(blockNum: number): string {
  const [envelope] = common.Block.decode(readBlock(blockNum)).data?.data ?? [];
  return toHex(getActionFromEnvelope(envelope ?? new Uint8Array()).results);
}

describe('private writes of a real channel', () => {
  test.each([
    [33, 'colBoth', 'pkey1', 'secret-both'],
    [34, 'colOrg1', 'pkey2', 'secret-org1'],
    [35, '_implicit_org_Org1MSP', 'pkey3', 'secret-implicit'],
    [37, 'colBoth', 'pkey4', ''],
  ])('of block %i have the same bytes', async (blockNum, collection, key, value) => {
    const [found] = await simulate((simulator) =>
      simulator.setPrivateData('pvt', collection, key, utf8(value)),
    );
    expect(found).toBe(resultsOf(blockNum));
  });

  test('stand in clear as the real peer delivered them', async () => {
    const [, found] = await simulate((simulator) =>
      simulator.setPrivateData('pvt', 'colBoth', 'pkey1', utf8('secret-both')),
    );
    const writes = '1a140a05706b6579311a0b7365637265742d626f7468';
    const { ns_pvt_rwset } = rwset.TxPvtReadWriteSet.decode(
      Uint8Array.from(Buffer.from(found, 'hex')),
    );
    expect(ns_pvt_rwset.map(({ namespace }) => namespace)).toEqual(['pvt']);
    const [coll] = ns_pvt_rwset[0]?.collection_pvt_rwset ?? [];
    expect([coll?.collection_name, toHex(coll?.rwset ?? utf8(''))]).toEqual(['colBoth', writes]);
  });

  test('of a proposal have the bytes that both real peers endorsed', async () => {
    const signed = protos.SignedProposal.decode(readTestdata('proposals/pvtput.signedproposal.pb'));
    const { payload } = protos.Proposal.decode(signed.proposal_bytes);
    const value = protos.ChaincodeProposalPayload.decode(payload).TransientMap.value;
    const [found] = await simulate((simulator) =>
      simulator.setPrivateData('pvt', 'colBoth', 'pp', value ?? new Uint8Array()),
    );
    for (const org of ['org1', 'org2']) {
      const response = protos.ProposalResponse.decode(
        readTestdata(`proposals/pvtput.${org}.proposalresponse.pb`),
      );
      const { extension } = protos.ProposalResponsePayload.decode(response.payload);
      expect(found).toBe(toHex(protos.ChaincodeAction.decode(extension).results));
    }
  });
});

describe('the sets of private collections', () => {
  test('are sorted by clear key, hashes too', async () => {
    const keys = ['\u{1f600}', '\uffee', 'a', 'Z', '\u00e9'];
    const simulator = ledger.newTxSimulator('tx');
    for (const key of keys) {
      await simulator.getPrivateData('pvt', 'colBoth', key);
      simulator.setPrivateData('pvt', 'colBoth', key, utf8(`value of ${key}`));
      simulator.setPrivateDataMetadata('pvt', 'colBoth', key, new Map([['m', utf8('1')]]));
    }
    const { publicResults, privateResults, writtenNamespaces } =
      await simulator.getTxSimulationResults();
    const sorted = keys.toSorted(compareUtf8);
    const hashes = sorted.map((key) => toHex(sha256(utf8(key))));
    const [coll] = txRwSetFromBytes(publicResults)[0]?.collections ?? [];
    const { hashed_reads = [], hashed_writes = [], metadata_writes = [] } = coll?.hashed ?? {};
    for (const list of [hashed_reads, hashed_writes, metadata_writes]) {
      expect(list.map(({ key_hash }) => toHex(key_hash))).toEqual(hashes);
    }
    expect(metadata_writes[0]?.entries).toMatchObject([{ name: 'm', value: utf8('1') }]);
    const pvt = rwset.TxPvtReadWriteSet.decode(privateResults ?? utf8(''));
    const bytes = pvt.ns_pvt_rwset[0]?.collection_pvt_rwset[0]?.rwset ?? utf8('');
    expect(toHex(coll?.pvtRwSetHash ?? utf8(''))).toBe(toHex(sha256(bytes)));
    const clear = kvrwset.KVRWSet.decode(bytes);
    expect(clear.writes.map(({ key }) => key)).toEqual(sorted);
    expect(fromUtf8(clear.writes[0]?.value ?? utf8(''))).toBe(`value of ${sorted[0]}`);
    expect(clear.metadata_writes.map(({ key, entries }) => [key, entries.length])).toEqual(
      sorted.map((key) => [key, 0]),
    );
    expect(writtenNamespaces).toEqual(['pvt']);
  });

  test('of a purge name it, and reads alone have no private set', async () => {
    const simulator = ledger.newTxSimulator('tx');
    simulator.purgePrivateData('pvt', 'colBoth', 'k');
    await simulator.getPrivateDataHash('pvt', 'colOrg1', 'k');
    const { publicResults } = await simulator.getTxSimulationResults();
    const [purged, read] = txRwSetFromBytes(publicResults)[0]?.collections ?? [];
    expect(purged?.hashed.hashed_writes).toMatchObject([{ is_delete: true, is_purge: true }]);
    expect(read?.hashed.hashed_reads).toHaveLength(1);
    expect(read?.pvtRwSetHash).toHaveLength(0);
    const reader = ledger.newTxSimulator('tx');
    await reader.getPrivateDataHash('pvt', 'colOrg1', 'k');
    expect(await reader.getTxSimulationResults()).not.toHaveProperty('privateResults');
  });

  test('may be queried by ranges only without writes, as in Fabric', async () => {
    const order = expect.objectContaining({ code: 'SIMULATION_ORDER' });
    const reader = ledger.newTxSimulator('tx');
    const rows = await reader.getPrivateDataRange('pvt', 'colBoth', '', '');
    expect(await rows.next()).toBeUndefined();
    expect(() => reader.setState('pvt', 'k', utf8('v'))).toThrow(order);
    expect(() => reader.setPrivateData('pvt', 'colBoth', 'k', utf8('v'))).toThrow(order);
    reader.done();
    const writer = ledger.newTxSimulator('tx');
    writer.setPrivateData('pvt', 'colBoth', 'k', utf8('v'));
    await expect(writer.getPrivateDataRange('pvt', 'colBoth', '', '')).rejects.toEqual(order);
    writer.done();
  });
});
