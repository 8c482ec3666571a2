import {
  isReservedName
} from "./chunk-GQA564GI.js";
import {
  COMMIT_STATUS,
  DeadlineError,
  ENDORSE,
  EVALUATE,
  GrpcStatus,
  METHODS,
  SUBMIT,
  ServiceError,
  unary,
  unaryHandler,
  withDeadline
} from "./chunk-V5KREMOY.js";
import {
  common,
  computeTxId,
  createChaincodeProposal,
  fromTimestamp,
  gateway,
  getBytesProposalResponsePayload,
  getPayloads,
  getProposalHash1,
  orderer,
  proposalAsSignedData,
  protos,
  rwset,
  toNumber,
  unmarshalChaincodeHeaderExtension,
  unmarshalChaincodeInvocationSpec,
  unmarshalChaincodeProposalPayload,
  unmarshalChannelHeader,
  unmarshalHashedRWSet,
  unmarshalHeader,
  unmarshalKVRWSet,
  unmarshalPayload,
  unmarshalProposal,
  unmarshalSignatureHeader,
  unmarshalSignedProposal,
  unmarshalTransaction,
  unmarshalTxReadWriteSet
} from "./chunk-R4E6L3MR.js";
import {
  EMPTY_BYTES,
  FabricError,
  compareUtf8,
  concat,
  messageOf,
  toHex,
  utf8
} from "./chunk-4AZXMRM6.js";

// src/node/endorser/chaincode-interest.ts
function chaincodeInterest(results, privateReads = []) {
  const { ns_rwset } = unmarshalTxReadWriteSet(results);
  const calls = ns_rwset.filter(({ namespace }) => !isReservedName(namespace)).flatMap((set) => callsOf(set, privateReads));
  return { chaincodes: calls };
}
function callsOf(set, privateReads) {
  const name = set.namespace;
  const written = set.collection_hashed_rwset.filter(({ hashed_rwset }) => hasPrivateWrites(hashed_rwset)).map(({ collection_name }) => collection_name);
  const read = privateReads.filter(({ namespace }) => namespace === name).map(({ collection }) => collection);
  const { writes, metadata_writes } = unmarshalKVRWSet(set.rwset);
  const needsChaincode = writes.length + metadata_writes.length > 0 || written.length === 0;
  const collections = [.../* @__PURE__ */ new Set([...written, ...read])].sort(compareUtf8);
  return [
    ...needsChaincode ? [{ name }] : [],
    ...collections.map((collection) => ({
      name,
      collection_names: [collection],
      no_private_reads: !read.includes(collection)
    }))
  ];
}
function hasPrivateWrites(hashed) {
  const { hashed_writes, metadata_writes } = unmarshalHashedRWSet(hashed);
  return hashed_writes.length + metadata_writes.length > 0;
}

// src/node/endorser/pvt-rwset-assembler.ts
async function assemblePvtRWSet(privateResults, collections, endorsedAt) {
  const pvt_rwset = rwset.TxPvtReadWriteSet.decode(privateResults);
  const packages = await Promise.all(
    pvt_rwset.ns_pvt_rwset.map(async ({ namespace, collection_pvt_rwset }) => {
      const config = await Promise.all(
        collection_pvt_rwset.map(async ({ collection_name }) => ({
          static_collection_config: await collections.retrieveCollectionConfig(
            namespace,
            collection_name
          )
        }))
      );
      return [namespace, { config }];
    })
  );
  return { endorsed_at: endorsedAt, pvt_rwset, collection_configs: Object.fromEntries(packages) };
}

