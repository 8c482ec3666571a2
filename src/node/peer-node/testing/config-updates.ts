// SPDX-License-Identifier: Apache-2.0
// Updates of a channel's configuration, signed by administrators as Fabric's clients do it.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import type { SigningIdentity } from '../../../common/msp/index.ts';
import { common } from '../../../common/protos/index.ts';
import { createSignedEnvelope } from '../../../common/protoutil/index.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import { type Clock, systemRandomBytes } from '../../../common/runtime/clock.ts';

/** A serialized CONFIG_UPDATE envelope that takes an application organisation out of a channel. */
export async function withoutOrganisation(
  bundle: ChannelConfigBundle,
  organisation: string,
  administrators: readonly SigningIdentity[],
  clock: Clock,
): Promise<Uint8Array> {
  const { channel, application } = groupsOf(bundle);
  const { version, mod_policy } = application;
  // What is in both sets with one version is unchanged; what is only read, under a group whose version is raised, is removed.
  const values = versionsOf(application.values);
  const policies = versionsOf(application.policies);
  const groups = versionsOf(application.groups);
  const { [organisation]: removed, ...others } = groups;
  if (!removed) throw new Error(`${organisation} is not on the channel`);
  const set = (changed: common.IConfigGroup): common.IConfigGroup => ({
    version: channel.version,
    groups: { Application: { values, policies, groups, version, ...changed } },
  });
  const sets = {
    read_set: set({}),
    write_set: set({ version: version.add(1), mod_policy, groups: others }),
  };
  return signedUpdate(bundle, sets, administrators, clock);
}

/** A serialized CONFIG_UPDATE envelope that sets the capability of a channel's application. */
export async function withApplicationCapability(
  bundle: ChannelConfigBundle,
  capability: string,
  administrators: readonly SigningIdentity[],
  clock: Clock,
): Promise<Uint8Array> {
  const { channel, application } = groupsOf(bundle);
  const { Capabilities: before } = application.values;
  if (!before) throw new Error('the application has no capabilities');
  const { mod_policy } = before;
  const value = common.Capabilities.encode({ capabilities: { [capability]: {} } }).finish();
  const set = (values: common.IConfigGroup['values']): common.IConfigGroup => ({
    version: channel.version,
    groups: { Application: { version: application.version, values: values ?? {} } },
  });
  const sets = {
    read_set: set({}),
    write_set: set({ Capabilities: { version: before.version.add(1), mod_policy, value } }),
  };
  return signedUpdate(bundle, sets, administrators, clock);
}

function groupsOf({ configBytes }: ChannelConfigBundle): {
  channel: common.ConfigGroup;
  application: common.ConfigGroup;
} {
  const channel = common.ConfigEnvelope.decode(configBytes).config?.channel_group;
  const application = channel?.groups.Application;
  if (!channel || !application) throw new Error('there is no configuration');
  return { channel, application };
}

async function signedUpdate(
  { channelId }: ChannelConfigBundle,
  sets: Pick<common.IConfigUpdate, 'read_set' | 'write_set'>,
  administrators: readonly SigningIdentity[],
  clock: Clock,
): Promise<Uint8Array> {
  const [submitter] = administrators;
  if (!submitter) throw new Error('nobody signs');
  const config_update = common.ConfigUpdate.encode({ channel_id: channelId, ...sets }).finish();
  const signatures = await Promise.all(
    administrators.map(async (administrator) => {
      const creator = administrator.serialize();
      const nonce = systemRandomBytes(24);
      const signature_header = common.SignatureHeader.encode({ creator, nonce }).finish();
      const signature = await administrator.sign(concat(signature_header, config_update));
      return { signature_header, signature };
    }),
  );
  const envelope = await createSignedEnvelope(
    common.HeaderType.CONFIG_UPDATE,
    channelId,
    submitter,
    common.ConfigUpdateEnvelope.encode({ config_update, signatures }).finish(),
    { nonce: systemRandomBytes(24), now: clock.now() },
  );
  return common.Envelope.encode(envelope).finish();
}

function versionsOf<V>(
  items: Readonly<Record<string, { readonly version: V }>>,
): Record<string, { version: V }> {
  return Object.fromEntries(
    Object.entries(items).map(([name, { version }]) => [name, { version }]),
  );
}
