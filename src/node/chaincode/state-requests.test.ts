// SPDX-License-Identifier: Apache-2.0
// Requests for private data, as a shim sends them: what Init may not, what needs a permission, what does not.
import { sha256 } from '@noble/hashes/sha2.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { protos } from '../../common/protos/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { MessageType } from './chaincode-message.ts';
import type { PrivateDataAccess } from './private-data-access.ts';
import { stateRequests } from './state-requests.ts';
import { MemoryLedger } from './testing/memory-ledger.ts';
import { TransactionContext } from './transaction-context.ts';

const CHANNEL = 'mychannel';
const signedProposal: protos.ISignedProposal = { proposal_bytes: utf8('p') };

let ledger: MemoryLedger;
let asked: unknown[][];
let permission: { read: boolean; write: boolean };
let definitionsRead: string[];
let purge: boolean;

const access: PrivateDataAccess = {
  readWritePermission: async (...about) => {
    asked.push(about);
    return permission;
  },
  readDefinition: async (chaincode) => void definitionsRead.push(chaincode),
  purgeEnabled: () => purge,
};
const requests = stateRequests(access, () => 'id');

beforeEach(() => {
  ledger = new MemoryLedger();
  asked = [];
  definitionsRead = [];
  permission = { read: true, write: true };
  purge = true;
});

function contextOf(isInit = false): TransactionContext {
  const simulator = ledger.newTxSimulator('tx');
  const params = { channelId: CHANNEL, txId: 'tx', signedProposal, simulator, history: ledger };
  return new TransactionContext(params, 'cc', isInit, { finish: () => {}, fail: () => {} });
}

async function ask(context: TransactionContext, type: number, payload: Uint8Array) {
  const handler = requests.get(type);
  if (!handler) throw new Error(`no handler of ${type}`);
  return handler(context, payload);
}

const { GetState, PutState, DelState, PurgePrivateState } = protos;
const { GetStateMetadata, PutStateMetadata, GetStateByRange, GetQueryResult } = protos;
const key = { key: 'k', collection: 'coll' };
const metadata = { metakey: 'VALIDATION_PARAMETER', value: utf8('m') };

const readers: [string, number, Uint8Array][] = [
  ['GET_STATE', MessageType.GET_STATE, GetState.encode(key).finish()],
  ['GET_STATE_METADATA', MessageType.GET_STATE_METADATA, GetStateMetadata.encode(key).finish()],
  [
    'GET_STATE_BY_RANGE',
    MessageType.GET_STATE_BY_RANGE,
    GetStateByRange.encode({ collection: 'coll' }).finish(),
  ],
  [
    'GET_QUERY_RESULT',
    MessageType.GET_QUERY_RESULT,
    GetQueryResult.encode({ collection: 'coll', query: '{}' }).finish(),
  ],
];
const writers: [string, number, Uint8Array][] = [
  ['PUT_STATE', MessageType.PUT_STATE, PutState.encode({ ...key, value: utf8('v') }).finish()],
  ['DEL_STATE', MessageType.DEL_STATE, DelState.encode(key).finish()],
  ['PURGE_PRIVATE_DATA', MessageType.PURGE_PRIVATE_DATA, PurgePrivateState.encode(key).finish()],
  [
    'PUT_STATE_METADATA',
    MessageType.PUT_STATE_METADATA,
    PutStateMetadata.encode({ ...key, metadata }).finish(),
  ],
];
const hash: [string, number, Uint8Array] = [
  'GET_PRIVATE_DATA_HASH',
  MessageType.GET_PRIVATE_DATA_HASH,
  GetState.encode(key).finish(),
];

