// SPDX-License-Identifier: Apache-2.0
// Installs the packages that the network names for its chaincodes, so that a tab can endorse as soon as it has joined.
import type { ChannelDescription } from '../../common/network/types.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { NetworkState } from './network-state.ts';
import type { PeerWorkerClient } from './peer-worker-client.ts';

const FETCH_TIMEOUT_MS = 20_000;

/** Fetches and installs what is missing; a package that a person installed by hand stays. A failure is a fault, not the end of joining. */
export async function keepPackagesInstalled(
  { chaincodes }: ChannelDescription,
  worker: PeerWorkerClient,
  state: NetworkState,
): Promise<void> {
  for (const { name, packagePath } of chaincodes) {
    try {
      const installed = await worker.api.installedPackage(name);
      if (installed === undefined && packagePath === undefined) continue;
      if (installed === undefined && packagePath !== undefined) {
        await worker.api.installBytes(name, await fetchPackage(packagePath));
      }
      state.installed(name);
    } catch (error) {
      state.faults.raise('CHAINCODE_NOT_INSTALLED', `${name}: ${messageOf(error)}`);
    }
  }
}

async function fetchPackage(path: string): Promise<Uint8Array> {
  const url = new URL(path, location.origin);
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) {
    throw new FabricError('PACKAGE_UNAVAILABLE', `GET ${url.pathname} answers ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
