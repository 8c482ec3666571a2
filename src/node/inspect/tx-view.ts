// SPDX-License-Identifier: Apache-2.0
// A transaction in words: what the page, the console and tests show of an envelope. Reads defensively, because a block
// may hold envelopes that do not decode.

import { commonName, parseCertificatePem } from '../../common/crypto/index.ts';
import { displayNameIn } from '../../common/identity/certificate-name.ts';
import { common, kvrwset, msp, protos, rwset } from '../../common/protos/index.ts';
import { computeTxId, fromTimestamp, toNumber } from '../../common/protoutil/index.ts';
import { fromUtf8, toHex } from '../../common/runtime/bytes.ts';
import type { IdentityView, TxPrivateWrite, TxView, TxWrite } from '../api/ledger-views.ts';
import { codeName } from '../committer/index.ts';
import { textField } from './text-field.ts';

export interface TxPosition {
  readonly block: number;
  readonly index: number;
  /** protos.TxValidationCode. */
  readonly code: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Everything that can be read from the envelope; the rest stays empty. */
export function txViewOf(envelope: Uint8Array, { block, index, code }: TxPosition): TxView {
  const view: Mutable<TxView> = {
    txId: '',
    type: 'UNREADABLE',
    block,
    index,
    status: codeName(code),
    timestamp: 0,
    creator: { mspId: '', name: '', certificate: '' },
    endorsers: [],
    reads: [],
    rangeReads: [],
    writes: [],
  };
  try {
    const payload = common.Payload.decode(common.Envelope.decode(envelope).payload);
    readHeader(payload, view);
    if (view.type === 'ENDORSER_TRANSACTION') readTransaction(payload.data, view);
  } catch {
    // What was read before it stopped making sense is shown; the status says the rest.
  }
  return view;
}

function readHeader(payload: common.Payload, view: Mutable<TxView>): void {
  const { channel_header = new Uint8Array(), signature_header = new Uint8Array() } =
    payload.header ?? {};
  const header = common.ChannelHeader.decode(channel_header);
  const { creator, nonce } = common.SignatureHeader.decode(signature_header);
  view.type = common.HeaderType[header.type] ?? `TYPE_${header.type}`;
  view.timestamp = fromTimestamp(header.timestamp);
  view.txId = header.tx_id || computeTxId(nonce, creator);
  view.creator = describeIdentity(creator);
}

function readTransaction(data: Uint8Array, view: Mutable<TxView>): void {
  const [action] = protos.Transaction.decode(data).actions;
  if (!action) return;
  const payload = protos.ChaincodeActionPayload.decode(action.payload);
  readInvocation(payload.chaincode_proposal_payload, view);
  view.endorsers = (payload.action?.endorsements ?? []).map(({ endorser }) => {
    const { certificate: _, ...identity } = describeIdentity(endorser);
    return identity;
  });
  const response = payload.action?.proposal_response_payload ?? new Uint8Array();
  readAction(protos.ProposalResponsePayload.decode(response).extension, view);
}

function readInvocation(payload: Uint8Array, view: Mutable<TxView>): void {
  const { input } = protos.ChaincodeProposalPayload.decode(payload);
  const spec = protos.ChaincodeInvocationSpec.decode(input).chaincode_spec;
  const [fn, ...args] = (spec?.input?.args ?? []).map((arg) => textField('text', arg));
  if (fn !== undefined) view.fn = fn.text;
  view.args = args.map(({ text }) => text);
  if (args.some(({ textBase64 }) => textBase64 !== undefined)) {
    view.argsBase64 = args.map(({ textBase64 }) => textBase64 ?? null);
  }
}

function readAction(extension: Uint8Array, view: Mutable<TxView>): void {
  const action = protos.ChaincodeAction.decode(extension);
  const { chaincode_id: id, response } = action;
  if (id) view.chaincode = { name: id.name, version: id.version };
  if (response) {
    const { status, message, payload } = response;
    view.response = { status, message, ...textField('payload', payload) };
  }
  if (action.events.length > 0) {
    const event = protos.ChaincodeEvent.decode(action.events);
    view.event = { name: event.event_name, ...textField('payload', event.payload) };
  }
  readSets(action.results, view);
}

function readSets(results: Uint8Array, view: Mutable<TxView>): void {
  const { ns_rwset } = rwset.TxReadWriteSet.decode(results);
  const sets = ns_rwset.map(({ namespace, rwset: bytes }) => ({
    namespace,
    kv: kvrwset.KVRWSet.decode(bytes),
  }));
  view.reads = sets.flatMap(({ namespace, kv }) =>
    kv.reads.map(({ key, version }) => ({ namespace, key, ...(version && versionOf(version)) })),
  );
  view.writes = sets.flatMap(({ namespace, kv }) =>
    kv.writes.map((write) => writeOf(namespace, write)),
  );
  view.rangeReads = sets.flatMap(({ namespace, kv }) =>
    kv.range_queries_info.map((info) => ({
      namespace,
      startKey: info.start_key,
      endKey: info.end_key,
      keys: (info.raw_reads?.kv_reads ?? []).map(({ key = '' }) => key ?? ''),
    })),
  );
  const privateWrites = ns_rwset.flatMap(privateWritesOf);
  if (privateWrites.length > 0) view.privateWrites = privateWrites;
}

function privateWritesOf(set: rwset.NsReadWriteSet): TxPrivateWrite[] {
  return set.collection_hashed_rwset.flatMap(({ collection_name, hashed_rwset }) =>
    kvrwset.HashedRWSet.decode(hashed_rwset).hashed_writes.map((write) => ({
      namespace: set.namespace,
      collection: collection_name,
      keyHash: toHex(write.key_hash),
      valueHash: toHex(write.value_hash),
      isDelete: write.is_delete || write.is_purge,
    })),
  );
}

function versionOf(version: kvrwset.IVersion): { version: { block: number; tx: number } } {
  return { version: { block: toNumber(version.block_num), tx: toNumber(version.tx_num) } };
}

function writeOf(namespace: string, write: kvrwset.KVWrite): TxWrite {
  return {
    namespace,
    key: write.key,
    isDelete: write.is_delete,
    ...textField('value', write.value),
  };
}

/** Who made an envelope; undefined where it does not decode. */
export function creatorOf(envelope: Uint8Array): IdentityView | undefined {
  const { creator } = txViewOf(envelope, { block: 0, index: 0, code: 0 });
  const { certificate: _, ...identity } = creator;
  return identity.mspId === '' ? undefined : identity;
}

/** MSP, names and certificate of serialized identity bytes; empty where they do not decode. */
export function describeIdentity(serialized: Uint8Array): TxView['creator'] {
  try {
    const { mspid, id_bytes } = msp.SerializedIdentity.decode(serialized);
    const certificate = fromUtf8(id_bytes);
    return { mspId: mspid, ...namesOf(certificate), certificate };
  } catch {
    return { mspId: '', name: '', certificate: '' };
  }
}

// A channel has few identities and a block names them over and over; reading a certificate takes a millisecond.
const MAX_NAMES = 500;
type Names = Pick<TxView['creator'], 'name' | 'displayName'>;
const names = new Map<string, Names>();

function namesOf(certificate: string): Names {
  const known = names.get(certificate);
  if (known !== undefined) return known;
  if (names.size >= MAX_NAMES) names.clear();
  const displayName = displayNameIn(certificate);
  const found = { name: readName(certificate), ...(displayName !== undefined && { displayName }) };
  names.set(certificate, found);
  return found;
}

function readName(certificate: string): string {
  try {
    return commonName(parseCertificatePem(certificate).subject);
  } catch {
    return '';
  }
}