// src/node/endorser/unpacked-proposal.ts
var TIME_WINDOW_MS = 15 * 6e4;
function refuse(message) {
  throw new FabricError("INVALID_PROPOSAL", message);
}
function unpackProposal(bytes) {
  const signedProposal = unmarshalSignedProposal(bytes);
  const proposal = unmarshalProposal(signedProposal.proposal_bytes);
  const header = unmarshalHeader(proposal.header);
  const channelHeader = unmarshalChannelHeader(header.channel_header);
  const signatureHeader = unmarshalSignatureHeader(header.signature_header);
  const { chaincode_id } = unmarshalChaincodeHeaderExtension(channelHeader.extension);
  if (chaincode_id === null) refuse("ChaincodeHeaderExtension.ChaincodeId is nil");
  if (chaincode_id.name === "") refuse("ChaincodeHeaderExtension.ChaincodeId.Name is empty");
  const payload = unmarshalChaincodeProposalPayload(proposal.payload);
  const { chaincode_spec } = unmarshalChaincodeInvocationSpec(payload.input);
  if (chaincode_spec === null) {
    refuse("chaincode invocation spec did not contain chaincode spec");
  }
  if (chaincode_spec.input === null) refuse("chaincode input did not contain any input");
  return {
    chaincodeName: chaincode_id.name,
    channelId: channelHeader.channel_id,
    txId: channelHeader.tx_id,
    channelHeader,
    signatureHeader,
    input: chaincode_spec.input,
    signedProposal,
    proposalHash: getProposalHash1(header, proposal.payload)
  };
}
function checkHeaders(proposal) {
  const { channelHeader, signatureHeader, signedProposal, txId } = proposal;
  const { type } = channelHeader;
  if (type !== common.HeaderType.ENDORSER_TRANSACTION && type !== common.HeaderType.CONFIG) {
    refuse(`invalid header type ${common.HeaderType[type] ?? type}`);
  }
  if (toNumber(channelHeader.epoch) !== 0) refuse("epoch is non-zero");
  if (signatureHeader.nonce.length === 0) refuse("nonce is empty");
  if (signatureHeader.creator.length === 0) refuse("creator is empty");
  const expected = computeTxId(signatureHeader.nonce, signatureHeader.creator);
  if (txId !== expected) {
    refuse(`incorrectly computed txid '${txId}' -- expected '${expected}'`);
  }
  if (signedProposal.proposal_bytes.length === 0) refuse("empty proposal bytes");
  if (signedProposal.signature.length === 0) refuse("empty signature bytes");
}
function checkTimeWindow({ channelHeader }, now) {
  const made = fromTimestamp(channelHeader.timestamp);
  if (Math.abs(now - made) <= TIME_WINDOW_MS) return;
  refuse(
    `request unauthorized due to incorrect timestamp ${rfc3339(made)}, peer time ${rfc3339(now)}, peer.authentication.timewindow 15m0s`
  );
}
async function checkExpiration({ signatureHeader }, msps, now) {
  const creator = await msps.deserializeIdentity(signatureHeader.creator).catch(() => void 0);
  if (creator && now > creator.expiresAt) refuse("proposal client identity expired");
}
async function checkCreator(proposal, msps) {
  const { channelId, signatureHeader, signedProposal } = proposal;
  let creator;
  try {
    creator = await msps.deserializeIdentity(signatureHeader.creator);
  } catch {
    refuse(`access denied: channel [${channelId}] creator org unknown, creator is malformed`);
  }
  const denied = `access denied: channel [${channelId}] creator org [${creator.mspId}]`;
  await creator.validate().catch(() => refuse(denied));
  const { proposal_bytes, signature } = signedProposal;
  if (!await creator.verify(proposal_bytes, signature)) refuse(denied);
}
function rfc3339(ms) {
  return Math.abs(ms) <= 864e13 ? new Date(ms).toISOString().replace(/\.\d+Z$/, "Z") : String(ms);
}