describe('requests for private data', () => {
  it.each([...readers, ...writers, hash])('%s is refused in Init', async (_name, type, payload) => {
    await expect(ask(contextOf(true), type, payload)).rejects.toThrow(
      /^private data APIs are not allowed in chaincode Init\(\)$/,
    );
    expect(asked).toEqual([]);
  });

  it.each(readers)('%s needs the permission to read', async (_name, type, payload) => {
    permission = { read: false, write: true };
    await expect(ask(contextOf(), type, payload)).rejects.toThrow(
      /^tx creator does not have read access permission on privatedata in chaincodeName:cc collectionName: coll$/,
    );
    expect(asked).toEqual([[CHANNEL, 'cc', 'coll', signedProposal]]);
  });

  it.each(writers)('%s needs the permission to write', async (_name, type, payload) => {
    permission = { read: true, write: false };
    const context = contextOf();
    await expect(ask(context, type, payload)).rejects.toThrow(
      /^tx creator does not have write access permission on privatedata in chaincodeName:cc collectionName: coll$/,
    );
    expect(ledger.newTxSimulator('tx').writes.size).toBe(0);
  });

  it('asks once for each collection of a transaction', async () => {
    const context = contextOf();
    const [, put, value] = writers[0] ?? [];
    for (let i = 0; i < 3; i++) await ask(context, put ?? 0, value ?? utf8(''));
    const other = PutState.encode({ key: 'k', collection: 'other', value: utf8('v') }).finish();
    await ask(context, MessageType.PUT_STATE, other);
    await ask(context, MessageType.PUT_STATE, PutState.encode({ key: 'k' }).finish());
    expect(asked.map(([, , collection]) => collection)).toEqual(['coll', 'other']);
  });

  it('gives a hash to anybody', async () => {
    permission = { read: false, write: true };
    const context = contextOf();
    const [, put, value] = writers[0] ?? [];
    await ask(context, put ?? 0, value ?? utf8(''));
    ledger.commit('tx', context.params.simulator as ReturnType<MemoryLedger['newTxSimulator']>);
    expect(await ask(contextOf(), hash[1], hash[2])).toEqual(sha256(utf8('v')));
    // Of all that is private, the simulation reads the definition.
    expect(definitionsRead).toEqual(['cc', 'cc']);
  });

  it('keeps and gives metadata', async () => {
    const context = contextOf();
    const [, type, payload] = writers[3] ?? [];
    await ask(context, type ?? 0, payload ?? utf8(''));
    const [, get, about] = readers[1] ?? [];
    const bytes = await ask(context, get ?? 0, about ?? utf8(''));
    expect(protos.StateMetadataResult.decode(bytes).entries).toMatchObject([metadata]);
  });

  it('are private or nothing', async () => {
    const bare = { key: 'k' };
    for (const [type, payload] of [
      [MessageType.PURGE_PRIVATE_DATA, PurgePrivateState.encode(bare).finish()],
      [MessageType.GET_PRIVATE_DATA_HASH, GetState.encode(bare).finish()],
    ] as const) {
      await expect(ask(contextOf(), type, payload)).rejects.toThrow(
        /^only applicable for private data$/,
      );
    }
  });

  it('do not purge where the channel cannot', async () => {
    purge = false;
    const [, type, payload] = writers[2] ?? [];
    await expect(ask(contextOf(), type ?? 0, payload ?? utf8(''))).rejects.toThrow(
      /channel application capability of V2_5 or later is required$/,
    );
  });

  it('are not cut into pages, but give no more than a page holds', async () => {
    const context = contextOf();
    for (const name of ['a', 'b', 'c']) {
      const put = { key: name, collection: 'coll', value: utf8(name) };
      await ask(context, MessageType.PUT_STATE, PutState.encode(put).finish());
    }
    ledger.commit('tx', context.params.simulator as ReturnType<MemoryLedger['newTxSimulator']>);
    const page = protos.QueryMetadata.encode({ pageSize: 2, bookmark: '' }).finish();
    const query = GetStateByRange.encode({ collection: 'coll', metadata: page }).finish();
    const bytes = await ask(contextOf(), MessageType.GET_STATE_BY_RANGE, query);
    const { results, has_more, metadata: more } = protos.QueryResponse.decode(bytes);
    expect([results.length, has_more, more.length]).toEqual([2, false, 0]);
  });
});
