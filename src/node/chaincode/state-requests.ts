// SPDX-License-Identifier: Apache-2.0
// What a chaincode asks of the ledger while it runs: one function a message type (the Handle… functions of Fabric's
// core/chaincode/handler.go). Each takes the payload of the request and gives that of the RESPONSE; what it throws becomes the
// ERROR that the chaincode sees.
import { protos } from '../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { KVResult, PagedResults, ResultsIterator } from '../../ledger/types.ts';
import { MessageType } from './chaincode-message.ts';
import {
  buildPagedResponse,
  buildQueryResponse,
  encodeKeyModification,
  encodeKV,
  mapResults,
  newQueryContext,
  type QueryContext,
  TOTAL_QUERY_LIMIT,
} from './query-response.ts';
import { MAX_ITERATORS, type TransactionContext } from './transaction-context.ts';

/** Serves one request of a transaction. */
export type RequestHandler = (
  context: TransactionContext,
  payload: Uint8Array,
) => Promise<Uint8Array>;

/** @param newId gives iterator ids: UUIDs, or anything that does not come twice. */
export function stateRequests(newId: () => string): ReadonlyMap<number, RequestHandler> {
  return new Map<number, RequestHandler>([
    [MessageType.GET_STATE, getState],
    [MessageType.PUT_STATE, putState],
    [MessageType.DEL_STATE, delState],
    [MessageType.PURGE_PRIVATE_DATA, purgePrivateData],
    [MessageType.GET_STATE_METADATA, getStateMetadata],
    [MessageType.PUT_STATE_METADATA, putStateMetadata],
    [MessageType.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
    [
      MessageType.GET_STATE_BY_RANGE,
      (context, payload) => getStateByRange(context, payload, newId()),
    ],
    [MessageType.GET_QUERY_RESULT, (context, payload) => getQueryResult(context, payload, newId())],
    [
      MessageType.GET_HISTORY_FOR_KEY,
      (context, payload) => getHistoryForKey(context, payload, newId()),
    ],
    [MessageType.QUERY_STATE_NEXT, queryStateNext],
    [MessageType.QUERY_STATE_CLOSE, queryStateClose],
  ]);
}

function decode<T>(type: { decode(input: Uint8Array): T }, payload: Uint8Array): T {
  try {
    return type.decode(payload);
  } catch (cause) {
    throw new FabricError('INVALID_REQUEST', `unmarshal failed: ${messageOf(cause)}`, { cause });
  }
}

// True for private data, which Init may not touch.
function isPrivate(context: TransactionContext, collection: string): boolean {
  if (collection !== '' && context.isInit) {
    throw new FabricError(
      'INVALID_REQUEST',
      'private data APIs are not allowed in chaincode Init()',
    );
  }
  return collection !== '';
}

const getState: RequestHandler = async (context, payload) => {
  const { key, collection } = decode(protos.GetState, payload);
  const { params, namespace } = context;
  const value = isPrivate(context, collection)
    ? await params.simulator.getPrivateData(namespace, collection, key)
    : await params.simulator.getState(namespace, key);
  return value ?? EMPTY_BYTES;
};

const putState: RequestHandler = async (context, payload) => {
  const { key, value, collection } = decode(protos.PutState, payload);
  const { params, namespace } = context;
  if (isPrivate(context, collection)) {
    params.simulator.setPrivateData(namespace, collection, key, value);
  } else {
    params.simulator.setState(namespace, key, value);
  }
  return EMPTY_BYTES;
};

const delState: RequestHandler = async (context, payload) => {
  const { key, collection } = decode(protos.DelState, payload);
  const { params, namespace } = context;
  if (isPrivate(context, collection)) {
    params.simulator.deletePrivateData(namespace, collection, key);
  } else {
    params.simulator.deleteState(namespace, key);
  }
  return EMPTY_BYTES;
};

const purgePrivateData: RequestHandler = async (context, payload) => {
  const { key, collection } = decode(protos.PurgePrivateState, payload);
  if (!isPrivate(context, collection)) {
    throw new FabricError('INVALID_REQUEST', 'only applicable for private data');
  }
  context.params.simulator.purgePrivateData(context.namespace, collection, key);
  return EMPTY_BYTES;
};

const getStateMetadata: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = decode(protos.GetStateMetadata, payload);
  refuseCollection(collection);
  const metadata = await params.simulator.getStateMetadata(namespace, key);
  const entries = [...metadata].map(([metakey, value]) => ({ metakey, value }));
  return protos.StateMetadataResult.encode({ entries }).finish();
};

const putStateMetadata: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection, metadata } = decode(protos.PutStateMetadata, payload);
  refuseCollection(collection);
  if (metadata === null) throw new FabricError('INVALID_REQUEST', 'no metadata in the request');
  const entries = new Map([[metadata.metakey, metadata.value]]);
  params.simulator.setStateMetadata(namespace, key, entries);
  return EMPTY_BYTES;
};

