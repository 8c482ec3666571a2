// SPDX-License-Identifier: Apache-2.0
// For tests only: configurations of the network behind testdata/, changed.
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common, orderer } from '../../common/protos/index.ts';
import { extractEnvelope, payloadFromEnvelope } from '../../common/protoutil/index.ts';
import { CHANNEL, testBlock } from './test-network.ts';

export interface BundleChanges {
  readonly sequence?: number;
  readonly consensusType?: string;
  readonly maintenance?: boolean;
  readonly batchSize?: orderer.IBatchSize;
  /** Config group of an application organisation that is not in the channel any more. */
  readonly without?: string;
}

export async function bundleOf(changes: BundleChanges): Promise<ChannelConfigBundle> {
  const { data } = payloadFromEnvelope(extractEnvelope(testBlock('genesis.block'), 0));
  const { config, ...envelope } = common.ConfigEnvelope.decode(data);
  const { sequence = 0 } = changes;
  const group = config?.channel_group;
  if (!group) throw new Error('no configuration');
  change(group, changes);
  const bytes = common.ConfigEnvelope.encode({ ...envelope, config: { ...config, sequence } });
  return createBundle(CHANNEL, bytes.finish());
}

function change(
  { groups }: common.ConfigGroup,
  { consensusType, maintenance = false, batchSize, without }: BundleChanges,
): void {
  const values = groups.Orderer?.values ?? {};
  const set = (name: string, value: Uint8Array): void => {
    const known = values[name];
    if (!known) throw new Error(`no ${name} in the configuration`);
    values[name] = { ...known, value };
  };
  const { ConsensusType, BatchSize } = orderer;
  const consensus = ConsensusType.decode(values.ConsensusType?.value ?? new Uint8Array());
  const { STATE_MAINTENANCE, STATE_NORMAL } = ConsensusType.State;
  const state = maintenance ? STATE_MAINTENANCE : STATE_NORMAL;
  const type = consensusType ?? consensus.type;
  set('ConsensusType', ConsensusType.encode({ ...consensus, type, state }).finish());
  if (batchSize) set('BatchSize', BatchSize.encode(batchSize).finish());
  if (without === undefined) return;
  const organisations = groups.Application?.groups ?? {};
  if (!organisations[without])
    throw new Error(`none of ${Object.keys(organisations)} is ${without}`);
  delete organisations[without];
}

/** The same configuration, telling which policies are asked for. */
export function watched(bundle: ChannelConfigBundle, asked: string[]): ChannelConfigBundle {
  const { policyManager } = bundle;
  return Object.create(bundle, {
    policyManager: {
      value: {
        hasPolicy: (path: string) => policyManager.hasPolicy(path),
        getPolicy: (path: string) => {
          asked.push(path);
          return policyManager.getPolicy(path);
        },
      },
    },
  });
}
