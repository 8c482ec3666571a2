// SPDX-License-Identifier: Apache-2.0
//
// Our .proto files against those of the npm package fabric-protos, field by field, and the gateway's, which are younger than that
// package, against the code of @hyperledger/fabric-protos.

import { readFileSync } from 'node:fs';
import * as reference3 from '@hyperledger/fabric-protos';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { generate, loadProtos } from '../../../scripts/generate-protos.ts';
import { gateway } from './index.ts';

const ours = loadProtos();
const theirs = loadReference();

function loadReference(): protobuf.Root {
  const folder = new URL('../../../node_modules/fabric-protos/', import.meta.url).pathname;
  const root = new protobuf.Root();
  root.resolvePath = (_origin, path) =>
    `${folder}${path.startsWith('google') ? 'google-protos' : 'protos'}/${path.replace(/^protos\//, '')}`;
  const files = [
    'common/common.proto',
    'common/configtx.proto',
    'common/configuration.proto',
    'common/ledger.proto',
    'common/policies.proto',
    'discovery/protocol.proto',
    'google/protobuf/any.proto',
    'gossip/message.proto',
    'ledger/queryresult/kv_query_result.proto',
    'ledger/rwset/kvrwset/kv_rwset.proto',
    'ledger/rwset/rwset.proto',
    'msp/identities.proto',
    'msp/msp_config.proto',
    'msp/msp_principal.proto',
    'orderer/ab.proto',
    'orderer/configuration.proto',
    'orderer/etcdraft/configuration.proto',
    'orderer/etcdraft/metadata.proto',
    'peer/chaincode.proto',
    'peer/chaincode_event.proto',
    'peer/chaincode_shim.proto',
    'peer/collection.proto',
    'peer/configuration.proto',
    'peer/events.proto',
    'peer/lifecycle/chaincode_definition.proto',
    'peer/lifecycle/db.proto',
    'peer/lifecycle/lifecycle.proto',
    'peer/peer.proto',
    'peer/policy.proto',
    'peer/proposal.proto',
    'peer/proposal_response.proto',
    'peer/query.proto',
    'peer/resources.proto',
    'peer/signed_cc_dep_spec.proto',
    'peer/transaction.proto',
    'transientstore/transientstore.proto',
  ];
  root.loadSync(files, { keepCase: true });
  root.resolveAll();
  return root;
}

// One line for each thing that shows on the wire or in the API.
function facts(root: protobuf.Root): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (object: protobuf.ReflectionObject): void => {
    const name = object.fullName.slice(1);
    if (object instanceof protobuf.Type) {
      found.set(name, 'message');
      for (const field of object.fieldsArray) found.set(`${name}.${field.name}`, fieldFact(field));
    } else if (object instanceof protobuf.Enum) {
      found.set(name, 'enum');
      for (const [key, value] of Object.entries(object.values))
        found.set(`${name}.${key}`, `= ${value}`);
    } else if (object instanceof protobuf.Service) {
      for (const { name: method, ...rpc } of object.methodsArray) {
        const stream = [rpc.requestStream, rpc.responseStream].map((on) => (on ? 'stream ' : ''));
        const types = [rpc.resolvedRequestType, rpc.resolvedResponseType].map(
          (type) => type?.fullName,
        );
        found.set(`${name}/${method}`, `${stream[0]}${types[0]} -> ${stream[1]}${types[1]}`);
      }
    }
    if (object instanceof protobuf.Namespace) object.nestedArray.forEach(visit);
  };
  visit(root);
  return found;
}

function fieldFact(field: protobuf.Field): string {
  const type = field.resolvedType?.fullName ?? field.type;
  const key = field instanceof protobuf.MapField ? `map ${field.keyType} ` : '';
  const oneof = field.partOf ? ` of ${field.partOf.name}` : '';
  return `${key}${field.repeated ? 'repeated ' : ''}${type} = ${field.id}${oneof}`;
}