// src/node/endorser/endorser.ts
var PROCESS_PROPOSAL = "/protos.Endorser/ProcessProposal";
var ERROR_THRESHOLD = 400;
var ERROR = 500;
var Endorser = class {
  #components;
  /** `/protos.Endorser/ProcessProposal`. */
  services;
  constructor(components) {
    this.#components = components;
    const handler = unaryHandler((request) => this.processProposal(request));
    this.services = /* @__PURE__ */ new Map([[PROCESS_PROPOSAL, handler]]);
  }
  /**
   * Serialized SignedProposal in, serialized ProposalResponse out. Throws ServiceError UNKNOWN, as a Go peer's gRPC error, for a
   * proposal that is refused before anything runs.
   */
  async processProposal(request) {
    const started = this.#components.clock.now();
    let proposal;
    let channel;
    try {
      proposal = unpackProposal(request);
      const { channelId } = proposal;
      channel = channelId === "" ? void 0 : this.#components.channels(channelId);
      if (channelId !== "" && !channel) return encodeFailure(`channel '${channelId}' not found`);
      await this.#preProcess(proposal, channel);
    } catch (cause) {
      this.#components.log.warn(`proposal refused: ${messageOf(cause)}`);
      throw new ServiceError(GrpcStatus.UNKNOWN, messageOf(cause), { cause });
    }
    const response = await this.#endorse(proposal, channel);
    this.#tell(proposal, response, started);
    return protos.ProposalResponse.encode(response).finish();
  }
  #tell({ channelId, txId, chaincodeName }, { response }, started) {
    const { clock, trace, name } = this.#components;
    const at = clock.now();
    trace.emit({
      at,
      peer: name,
      stage: "endorse",
      ...channelId !== "" && { channel: channelId },
      txId,
      ms: at - started,
      data: { chaincode: chaincodeName, status: response?.status }
    });
  }
  async #preProcess(proposal, channel) {
    if (channel?.ledger.preResetHeight !== void 0) {
      const text = "endorse requests are blocked while ledgers are being rebuilt";
      throw new FabricError("LEDGER_REBUILDING", text);
    }
    const { clock, localMsp } = this.#components;
    await checkProposal(proposal, channel?.bundle.mspManager ?? localMsp() ?? NO_MSP, clock.now());
    if (channel) await this.#checkOnChannel(proposal, channel);
  }
  async #checkOnChannel(proposal, { ledger }) {
    const { txId, channelId, chaincodeName, signatureHeader, signedProposal } = proposal;
    if (await ledger.txIDExists(txId)) {
      const creator = toHex(signatureHeader.creator);
      const text = `duplicate transaction found [${txId}]. Creator [${creator}]`;
      throw new FabricError("DUPLICATE_TXID", text);
    }
    if (this.#components.systemChaincodes.get(chaincodeName)) return;
    const signed = proposalAsSignedData(signedProposal);
    await this.#components.acl.checkAcl("peer/Propose", channelId, signed);
  }
  async #endorse(proposal, channel) {
    const { channelId, txId, chaincodeName } = proposal;
    const { lifecycle, systemChaincodes, log } = this.#components;
    const simulates = systemChaincodes.get(chaincodeName)?.simulates ?? true;
    const simulator = simulates ? channel?.ledger.newTxSimulator(txId) : void 0;
    try {
      const { version } = await lifecycle.chaincodeEndorsementInfo(channelId, chaincodeName, simulator).catch((cause) => {
        const text = `make sure the chaincode ${chaincodeName} has been successfully defined on channel ${channelId} and try again: ${messageOf(cause)}`;
        throw new FabricError("CHAINCODE_NOT_FOUND", text, { cause });
      });
      const simulated = await this.#simulate(proposal, channel, simulator);
      return await this.#answer(proposal, version, simulated);
    } catch (error) {
      log.warn(`[${txId.slice(0, 8)}] ${messageOf(error)}`);
      return failure(messageOf(error));
    } finally {
      simulator?.done();
    }
  }
  async #simulate(proposal, channel, simulator) {
    const { channelId, txId, signedProposal, chaincodeName, input } = proposal;
    try {
      const params = { channelId, txId, signedProposal, simulator, history: channel?.ledger };
      const result = await this.#components.chaincodes.execute(params, chaincodeName, input);
      if (!channel || !simulator) return result;
      const results = await simulator.getTxSimulationResults();
      if ((result.response.status ?? 0) < ERROR_THRESHOLD) {
        await this.#distribute(proposal, channel, results);
      }
      return { ...result, results };
    } catch (cause) {
      throw new FabricError("SIMULATION_FAILED", `error in simulation: ${messageOf(cause)}`, {
        cause
      });
    }
  }
  async #distribute({ channelId, txId }, { ledger, collections, distributor }, { privateResults }) {
    if (!privateResults) return;
    if (!distributor) {
      const text = `No private data handler for ${channelId}`;
      throw new FabricError("UNSUPPORTED", text);
    }
    const { height } = ledger.getBlockchainInfo();
    const data = await assemblePvtRWSet(privateResults, collections, height).catch((cause) => {
      const text = `failed to obtain collections config: ${messageOf(cause)}`;
      throw new FabricError("COLLECTION_UNKNOWN", text, { cause });
    });
    await distributor.distributePrivateData(txId, data, height);
  }
  async #answer({ channelId, chaincodeName, proposalHash }, version, { response, event, results }) {
    const status = response.status ?? 0;
    const payload = getBytesProposalResponsePayload(proposalHash, {
      response,
      results: results?.publicResults ?? EMPTY_BYTES,
      events: event ? protos.ChaincodeEvent.encode(event).finish() : EMPTY_BYTES,
      chaincodeId: { name: chaincodeName, version }
    });
    const interest = results && chaincodeInterest(results.publicResults, results.privateReads);
    const about = { response, payload, ...interest && { interest } };
    if (status >= ERROR) return about;
    if (status >= ERROR_THRESHOLD || channelId === "") return { response };
    const { identity } = this.#components;
    const endorser = identity.serialize();
    const signature = await identity.sign(concat(payload, endorser));
    return { ...about, version: 1, endorsement: { endorser, signature } };
  }
};
var NO_MSP = {
  deserializeIdentity: () => Promise.reject(new FabricError("MSP_UNKNOWN", "this peer has no MSP of its own yet"))
};
async function checkProposal(proposal, msps, now) {
  await checkExpiration(proposal, msps, now);
  checkTimeWindow(proposal, now);
  try {
    checkHeaders(proposal);
    await checkCreator(proposal, msps);
  } catch (cause) {
    const text = `error validating proposal: ${messageOf(cause)}`;
    throw new FabricError("INVALID_PROPOSAL", text, { cause });
  }
}
function failure(message) {
  return { response: { status: ERROR, message } };
}
function encodeFailure(message) {
  return protos.ProposalResponse.encode(failure(message)).finish();
}

