// SPDX-License-Identifier: Apache-2.0
// `tabric/api`: types of `window.tabric`, for tests and scripts that talk to a page.

export type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  StateEntry,
  TxView,
} from '../node/api/ledger-views.ts';
export type { ChannelInfo, Me, NetworkView, PeerInfo } from '../node/api/network-view.ts';
export type {
  CallOptions,
  ChannelFacade,
  SubmitResult,
  Tabric,
  TabricEvents,
  WaitCondition,
} from '../node/api/tabric.ts';
export type { PageGlobals } from '../node/browser/window.ts';
export type { ChaincodeLogLine } from '../node/chaincode/chaincode-logs.ts';
