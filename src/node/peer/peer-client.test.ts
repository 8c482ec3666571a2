// SPDX-License-Identifier: Apache-2.0
// What a transaction asks of its own peer in another thread: two messages a question, whatever it carries.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { createChaincodeProposal } from '../../common/protoutil/index.ts';
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { PortServices, serveOnPort, type WirePort } from '../../common/wire/port-services.ts';
import { readWriteSet } from '../committer/testing/crafted.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { TestPeer } from '../testing/test-peer.ts';
import { PeerClient } from './peer-client.ts';
import { peerServices } from './peer-services.ts';

const { signal } = new AbortController();
const { port1, port2 } = new MessageChannel();
const both = {
  name: 'both',
  version: '1.0',
  sequence: 1,
  endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')",
};

let channel: TestChannel;
let peer: TestPeer;
let client: PeerClient;
let messages = 0;

/** The port, counting what is sent. */
const counting = (port: MessagePort): WirePort => ({
  postMessage: (message, transfer) => {
    messages++;
    port.postMessage(message, transfer);
  },
  addEventListener: (type, listener) => port.addEventListener(type, listener),
  removeEventListener: (type, listener) => port.removeEventListener(type, listener),
  start: () => port.start(),
});

beforeAll(async () => {
  channel = await createTestChannel();
  const description = { name: CHANNEL, chaincodes: [both] };
  const channels = [{ description, genesisBlock: channel.genesisBlock }];
  peer = await TestPeer.start(channel, { channels });
  serveOnPort(counting(port1), peerServices(peer.peer));
  client = new PeerClient(new PortServices(counting(port2)).for({ address: 'page' }), { signal });
});
beforeEach(() => {
  messages = 0;
});
afterAll(async () => {
  port1.close();
  port2.close();
  await peer.stop();
});

describe('a question to the peer in another thread', () => {
  it('about endorsements takes all of them along', async () => {
    const results = readWriteSet({ both: { keys: ['k'] } });
    const action = { results, chaincode_id: { name: 'both', version: '1.0' } };
    const extension = protos.ChaincodeAction.encode(action).finish();
    const payload = protos.ProposalResponsePayload.encode({ extension }).finish();
    const endorsements = await Promise.all(
      [channel.peers.Org1MSP[0], channel.peers.Org2MSP[0]].map(async (one) => {
        const endorser = one.serialize();
        return { endorser, signature: await one.sign(concat(payload, endorser)) };
      }),
    );
    expect(await client.satisfiesPolicy(CHANNEL, payload, endorsements)).toBe(true);
    expect(messages).toBe(2);
    expect(await client.satisfiesPolicy(CHANNEL, payload, endorsements.slice(1))).toBe(false);
    await expect(client.satisfiesPolicy('other', payload, endorsements)).rejects.toMatchObject({
      code: 'CHANNEL_NOT_JOINED',
    });
  });

  it('for an endorsement brings the verdict with it', async () => {
    const spec = {
      chaincode_spec: {
        chaincode_id: { name: 'qscc' },
        input: { args: [utf8('GetChainInfo'), utf8(CHANNEL)] },
      },
    };
    const { proposal } = createChaincodeProposal(
      { channelId: CHANNEL, spec, creator: channel.client.serialize() },
      { now: peer.clock.now(), nonce: systemRandomBytes(24) },
    );
    const proposal_bytes = protos.Proposal.encode(proposal).finish();
    const signature = await channel.client.sign(proposal_bytes);
    const signed = protos.SignedProposal.encode({ proposal_bytes, signature }).finish();
    const { response, enough } = await client.endorseJudged(signed, { signal });
    expect(messages).toBe(2);
    expect(protos.ProposalResponse.decode(response).response?.status).toBe(200);
    // A system chaincode has no policy that an endorsement could satisfy.
    expect(enough).toBe(false);
    const forged = protos.SignedProposal.encode({ proposal_bytes, signature: utf8('x') }).finish();
    await expect(client.endorseJudged(forged, { signal })).rejects.toThrow('access denied');
  });
});
