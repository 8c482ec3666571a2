// SPDX-License-Identifier: Apache-2.0
// Which rules of membership a channel follows (MSPVersion of common/capabilities/channel.go).

/** The name of the channel capability that brought the rules. */
export type MSPVersion = 'V1_4_3' | 'V3_0';

/** The rules under a channel's capabilities. */
export function mspVersionOf(channelCapabilities: ReadonlySet<string>): MSPVersion {
  return channelCapabilities.has('V3_0') ? 'V3_0' : 'V1_4_3';
}
