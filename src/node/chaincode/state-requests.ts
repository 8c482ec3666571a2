// SPDX-License-Identifier: Apache-2.0
// What a chaincode asks of the ledger while it runs: one function a message type (the Handle… functions of Fabric's
// core/chaincode/handler.go). Each takes the payload of the request and gives that of the RESPONSE; what it throws becomes the
// ERROR that the chaincode sees.
import { protos } from '../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
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

const getState: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = protos.GetState.decode(payload);
  const value =
    collection === ''
      ? await params.simulator.getState(namespace, key)
      : await params.simulator.getPrivateData(namespace, collection, key);
  return value ?? EMPTY_BYTES;
};

const putState: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, value, collection } = protos.PutState.decode(payload);
  if (collection === '') params.simulator.setState(namespace, key, value);
  else params.simulator.setPrivateData(namespace, collection, key, value);
  return EMPTY_BYTES;
};

const delState: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = protos.DelState.decode(payload);
  if (collection === '') params.simulator.deleteState(namespace, key);
  else params.simulator.deletePrivateData(namespace, collection, key);
  return EMPTY_BYTES;
};

const purgePrivateData: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = protos.PurgePrivateState.decode(payload);
  if (collection === '') {
    throw new FabricError('INVALID_REQUEST', 'only applicable for private data');
  }
  params.simulator.purgePrivateData(namespace, collection, key);
  return EMPTY_BYTES;
};

const getStateMetadata: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = protos.GetStateMetadata.decode(payload);
  refuseCollection(collection);
  const metadata = await params.simulator.getStateMetadata(namespace, key);
  const entries = [...metadata].map(([metakey, value]) => ({ metakey, value }));
  return protos.StateMetadataResult.encode({ entries }).finish();
};

const putStateMetadata: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection, metadata } = protos.PutStateMetadata.decode(payload);
  refuseCollection(collection);
  if (metadata === null) throw new FabricError('INVALID_REQUEST', 'no metadata in the request');
  const entries = new Map([[metadata.metakey, metadata.value]]);
  params.simulator.setStateMetadata(namespace, key, entries);
  return EMPTY_BYTES;
};

const getPrivateDataHash: RequestHandler = async ({ params, namespace }, payload) => {
  const { key, collection } = protos.GetState.decode(payload);
  if (collection === '')
    throw new FabricError('INVALID_REQUEST', 'collection must not be an empty string');
  const hash = await params.simulator.getPrivateDataHash(namespace, collection, key);
  return hash ?? EMPTY_BYTES;
};

async function getStateByRange(
  context: TransactionContext,
  payload: Uint8Array,
  id: string,
): Promise<Uint8Array> {
  const { startKey, endKey, collection, metadata } = protos.GetStateByRange.decode(payload);
  const { params, namespace } = context;
  const page = pageOf(metadata);
  if (collection !== '') {
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
  const { query, collection, metadata } = protos.GetQueryResult.decode(payload);
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
  const { key } = protos.GetHistoryForKey.decode(payload);
  const changes = await context.params.history.getHistoryForKey(context.namespace, key);
  return nextMessage(context, newQueryContext(mapResults(changes, encodeKeyModification)), id);
}

const queryStateNext: RequestHandler = async (context, payload) => {
  const { id } = protos.QueryStateNext.decode(payload);
  const query = context.queries.get(id);
  if (!query) throw new FabricError('INVALID_REQUEST', 'query iterator not found');
  return nextMessage(context, query, id);
};

const queryStateClose: RequestHandler = async (context, payload) => {
  const { id } = protos.QueryStateClose.decode(payload);
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
