// SPDX-License-Identifier: Apache-2.0
export { blockViewOf } from './block-view.ts';
export { type CommittedEvent, chaincodeEventsOf } from './chaincode-events.ts';
export { findConflict } from './conflict.ts';
export { textField } from './text-field.ts';
export { describeIdentity, txViewOf } from './tx-view.ts';