const getPrivateDataHash: RequestHandler = async (context, payload) => {
  const { key, collection } = decode(protos.GetState, payload);
  if (!isPrivate(context, collection)) {
    throw new FabricError('INVALID_REQUEST', 'only applicable for private data');
  }
  const { params, namespace } = context;
  const hash = await params.simulator.getPrivateDataHash(namespace, collection, key);
  return hash ?? EMPTY_BYTES;
};

async function getStateByRange(
  context: TransactionContext,
  payload: Uint8Array,
  id: string,
): Promise<Uint8Array> {
  const { startKey, endKey, collection, metadata } = decode(protos.GetStateByRange, payload);
  const { params, namespace } = context;
  const page = pageOf(metadata);
  if (isPrivate(context, collection)) {
    const rows = await params.simulator.getPrivateDataRange(
      namespace,
      collection,
      startKey,
      endKey,
    );
    return openQuery(context, rows, id);
  }
  if (page) {
    const start = page.bookmark === '' ? startKey : page.bookmark;
    return encodePage(
      await params.simulator.getStateRangePaged(namespace, start, endKey, page.pageSize),
      id,
    );
  }
  return openQuery(context, await params.simulator.getStateRange(namespace, startKey, endKey), id);
}

async function getQueryResult(
  context: TransactionContext,
  payload: Uint8Array,
  id: string,
): Promise<Uint8Array> {
  const { query, collection, metadata } = decode(protos.GetQueryResult, payload);
  const { params, namespace } = context;
  refuseCollection(collection);
  const page = pageOf(metadata);
  if (page) {
    const { bookmark, pageSize } = page;
    const rows = await params.simulator.executeQueryPaged(namespace, query, bookmark, pageSize);
    return encodePage(rows, id);
  }
  return openQuery(context, await params.simulator.executeQuery(namespace, query), id);
}

async function getHistoryForKey(
  context: TransactionContext,
  payload: Uint8Array,
  id: string,
): Promise<Uint8Array> {
  const { key } = decode(protos.GetHistoryForKey, payload);
  const changes = await context.params.history.getHistoryForKey(context.namespace, key);
  return nextMessage(context, newQueryContext(mapResults(changes, encodeKeyModification)), id);
}

const queryStateNext: RequestHandler = async (context, payload) => {
  const { id } = decode(protos.QueryStateNext, payload);
  const query = context.queries.get(id);
  if (!query) throw new FabricError('INVALID_REQUEST', 'query iterator not found');
  return nextMessage(context, query, id);
};

const queryStateClose: RequestHandler = async (context, payload) => {
  const { id } = decode(protos.QueryStateClose, payload);
  closeQuery(context, id);
  return protos.QueryResponse.encode({ has_more: false, id }).finish();
};

function openQuery(
  context: TransactionContext,
  rows: ResultsIterator<KVResult>,
  id: string,
): Promise<Uint8Array> {
  return nextMessage(context, newQueryContext(mapResults(rows, encodeKV)), id);
}

// Sends what fits, and keeps the query open only if there is more.
async function nextMessage(
  context: TransactionContext,
  query: QueryContext,
  id: string,
): Promise<Uint8Array> {
  context.queries.set(id, query);
  let keep = false;
  try {
    if (context.queries.size > MAX_ITERATORS) {
      throw new FabricError('INVALID_REQUEST', `more than ${MAX_ITERATORS} open iterators`);
    }
    const response = await buildQueryResponse(query, id);
    keep = response.has_more === true;
    return protos.QueryResponse.encode(response).finish();
  } finally {
    if (!keep) closeQuery(context, id);
  }
}

function closeQuery(context: TransactionContext, id: string): void {
  context.queries.get(id)?.iterator.close();
  context.queries.delete(id);
}

async function encodePage(page: PagedResults<KVResult>, id: string): Promise<Uint8Array> {
  return protos.QueryResponse.encode(await buildPagedResponse(page, id)).finish();
}

function pageOf(metadata: Uint8Array): { pageSize: number; bookmark: string } | undefined {
  if (metadata.length === 0) return undefined;
  const { pageSize, bookmark } = protos.QueryMetadata.decode(metadata);
  if (pageSize === 0 && bookmark === '') return undefined;
  return { pageSize: Math.min(Math.max(pageSize, 0), TOTAL_QUERY_LIMIT), bookmark };
}

function refuseCollection(collection: string): void {
  if (collection !== '') {
    throw new FabricError(
      'UNSUPPORTED',
      'rich queries and metadata of private data are not supported by this peer',
    );
  }
}
