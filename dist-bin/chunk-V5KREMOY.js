import {
  assembleTxPayload,
  blockHeaderHash,
  blockNumber,
  codeName,
  common,
  commonName,
  computeTxId,
  fromTimestamp,
  gateway,
  getLastConfigIndexFromBlock,
  getMetadataFromBlock,
  getProposalHash1,
  getTransactionsFilter,
  isConfigBlock,
  kvrwset,
  msp,
  parseBlock,
  parseCertificatePem,
  protos,
  rwset,
  toNumber,
  unmarshalChaincodeAction,
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalChannelHeader,
  unmarshalHeader,
  unmarshalProposal,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
  unmarshalSignatureHeader
} from "./chunk-R4E6L3MR.js";
import {
  EMPTY_BYTES,
  FabricError,
  equalBytes,
  fromUtf8,
  fromUtf8Strict,
  messageOf,
  toBase64,
  toHex
} from "./chunk-4AZXMRM6.js";

// src/common/wire/service.ts
var GrpcStatus = Object.freeze({
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16
});
var ServiceError = class extends FabricError {
  name = "ServiceError";
  status;
  details;
  constructor(status, message, { cause, details = [] } = {}) {
    super(`GRPC_${status}`, message, { cause });
    this.status = status;
    this.details = details;
  }
};
function serviceErrorOf(thrown) {
  if (thrown instanceof ServiceError) return thrown;
  return new ServiceError(GrpcStatus.UNKNOWN, messageOf(thrown), { cause: thrown });
}
async function unary(client, method, request, options) {
  const responses = [];
  for await (const response2 of client.call(method, [request], options)) {
    if (responses.push(response2) > 1) break;
  }
  const [response] = responses;
  if (response && responses.length === 1) return response;
  const count = response ? "more than one response" : "no response";
  throw new ServiceError(GrpcStatus.INTERNAL, `${method} ended with ${count}`);
}
function unaryHandler(serve) {
  return async function* (requests, context) {
    for await (const request of requests) {
      yield await serve(request, context);
      return;
    }
    throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, "the call carried no request");
  };
}
function proxied(services, method) {
  return (requests, { remote, signal }) => services.for(remote).call(method, requests, { signal });
}

// src/common/wire/local-client.ts
var ownCalls = /* @__PURE__ */ new WeakSet();
function localClient(services, remote) {
  return clientOf(services, (signal) => ({ remote, signal }));
}
function ownClient(services, name) {
  const client = clientOf(services, (signal) => {
    const context = { remote: { address: name }, signal };
    ownCalls.add(context);
    return context;
  });
  return { ...client, own: true };
}
function isOwnCall(context) {
  return ownCalls.has(context);
}
function clientOf(services, contextOf) {
  return {
    call: (method, requests, { signal }) => {
      const handler = services.get(method);
      if (!handler) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `no method ${method}`);
      return handler(iterate(requests), contextOf(signal));
    }
  };
}
async function* iterate(requests) {
  yield* requests;
}

// src/node/gateway/methods.ts
var EVALUATE = "/gateway.Gateway/Evaluate";
var ENDORSE = "/gateway.Gateway/Endorse";
var SUBMIT = "/gateway.Gateway/Submit";
var COMMIT_STATUS = "/gateway.Gateway/CommitStatus";
var CHAINCODE_EVENTS = "/gateway.Gateway/ChaincodeEvents";
var METHODS = [EVALUATE, ENDORSE, SUBMIT, COMMIT_STATUS, CHAINCODE_EVENTS];

