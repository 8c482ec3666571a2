// SPDX-License-Identifier: Apache-2.0
// `peer.gossip.*` of network.yaml, by the names of Fabric's core.yaml.
import { DEFAULT_GOSSIP_SETTINGS, type GossipSettings } from '../../src/common/network/types.ts';
import type { ConfigNode } from './config-reader.ts';
import { parseDuration } from './units.ts';

const MAX_DURATION_MS = 24 * 3_600_000;

/** The settings below `peer`; defaults where nothing is written. */
export function readGossip(peer: ConfigNode): GossipSettings {
  const { gossip } = peer.fields(['gossip']);
  const fields = gossip.fields([
    'useLeaderElection',
    'orgLeader',
    'aliveTimeInterval',
    'aliveExpirationTimeout',
    'publishStateInfoInterval',
    'election',
    'state',
  ]);
  const defaults = DEFAULT_GOSSIP_SETTINGS;
  return {
    useLeaderElection: fields.useLeaderElection.boolean(defaults.useLeaderElection),
    orgLeader: fields.orgLeader.boolean(defaults.orgLeader),
    aliveTimeIntervalMs: readDuration(fields.aliveTimeInterval, defaults.aliveTimeIntervalMs),
    aliveExpirationTimeoutMs: readDuration(
      fields.aliveExpirationTimeout,
      defaults.aliveExpirationTimeoutMs,
    ),
    publishStateInfoIntervalMs: readDuration(
      fields.publishStateInfoInterval,
      defaults.publishStateInfoIntervalMs,
    ),
    election: readElection(fields.election),
    state: readState(fields.state),
  };
}

function readElection(node: ConfigNode): GossipSettings['election'] {
  const fields = node.fields([
    'startupGracePeriod',
    'membershipSampleInterval',
    'leaderAliveThreshold',
    'leaderElectionDuration',
  ]);
  const defaults = DEFAULT_GOSSIP_SETTINGS.election;
  return {
    startupGracePeriodMs: readDuration(fields.startupGracePeriod, defaults.startupGracePeriodMs),
    membershipSampleIntervalMs: readDuration(
      fields.membershipSampleInterval,
      defaults.membershipSampleIntervalMs,
    ),
    leaderAliveThresholdMs: readDuration(
      fields.leaderAliveThreshold,
      defaults.leaderAliveThresholdMs,
    ),
    leaderElectionDurationMs: readDuration(
      fields.leaderElectionDuration,
      defaults.leaderElectionDurationMs,
    ),
  };
}

function readState(node: ConfigNode): GossipSettings['state'] {
  const fields = node.fields([
    'checkInterval',
    'responseTimeout',
    'batchSize',
    'blockBufferSize',
    'maxRetries',
  ]);
  const defaults = DEFAULT_GOSSIP_SETTINGS.state;
  return {
    checkIntervalMs: readDuration(fields.checkInterval, defaults.checkIntervalMs),
    responseTimeoutMs: readDuration(fields.responseTimeout, defaults.responseTimeoutMs),
    batchSize: fields.batchSize.integer(1, 1000, defaults.batchSize),
    blockBufferSize: fields.blockBufferSize.integer(1, 10_000, defaults.blockBufferSize),
    maxRetries: fields.maxRetries.integer(0, 100, defaults.maxRetries),
  };
}

/** Milliseconds of a duration such as `2s`. */
export function readDuration(node: ConfigNode, fallback: number): number {
  const shape = 'a duration from 1ms to 24h such as 2s or 200ms';
  const parse = (text: string): number | undefined => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= 1 && ms <= MAX_DURATION_MS ? ms : undefined;
  };
  return node.parsed(parse, shape, fallback);
}
