// SPDX-License-Identifier: Apache-2.0
// The rules of config updates (common/configtx/validator.go and update.go, ValidateNew of common/channelconfig/bundle.go).
// An update says what it has read, with versions, and what it wants to write; what it changes must be signed for as the
// mod_policy of each changed element demands.
import Long from 'long';
import { CHANNEL_PREFIX } from '../policies/index.ts';
import type { Policy, SignedData } from '../policies/types.ts';
import { common, msp } from '../protos/index.ts';
import {
  configUpdateEnvelopeAsSignedData,
  envelopeToConfigUpdate,
  unmarshal,
} from '../protoutil/index.ts';
import {
  type ConfigElement,
  type ConfigMap,
  configMapToConfig,
  equalConfigGroups,
  mapConfig,
  validateConfigId,
} from './config-map.ts';
import { ConfigError } from './errors.ts';
import type { ChannelConfigBundle } from './types.ts';

function refuse(text: string): ConfigError {
  return new ConfigError('CONFIG_UPDATE', text);
}

function channelGroupOf(configEnvelope: Uint8Array): {
  config: common.Config;
  group: common.ConfigGroup;
} {
  const { config } = unmarshal(common.ConfigEnvelope, 'ConfigEnvelope', configEnvelope);
  if (!config?.channel_group) throw refuse('config envelope has no config');
  return { config, group: config.channel_group };
}

/**
 * Authorises a CONFIG_UPDATE envelope against the current configuration and makes its successor: serialized
 * common.ConfigEnvelope. Rejects with ConfigError (CONFIG_UPDATE, CONFIG_UNAUTHORIZED) or ProtoError.
 */
export async function proposeConfigUpdate(
  current: ChannelConfigBundle,
  update: common.Envelope,
): Promise<Uint8Array> {
  const channel_group = await authorizeUpdate(current, envelopeToConfigUpdate(update));
  const config = { sequence: current.sequence + 1, channel_group };
  return common.ConfigEnvelope.encode({ config, last_update: update }).finish();
}

/**
 * Checks that serialized common.ConfigEnvelope is what its own last_update makes of the current configuration. Rejects
 * with ConfigError or ProtoError.
 */
export async function validateConfigEnvelope(
  current: ChannelConfigBundle,
  configEnvelope: Uint8Array,
): Promise<void> {
  const { last_update } = unmarshal(common.ConfigEnvelope, 'ConfigEnvelope', configEnvelope);
  const { config, group } = channelGroupOf(configEnvelope);
  if (!config.sequence.equals(current.sequence + 1)) {
    throw refuse(
      `config currently at sequence ${current.sequence}, cannot validate config at sequence ${config.sequence}`,
    );
  }
  if (!last_update) throw refuse('config envelope has no last update');
  const expected = await authorizeUpdate(current, envelopeToConfigUpdate(last_update));
  // Encoded and decoded once, so that both sides have all fields.
  const decoded = common.ConfigGroup.decode(common.ConfigGroup.encode(expected).finish());
  if (!equalConfigGroups(decoded, group)) {
    throw refuse('the last update of the config envelope did not produce the supplied config');
  }
}

async function authorizeUpdate(
  current: ChannelConfigBundle,
  envelope: common.ConfigUpdateEnvelope,
): Promise<common.IConfigGroup> {
  const update = unmarshal(common.ConfigUpdate, 'ConfigUpdate', envelope.config_update);
  if (update.channel_id !== current.channelId) {
    throw refuse(
      `update for channel '${update.channel_id}' sent to channel '${current.channelId}'`,
    );
  }
  const existing = mapConfig(channelGroupOf(current.configBytes).group, CHANNEL_PREFIX);
  const readSet = mapConfig(update.read_set, CHANNEL_PREFIX);
  verifyReadSet(existing, readSet);
  const writeSet = mapConfig(update.write_set, CHANNEL_PREFIX);
  const delta = computeDeltaSet(readSet, writeSet);
  if (delta.size === 0) throw refuse('the update would have no effect');
  const signatures = configUpdateEnvelopeAsSignedData(envelope);
  for (const [path, element] of delta) {
    await verifyChange(current, { path, element, existing: existing.get(path) }, signatures);
  }
  const proposed = new Map([...existing, ...delta]);
  for (const path of writeSet.keys()) {
    if (!proposed.has(path)) throw refuse(`write set contains ${path}, which is not in the result`);
  }
  return configMapToConfig(proposed, CHANNEL_PREFIX);
}