function startsWith(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}.`) || name.startsWith(`${prefix}/`);
}

// fabric-protos is of Fabric 2.2.
const NEWER = [
  // 2.3: snapshots of ledgers
  'common.BlockchainInfo.bootstrappingSnapshotInfo',
  'common.BootstrappingSnapshotInfo',
  'protos.JoinBySnapshotStatus',
  'protos.SnapshotRequest',
  'protos.SnapshotQuery',
  'protos.SignedSnapshotRequest',
  'protos.QueryPendingSnapshotsResponse',
  'protos.Snapshot',
  'google.protobuf.Empty',
  // Of gRPC itself
  'google.rpc',
  // 2.3 to 2.5: the gateway, and what endorsers tell it
  'gateway',
  'gossip.ConnEstablish.probe',
  'orderer.SeekNextCommit',
  'orderer.SeekPosition.next_commit',
  'orderer.SeekInfo.content_type',
  'orderer.SeekInfo.SeekContentType',
  'protos.ProposalResponse.interest',
  'protos.ChaincodeInterest',
  'protos.ChaincodeCall',
  // 2.3 to 3.0: more queries of _lifecycle
  'lifecycle.QueryApprovedChaincodeDefinitionArgs',
  'lifecycle.QueryApprovedChaincodeDefinitionResult',
  'lifecycle.QueryApprovedChaincodeDefinitionsArgs',
  'lifecycle.QueryApprovedChaincodeDefinitionsResult',
  'lifecycle.CheckCommitReadinessResult.mismatches',
  'lifecycle.CheckCommitReadinessResult.Mismatches',
  // 2.5: purging private data
  'kvrwset.KVWriteHash.is_purge',
  'protos.PurgePrivateState',
  'protos.ChaincodeMessage.Type.PURGE_PRIVATE_DATA',
  // 3.0: BFT
  'common.MetadataSignature.identifier_header',
  'common.IdentifierHeader',
  'common.Consenter',
  'common.Orderers',
  // 3.1: batched shim messages
  'protos.ChaincodeAdditionalParams',
  'protos.ChaincodeMessage.Type.WRITE_BATCH_STATE',
  'protos.ChaincodeMessage.Type.GET_STATE_MULTIPLE',
  'protos.GetStateMultiple',
  'protos.GetStateMultipleResult',
  'protos.WriteBatchState',
  'protos.WriteRecord',
  // Ours: peers compare their ledgers
  'gossip.Properties.commit_hash',
  // Of the peer itself, not of fabric-protos
  'txmgr',
];

const LEFT_OUT = [
  'common.HeaderType.PEER_ADMIN_OPERATION',
  'discovery.ChaincodeInterest',
  'discovery.ChaincodeCall',
  'msp.IdemixMSPConfig',
  'msp.IdemixMSPSignerConfig',
];

const own = facts(ours);
const reference = facts(theirs);

describe('the .proto files', () => {
  it('agree with fabric-protos in all that both have', () => {
    const both = [...own].filter(([name]) => reference.has(name));
    const different = both.filter(([name, fact]) => reference.get(name) !== fact);
    // Both messages moved from package discovery to package protos, unchanged.
    expect(different.map(([name]) => name)).toEqual([
      'discovery.PeerMembershipQuery.filter',
      'discovery.ChaincodeQuery.interests',
    ]);
    expect(both.length).toBeGreaterThan(900);
  });

  it('have more only where Fabric has grown since', () => {
    const added = [...own.keys()].filter((name) => !reference.has(name));
    const unexplained = added.filter((name) => !NEWER.some((prefix) => startsWith(name, prefix)));
    expect(unexplained).toEqual([]);
    expect(NEWER.filter((prefix) => !added.some((name) => startsWith(name, prefix)))).toEqual([]);
  });

  it('leave out only what has gone, moved, or is about Idemix', () => {
    const missing = [...reference.keys()].filter((name) => !own.has(name));
    const left = missing.filter((name) => !LEFT_OUT.some((prefix) => startsWith(name, prefix)));
    expect(left).toEqual([]);
  });

  it('are what gen/ was generated from', () => {
    for (const [name, text] of Object.entries(generate(ours))) {
      expect(readFileSync(new URL(`gen/${name}`, import.meta.url), 'utf8')).toBe(text);
    }
  });
});

describe('the messages of the gateway', () => {
  const types = ours.lookup('gateway');
  const messages =
    types instanceof protobuf.Namespace
      ? types.nestedArray.filter((one) => one instanceof protobuf.Type)
      : [];

  it('are all of Fabric’s', () => {
    const theirs = Object.keys(reference3.gateway).filter((name) => !/Client|Service$/.test(name));
    expect(messages.map(({ name }) => name).toSorted()).toEqual(theirs.toSorted());
  });

  it.each(messages.map((type) => [type.name, type] as const))('%s has its fields', (name, type) => {
    const Theirs: unknown = Reflect.get(reference3.gateway, name);
    const codec: unknown = Reflect.get(gateway, name);
    for (const field of type.fieldsArray) {
      const { written, value } = theirMessage(Theirs, field);
      expect(decoded(codec, written), field.name).toMatchObject({ [field.name]: value });
    }
    const accessors =
      typeof Theirs === 'function' ? Object.getOwnPropertyNames(Theirs.prototype) : [];
    const setters = accessors.filter((accessor) => accessor.startsWith('set'));
    expect(setters.length).toBe(type.fieldsArray.length);
  });
});

// A message of theirs with one field set, serialized, and that field's value as ours shows it.
function theirMessage(
  Theirs: unknown,
  field: protobuf.Field,
): { written: Uint8Array; value: unknown } {
  if (typeof Theirs !== 'function') throw new Error(`they have no message for ${field.fullName}`);
  const message: Record<string, (value?: unknown) => Uint8Array> = Reflect.construct(Theirs, []);
  const setter = `set${field.name.replace(/(?:^|_)(.)/g, (_all, letter) => letter.toUpperCase())}`;
  const call = (method: string, value?: unknown): Uint8Array => {
    const found = message[method];
    if (!found) throw new Error(`they have no ${method}`);
    return found.call(message, value);
  };
  if (field.resolvedType instanceof protobuf.Type) {
    const [space, name] = field.resolvedType.fullName.slice(1).split('.');
    const packages: Readonly<Record<string, object>> = {
      protos: reference3.peer,
      common: reference3.common,
      orderer: reference3.orderer,
    };
    const Nested: unknown = Reflect.get(packages[space ?? ''] ?? {}, name ?? '');
    if (typeof Nested !== 'function') throw new Error(`they have no ${space}.${name}`);
    const nested = Reflect.construct(Nested, []);
    call(field.repeated ? `${setter}List` : setter, field.repeated ? [nested] : nested);
    const value = field.repeated ? [expect.any(Object)] : expect.any(Object);
    return { written: call('serializeBinary'), value };
  }
  const samples: Readonly<Record<string, unknown>> = {
    string: 'text',
    bytes: Uint8Array.of(1, 2),
    uint64: 7,
  };
  const sample = field.resolvedType instanceof protobuf.Enum ? 11 : samples[field.type];
  call(field.repeated ? `${setter}List` : setter, field.repeated ? [sample] : sample);
  const value = field.type === 'uint64' ? expect.objectContaining({ low: 7 }) : sample;
  return { written: call('serializeBinary'), value: field.repeated ? [value] : value };
}

function decoded(codec: unknown, bytes: Uint8Array): unknown {
  if (typeof codec !== 'object' || codec === null || !('decode' in codec))
    throw new Error('no codec');
  const { decode } = codec;
  return typeof decode === 'function' ? decode.call(codec, bytes) : undefined;
}
