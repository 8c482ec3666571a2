// SPDX-License-Identifier: Apache-2.0
// Blocks from the ordering service.
export {
  BlocksRequester,
  type BlocksRequesterComponents,
  blockNumberOf,
  DELIVER_METHOD,
  type ReceivedBlock,
} from './blocks-requester.ts';
export {
  DEFAULT_DELIVER_CLIENT_OPTIONS,
  DeliverClient,
  type DeliverClientOptions,
} from './deliver-client.ts';
export { DeliverError, type DeliverErrorCode } from './errors.ts';
