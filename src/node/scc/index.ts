// SPDX-License-Identifier: Apache-2.0
// Chaincodes that are part of the peer.
export { cscc } from './cscc.ts';
export { qscc } from './qscc.ts';
export {
  isReservedName,
  type SystemChaincode,
  type SystemChaincodeResult,
  type SystemChaincodeStub,
  SystemChaincodes,
} from './system-chaincode.ts';
