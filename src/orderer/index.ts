// SPDX-License-Identifier: Apache-2.0
// The ordering service, for whoever hosts one.
export type { BlockLedger, BlockLedgerFactory } from './blockledger.ts';
export { BlockStoreLedgerFactory } from './blockstore-ledger.ts';
export type { Chain, Consenter, ConsenterSupport } from './consensus/consenter.ts';
export { SoloConsenter } from './consensus/solo.ts';
export { OrdererError, type OrdererErrorCode } from './errors.ts';
export type { MetricSample } from './metrics.ts';
export type { ChannelInfo } from './multichannel/registrar.ts';
export {
  createOrderer,
  DEFAULT_ORDERER_OPTIONS,
  type FailedCheck,
  type Orderer,
  type OrdererComponents,
  type OrdererOptions,
  type OrdererSnapshot,
} from './orderer.ts';
