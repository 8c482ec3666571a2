// SPDX-License-Identifier: Apache-2.0
// What a chaincode asks of the ledger while it runs: one function a message type (the Handle… functions of Fabric's
// core/chaincode/handler.go). Each takes the payload of the request and gives that of the RESPONSE; what it throws becomes the
// ERROR that the chaincode sees.
import { protos } from '../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { KVResult, PagedResults, ResultsIterator } from '../../ledger/types.ts';
import { MessageType } from './chaincode-message.ts';
import type { PrivateDataAccess } from './private-data-access.ts';
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

/**
 * @param access says who may use private data.
 * @param newId gives iterator ids: UUIDs, or anything that does not come twice.
 */
export function stateRequests(
  access: PrivateDataAccess,
  newId: () => string,
): ReadonlyMap<number, RequestHandler> {
  const withAccess =
    (handle: PrivateRequestHandler): RequestHandler =>
    (context, payload) =>
      handle(context, payload, access, newId);
  return new Map<number, RequestHandler>([
    [MessageType.GET_STATE, withAccess(getState)],
    [MessageType.PUT_STATE, withAccess(putState)],
    [MessageType.DEL_STATE, withAccess(delState)],
    [MessageType.PURGE_PRIVATE_DATA, withAccess(purgePrivateData)],
    [MessageType.GET_STATE_METADATA, withAccess(getStateMetadata)],
    [MessageType.PUT_STATE_METADATA, withAccess(putStateMetadata)],
    [MessageType.GET_PRIVATE_DATA_HASH, withAccess(getPrivateDataHash)],
    [MessageType.GET_STATE_BY_RANGE, withAccess(getStateByRange)],
    [MessageType.GET_QUERY_RESULT, withAccess(getQueryResult)],
    [
      MessageType.GET_HISTORY_FOR_KEY,
      (context, payload) => getHistoryForKey(context, payload, newId()),
    ],
    [MessageType.QUERY_STATE_NEXT, queryStateNext],
    [MessageType.QUERY_STATE_CLOSE, queryStateClose],
  ]);
}

type PrivateRequestHandler = (
  context: TransactionContext,
  payload: Uint8Array,
  access: PrivateDataAccess,
  newId: () => string,
) => Promise<Uint8Array>;

function decode<T>(type: { decode(input: Uint8Array): T }, payload: Uint8Array): T {
  try {
    return type.decode(payload);
  } catch (cause) {
    throw new FabricError('INVALID_REQUEST', `unmarshal failed: ${messageOf(cause)}`, { cause });
  }
}

// True for private data that the transaction's creator may use so; Init may use none.
async function isPrivate(
  context: TransactionContext,
  collection: string,
  access: PrivateDataAccess,
  use: 'read' | 'write',
): Promise<boolean> {
  if (collection === '') return false;
  refuseInInit(context);
  const permission = await permissionOf(context, collection, access);
  if (permission[use]) return true;
  const text = `tx creator does not have ${use} access permission on privatedata in chaincodeName:${context.namespace} collectionName: ${collection}`;
  throw new FabricError('ACCESS_DENIED', text);
}

function refuseInInit({ isInit }: TransactionContext): void {
  if (!isInit) return;
  const text = 'private data APIs are not allowed in chaincode Init()';
  throw new FabricError('INVALID_REQUEST', text);
}

function requireCollection(collection: string): void {
  if (collection !== '') return;
  throw new FabricError('INVALID_REQUEST', 'only applicable for private data');
}

// Asked once for each collection of a transaction.
function permissionOf(
  { collectionPermissions, params, namespace }: TransactionContext,
  collection: string,
  access: PrivateDataAccess,
): Promise<{ read: boolean; write: boolean }> {
  const known = collectionPermissions.get(collection);
  if (known) return known;
  const { channelId, signedProposal, simulator } = params;
  const asked = access
    .readDefinition(namespace, simulator)
    .then(() => access.readWritePermission(channelId, namespace, collection, signedProposal));
  collectionPermissions.set(collection, asked);
  return asked;
}

const getState: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection } = decode(protos.GetState, payload);
  const { params, namespace } = context;
  const value = (await isPrivate(context, collection, access, 'read'))
    ? await params.simulator.getPrivateData(namespace, collection, key)
    : await params.simulator.getState(namespace, key);
  return value ?? EMPTY_BYTES;
};

