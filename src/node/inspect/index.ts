// SPDX-License-Identifier: Apache-2.0
export { blockViewOf } from './block-view.ts';
export { type CommittedEvent, chaincodeEventsOf } from './chaincode-events.ts';
export { findConflict } from './conflict.ts';
export { MemberTally } from './member-tally.ts';
export { textField } from './text-field.ts';
export { creatorOf, describeIdentity, txViewOf } from './tx-view.ts';
