// SPDX-License-Identifier: Apache-2.0
// Installs chaincode at this node's peer: packages that a person gives, and those that the network names for a channel, so that a peer can
// endorse as soon as it has joined. What a package leaves to its peer (npm packages, compilation) is made by the relay.
import type { ChannelDescription } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { ServiceClient } from '../../common/wire/service.ts';
import { BUILD_UNAVAILABLE, buildAtRelay } from '../chaincode/build-service.ts';
import type { ChaincodeLogLine } from '../chaincode/chaincode-logs.ts';
import { describeMissing, type MissingParts } from '../chaincode/missing-parts.ts';
import type { PeerClient } from '../peer/peer-client.ts';
import type { FetchFile } from './ports.ts';

export interface ChaincodeInstallerComponents {
  readonly peer: Pick<PeerClient, 'ask' | 'install' | 'addProgram'>;
  /** Throws while it is not connected. */
  readonly relay: () => ServiceClient;
  readonly fetchFile: FetchFile;
  readonly clock: Clock;
  /** Takes what npm and the compiler said. */
  readonly log: (line: ChaincodeLogLine) => void;
  readonly signal: AbortSignal;
}

export interface NetworkPackagesListener {
  readonly installed: (chaincode: string) => void;
  /** A failure is a fault, not the end of joining. */
  readonly failed: (chaincode: string, error: unknown) => void;
}

export class ChaincodeInstaller {
  readonly #components: ChaincodeInstallerComponents;

  constructor(components: ChaincodeInstallerComponents) {
    this.#components = components;
  }

  /**
   * Installs a package to run as a chaincode of a channel. Rejects with FabricError when the bytes are none, or what they lack cannot be made:
   * CHAINCODE_BUILD_FAILED with what npm or the compiler said, CHAINCODE_BUILD_UNAVAILABLE with what can be done without.
   */
  async install(
    channel: string,
    chaincode: string,
    bytes: Uint8Array,
    options: { readonly fromNetwork?: boolean } = {},
  ): Promise<void> {
    const { peer } = this.#components;
    const { packageId, missing } = await peer.install({ channel, chaincode, ...options }, bytes);
    if (missing) await this.#build(packageId, bytes, missing);
  }

  /**
   * Tells of every chaincode of the channel that has a package here; one that a person installed by hand stays, one of the network is followed.
   * @param options.fetchMissing whether to fetch and install those that have none.
   */
  async installNetworkPackages(
    { name: channel, chaincodes }: ChannelDescription,
    options: { readonly fetchMissing: boolean },
    listener: NetworkPackagesListener,
  ): Promise<void> {
    const { peer, fetchFile } = this.#components;
    for (const { name: chaincode, packagePath, packageId } of chaincodes) {
      try {
        const known = await peer.ask('installedPackage', { channel, chaincode });
        const isCurrent = known && !(known.fromNetwork && known.packageId !== packageId);
        if (!isCurrent && packagePath !== undefined && options.fetchMissing) {
          const bytes = await fetchFile(packagePath);
          await this.install(channel, chaincode, bytes, { fromNetwork: true });
        } else if (!known) continue;
        listener.installed(chaincode);
      } catch (error) {
        listener.failed(chaincode, error);
      }
    }
  }

  async #build(packageId: string, bytes: Uint8Array, missing: MissingParts): Promise<void> {
    const { peer, relay, signal } = this.#components;
    this.#say(packageId, 'info', 'the relay builds this package');
    try {
      const { log, program } = await buildAtRelay(relay(), packageId, bytes, { signal });
      this.#say(packageId, 'info', log);
      await peer.addProgram(packageId, program);
    } catch (error) {
      this.#say(packageId, 'error', messageOf(error));
      if (!(error instanceof FabricError) || error.code !== BUILD_UNAVAILABLE) throw error;
      const text = `${describeMissing(missing)}, and no relay that could make it is there (${messageOf(error)}): make the package with 'tabric chaincode package', which brings everything along`;
      throw new FabricError(BUILD_UNAVAILABLE, text, { cause: error });
    }
  }

  #say(packageId: string, level: string, text: string): void {
    const { clock, log } = this.#components;
    log({ at: clock.now(), packageId, level, text });
  }
}