const putState: PrivateRequestHandler = async (context, payload, access) => {
  const { key, value, collection } = decode(protos.PutState, payload);
  const { params, namespace } = context;
  if (await isPrivate(context, collection, access, 'write')) {
    params.simulator.setPrivateData(namespace, collection, key, value);
  } else {
    params.simulator.setState(namespace, key, value);
  }
  return EMPTY_BYTES;
};

const delState: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection } = decode(protos.DelState, payload);
  const { params, namespace } = context;
  if (await isPrivate(context, collection, access, 'write')) {
    params.simulator.deletePrivateData(namespace, collection, key);
  } else {
    params.simulator.deleteState(namespace, key);
  }
  return EMPTY_BYTES;
};

const purgePrivateData: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection } = decode(protos.PurgePrivateState, payload);
  const { params, namespace } = context;
  if (!access.purgeEnabled(params.channelId)) {
    const text =
      'purge private data is not enabled, channel application capability of V2_5 or later is required';
    throw new FabricError('UNSUPPORTED', text);
  }
  requireCollection(collection);
  await isPrivate(context, collection, access, 'write');
  params.simulator.purgePrivateData(namespace, collection, key);
  return EMPTY_BYTES;
};

const getStateMetadata: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection } = decode(protos.GetStateMetadata, payload);
  const { params, namespace } = context;
  const metadata = (await isPrivate(context, collection, access, 'read'))
    ? await params.simulator.getPrivateDataMetadata(namespace, collection, key)
    : await params.simulator.getStateMetadata(namespace, key);
  const entries = [...metadata].map(([metakey, value]) => ({ metakey, value }));
  return protos.StateMetadataResult.encode({ entries }).finish();
};

const putStateMetadata: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection, metadata } = decode(protos.PutStateMetadata, payload);
  const { params, namespace } = context;
  if (metadata === null) throw new FabricError('INVALID_REQUEST', 'no metadata in the request');
  const entries = new Map([[metadata.metakey, metadata.value]]);
  if (await isPrivate(context, collection, access, 'write')) {
    params.simulator.setPrivateDataMetadata(namespace, collection, key, entries);
  } else {
    params.simulator.setStateMetadata(namespace, key, entries);
  }
  return EMPTY_BYTES;
};

// A hash tells nothing, so it is for everybody.
const getPrivateDataHash: PrivateRequestHandler = async (context, payload, access) => {
  const { key, collection } = decode(protos.GetState, payload);
  requireCollection(collection);
  refuseInInit(context);
  const { params, namespace } = context;
  await access.readDefinition(namespace, params.simulator);
  const hash = await params.simulator.getPrivateDataHash(namespace, collection, key);
  return hash ?? EMPTY_BYTES;
};

// Private data is never cut into pages: as in Fabric, the whole result comes, of at most a page's size.
const getStateByRange: PrivateRequestHandler = async (context, payload, access, newId) => {
  const { startKey, endKey, collection, metadata } = decode(protos.GetStateByRange, payload);
  const { simulator } = context.params;
  const { namespace } = context;
  const page = pageOf(metadata);
  if (await isPrivate(context, collection, access, 'read')) {
    const rows = await simulator.getPrivateDataRange(namespace, collection, startKey, endKey);
    return openQuery(context, rows, newId(), page?.pageSize);
  }
  if (page) {
    const start = page.bookmark === '' ? startKey : page.bookmark;
    const rows = await simulator.getStateRangePaged(namespace, start, endKey, page.pageSize);
    return encodePage(rows, newId());
  }
  return openQuery(context, await simulator.getStateRange(namespace, startKey, endKey), newId());
};

const getQueryResult: PrivateRequestHandler = async (context, payload, access, newId) => {
  const { query, collection, metadata } = decode(protos.GetQueryResult, payload);
  const { simulator } = context.params;
  const { namespace } = context;
  const page = pageOf(metadata);
  if (await isPrivate(context, collection, access, 'read')) {
    const rows = await simulator.executeQueryOnPrivateData(namespace, collection, query);
    return openQuery(context, rows, newId(), page?.pageSize);
  }
  if (page) {
    const { bookmark, pageSize } = page;
    const rows = await simulator.executeQueryPaged(namespace, query, bookmark, pageSize);
    return encodePage(rows, newId());
  }
  return openQuery(context, await simulator.executeQuery(namespace, query), newId());
};

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
  limit?: number,
): Promise<Uint8Array> {
  return nextMessage(context, newQueryContext(mapResults(rows, encodeKV), limit), id);
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
