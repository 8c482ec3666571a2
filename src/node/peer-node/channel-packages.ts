// SPDX-License-Identifier: Apache-2.0
// Installs the packages that the network names for a channel's chaincodes, so that a peer can endorse as soon as it has joined.
import type { ChannelDescription } from '../../common/network/types.ts';
import type { PeerClient } from '../peer/peer-client.ts';
import type { FetchFile } from './ports.ts';

export interface ChannelPackagesComponents {
  readonly peer: Pick<PeerClient, 'ask' | 'install'>;
  readonly fetchFile: FetchFile;
}

export interface ChannelPackagesListener {
  readonly installed: (chaincode: string) => void;
  /** A failure is a fault, not the end of joining. */
  readonly failed: (chaincode: string, error: unknown) => void;
}

/**
 * Tells of every chaincode of the channel that has a package here; one that a person installed by hand stays.
 * @param options.fetchMissing whether to fetch and install those that have none.
 */
export async function installPackages(
  { name: channel, chaincodes }: ChannelDescription,
  { peer, fetchFile }: ChannelPackagesComponents,
  options: { readonly fetchMissing: boolean },
  listener: ChannelPackagesListener,
): Promise<void> {
  for (const { name, packagePath } of chaincodes) {
    try {
      const known = await peer.ask('installedPackage', { channel, chaincode: name });
      if (known === undefined) {
        if (packagePath === undefined || !options.fetchMissing) continue;
        await peer.install(channel, name, await fetchFile(packagePath));
      }
      listener.installed(name);
    } catch (error) {
      listener.failed(name, error);
    }
  }
}
