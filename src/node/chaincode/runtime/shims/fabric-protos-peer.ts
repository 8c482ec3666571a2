// SPDX-License-Identifier: Apache-2.0
// In place of @hyperledger/fabric-protos/lib/peer.
export * from '@hyperledger/fabric-protos/lib/peer/chaincode_event_pb.js';
export * from '@hyperledger/fabric-protos/lib/peer/chaincode_pb.js';
export * from '@hyperledger/fabric-protos/lib/peer/chaincode_shim_grpc_pb.js';
export * from '@hyperledger/fabric-protos/lib/peer/chaincode_shim_pb.js';
export * from '@hyperledger/fabric-protos/lib/peer/proposal_pb.js';
export * from '@hyperledger/fabric-protos/lib/peer/proposal_response_pb.js';
