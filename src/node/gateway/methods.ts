// SPDX-License-Identifier: Apache-2.0
// Full names of the gateway's methods, for both ends.

export const EVALUATE = '/gateway.Gateway/Evaluate';
export const ENDORSE = '/gateway.Gateway/Endorse';
export const SUBMIT = '/gateway.Gateway/Submit';
export const COMMIT_STATUS = '/gateway.Gateway/CommitStatus';
export const CHAINCODE_EVENTS = '/gateway.Gateway/ChaincodeEvents';

export const METHODS = [EVALUATE, ENDORSE, SUBMIT, COMMIT_STATUS, CHAINCODE_EVENTS] as const;
