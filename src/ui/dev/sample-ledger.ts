// SPDX-License-Identifier: Apache-2.0
// Sample data for the development page: a small ledger with a bit of everything that the views can show.
import type { NetworkDescription } from '../../common/network/types.ts';
import { DEFAULT_GOSSIP_SETTINGS } from '../../common/network/types.ts';
import type { BlockView, MemberTotals, TxView } from '../../node/api/ledger-views.ts';
import type { PeerInfo } from '../../node/api/network-view.ts';

export const sampleNetwork: NetworkDescription = {
  networkId: 'sample',
  relay: { peerId: 'relay', wsPath: '/libp2p' },
  ordererMspId: 'OrdererMSP',
  organisations: [1, 2].map((n) => ({
    name: `Org${n}`,
    mspId: `Org${n}MSP`,
    domain: `org${n}.example.com`,
    caName: `ca-org${n}`,
  })),
  channels: [],
  gossip: DEFAULT_GOSSIP_SETTINGS,
  iceServers: [],
};

/** A hash that only looks like one. */
export function sampleHash(seed: string): string {
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return Array.from({ length: 64 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 28).toString(16);
  }).join('');
}

type Asset = readonly [id: string, color: string, size: number, owner: string, value: number];

export const ASSETS: readonly Asset[] = [
  ['asset1', 'blue', 5, 'Tomoko', 300],
  ['asset2', 'red', 5, 'Brad', 400],
  ['asset3', 'green', 10, 'Jin Soo', 500],
  ['asset4', 'yellow', 10, 'Max', 600],
  ['asset5', 'black', 15, 'Adriana', 700],
  ['asset6', 'white', 15, 'Michel', 800],
];

export function assetJson([ID, Color, Size, Owner, AppraisedValue]: Asset): string {
  return JSON.stringify({ ID, Color, Size, Owner, AppraisedValue, docType: 'asset' });
}

export function sampleTx(block: number, index: number, more: Partial<TxView>): TxView {
  return {
    txId: sampleHash(`tx ${block} ${index}`),
    type: 'ENDORSER_TRANSACTION',
    block,
    index,
    status: 'VALID',
    timestamp: Date.now() - (40 - block) * 47_000,
    creator: {
      mspId: `Org${(block % 2) + 1}MSP`,
      name: `user${block % 3}.org${(block % 2) + 1}.example.com`,
      certificate:
        '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUSAMPLE\n-----END CERTIFICATE-----',
    },
    endorsers: [{ mspId: 'Org1MSP', name: 'peer0.org1.example.com' }],
    chaincode: { name: 'basic', version: '1.0' },
    response: { status: 200, message: '', payload: '' },
    reads: [],
    rangeReads: [],
    writes: [],
    ...more,
  };
}

export function sampleBlock(number: number, transactions: readonly TxView[]): BlockView {
  return {
    number,
    hash: sampleHash(`block ${number}`),
    previousHash: number === 0 ? '' : sampleHash(`block ${number - 1}`),
    dataHash: sampleHash(`data ${number}`),
    commitHash: sampleHash(`commit ${number}`),
    sizeBytes: 2100 + transactions.length * 3150,
    ...(number === 0 ? {} : { orderer: 'orderer.example.com (OrdererMSP)' }),
    isConfig: number === 0,
    lastConfig: 0,
    transactions,
  };
}

function initLedger(): TxView {
  return sampleTx(1, 0, {
    fn: 'InitLedger',
    args: [],
    writes: ASSETS.map((asset) => ({
      namespace: 'basic',
      key: asset[0],
      isDelete: false,
      value: assetJson(asset),
    })),
  });
}

