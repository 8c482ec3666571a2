// SPDX-License-Identifier: Apache-2.0
//
// Our .proto files against those of the npm package fabric-protos, field by field.

import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { generate, loadProtos } from '../../../scripts/generate-protos.ts';

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
