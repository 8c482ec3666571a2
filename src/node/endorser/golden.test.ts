// SPDX-License-Identifier: Apache-2.0
// Proposals of a real network, endorsed here on the same ledger: read-write set, event and response must be what the real peer
// signed. The network's chaincode `both` was Go; a JavaScript one that does the same stands in.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { common, protos } from '../../common/protos/index.ts';
import { EMPTY_BYTES, toHex } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { PeerLedger, TxSimulator } from '../../ledger/types.ts';
import {
  ANYBODY,
  BASIC_SAMPLE,
  contractFiles,
  threadBench,
} from '../chaincode/testing/fixtures.ts';
import { DeployedChaincodes, readDefinition } from '../lifecycle/index.ts';
import { unpackProposal } from './unpacked-proposal.ts';

const BOTH = contractFiles(`
const shim = require('fabric-shim');
const functions = {
  put: (stub, [key, value]) => stub.putState(key, Buffer.from(value)),
  async rmw(stub, [key, by]) {
    const sum = Number(await stub.getState(key)) + Number(by);
    await stub.putState(key, Buffer.from(String(sum).padEnd(100)));
    return Buffer.from(String(sum));
  },
  async rangeput(stub, [start, end, key]) {
    let count = 0;
    for await (const row of stub.getStateByRange(start, end)) count += row.key.length > 0 ? 1 : 0;
    await stub.putState(key, Buffer.from(String(count)));
    return Buffer.from(String(count));
  },
  async event(stub, [key, value, name]) {
    await stub.putState(key, Buffer.from(value));
    stub.setEvent(name, Buffer.from('payload:' + value));
    return Buffer.from('event-set');
  },
  async err() { throw new Error('deliberate failure'); },
};
class Both {
  async Init() { return shim.success(); }
  async Invoke(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    try {
      return shim.success(await functions[fcn](stub, params));
    } catch (error) {
      return shim.error(error.message);
    }
  }
}
shim.start(new Both());
`);

const PVT = contractFiles(`
const shim = require('fabric-shim');
class Pvt {
  async Init() { return shim.success(); }
  async Invoke(stub) {
    const { params: [collection, key] } = stub.getFunctionAndParameters();
    await stub.putPrivateData(collection, key, stub.getTransient().get('value'));
    return shim.success();
  }
}
shim.start(new Pvt());
`);

const GOLDEN = ['range', 'err', 'basic_read', 'basic_read_absent'];
const SHARED = ['put', 'rmw', 'event', 'pvtput'];
const read = (path: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(path, import.meta.url)));
const cases: [string, Uint8Array, Uint8Array][] = [
  ...GOLDEN.map((name) => [name, './testdata/'] as const),
  ...SHARED.map((name) => [name, '../../common/testdata/mychannel/proposals/'] as const),
].map(([name, folder]) => [
  name,
  read(`${folder}${name}.signedproposal.pb`),
  read(`${folder}${name}.org1.proposalresponse.pb`),
]);

describe('a proposal of a real network, endorsed on its ledger', () => {
  let bench: Awaited<ReturnType<typeof threadBench>>;
  let ledger: PeerLedger;
  beforeAll(async () => {
    const privateDataAccess = {
      ...ANYBODY,
      readDefinition: (name: string, simulator: TxSimulator) => readDefinition(simulator, name),
    };
    const chaincodes = { basic: BASIC_SAMPLE, both: BOTH, pvt: PVT };
    bench = await threadBench(chaincodes, { privateDataAccess });
    const provider = await LedgerProvider.open(
      new MemoryKVStoreProvider(),
      'golden',
      new FakeClock(),
    );
    ledger = await provider.create(readBlock(0));
    for (const { number } of expectedBlocks.slice(1)) {
      const bytes = readBlock(number);
      const filter = common.Block.decode(bytes).metadata?.metadata[2] ?? EMPTY_BYTES;
      await ledger.commit(bytes, Uint8Array.from(filter));
    }
  });
  afterAll(async () => {
    await bench.launcher.stop();
    await ledger.close();
  });

  it.each(cases)('%s comes out as at the real peer', async (_name, proposal, answer) => {
    const { channelId, txId, signedProposal, chaincodeName, input } = unpackProposal(proposal);
    const simulator = ledger.newTxSimulator(txId);
    bench.bench.deployed = new DeployedChaincodes({ ledger, described: [], log: silentLogger });
    const params = { channelId, txId, signedProposal, simulator, history: ledger };
    const { response, event } = await bench.bench.support.execute(params, chaincodeName, input);
    const { publicResults } = await simulator.getTxSimulationResults();
    simulator.done();
    const real = protos.ProposalResponse.decode(answer);
    const { extension } = protos.ProposalResponsePayload.decode(real.payload);
    const action = protos.ChaincodeAction.decode(extension);
    const encoded = (message: protos.IResponse | null) =>
      toHex(protos.Response.encode(message ?? {}).finish());
    expect(encoded(response)).toBe(encoded(action.response));
    const events = event ? protos.ChaincodeEvent.encode(event).finish() : EMPTY_BYTES;
    expect(toHex(events)).toBe(toHex(action.events));
    expect(toHex(publicResults)).toBe(toHex(action.results));
  });
});
