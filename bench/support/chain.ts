// SPDX-License-Identifier: Apache-2.0
// A relay whose channel holds blocks of a known shape, made of transactions that the orderer really took.

import type { NetworkDescription } from '../../src/common/network/types.ts';
import { TestNetwork } from '../../src/playwright/test-network.ts';
import { endorsedWrite, enrolMember, Member } from './member.ts';

export interface ChainShape {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
}

const VALUE = 'x'.repeat(100);
const MADE_AT_ONCE = 200;

/** Two organisations that must both endorse, and a batch size that cuts blocks exactly. */
function config({ transactionsPerBlock }: ChainShape): string {
  return `
organisations:
  - { name: Org1, mspId: Org1MSP, domain: org1.example.com }
  - { name: Org2, mspId: Org2MSP, domain: org2.example.com }
channels:
  - name: mychannel
    organisations: [Org1, Org2]
    batchTimeout: 2s
    batchSize: { maxMessageCount: ${transactionsPerBlock}, preferredMaxBytes: 32 MB }
    chaincodes:
      - { name: basic, version: "1.0", endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')", package: asset-transfer-basic }
`;
}

/** A running relay at height `blocks` + 1: the genesis block and full blocks of writes of 100 bytes with two endorsements. */
export async function relayWithChain(shape: ChainShape): Promise<TestNetwork> {
  const relay = await TestNetwork.start({ config: config(shape) });
  try {
    await fill(relay, shape);
    return relay;
  } catch (error) {
    await relay.dispose();
    throw error;
  }
}

async function fill(
  relay: TestNetwork,
  { blocks, transactionsPerBlock }: ChainShape,
): Promise<void> {
  const response = await fetch(new URL('/network.json', relay.url));
  const network = (await response.json()) as NetworkDescription;
  const org1 = await enrolMember(relay.join('Org1MSP'));
  const org2 = await enrolMember(relay.join('Org2MSP'));
  const signers = { client: org1.client, peers: [org1.peer, org2.peer] };
  const target = { channel: 'mychannel', chaincode: 'basic', version: '1.0' };
  const member = await Member.connect(relay.url, network, org1.peer);
  try {
    const total = blocks * transactionsPerBlock;
    for (let made = 0; made < total; made += MADE_AT_ONCE) {
      const count = Math.min(MADE_AT_ONCE, total - made);
      const keys = Array.from(
        { length: count },
        (_, i) => `key${String(made + i).padStart(7, '0')}`,
      );
      const envelopes = keys.map((key) => endorsedWrite(signers, target, key, VALUE));
      await member.broadcast(await Promise.all(envelopes));
    }
  } finally {
    await member.close();
  }
}
