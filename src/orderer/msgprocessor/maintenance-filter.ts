// SPDX-License-Identifier: Apache-2.0
// Keeps config updates from moving a channel to an ordering service that cannot serve it
// (orderer/common/msgprocessor/maintenancefilter.go @ v2.5). Fabric allows Kafka to Raft only; here the consenters
// that this orderer has decide.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { OrdererError } from '../errors.ts';

/**
 * Throws OrdererError REJECTED unless the step from `current` to `next` leaves the consensus type alone, or changes it
 * to one of `supportedTypes` while the channel is, and stays, in maintenance mode.
 */
export function checkConsensusTransition(
  current: ChannelConfigBundle,
  next: ChannelConfigBundle,
  supportedTypes: ReadonlySet<string>,
): void {
  const { consensusType: from, maintenance: before } = current.orderer;
  const { consensusType: to, maintenance: after } = next.orderer;
  if (from === to) return;
  const what = `attempted to change consensus type from ${from} to ${to}`;
  if (!before || !after) {
    throw new OrdererError('REJECTED', `${what}, but the channel is not in maintenance mode`);
  }
  if (!supportedTypes.has(to)) {
    throw new OrdererError('REJECTED', `${what}, which this orderer does not have`);
  }
}