// src/common/runtime/async-queue.ts
var AsyncQueue = class {
  #limit;
  #values = [];
  #waiting;
  #ended = false;
  #error;
  /** @param limit values that may wait; one more ends the queue with an overflow error. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }
  get size() {
    return this.#values.length;
  }
  push(value) {
    if (this.#ended) return;
    if (this.#values.length >= this.#limit) {
      this.fail(new FabricError("QUEUE_OVERFLOW", `more than ${this.#limit} values are waiting`));
      return;
    }
    this.#values.push(value);
    this.#wake();
  }
  /** Takes at most `most` of the values that wait now. */
  drain(most) {
    return this.#values.splice(0, most);
  }
  end() {
    this.#ended = true;
    this.#wake();
  }
  fail(error) {
    if (this.#ended) return;
    this.#error = error;
    this.end();
  }
  async *[Symbol.asyncIterator]() {
    for (; ; ) {
      while (this.#values.length > 0) yield this.#values.shift();
      if (this.#error !== void 0) throw this.#error;
      if (this.#ended) return;
      await new Promise((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
  #wake() {
    this.#waiting?.();
    this.#waiting = void 0;
  }
};

// src/node/gateway/service/broadcast-stream.ts
var BROADCAST_METHOD = "/orderer.AtomicBroadcast/Broadcast";
var MAX_WAITING = 1e4;
var BroadcastStream = class {
  #client;
  #open;
  constructor(client) {
    this.#client = client;
  }
  /** Sends an envelope; resolves with the orderer's answer. Rejects when the stream breaks before it, or the signal is aborted. */
  send(envelope, { signal }) {
    const stream = this.#open ?? this.#begin();
    return new Promise((resolve, reject) => {
      const abort = () => this.#fail(stream, signal.reason);
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const settled = () => signal.removeEventListener("abort", abort);
      stream.waiting.push({
        resolve: (status) => {
          settled();
          resolve(status);
        },
        reject: (error) => {
          settled();
          reject(error);
        }
      });
      stream.requests.push(envelope);
    });
  }
  #begin() {
    const requests = new AsyncQueue(MAX_WAITING);
    const stream = { requests, waiting: [], close: new AbortController() };
    this.#open = stream;
    void this.#read(stream);
    return stream;
  }
  async #read(stream) {
    const { signal } = stream.close;
    try {
      for await (const bytes of this.#client.call(BROADCAST_METHOD, stream.requests, { signal })) {
        const { status, info } = orderer.BroadcastResponse.decode(bytes);
        stream.waiting.shift()?.resolve({ status, info });
      }
      this.#fail(stream, new FabricError("STREAM_ENDED", "the orderer ended the stream"));
    } catch (error) {
      this.#fail(stream, error);
    }
  }
  #fail(stream, error) {
    if (this.#open === stream) this.#open = void 0;
    stream.requests.end();
    stream.close.abort(error);
    for (const { reject } of stream.waiting.splice(0)) reject(error);
  }
};

// src/node/gateway/client/errors.ts
var GatewayError = class extends FabricError {
  name = "GatewayError";
  transactionId;
  details;
  constructor(code, message, options) {
    const { transactionId, details = [], ...rest } = options;
    super(code, message, { ...rest, data: { transactionId, details, ...rest.data } });
    this.transactionId = transactionId;
    this.details = details;
  }
};
var EndorseError = class extends GatewayError {
  name = "EndorseError";
};
var SubmitError = class extends GatewayError {
  name = "SubmitError";
};
var CommitStatusError = class extends GatewayError {
  name = "CommitStatusError";
};
var CommitError = class extends FabricError {
  name = "CommitError";
  transactionId;
  /** protos.TxValidationCode. */
  validationCode;
  blockNumber;
  constructor(name, validationCode, transactionId, blockNumber) {
    super(name, `transaction ${transactionId} is in block ${blockNumber} with code ${name}`, {
      data: { transactionId, validationCode, status: name, blockNumber }
    });
    this.transactionId = transactionId;
    this.validationCode = validationCode;
    this.blockNumber = blockNumber;
  }
};
var REFUSAL = /^chaincode response \d+, /;
var NOBODY = /^no (?:reachable peer|endorsers found|peers available)/;
var MISMATCH = "the peers came to different results; they run different packages, or the chaincode depends on something that is not the same at each";
function toEndorseError(cause, transactionId) {
  const details = cause instanceof ServiceError ? cause.details : [];
  const refusal = details.find(({ message: message2 }) => REFUSAL.test(message2))?.message;
  const message = refusal ?? messageOf(cause);
  const code = endorseCode(message);
  const text = code === "ENDORSEMENT_MISMATCH" ? `${message}: ${MISMATCH}` : message;
  return new EndorseError(code, text, { transactionId, details, cause });
}
function endorseCode(message) {
  if (REFUSAL.test(message)) return "CHAINCODE_ERROR";
  if (NOBODY.test(message)) return "NO_ENDORSERS";
  if (message.includes("ProposalResponsePayloads do not match")) return "ENDORSEMENT_MISMATCH";
  return "ENDORSEMENT_FAILED";
}
function toSubmitError(cause, transactionId) {
  const message = messageOf(cause);
  if (!(cause instanceof ServiceError)) {
    const text = `the orderer could not be reached: ${message}`;
    return new SubmitError("ORDERER_UNREACHABLE", text, { transactionId, cause });
  }
  const { details } = cause;
  const options = { transactionId, details, cause };
  const refused = /status=([^,]*), info=(.*)$/s.exec(message);
  if (!refused) return new SubmitError("ORDERER_UNREACHABLE", message, options);
  const [, status, info] = refused;
  return new SubmitError("ORDERER_REFUSED", message, { ...options, data: { status, info } });
}
function toCommitStatusError(cause, transactionId, timeoutMs) {
  const options = { transactionId, cause };
  const late = cause instanceof ServiceError && cause.status === GrpcStatus.DEADLINE_EXCEEDED;
  if (late || cause instanceof DeadlineError) {
    const text2 = `no block with transaction ${transactionId} within ${timeoutMs} ms; it may still come`;
    return new CommitStatusError("COMMIT_TIMEOUT", text2, options);
  }
  const text = `it is not known whether transaction ${transactionId} was committed: ${messageOf(cause)}`;
  return new CommitStatusError("COMMIT_UNKNOWN", text, options);
}

// src/common/runtime/random.ts
var systemRandomBytes = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));

// src/common/runtime/clock.ts
function makeClock(now, setTimer) {
  return {
    now,
    setTimer,
    sleep: (ms, { signal } = {}) => new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = setTimer(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
    })
  };
}
var systemClock = makeClock(
  () => Date.now(),
  (callback, ms) => {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  }
);

// src/node/gateway/client/session.ts
var DEFAULT_CALL_TIMEOUTS = Object.freeze({
  evaluateTimeoutMs: 9e4,
  endorseTimeoutMs: 9e4,
  submitTimeoutMs: 15e3,
  commitTimeoutMs: 6e4
});
function call({ client, clock }, method, request, ms, options) {
  return withDeadline(
    clock,
    ms,
    "the call",
    (signal) => unary(client, method, request, { signal }),
    options
  );
}

// src/node/gateway/client/transaction.ts
var Transaction = class {
  #session;
  #channel;
  #txId;
  #payload;
  #result;
  /** @param payload serialized common.Payload. Throws ProtoError when it holds no transaction. */
  constructor(session, channel, txId, payload) {
    this.#session = session;
    this.#channel = channel;
    this.#txId = txId;
    this.#payload = payload;
    this.#result = resultIn(payload);
  }
  getResult() {
    return this.#result;
  }
  getTransactionId() {
    return this.#txId;
  }
  /** Sends the transaction to the orderer. It has a place in the queue when this resolves, not yet in a block. Throws {@link SubmitError}. */
  async submit(options = {}) {
    const signature = await this.#session.identity.sign(this.#payload);
    const request = gateway.SubmitRequest.encode({
      transaction_id: this.#txId,
      channel_id: this.#channel,
      prepared_transaction: { payload: this.#payload, signature }
    }).finish();
    try {
      await call(this.#session, SUBMIT, request, this.#session.submitTimeoutMs, options);
    } catch (cause) {
      throw toSubmitError(cause, this.#txId);
    }
    return new SubmittedTransaction(this.#session, this.#channel, this.#txId, this.#result);
  }
};
var SubmittedTransaction = class {
  #session;
  #channel;
  #txId;
  #result;
  #status;
  constructor(session, channel, txId, result) {
    this.#session = session;
    this.#channel = channel;
    this.#txId = txId;
    this.#result = result;
  }
  getResult() {
    return this.#result;
  }
  getTransactionId() {
    return this.#txId;
  }
  /** Resolves when the gateway's peer has committed the block, valid or not. Throws {@link CommitStatusError}. */
  async getStatus(options = {}) {
    this.#status ??= await this.#ask(options);
    return this.#status;
  }
  /** The status, as an error unless the transaction is valid. Throws {@link CommitError}, {@link CommitStatusError}. */
  async requireValid(options = {}) {
    const status = await this.getStatus(options);
    if (status.successful) return status;
    const name = protos.TxValidationCode[status.code] ?? String(status.code);
    throw new CommitError(name, status.code, this.#txId, Number(status.blockNumber));
  }
  async #ask(options) {
    const { commitTimeoutMs } = this.#session;
    try {
      const signed = await this.#request();
      const response = await call(this.#session, COMMIT_STATUS, signed, commitTimeoutMs, options);
      const { result: code, block_number } = gateway.CommitStatusResponse.decode(response);
      return {
        code,
        successful: code === protos.TxValidationCode.VALID,
        transactionId: this.#txId,
        blockNumber: BigInt(toNumber(block_number))
      };
    } catch (cause) {
      throw toCommitStatusError(cause, this.#txId, commitTimeoutMs);
    }
  }
  async #request() {
    const { identity, client } = this.#session;
    const request = gateway.CommitStatusRequest.encode({
      transaction_id: this.#txId,
      channel_id: this.#channel,
      ...!client.own && { identity: identity.serialize() }
    }).finish();
    const signature = client.own ? EMPTY_BYTES : await identity.sign(request);
    return gateway.SignedCommitStatusRequest.encode({ request, signature }).finish();
  }
};
function resultIn(payload) {
  const [action] = unmarshalTransaction(unmarshalPayload(payload).data).actions;
  return getPayloads(action ?? {}).chaincodeAction.response?.payload ?? EMPTY_BYTES;
}

// src/node/gateway/client/proposal.ts
var Proposal = class {
  #session;
  #channel;
  #organizations;
  #bytes;
  #txId;
  #began;
  constructor(session, channel, chaincode, transactionName, options) {
    this.#session = session;
    this.#channel = channel;
    this.#organizations = options.endorsingOrganizations ?? [];
    this.#began = session.clock.now();
    const { proposal, txId } = createChaincodeProposal(
      {
        channelId: channel,
        spec: invocation(chaincode, transactionName, options),
        creator: session.identity.serialize(),
        transientMap: bytesOf(options.transientData ?? {})
      },
      { now: this.#began, nonce: session.randomBytes(24) }
    );
    this.#bytes = protos.Proposal.encode(proposal).finish();
    this.#txId = txId;
  }
  getBytes() {
    return this.#bytes;
  }
  getTransactionId() {
    return this.#txId;
  }
  /** Runs the function at one peer, the gateway's own first, and gives its result. Throws {@link EndorseError}. */
  async evaluate(options = {}) {
    const request = gateway.EvaluateRequest.encode({
      ...await this.#request(),
      target_organizations: this.#organizations
    }).finish();
    try {
      const { evaluateTimeoutMs } = this.#session;
      const response = await call(this.#session, EVALUATE, request, evaluateTimeoutMs, options);
      return gateway.EvaluateResponse.decode(response).result?.payload ?? EMPTY_BYTES;
    } catch (cause) {
      throw toEndorseError(cause, this.#txId);
    }
  }
  /** Collects endorsements until the policies of what it writes are satisfied. Throws {@link EndorseError}. */
  async endorse(options = {}) {
    const request = gateway.EndorseRequest.encode({
      ...await this.#request(),
      endorsing_organizations: this.#organizations
    }).finish();
    this.#trace();
    try {
      const { endorseTimeoutMs } = this.#session;
      const response = await call(this.#session, ENDORSE, request, endorseTimeoutMs, options);
      const { prepared_transaction } = gateway.EndorseResponse.decode(response);
      const payload = prepared_transaction?.payload ?? EMPTY_BYTES;
      return new Transaction(this.#session, this.#channel, this.#txId, payload);
    } catch (cause) {
      throw toEndorseError(cause, this.#txId);
    }
  }
  async #request() {
    const signature = await this.#session.identity.sign(this.#bytes);
    return {
      transaction_id: this.#txId,
      channel_id: this.#channel,
      proposed_transaction: { proposal_bytes: this.#bytes, signature }
    };
  }
  #trace() {
    const { clock, trace, name: peer } = this.#session;
    const at = clock.now();
    const ms = at - this.#began;
    trace?.emit({ at, peer, stage: "propose", channel: this.#channel, txId: this.#txId, ms });
  }
};
function invocation(chaincode, transactionName, { arguments: args = [], isInit = false }) {
  return {
    chaincode_spec: {
      type: protos.ChaincodeSpec.Type.NODE,
      chaincode_id: { name: chaincode },
      input: { args: [transactionName, ...args].map(toBytes), ...isInit && { is_init: true } }
    }
  };
}
function toBytes(value) {
  return typeof value === "string" ? utf8(value) : value;
}
function bytesOf(data) {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toBytes(value)]));
}

// src/node/gateway/client/gateway.ts
function connect(options) {
  const { clock = systemClock, randomBytes = systemRandomBytes, name = "client" } = options;
  return new Gateway({ ...DEFAULT_CALL_TIMEOUTS, ...options, clock, randomBytes, name });
}
var Gateway = class {
  #session;
  constructor(session) {
    this.#session = session;
  }
  getIdentity() {
    return this.#session.identity;
  }
  /** A channel, by name. */
  getNetwork(channel) {
    return new Network(this.#session, channel);
  }
};
var Network = class {
  #session;
  #channel;
  constructor(session, channel) {
    this.#session = session;
    this.#channel = channel;
  }
  getName() {
    return this.#channel;
  }
  /** A chaincode of the channel; `contractName` chooses one of its contracts when it has several. */
  getContract(chaincode, contractName) {
    return new Contract(this.#session, this.#channel, chaincode, contractName);
  }
};
var Contract = class {
  #session;
  #channel;
  #chaincode;
  #contractName;
  constructor(session, channel, chaincode, contractName) {
    this.#session = session;
    this.#channel = channel;
    this.#chaincode = chaincode;
    this.#contractName = contractName;
  }
  getChaincodeName() {
    return this.#chaincode;
  }
  getContractName() {
    return this.#contractName;
  }
  newProposal(transactionName, options = {}) {
    const name = this.#contractName ? `${this.#contractName}:${transactionName}` : transactionName;
    return new Proposal(this.#session, this.#channel, this.#chaincode, name, options);
  }
  /** Reads: runs the function at one peer. Throws EndorseError. */
  evaluate(transactionName, options = {}) {
    return this.newProposal(transactionName, options).evaluate();
  }
  evaluateTransaction(name, ...args) {
    return this.evaluate(name, { arguments: args });
  }
  /** Writes: endorses, orders, waits for the commit; the chaincode's result. Throws EndorseError, SubmitError, CommitStatusError, CommitError. */
  async submit(transactionName, options = {}) {
    const submitted = await this.submitAsync(transactionName, options);
    await submitted.requireValid();
    return submitted.getResult();
  }
  submitTransaction(name, ...args) {
    return this.submit(name, { arguments: args });
  }
  /** Endorses and orders, and does not wait for the block. Throws EndorseError, SubmitError. */
  async submitAsync(transactionName, options = {}) {
    const transaction = await this.newProposal(transactionName, options).endorse();
    return transaction.submit();
  }
};

// src/node/gateway/service/lazy-gateway.ts
var LazyGateway = class {
  /** As GatewayService.services. */
  services;
  #components;
  #options;
  #loading;
  #stopped;
  /** @param components are asked for once, when they are needed. */
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = options;
    this.services = new Map(METHODS.map((method) => [method, this.#handler(method)]));
  }
  /** Loads and starts the service, unless that is done. After a failure, the next call tries again. */
  load() {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = void 0;
      throw error;
    });
    return this.#loading;
  }
  /** @param reason what those get who wait for a block, and all further calls. */
  stop(reason = new ServiceError(GrpcStatus.UNAVAILABLE, "the peer is stopping")) {
    this.#stopped = reason;
    this.#loading?.then(
      (service) => service.stop(reason),
      () => {
      }
    );
  }
  async #load() {
    const [{ GatewayService }, components] = await Promise.all([
      import("./gateway-service-7BLE4DTW.js"),
      this.#components()
    ]);
    if (this.#stopped !== void 0) throw this.#stopped;
    const service = new GatewayService(components, this.#options);
    service.start();
    return service;
  }
  #handler(method) {
    const load = () => this.load();
    return async function* (requests, context) {
      const { services } = await load();
      yield* services.get(method)?.(requests, context) ?? [];
    };
  }
};

export {
  systemRandomBytes,
  systemClock,
  PROCESS_PROPOSAL,
  Endorser,
  connect,
  BroadcastStream,
  LazyGateway
};