function verifyReadSet(existing: ConfigMap, readSet: ConfigMap): void {
  for (const [path, { item }] of readSet) {
    const now = existing.get(path);
    if (!now) throw refuse(`${path} is in the read set but not in the config`);
    if (!now.item.version.equals(item.version)) {
      throw refuse(
        `update requires ${path} at version ${item.version}, it is at ${now.item.version}`,
      );
    }
  }
}

function computeDeltaSet(readSet: ConfigMap, writeSet: ConfigMap): Map<string, ConfigElement> {
  const isChanged = ([path, { item }]: [string, ConfigElement]): boolean =>
    !readSet.get(path)?.item.version.equals(item.version);
  return new Map([...writeSet].filter(isChanged));
}

interface Change {
  readonly path: string;
  readonly element: ConfigElement;
  readonly existing: ConfigElement | undefined;
}

async function verifyChange(
  current: ChannelConfigBundle,
  { path, element, existing }: Change,
  signatures: readonly SignedData[],
): Promise<void> {
  validateModPolicy(path, element.item.mod_policy);
  const { version } = element.item;
  if (!existing) {
    // Who may add an element is settled by its group, whose version must have been raised.
    if (version.equals(Long.UZERO)) return;
    throw refuse(`attempted to set ${path} to version ${version}, but it does not exist`);
  }
  if (!version.equals(existing.item.version.add(1))) {
    throw refuse(
      `attempted to set ${path} to version ${version}, but it is at version ${existing.item.version}`,
    );
  }
  const policy = policyForElement(current, existing);
  if (!policy) throw refuse(`missing policy ${existing.item.mod_policy} for ${path}`);
  if (await policy.evaluateSignedData(signatures)) return;
  throw new ConfigError('CONFIG_UNAUTHORIZED', `policy for ${path} not satisfied`);
}

function validateModPolicy(path: string, modPolicy: string): void {
  if (modPolicy === '') throw refuse(`mod_policy of ${path} is not set`);
  for (const part of modPolicy.replace(/^\//, '').split('/')) validateConfigId(part);
}

// A relative mod_policy is looked up at the group that holds the element, or at the group itself.
function policyForElement(
  { policyManager }: ChannelConfigBundle,
  { kind, path, key, item }: ConfigElement,
): Policy | undefined {
  const group = kind === 'Group' ? [...path, key] : path;
  const { mod_policy } = item;
  const absolute = mod_policy.startsWith('/') ? mod_policy : `/${[...group, mod_policy].join('/')}`;
  return policyManager.hasPolicy(absolute) ? policyManager.getPolicy(absolute) : undefined;
}

/**
 * Checks that a channel may go from one configuration to another: organisations keep their MSP ids. (That the sections
 * stay is a matter of course: a bundle without them cannot be made.) Throws ConfigError.
 */
export function validateNew(current: ChannelConfigBundle, next: ChannelConfigBundle): void {
  for (const section of ['Orderer', 'Application']) {
    const nextIds = mspIdsOf(next, section);
    for (const [name, mspId] of mspIdsOf(current, section)) {
      const nextId = nextIds.get(name) ?? mspId;
      if (nextId === mspId) continue;
      throw refuse(`${section} org ${name} attempted to change MSP ID from ${mspId} to ${nextId}`);
    }
  }
}

// MSP ids by name of config group.
function mspIdsOf({ configBytes }: ChannelConfigBundle, section: string): Map<string, string> {
  const orgs = Object.entries(channelGroupOf(configBytes).group.groups[section]?.groups ?? {});
  return new Map(
    orgs.map(([name, { values }]) => {
      const { config } = unmarshal(msp.MSPConfig, 'MSP', values.MSP?.value ?? new Uint8Array());
      return [name, unmarshal(msp.FabricMSPConfig, 'MSP', config).name];
    }),
  );
}
