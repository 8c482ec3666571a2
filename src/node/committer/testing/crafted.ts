// SPDX-License-Identifier: Apache-2.0
// Transactions as tests want them: right in all but what a test changes. What is changed is hashed and signed as it
// is, so that only the check in question can find it.

import { sha256 } from '@noble/hashes/sha2.js';
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { parsePolicy } from '../../../common/policies/index.ts';
import { common, kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import { computeTxId } from '../../../common/protoutil/index.ts';
import { concat, utf8 } from '../../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../../common/runtime/clock.ts';
import { parseBlock, type SerializedBlock } from '../../../ledger/blkstorage/index.ts';
import { CHANNEL } from '../../testing/test-channel.ts';
import { VALIDATION_PARAMETER } from '../index.ts';

/** Writes of a namespace or a collection; the metadata of a key is its policy as text, or any bytes. */
export interface Writes {
  readonly keys?: readonly string[];
  /** Public keys with values that matter. */
  readonly values?: Readonly<Record<string, Uint8Array>>;
  readonly policies?: Readonly<Record<string, string | Uint8Array>>;
  readonly collections?: Readonly<Record<string, Omit<Writes, 'collections' | 'values'>>>;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Changes the messages of a transaction on their way to bytes, innermost first. */
export interface Tampering {
  event?: protos.IChaincodeEvent;
  action?(action: Mutable<protos.IChaincodeAction>): void;
  response?(response: Mutable<protos.IProposalResponsePayload>): void;
  channelHeader?(header: Mutable<common.IChannelHeader>): void;
  signatureHeader?(header: Mutable<common.ISignatureHeader>): void;
  actionPayload?(payload: Mutable<protos.IChaincodeActionPayload>): void;
  transaction?(transaction: Mutable<protos.ITransaction>): void;
  payload?(payload: Mutable<common.IPayload>): void;
  envelope?(envelope: Mutable<common.IEnvelope>): void;
}

export interface Crafted extends Tampering {
  readonly client: SigningIdentity;
  readonly endorsers: readonly SigningIdentity[];
  readonly chaincode?: string;
  readonly writes?: Readonly<Record<string, Writes>> | undefined;
  readonly nonce?: Uint8Array;
  /** Serialized protos.ChaincodeInvocationSpec, where it matters. */
  readonly input?: Uint8Array;
  readonly channelId?: string;
}

/** A serialized common.Envelope. */
export async function craft(options: Crafted): Promise<Uint8Array> {
  const { client, chaincode = 'basic', nonce = systemRandomBytes(24), writes = {} } = options;
  const { channelId = CHANNEL } = options;
  const creator = client.serialize();
  const signatureHeader: Mutable<common.ISignatureHeader> = { creator, nonce };
  options.signatureHeader?.(signatureHeader);
  const channelHeader: Mutable<common.IChannelHeader> = {
    type: common.HeaderType.ENDORSER_TRANSACTION,
    channel_id: channelId,
    tx_id: computeTxId(nonce, creator),
    extension: protos.ChaincodeHeaderExtension.encode({
      chaincode_id: { name: chaincode },
    }).finish(),
  };
  options.channelHeader?.(channelHeader);
  const header = {
    channel_header: common.ChannelHeader.encode(channelHeader).finish(),
    signature_header: common.SignatureHeader.encode(signatureHeader).finish(),
  };
  const actionPayload = await endorsedAction(options, header, chaincode, readWriteSet(writes));
  const actions = [
    {
      header: header.signature_header,
      payload: protos.ChaincodeActionPayload.encode(actionPayload).finish(),
    },
  ];
  const transaction: Mutable<protos.ITransaction> = { actions };
  options.transaction?.(transaction);
  const payload: Mutable<common.IPayload> = {
    header,
    data: protos.Transaction.encode(transaction).finish(),
  };
  options.payload?.(payload);
  return seal(options, common.Payload.encode(payload).finish());
}

async function seal(
  { client, envelope: tamper }: Crafted,
  payload: Uint8Array,
): Promise<Uint8Array> {
  const envelope: Mutable<common.IEnvelope> = { payload, signature: await client.sign(payload) };
  tamper?.(envelope);
  return common.Envelope.encode(envelope).finish();
}

async function endorsedAction(
  options: Crafted,
  header: { channel_header: Uint8Array; signature_header: Uint8Array },
  chaincode: string,
  results: Uint8Array,
): Promise<protos.IChaincodeActionPayload> {
  const chaincode_proposal_payload = protos.ChaincodeProposalPayload.encode({
    input: options.input ?? utf8('whatever was asked'),
  }).finish();
  const { event } = options;
  const action: Mutable<protos.IChaincodeAction> = {
    results,
    response: { status: 200 },
    chaincode_id: { name: chaincode, version: '1.0' },
    events: event ? protos.ChaincodeEvent.encode(event).finish() : null,
  };
  options.action?.(action);
  const proposal_hash = sha256(
    concat(header.channel_header, header.signature_header, chaincode_proposal_payload),
  );
  const extension = protos.ChaincodeAction.encode(action).finish();
  const response: Mutable<protos.IProposalResponsePayload> = { proposal_hash, extension };
  options.response?.(response);
  const proposal_response_payload = protos.ProposalResponsePayload.encode(response).finish();
  const endorsements = await Promise.all(
    options.endorsers.map(async (signer) => {
      const endorser = signer.serialize();
      return {
        endorser,
        signature: await signer.sign(concat(proposal_response_payload, endorser)),
      };
    }),
  );
  const payload: Mutable<protos.IChaincodeActionPayload> = {
    chaincode_proposal_payload,
    action: { proposal_response_payload, endorsements },
  };
  options.actionPayload?.(payload);
  return payload;
}

/** Serialized TxReadWriteSet. */
export function readWriteSet(writes: Readonly<Record<string, Writes>>): Uint8Array {
  const ns_rwset = Object.entries(writes).map(([namespace, set]) => ({
    namespace,
    rwset: kvrwset.KVRWSet.encode({
      writes: [
        ...(set.keys ?? []).map((key) => ({ key, value: utf8('v') })),
        ...Object.entries(set.values ?? {}).map(([key, value]) => ({ key, value })),
      ],
      metadata_writes: metadataOf(set).map(([key, entries]) => ({ key, entries })),
    }).finish(),
    collection_hashed_rwset: Object.entries(set.collections ?? {}).map(
      ([collection_name, collection]) => ({
        collection_name,
        hashed_rwset: kvrwset.HashedRWSet.encode({
          hashed_writes: collection.keys?.map((key) => ({ key_hash: keyHash(key) })) ?? [],
          metadata_writes: metadataOf(collection).map(([key, entries]) => ({
            key_hash: keyHash(key),
            entries,
          })),
        }).finish(),
      }),
    ),
  }));
  return rwset.TxReadWriteSet.encode({ ns_rwset }).finish();
}

export function keyHash(key: string): Uint8Array {
  return sha256(utf8(key));
}

function metadataOf({ policies = {} }: Writes): [string, kvrwset.IKVMetadataEntry[]][] {
  return Object.entries(policies).map(([key, policy]) => [
    key,
    [{ name: VALIDATION_PARAMETER, value: keyPolicy(policy) }],
  ]);
}

/** Serialized SignaturePolicyEnvelope of a text. */
export function keyPolicy(policy: string | Uint8Array): Uint8Array {
  if (typeof policy !== 'string') return policy;
  return common.SignaturePolicyEnvelope.encode(parsePolicy(policy)).finish();
}

/** A block of envelopes. */
export function blockOf(envelopes: readonly Uint8Array[]): SerializedBlock {
  const header = { number: 1, data_hash: sha256(concat(...envelopes)) };
  return parseBlock(
    common.Block.encode({ header, data: { data: [...envelopes] }, metadata: {} }).finish(),
  );
}