// src/common/runtime/deadline.ts
var DeadlineError = class extends FabricError {
  name = "DeadlineError";
  constructor(what, ms) {
    super("TIMEOUT", `${what} took longer than ${ms} ms`);
  }
};
async function withDeadline(clock, ms, what, work, options = {}) {
  options.signal?.throwIfAborted();
  const timeout = new AbortController();
  const cancel = clock.setTimer(() => timeout.abort(new DeadlineError(what, ms)), ms);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout.signal]) : timeout.signal;
  try {
    return await raceAbort(work(signal), signal);
  } finally {
    cancel();
  }
}
function raceAbort(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

// src/node/inspect/text-field.ts
function textField(name, bytes) {
  const text = fromUtf8(bytes);
  return isText(text, bytes) ? { [name]: text } : { [name]: text, [`${name}Base64`]: toBase64(bytes) };
}
function isText(text, bytes) {
  if (!text.includes("\uFFFD")) return true;
  try {
    fromUtf8Strict(bytes);
    return true;
  } catch {
    return false;
  }
}

// src/node/inspect/tx-view.ts
function txViewOf(envelope, { block, index, code }) {
  const view = {
    txId: "",
    type: "UNREADABLE",
    block,
    index,
    status: codeName(code),
    timestamp: 0,
    creator: { mspId: "", name: "", certificate: "" },
    endorsers: [],
    reads: [],
    rangeReads: [],
    writes: []
  };
  try {
    const payload = common.Payload.decode(common.Envelope.decode(envelope).payload);
    readHeader(payload, view);
    if (view.type === "ENDORSER_TRANSACTION") readTransaction(payload.data, view);
  } catch {
  }
  return view;
}
function readHeader(payload, view) {
  const { channel_header = new Uint8Array(), signature_header = new Uint8Array() } = payload.header ?? {};
  const header = common.ChannelHeader.decode(channel_header);
  const { creator, nonce } = common.SignatureHeader.decode(signature_header);
  view.type = common.HeaderType[header.type] ?? `TYPE_${header.type}`;
  view.timestamp = fromTimestamp(header.timestamp);
  view.txId = header.tx_id || computeTxId(nonce, creator);
  view.creator = describeIdentity(creator);
}
function readTransaction(data, view) {
  const [action] = protos.Transaction.decode(data).actions;
  if (!action) return;
  const payload = protos.ChaincodeActionPayload.decode(action.payload);
  readInvocation(payload.chaincode_proposal_payload, view);
  view.endorsers = (payload.action?.endorsements ?? []).map(({ endorser }) => {
    const { mspId, name } = describeIdentity(endorser);
    return { mspId, name };
  });
  const response = payload.action?.proposal_response_payload ?? new Uint8Array();
  readAction(protos.ProposalResponsePayload.decode(response).extension, view);
}
function readInvocation(payload, view) {
  const { input } = protos.ChaincodeProposalPayload.decode(payload);
  const spec = protos.ChaincodeInvocationSpec.decode(input).chaincode_spec;
  const [fn, ...args] = (spec?.input?.args ?? []).map((arg) => textField("text", arg));
  if (fn !== void 0) view.fn = fn.text;
  view.args = args.map(({ text }) => text);
  if (args.some(({ textBase64 }) => textBase64 !== void 0)) {
    view.argsBase64 = args.map(({ textBase64 }) => textBase64 ?? null);
  }
}
function readAction(extension, view) {
  const action = protos.ChaincodeAction.decode(extension);
  const { chaincode_id: id, response } = action;
  if (id) view.chaincode = { name: id.name, version: id.version };
  if (response) {
    const { status, message, payload } = response;
    view.response = { status, message, ...textField("payload", payload) };
  }
  if (action.events.length > 0) {
    const event = protos.ChaincodeEvent.decode(action.events);
    view.event = { name: event.event_name, ...textField("payload", event.payload) };
  }
  readSets(action.results, view);
}
function readSets(results, view) {
  const { ns_rwset } = rwset.TxReadWriteSet.decode(results);
  const sets = ns_rwset.map(({ namespace, rwset: bytes }) => ({
    namespace,
    kv: kvrwset.KVRWSet.decode(bytes)
  }));
  view.reads = sets.flatMap(
    ({ namespace, kv }) => kv.reads.map(({ key, version }) => ({ namespace, key, ...version && versionOf(version) }))
  );
  view.writes = sets.flatMap(
    ({ namespace, kv }) => kv.writes.map((write) => writeOf(namespace, write))
  );
  view.rangeReads = sets.flatMap(
    ({ namespace, kv }) => kv.range_queries_info.map((info) => ({
      namespace,
      startKey: info.start_key,
      endKey: info.end_key,
      keys: (info.raw_reads?.kv_reads ?? []).map(({ key = "" }) => key ?? "")
    }))
  );
  const privateWrites = ns_rwset.flatMap(privateWritesOf);
  if (privateWrites.length > 0) view.privateWrites = privateWrites;
}
function privateWritesOf(set) {
  return set.collection_hashed_rwset.flatMap(
    ({ collection_name, hashed_rwset }) => kvrwset.HashedRWSet.decode(hashed_rwset).hashed_writes.map((write) => ({
      namespace: set.namespace,
      collection: collection_name,
      keyHash: toHex(write.key_hash),
      valueHash: toHex(write.value_hash),
      isDelete: write.is_delete || write.is_purge
    }))
  );
}
function versionOf(version) {
  return { version: { block: toNumber(version.block_num), tx: toNumber(version.tx_num) } };
}
function writeOf(namespace, write) {
  return {
    namespace,
    key: write.key,
    isDelete: write.is_delete,
    ...textField("value", write.value)
  };
}
function describeIdentity(serialized) {
  try {
    const { mspid, id_bytes } = msp.SerializedIdentity.decode(serialized);
    const certificate = fromUtf8(id_bytes);
    return { mspId: mspid, name: nameOf(certificate), certificate };
  } catch {
    return { mspId: "", name: "", certificate: "" };
  }
}
var MAX_NAMES = 500;
var names = /* @__PURE__ */ new Map();
function nameOf(certificate) {
  const known = names.get(certificate);
  if (known !== void 0) return known;
  if (names.size >= MAX_NAMES) names.clear();
  const name = readName(certificate);
  names.set(certificate, name);
  return name;
}
function readName(certificate) {
  try {
    return commonName(parseCertificatePem(certificate).subject);
  } catch {
    return "";
  }
}

// src/node/inspect/block-view.ts
var NOT_VALIDATED = 254;
function blockViewOf(bytes) {
  const block = common.Block.decode(bytes);
  const number = blockNumber(block);
  const header = block.header ?? { previous_hash: new Uint8Array(), data_hash: new Uint8Array() };
  const flags = getTransactionsFilter(block);
  const commitHash = getMetadataFromBlock(block, common.BlockMetadataIndex.COMMIT_HASH).value;
  const orderer = ordererOf(block);
  return {
    number,
    hash: toHex(blockHeaderHash(header)),
    previousHash: toHex(header.previous_hash),
    dataHash: toHex(header.data_hash),
    ...commitHash.length > 0 && { commitHash: toHex(commitHash) },
    sizeBytes: bytes.length,
    ...orderer && { orderer },
    isConfig: isConfigBlock(block),
    lastConfig: number === 0 ? 0 : getLastConfigIndexFromBlock(block),
    transactions: (block.data?.data ?? []).map(
      (envelope, index) => txViewOf(envelope, { block: number, index, code: flags[index] ?? NOT_VALIDATED })
    )
  };
}
function ordererOf(block) {
  try {
    const { signatures } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
    const [signature] = signatures;
    if (!signature) return void 0;
    return describeIdentity(unmarshalSignatureHeader(signature.signature_header).creator).name;
  } catch {
    return void 0;
  }
}

// src/node/inspect/chaincode-events.ts
function chaincodeEventsOf(transactions, flags) {
  return transactions.flatMap((tx, index) => {
    if (flags[index] !== protos.TxValidationCode.VALID) return [];
    const { events } = actionOf(tx);
    if (events.length === 0) return [];
    const event = protos.ChaincodeEvent.decode(events);
    const { chaincode_id: chaincode, event_name: name, payload, tx_id: txId } = event;
    return [{ chaincode, name, payload, txId }];
  });
}
function actionOf(tx) {
  try {
    return tx.action;
  } catch {
    return { events: new Uint8Array() };
  }
}

// src/node/inspect/conflict.ts
var MAX_MODIFICATIONS = 1e4;
async function findConflict(tx, ledger) {
  for (const read of tx.reads) {
    const found = await lastModificationBefore(tx, read, ledger);
    if (sameVersion(found, read)) continue;
    return {
      namespace: read.namespace,
      key: read.key,
      ...read.version && { readVersion: read.version },
      ...found && {
        foundVersion: { block: found.blockNum, tx: found.txNum },
        writtenBy: found.txId
      }
    };
  }
  return void 0;
}
async function lastModificationBefore(tx, read, ledger) {
  const history = await ledger.getHistoryForKey(read.namespace, read.key);
  try {
    for (let i = 0; i < MAX_MODIFICATIONS; i++) {
      const modification = await history.next();
      if (!modification || precedes(modification, tx)) return modification;
    }
    return void 0;
  } finally {
    history.close();
  }
}
function precedes(modification, tx) {
  if (modification.blockNum !== tx.block) return modification.blockNum < tx.block;
  return modification.txNum < tx.index;
}
function sameVersion(found, read) {
  if (!found || found.isDelete) return read.version === void 0;
  return read.version?.block === found.blockNum && read.version.tx === found.txNum;
}

// src/node/gateway/service/requests.ts
function decodeRequest(type, bytes) {
  try {
    return type.decode(bytes);
  } catch (cause) {
    throw invalid(`invalid request: ${messageOf(cause)}`);
  }
}
function invalid(message) {
  return new ServiceError(GrpcStatus.INVALID_ARGUMENT, message);
}

// src/node/gateway/service/chaincode-events.ts
async function* chaincodeEvents(components, request, { signal }) {
  const { channel_id: channel } = request;
  const tip = followTip(components, channel);
  try {
    const matches = matcherOf(request);
    for (let number = await startBlock(components, request); ; number++) {
      await tip.reaches(number, signal);
      const bytes = await raceAbort(components.block(channel, number), signal);
      if (!bytes) {
        throw new ServiceError(GrpcStatus.ABORTED, `block ${number} is not in this ledger`);
      }
      const events = eventsIn(bytes).filter(matches);
      if (events.length === 0) continue;
      yield gateway.ChaincodeEventsResponse.encode({ events, block_number: number }).finish();
    }
  } finally {
    tip.stop();
  }
}
function followTip(components, channel) {
  let told = 0;
  let wake = () => {
  };
  const stop = components.onCommitted((block) => {
    if (block.channel !== channel) return;
    told = block.blockNumber + 1;
    wake();
  });
  return {
    stop,
    async reaches(number, signal) {
      while (Math.max(components.height(channel), told) <= number) {
        signal.throwIfAborted();
        const { promise, resolve } = Promise.withResolvers();
        wake = resolve;
        await raceAbort(promise, signal);
      }
    }
  };
}
async function startBlock(components, { channel_id, start_position, after_transaction_id }) {
  const after = after_transaction_id === "" ? void 0 : await components.outcome(channel_id, after_transaction_id);
  return after?.blockNumber ?? positionOf(start_position, components.height(channel_id));
}
function positionOf(position, height) {
  if (position?.specified) return toNumber(position.specified.number);
  if (!position?.Type || position.next_commit) return height;
  throw invalid(`invalid start position type: ${position.Type}`);
}
function matcherOf({
  chaincode_id,
  after_transaction_id
}) {
  let passed = after_transaction_id === "";
  return (event) => {
    if (passed) return event.chaincode_id === chaincode_id;
    passed = event.tx_id === after_transaction_id;
    return false;
  };
}
function eventsIn(bytes) {
  const { transactions, metadata } = parseBlock(bytes);
  const flags = metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
  return chaincodeEventsOf(transactions, flags).map(({ chaincode, name, payload, txId }) => ({
    chaincode_id: chaincode,
    tx_id: txId,
    event_name: name,
    payload
  }));
}

// src/node/gateway/service/commit-finder.ts
var MAX_EXPECTED = 1e4;
var CommitFinder = class {
  #components;
  // Both by channel and transaction.
  /** Transactions that were not in the ledger, and what has become of them since. */
  #expected = /* @__PURE__ */ new Map();
  #waiting = /* @__PURE__ */ new Map();
  #unsubscribe;
  constructor(components) {
    this.#components = components;
  }
  /** Calls that wait for a block. */
  get waiting() {
    return [...this.#waiting.values()].reduce((count, waiters) => count + waiters.size, 0);
  }
  start() {
    this.#unsubscribe ??= this.#components.onCommitted((block) => this.#committed(block));
  }
  /** @param reason what those get who wait. */
  stop(reason = new ServiceError(GrpcStatus.UNAVAILABLE, "the peer is stopping")) {
    this.#unsubscribe?.();
    this.#unsubscribe = void 0;
    this.#expected.clear();
    for (const waiters of this.#waiting.values()) {
      for (const { reject } of waiters) reject(reason);
    }
  }
  /** Notes from now on what becomes of a transaction that is about to be found absent from the ledger; if it is not, `forget` it. */
  expect(channel, txId) {
    if (!this.#unsubscribe) return;
    const key = keyOf(channel, txId);
    if (!this.#expected.has(key)) this.#expected.set(key, void 0);
    for (const oldest of this.#expected.keys()) {
      if (this.#expected.size <= MAX_EXPECTED) break;
      this.#expected.delete(oldest);
    }
  }
  forget(channel, txId) {
    this.#expected.delete(keyOf(channel, txId));
  }
  /** Resolves when the transaction is in the ledger. Rejects when the ledger cannot be asked, and with the signal's reason. */
  async transactionStatus(channel, txId, { signal }) {
    signal.throwIfAborted();
    const key = keyOf(channel, txId);
    const { promise: block, resolve, reject } = Promise.withResolvers();
    block.catch(() => {
    });
    const waiter = { resolve, reject };
    const waiters = this.#waiting.get(key) ?? /* @__PURE__ */ new Set();
    this.#waiting.set(key, waiters.add(waiter));
    try {
      const known = this.#expected.has(key) ? this.#expected.get(key) : await raceAbort(this.#components.outcome(channel, txId), signal);
      return known ?? await raceAbort(block, signal);
    } finally {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiting.delete(key);
      if (this.#expected.get(key)) this.#expected.delete(key);
    }
  }
  #committed({ channel, blockNumber: blockNumber2, txIds, codes }) {
    if (this.#expected.size === 0 && this.#waiting.size === 0) return;
    for (const [index, txId] of txIds.entries()) {
      const code = codes[index];
      if (code === void 0) continue;
      const key = keyOf(channel, txId);
      const outcome = { code, blockNumber: blockNumber2 };
      if (this.#expected.has(key) && !this.#expected.get(key)) this.#expected.set(key, outcome);
      for (const { resolve } of this.#waiting.get(key) ?? []) resolve(outcome);
    }
  }
};
function keyOf(channel, txId) {
  return `${channel}\0${txId}`;
}

// src/node/gateway/service/components.ts
var DEFAULT_GATEWAY_SERVICE_OPTIONS = Object.freeze({
  endorsementTimeoutMs: 3e4,
  endorserWaitMs: 5e3,
  broadcastTimeoutMs: 1e4
});

// src/node/gateway/service/answers.ts
var ERROR_THRESHOLD = 400;
function readAnswer(endorser, { response: bytes, enough }, proposalHash) {
  const response = unmarshalProposalResponse(bytes);
  const { status = 0, message = "" } = response.response ?? {};
  if (status < 200 || status >= 500 && response.payload.length === 0) {
    throw new Error(message || "no response");
  }
  const answer = { endorser, response, enough: endorser.own ? enough : void 0 };
  if (status >= ERROR_THRESHOLD) return { ...answer, result: new Uint8Array() };
  const { proposal_hash, extension } = unmarshalProposalResponsePayload(response.payload);
  if (!equalBytes(proposal_hash, proposalHash)) throw new Error("an answer to another proposal");
  const { response: returned } = unmarshalChaincodeAction(extension);
  return { ...answer, result: returned?.payload ?? new Uint8Array() };
}
function refusalOf({ response }) {
  const { status = 0, message = "" } = response.response ?? {};
  return status < ERROR_THRESHOLD ? void 0 : `chaincode response ${status}, ${message}`;
}
function agreeingGroups(answers) {
  const groups = [];
  for (const answer of answers) {
    const { payload } = answer.response;
    const group = groups.find(([first]) => equalBytes(first.response.payload, payload));
    if (group) group.push(answer);
    else groups.push([answer]);
  }
  return groups;
}
function fill(layout, candidates) {
  const left = [...candidates];
  const chosen = [];
  for (const mspId of layout) {
    const index = left.findIndex((endorser2) => endorser2.mspId === mspId);
    const [endorser] = index < 0 ? [] : left.splice(index, 1);
    if (!endorser) return void 0;
    chosen.push(endorser);
  }
  return chosen;
}

// src/node/gateway/service/endorser-calls.ts
var EndorserCalls = class {
  /** Endorsements; a refusal ends the call. */
  answers = [];
  details = [];
  /** Whether a connection broke under a call: the peer may answer over another one. */
  isLost = false;
  /** All of them: this node's peer, then its organisation, then others; the highest ledger first. */
  candidates;
  /** Who was not asked yet. */
  left;
  #context;
  #proposal;
  constructor(context, proposal) {
    this.#context = context;
    this.#proposal = proposal;
    const { components } = context;
    const rank = (e) => e.own ? 0 : e.mspId === components.mspId ? 1 : 2;
    this.candidates = [...components.endorsers(proposal.channel, proposal.chaincode)].sort(
      (a, b) => rank(a) - rank(b) || b.height - a.height
    );
    this.left = [...this.candidates];
  }
  /** Who was not asked yet, of certain organisations if they are given. */
  leftOf(organizations) {
    return this.left.filter(({ mspId }) => !organizations || organizations.includes(mspId));
  }
  /** At once. Throws what `refused` makes of a chaincode's own refusal, which will be the same at every peer. */
  async askAll(endorsers, judged, refused) {
    const got = await Promise.all(endorsers.map((endorser) => this.#ask(endorser, judged)));
    this.#context.signal.throwIfAborted();
    for (const answer of got) {
      if (!answer) continue;
      const refusal = refusalOf(answer);
      if (refusal !== void 0) {
        this.#note(answer.endorser, refusal);
        throw refused(refusal);
      }
      this.answers.push(answer);
    }
  }
  /** In turn, until there is an answer. Throws as `askAll` does. */
  async askFirst(endorsers, judged, refused) {
    for (const endorser of endorsers) {
      await this.askAll([endorser], judged, refused);
      const [answer] = this.answers;
      if (answer) return answer;
    }
    return void 0;
  }
  /** @param secret whether others could have been asked but for the transient data. */
  noEndorsers(secret) {
    const { channel, chaincode } = this.#proposal;
    const what = `runs chaincode ${chaincode} on ${channel}`;
    return new ServiceError(
      GrpcStatus.FAILED_PRECONDITION,
      secret ? `no reachable peer of the client's organisation ${what}; name endorsing organisations to show them the transient data` : `no reachable peer ${what}`
    );
  }
  async #ask(endorser, judged) {
    const { components, options, signal } = this.#context;
    const { signed, proposalHash } = this.#proposal;
    this.left.splice(this.left.indexOf(endorser), 1);
    try {
      const endorsed = await withDeadline(
        components.clock,
        options.endorsementTimeoutMs,
        "the endorsement",
        (limit) => endorser.processProposal(signed, { signal: limit, judged: judged && endorser.own }),
        { signal }
      );
      return readAnswer(endorser, endorsed, proposalHash);
    } catch (error) {
      if (isConnectionFailure(error)) this.isLost = true;
      this.#note(endorser, messageOf(error));
    }
    return void 0;
  }
  #note({ name: address, mspId }, message) {
    this.details.push({ address, mspId, message });
  }
};
function isConnectionFailure(error) {
  if (!(error instanceof ServiceError)) return false;
  return error.status === GrpcStatus.UNAVAILABLE || error.status === GrpcStatus.CANCELLED;
}

// src/node/gateway/service/proposed-transaction.ts
var MAX_ORGANIZATIONS = 100;
function proposedTransaction(signed, organizations) {
  if (!signed?.proposal_bytes?.length) {
    throw invalid("the proposed transaction must contain a signed proposal");
  }
  if (organizations.length > MAX_ORGANIZATIONS) throw invalid("too many organizations are named");
  try {
    const proposal = unmarshalProposal(signed.proposal_bytes);
    const header = unmarshalHeader(proposal.header);
    const payload = unmarshalChaincodeProposalPayload(proposal.payload);
    const { channel_id: channel, tx_id: txId } = unmarshalChannelHeader(header.channel_header);
    const { chaincode_spec } = unmarshalChaincodeInvocationSpec(payload.input);
    const chaincode = chaincode_spec?.chaincode_id?.name ?? "";
    if (channel === "") throw new Error("no channel id provided");
    if (chaincode === "") throw new Error("no chaincode name is provided");
    return {
      channel,
      chaincode,
      txId,
      signed: protos.SignedProposal.encode(signed).finish(),
      proposalHash: getProposalHash1(header, proposal.payload),
      header,
      payload,
      hasTransientData: Object.keys(payload.TransientMap).length > 0,
      organizations: organizations.length > 0 ? organizations : void 0
    };
  } catch (cause) {
    throw invalid(`failed to unpack transaction proposal: ${messageOf(cause)}`);
  }
}

// src/node/gateway/service/endorse.ts
var MAX_DIFFERENT_RESULTS = 3;
function readEndorseRequest(request) {
  const { proposed_transaction, endorsing_organizations } = decodeRequest(
    gateway.EndorseRequest,
    request
  );
  return proposedTransaction(proposed_transaction, endorsing_organizations);
}
var EndorserLostError = class extends ServiceError {
  name = "EndorserLostError";
};
async function endorse(context, proposal) {
  const answers = await new EndorsementRound(context, proposal).collect();
  const responses = answers.map(({ response: response2 }) => response2);
  const payload = assembleTxPayload(proposal.header, proposal.payload, responses);
  const response = gateway.EndorseResponse.encode({ prepared_transaction: { payload } }).finish();
  return { response, endorsers: answers.map(({ endorser }) => endorser) };
}
var EndorsementRound = class {
  #context;
  #proposal;
  #named;
  // Whether the client leaves it to the gateway to keep its transient data from strangers.
  #isSecret;
  #calls;
  constructor(context, proposal) {
    this.#context = context;
    this.#proposal = proposal;
    this.#named = proposal.organizations;
    this.#isSecret = !this.#named && proposal.hasTransientData;
    this.#calls = new EndorserCalls(context, proposal);
  }
  /** Answers that agree and satisfy the policies. */
  async collect() {
    const { answers, left } = this.#calls;
    if (left.length === 0) throw this.#calls.noEndorsers(false);
    const plan = await this.#plan();
    let wave = this.#firstWave(plan);
    while (wave.length + answers.length > 0) {
      await this.#calls.askAll(wave, mayBeOne(plan), this.#refused);
      const groups = agreeingGroups(answers);
      for (const group of groups) if (await this.#satisfied(group)) return group;
      wave = groups.length < MAX_DIFFERENT_RESULTS ? this.#nextWave(plan) : [];
      if (wave.length === 0) break;
    }
    this.#requireAgreement();
    throw this.#tooFew(plan);
  }
  // When it matters what the transaction touches, or that nobody sees the proposal who must not, one of the gateway's own
  // organisation goes first (planFromFirstEndorser).
  async #plan() {
    if (this.#named) return { layouts: [this.#named], allowed: this.#named };
    const { components, plans } = this.#context;
    const { channel, chaincode } = this.#proposal;
    const plan = await plans.plan(channel, chaincode);
    if (!this.#isSecret && !plan.dependsOnInterest) return plan;
    const own = this.#calls.leftOf([components.mspId]);
    if (own.length === 0 && this.#isSecret) throw this.#calls.noEndorsers(true);
    if (own.length === 0) return plan;
    const first = await this.#calls.askFirst(own, mayBeOne(plan), this.#refused);
    if (first) return this.#planFor(first);
    throw this.#refused();
  }
  async #planFor({ response }) {
    const chaincodes = (response.interest?.chaincodes ?? []).map((call) => ({
      name: call.name ?? "",
      collectionNames: call.collection_names ?? [],
      noPrivateReads: call.no_private_reads ?? false
    }));
    const interest = { chaincodes, hasTransientData: this.#isSecret };
    const { channel, chaincode } = this.#proposal;
    const plan = await this.#context.plans.plan(channel, chaincode, interest);
    if (plan.problem === void 0) return plan;
    throw this.#failure(GrpcStatus.FAILED_PRECONDITION, plan.problem);
  }
  // One peer for each organisation of the cheapest layout that reachable peers can fill, less what there is already.
  #firstWave({ layouts, allowed }) {
    const { answers, left } = this.#calls;
    for (const layout of layouts) {
      const missing = [...layout];
      for (const { endorser } of answers) {
        const index = missing.indexOf(endorser.mspId);
        if (index >= 0) missing.splice(index, 1);
      }
      const chosen = fill(missing, left);
      if (chosen && chosen.length + answers.length > 0) return chosen;
    }
    return allowed || answers.length > 0 ? [] : left.slice(0, 1);
  }
  // Someone of an organisation that has not endorsed yet; else anybody.
  #nextWave({ allowed }) {
    const able = this.#calls.leftOf(allowed);
    const have = new Set(this.#calls.answers.map(({ endorser }) => endorser.mspId));
    const next = able.find(({ mspId }) => !have.has(mspId)) ?? able[0];
    return next ? [next] : [];
  }
  // Whether these, who agree, are enough.
  async #satisfied(answers) {
    if (this.#named) {
      return this.#named.every((mspId) => answers.some(({ endorser }) => endorser.mspId === mspId));
    }
    const [{ response, enough }, ...others] = answers;
    if (others.length === 0 && enough !== void 0) return enough;
    const endorsements = answers.flatMap((answer) => answer.response.endorsement ?? []);
    const { components } = this.#context;
    return components.satisfiesPolicy(this.#proposal.channel, response.payload, endorsements);
  }
  #requireAgreement() {
    const { answers } = this.#calls;
    const [first, ...differing] = agreeingGroups(answers);
    if (!first || differing.length === 0) return;
    const details = answers.map((answer) => ({
      address: answer.endorser.name,
      mspId: answer.endorser.mspId,
      message: first.includes(answer) ? "endorsed" : `result differs from that of ${first[0].endorser.name}: other ledger height or non-deterministic chaincode`
    }));
    throw this.#failure(GrpcStatus.ABORTED, "ProposalResponsePayloads do not match", details);
  }
  #tooFew({ layouts: [layout = []] }) {
    const { answers, candidates, details } = this.#calls;
    const reachable = new Set(candidates.map(({ mspId }) => mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    const missing = layout.filter((mspId) => !have.has(mspId) && !reachable.has(mspId));
    for (const mspId of missing) {
      const message = `no reachable peer of ${mspId} runs chaincode ${this.#proposal.chaincode}`;
      details.push({ address: "", mspId, message });
    }
    const why = missing.length > 0 ? `: ${missing.join(", ")} missing` : "";
    const text = `failed to collect enough transaction endorsements${why}, see attached details for more info`;
    return this.#calls.isLost ? new EndorserLostError(GrpcStatus.ABORTED, text, { details }) : this.#failure(GrpcStatus.ABORTED, text);
  }
  #refused = () => this.#failure(
    GrpcStatus.ABORTED,
    "failed to endorse transaction, see attached details for more info"
  );
  #failure(status, message, details = this.#calls.details) {
    return new ServiceError(status, message, { details });
  }
};
function mayBeOne({ layouts }) {
  return layouts.length === 0 || layouts.some(({ length }) => length === 1);
}

// src/node/gateway/service/endorse-when-possible.ts
var LOOK_MS = 100;
async function endorseWhenPossible(context, proposal) {
  const { components, options, signal } = context;
  const { clock } = components;
  const until = clock.now() + options.endorserWaitMs;
  for (; ; ) {
    await awaitEndorsers(context, proposal, until - clock.now());
    try {
      return await endorse(context, proposal);
    } catch (error) {
      if (!(error instanceof EndorserLostError) || clock.now() >= until) throw error;
      await clock.sleep(LOOK_MS, { signal });
    }
  }
}
async function awaitEndorsers(context, proposal, ms) {
  const { components, signal } = context;
  const { channel, chaincode, txId } = proposal;
  const layouts = await layoutsOf(context, proposal);
  const missing = () => {
    const endorsers = components.endorsers(channel, chaincode);
    if (layouts.length === 0 || layouts.some((layout) => fill(layout, endorsers))) return [];
    const [cheapest = []] = layouts;
    const lacking = cheapest.filter((mspId) => !endorsers.some((one) => one.mspId === mspId));
    return lacking.length > 0 ? lacking : cheapest;
  };
  const waitingFor = missing();
  if (waitingFor.length === 0 || ms <= 0) return;
  const { clock, trace, name: peer } = components;
  trace.emit({ at: clock.now(), peer, stage: "propose", channel, txId, data: { waitingFor } });
  await withDeadline(
    clock,
    ms,
    "waiting for endorsers",
    async (limit) => {
      while (missing().length > 0) await clock.sleep(LOOK_MS, { signal: limit });
    },
    { signal }
  ).catch((error) => {
    signal.throwIfAborted();
    if (!(error instanceof DeadlineError)) throw error;
  });
}
async function layoutsOf({ plans }, { channel, chaincode, organizations }) {
  if (organizations) return [organizations];
  const plan = await plans.plan(channel, chaincode).catch(() => void 0);
  return plan?.layouts ?? [];
}

// src/node/gateway/service/endorsement-plans.ts
var MAX_PLANS = 1e3;
var EndorsementPlans = class {
  #components;
  #channels = /* @__PURE__ */ new Map();
  #unsubscribe;
  constructor(components) {
    this.#components = components;
  }
  start() {
    this.#unsubscribe ??= this.#components.onCommitted((block) => this.#committed(block));
  }
  stop() {
    this.#unsubscribe?.();
    this.#unsubscribe = void 0;
    this.#channels.clear();
  }
  /** As GatewayServiceComponents.endorsementPlan. To whom transient data may be shown is asked each time. */
  plan(channel, chaincode, interest) {
    if (!this.#unsubscribe || interest?.hasTransientData) {
      return this.#components.endorsementPlan(channel, chaincode, interest);
    }
    const { plans } = this.#of(channel);
    const key = JSON.stringify([chaincode, interest]);
    const known = plans.get(key);
    if (known) return known;
    const made = this.#components.endorsementPlan(channel, chaincode, interest);
    plans.set(key, made);
    made.catch(() => {
      if (plans.get(key) === made) plans.delete(key);
    });
    for (const oldest of plans.keys()) {
      if (plans.size <= MAX_PLANS) break;
      plans.delete(oldest);
    }
    return made;
  }
  // A plan that is being made is not kept either: it may be from before the block.
  #committed({ channel, planVersion }) {
    const known = this.#of(channel);
    if (known.version === planVersion) return;
    known.version = planVersion;
    known.plans.clear();
  }
  #of(channel) {
    const known = this.#channels.get(channel) ?? { version: void 0, plans: /* @__PURE__ */ new Map() };
    this.#channels.set(channel, known);
    return known;
  }
};

// src/node/gateway/service/evaluate.ts
async function evaluate(context, request) {
  const { proposed_transaction, target_organizations } = decodeRequest(
    gateway.EvaluateRequest,
    request
  );
  const proposal = proposedTransaction(proposed_transaction, target_organizations);
  const secret = !proposal.organizations && proposal.hasTransientData;
  const calls = new EndorserCalls(context, proposal);
  const allowed = secret ? [context.components.mspId] : proposal.organizations;
  const able = calls.leftOf(allowed);
  if (able.length === 0) throw calls.noEndorsers(secret);
  const { details } = calls;
  const answer = await calls.askFirst(able, false, (refusal) => {
    const text = `evaluate call to endorser returned error: ${refusal}`;
    return new ServiceError(GrpcStatus.UNKNOWN, text, { details });
  });
  if (!answer) {
    const text = "failed to evaluate transaction, see attached details for more info";
    throw new ServiceError(GrpcStatus.ABORTED, text, { details });
  }
  const { response, result } = answer;
  return gateway.EvaluateResponse.encode({
    result: { ...response.response, payload: result }
  }).finish();
}

// src/node/gateway/service/submit.ts
function readSubmitRequest(request) {
  const { channel_id, transaction_id, prepared_transaction } = decodeRequest(
    gateway.SubmitRequest,
    request
  );
  if (!prepared_transaction) throw invalid("a prepared transaction is required");
  if (prepared_transaction.signature.length === 0) {
    throw invalid("prepared transaction must be signed");
  }
  if (channel_id === "") throw invalid("no channel ID provided");
  const envelope = common.Envelope.encode(prepared_transaction).finish();
  return { channel: channel_id, txId: transaction_id, envelope };
}
async function submit({ components, options, signal }, channel, envelope) {
  const { status, info } = await withDeadline(
    components.clock,
    options.broadcastTimeoutMs,
    "the answer",
    (limit) => components.broadcast(channel, envelope, { signal: limit }),
    { signal }
  ).catch((cause) => {
    signal.throwIfAborted();
    const text2 = `the orderer could not be reached: ${messageOf(cause)}`;
    throw new ServiceError(GrpcStatus.UNAVAILABLE, text2, { cause });
  });
  if (status === common.Status.SUCCESS) return;
  const text = `received unsuccessful response from orderer: status=${common.Status[status] ?? status}, info=${info}`;
  throw new ServiceError(GrpcStatus.ABORTED, text);
}

// src/node/gateway/service/gateway-service.ts
var GatewayService = class {
  /** `/gateway.Gateway/…`. */
  services;
  #components;
  #options;
  #plans;
  #commits;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_GATEWAY_SERVICE_OPTIONS, ...options };
    this.#plans = new EndorsementPlans(components);
    this.#commits = new CommitFinder(components);
    this.services = /* @__PURE__ */ new Map([
      [
        EVALUATE,
        unaryHandler((request, { signal }) => evaluate({ ...this.#context, signal }, request))
      ],
      [ENDORSE, unaryHandler((request, context) => this.#endorse(request, context))],
      [SUBMIT, unaryHandler((request, context) => this.#submit(request, context))],
      [COMMIT_STATUS, unaryHandler((request, context) => this.#commitStatus(request, context))],
      [CHAINCODE_EVENTS, (requests, context) => this.#chaincodeEvents(requests, context)]
    ]);
  }
  /** Calls that wait for a block. */
  get waiting() {
    return this.#commits.waiting;
  }
  /** Follows this peer's commits. Otherwise it knows only what is in the ledger when it is asked. */
  start() {
    this.#commits.start();
    this.#plans.start();
  }
  /** @param reason what those get who wait for a block. */
  stop(reason) {
    this.#commits.stop(reason);
    this.#plans.stop();
  }
  get #context() {
    return { components: this.#components, options: this.#options, plans: this.#plans };
  }
  async #endorse(request, { signal }) {
    const began = this.#components.clock.now();
    const proposal = readEndorseRequest(request);
    const { channel, txId } = proposal;
    this.#commits.expect(channel, txId);
    let seen = false;
    try {
      const context = { ...this.#context, signal };
      const { response, endorsers } = await endorseWhenPossible(context, proposal);
      seen = endorsers.some(({ own }) => own);
      const data = { endorsers: endorsers.map(({ name }) => name) };
      this.#trace("endorse", channel, txId, began, { data });
      return response;
    } finally {
      if (!seen) this.#commits.forget(channel, txId);
    }
  }
  async #submit(request, { signal }) {
    const began = this.#components.clock.now();
    const { channel, txId, envelope } = readSubmitRequest(request);
    await submit({ ...this.#context, signal }, channel, envelope);
    this.#trace("submit", channel, txId, began);
    return gateway.SubmitResponse.encode({}).finish();
  }
  async #commitStatus(bytes, context) {
    const began = this.#components.clock.now();
    const signed = decodeRequest(gateway.SignedCommitStatusRequest, bytes);
    const request = decodeRequest(gateway.CommitStatusRequest, signed.request);
    const { channel_id: channel, transaction_id: txId } = request;
    if (txId === "") throw invalid("transaction ID should not be empty");
    await this.#authorize("gateway/CommitStatus", request, signed, context);
    const { signal } = context;
    const { code, blockNumber: blockNumber2 } = await this.#commits.transactionStatus(channel, txId, { signal }).catch((cause) => {
      signal.throwIfAborted();
      if (cause instanceof ServiceError) throw cause;
      throw new ServiceError(GrpcStatus.ABORTED, messageOf(cause), { cause });
    });
    this.#trace("event", channel, txId, began, { block: blockNumber2, data: { code } });
    return gateway.CommitStatusResponse.encode({
      result: code,
      block_number: blockNumber2
    }).finish();
  }
  async *#chaincodeEvents(requests, context) {
    for await (const bytes of requests) {
      const signed = decodeRequest(gateway.SignedChaincodeEventsRequest, bytes);
      const request = decodeRequest(gateway.ChaincodeEventsRequest, signed.request);
      await this.#authorize("gateway/ChaincodeEvents", request, signed, context);
      return yield* chaincodeEvents(this.#components, request, context);
    }
    throw invalid("the call carried no request");
  }
  // The node itself needs no leave to read its own ledger, and so makes no signature.
  async #authorize(resource, { channel_id: channel, identity }, { request: data, signature }, context) {
    if (channel === "") throw invalid("no channel ID provided");
    if (isOwnCall(context)) return;
    if (identity.length === 0) throw invalid("no identity provided");
    try {
      await this.#components.checkAcl(channel, resource, { data, identity, signature });
    } catch (cause) {
      throw new ServiceError(GrpcStatus.PERMISSION_DENIED, messageOf(cause), { cause });
    }
  }
  #trace(stage, channel, txId, began, more = {}) {
    const { clock, trace, name: peer } = this.#components;
    const at = clock.now();
    trace.emit({ at, peer, stage, channel, txId, ms: at - began, ...more });
  }
};

export {
  textField,
  txViewOf,
  blockViewOf,
  chaincodeEventsOf,
  findConflict,
  GrpcStatus,
  ServiceError,
  serviceErrorOf,
  unary,
  unaryHandler,
  proxied,
  localClient,
  ownClient,
  DeadlineError,
  withDeadline,
  raceAbort,
  EVALUATE,
  ENDORSE,
  SUBMIT,
  COMMIT_STATUS,
  METHODS,
  GatewayService
};