function transfer(block: number, index: number, owner: string, more: Partial<TxView> = {}): TxView {
  return sampleTx(block, index, {
    fn: 'TransferAsset',
    args: ['asset1', owner],
    response: { status: 200, message: '', payload: 'Tomoko' },
    endorsers: [1, 2].map((n) => ({ mspId: `Org${n}MSP`, name: `peer0.org${n}.example.com` })),
    reads: [{ namespace: 'basic', key: 'asset1', version: { block: 1, tx: 0 } }],
    writes: [
      {
        namespace: 'basic',
        key: 'asset1',
        isDelete: false,
        value: assetJson(['asset1', 'blue', 5, owner, 300]),
      },
    ],
    event: { name: 'Transfer', payload: `{"ID":"asset1","Owner":"${owner}"}` },
    ...more,
  });
}

export function sampleBlocks(): BlockView[] {
  const config = sampleTx(0, 0, { type: 'CONFIG', txId: '', endorsers: [], timestamp: 0 });
  const conflict = transfer(2, 1, 'Max', {
    status: 'MVCC_READ_CONFLICT',
    conflict: {
      namespace: 'basic',
      key: 'asset1',
      readVersion: { block: 1, tx: 0 },
      foundVersion: { block: 2, tx: 0 },
      writtenBy: sampleHash('tx 2 0'),
    },
  });
  const listing = sampleTx(3, 0, {
    fn: 'GetAllAssets',
    args: [],
    rangeReads: [{ namespace: 'basic', startKey: '', endKey: '', keys: ASSETS.map(([id]) => id) }],
  });
  const head = [
    sampleBlock(0, [config]),
    sampleBlock(1, [initLedger()]),
    sampleBlock(2, [transfer(2, 0, 'Brad'), conflict]),
    sampleBlock(3, [listing]),
    sampleBlock(4, [transfer(4, 0, 'Jin Soo', { status: 'ENDORSEMENT_POLICY_FAILURE' })]),
  ];
  const more = Array.from({ length: 33 }, (_, i) =>
    sampleBlock(i + 5, [
      sampleTx(i + 5, 0, {
        fn: 'ReadAsset',
        args: ['asset1'],
        reads: [{ namespace: 'basic', key: 'asset1' }],
      }),
    ]),
  );
  return [...head, ...more];
}

export function sampleMembers(): MemberTotals[] {
  return samplePeers(0).flatMap(({ name, mspId, role }, n) => {
    const client = { name: name.replace('peer', 'user'), mspId, lastTx: Date.now() };
    return role === 'peer' ? { ...client, valid: 3 * n, invalid: n % 2 } : [];
  });
}

export function samplePeers(height: number): PeerInfo[] {
  const peer = (n: number, org: number, more: Partial<PeerInfo> = {}): PeerInfo => ({
    name: `peer${n}.org${org}.example.com`,
    mspId: `Org${org}MSP`,
    peerId: `12D3KooWSample${org}x${n}${sampleHash(`${org}${n}`).slice(0, 6)}`,
    pkiId: sampleHash(`pki ${org} ${n}`),
    role: 'peer',
    height,
    isLeader: false,
    link: 'webrtc',
    status: 'alive',
    lastSeen: Date.now() - 1500,
    chaincodes: ['basic'],
    neighbours: [],
    ...more,
  });
  const orderer = peer(0, 0, {
    name: 'orderer.example.com',
    mspId: 'OrdererMSP',
    role: 'orderer',
    link: 'relay',
    peerId: 'relay-000000',
    chaincodes: [],
  });
  const one = [
    peer(0, 1, { isLeader: true, link: 'self' }),
    peer(1, 1),
    peer(2, 1, { status: 'asleep', link: 'relay', height: height - 2 }),
    peer(3, 1),
  ];
  const two = [
    peer(0, 2, { isLeader: true }),
    peer(1, 2),
    peer(2, 2, { status: 'dead', link: 'none' }),
  ];
  const ring = [...one, ...two].map((node, index, all) => ({
    ...node,
    neighbours: [all[(index + 1) % all.length]?.peerId ?? '', orderer.peerId],
  }));
  return [orderer, ...ring];
}
