// SPDX-License-Identifier: Apache-2.0
// The network that the person who starts a relay asks for: a file or the defaults, with batch settings of the command line on top.
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { messageOf } from '../../src/common/runtime/errors.ts';
import { isSample } from './chaincode-packages.ts';
import { ConfigError } from './config-reader.ts';
import {
  type ChannelConfig,
  defaultNetworkConfig,
  type NetworkConfig,
  parseNetworkConfig,
} from './network-config.ts';

/** Batch settings given by flags; they shape a new network's channels. */
export interface BatchOverrides {
  readonly batchTimeoutMs?: number;
  readonly maxMessageCount?: number;
  readonly preferredMaxBytes?: number;
}

/** Which organisations endorse the default chaincode: one of them, or each. */
export type DefaultEndorsement = 'OR' | 'AND';

export interface Asked {
  readonly configFile?: string | undefined;
  readonly batch: BatchOverrides;
  readonly endorsement?: DefaultEndorsement | undefined;
}

export interface AskedConfig {
  readonly config: NetworkConfig;
  /** Whether a file or an endorsement was given, so that organisations, channels and chaincodes are meant. */
  readonly isExplicit: boolean;
  /** Whether batch settings were asked for, in the file or by flags. */
  readonly hasBatchSettings: boolean;
}

/** Rejects with ConfigError. */
export async function readAskedConfig({
  configFile,
  batch,
  endorsement,
}: Asked): Promise<AskedConfig> {
  if (configFile !== undefined && endorsement !== undefined) {
    const message = '--endorsement is for the default network; --config says endorsementPolicy';
    throw new ConfigError('BAD_FLAG', message);
  }
  const config = configFile ? await readConfigFile(configFile) : defaultNetworkConfig(endorsement);
  const hasBatchSettings = configFile !== undefined || Object.keys(batch).length > 0;
  const channels = config.channels.map((channel) => withBatch(channel, batch));
  const isExplicit = configFile !== undefined || endorsement !== undefined;
  return { config: { ...config, channels }, isExplicit, hasBatchSettings };
}

async function readConfigFile(file: string): Promise<NetworkConfig> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `cannot read the configuration ${file}: ${messageOf(cause)}`;
    throw new ConfigError('BAD_CONFIG', message, { cause });
  });
  return resolvePackages(parseNetworkConfig(text, basename(file)), dirname(resolve(file)));
}

// Paths in the file are from where it lies.
function resolvePackages(config: NetworkConfig, folder: string): NetworkConfig {
  const resolved = (source: string): string =>
    isSample(source) ? source : resolve(folder, source);
  const channels = config.channels.map((channel) => ({
    ...channel,
    chaincodes: channel.chaincodes.map((one) =>
      one.package === undefined ? one : { ...one, package: resolved(one.package) },
    ),
  }));
  return { ...config, channels };
}

function withBatch(channel: ChannelConfig, batch: BatchOverrides): ChannelConfig {
  const { batchSize } = channel;
  const { batchTimeoutMs, maxMessageCount, preferredMaxBytes } = batch;
  if (preferredMaxBytes !== undefined && preferredMaxBytes > batchSize.absoluteMaxBytes) {
    const message = `--preferred-max-bytes must not be larger than ${batchSize.absoluteMaxBytes}, the AbsoluteMaxBytes of ${channel.name}`;
    throw new ConfigError('BAD_FLAG', message);
  }
  return {
    ...channel,
    batchTimeoutMs: batchTimeoutMs ?? channel.batchTimeoutMs,
    batchSize: {
      ...batchSize,
      maxMessageCount: maxMessageCount ?? batchSize.maxMessageCount,
      preferredMaxBytes: preferredMaxBytes ?? batchSize.preferredMaxBytes,
    },
  };
}
