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
  { channelId, configBytes }: ChannelConfigBundle,
  organisation: string,
  administrators: readonly SigningIdentity[],
  clock: Clock,
): Promise<Uint8Array> {
  const [submitter] = administrators;
  const channel = common.ConfigEnvelope.decode(configBytes).config?.channel_group;
  const application = channel?.groups.Application;
  if (!submitter || !channel || !application)
    throw new Error('nobody signs, or there is no configuration');
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
  const config_update = common.ConfigUpdate.encode({
    channel_id: channelId,
    read_set: set({}),
    write_set: set({ version: version.add(1), mod_policy, groups: others }),
  }).finish();
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
