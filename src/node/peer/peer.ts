// SPDX-License-Identifier: Apache-2.0
// A peer, wherever it runs: its channels, its chaincodes, and the services it offers (Fabric's core/peer and
// internal/peer/node/start.go). In a tab it lives in the peer worker; nothing here knows of pages or libp2p.
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { ServiceTable } from '../../common/wire/service.ts';
import type { TransientStoreProvider } from '../../ledger/transientstore/index.ts';
import type { LedgerProvider, PeerLedger } from '../../ledger/types.ts';
import {
  ChaincodeSupport,
  type ChaincodeSupportOptions,
  type CommittedDefinition,
} from '../chaincode/chaincode-support.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import type { PrivateDataAccess } from '../chaincode/private-data-access.ts';
import type { SignatureStage } from '../committer/index.ts';
import { Endorser, type PrivateDataSupport } from '../endorser/endorser.ts';
import { Channel } from './channel.ts';
import type { InstalledPackages } from './installed-packages.ts';

export interface PeerComponents {
  /** e.g. `peer0.org1.example.com`. */
  readonly name: string;
  readonly identity: SigningIdentity;
  readonly ledgers: LedgerProvider;
  /** Where private data waits for its block. */
  readonly transientStores: TransientStoreProvider;
  readonly packages: InstalledPackages;
  readonly launcher: ChaincodeLauncher;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly trace: TraceBus;
  readonly log: Logger;
  readonly signatureStage?: SignatureStage;
}

export class Peer {
  readonly services: ServiceTable;
  readonly chaincodes: ChaincodeSupport;
  readonly #components: PeerComponents;
  readonly #channels = new Map<string, Channel>();

  constructor(components: PeerComponents, options?: ChaincodeSupportOptions) {
    this.#components = components;
    const { clock, random, log, launcher } = components;
    const ledgers = (channelId: string) => this.#channels.get(channelId)?.ledger;
    const bundles = (channelId: string) => this.#channels.get(channelId)?.bundle;
    const definitions = (channelId: string, name: string) => this.definition(channelId, name);
    const privateData = (channelId: string) => this.#privateData(channelId);
    const endorser = new Endorser({ ...components, ledgers, bundles, definitions, privateData });
    const { checkAcl } = endorser;
    const about = { launcher, definitions, ledgers, checkAcl, clock, random, logger: log };
    this.chaincodes = new ChaincodeSupport(
      { ...about, privateDataAccess: this.#privateDataAccess() },
      options,
    );
    endorser.use(this.chaincodes);
    this.services = endorser.services;
  }

  get name(): string {
    return this.#components.name;
  }

  /** Serialized identity of the peer. */
  get identity(): Uint8Array {
    return this.#components.identity.serialize();
  }

  channel(channelId: string): Channel | undefined {
    return this.#channels.get(channelId);
  }

  requireChannel(channelId: string): Channel {
    const channel = this.#channels.get(channelId);
    if (channel) return channel;
    throw new FabricError('CHANNEL_NOT_JOINED', `${this.name} has not joined ${channelId}`);
  }

  /** Opens the ledger of a channel joined before; undefined when it was not. Throws LEDGER_PAUSED, and what opening it throws. */
  async openChannel(description: ChannelDescription): Promise<Channel | undefined> {
    const known = await this.#components.ledgers.statuses();
    if (!known.has(description.name)) return undefined;
    return this.#add(description, await this.#components.ledgers.open(description.name));
  }

  /** Joins a channel from its genesis block (cscc JoinChain). */
  async joinChannel(description: ChannelDescription, genesis: Uint8Array): Promise<Channel> {
    return this.#add(description, await this.#components.ledgers.create(genesis));
  }

  /** The definition of a chaincode, with the package that this peer runs for it. */
  definition(channelId: string, name: string): CommittedDefinition | undefined {
    const defined = this.#channels.get(channelId)?.definition(name);
    if (!defined) return undefined;
    const { packageId: _, ...definition } = defined;
    const packageId = this.#components.packages.packageIdOf(name);
    return packageId === undefined ? definition : { ...definition, packageId };
  }

  /** The chaincode packages that this peer has. */
  get packages(): InstalledPackages {
    return this.#components.packages;
  }

  /** Keeps a package to run as `chaincode` from its next call on. Throws when the bytes are not a chaincode package. */
  async install(chaincode: string, bytes: Uint8Array): Promise<void> {
    const before = this.packages.packageIdOf(chaincode);
    await this.packages.install(chaincode, bytes);
    if (before !== undefined) this.chaincodes.kill(before);
    await this.deployIndexes(chaincode);
  }

  /** Gives the ledgers the indexes of the package that runs as a chaincode. */
  async deployIndexes(chaincode: string): Promise<void> {
    const { packages, log } = this.#components;
    const packageId = packages.packageIdOf(chaincode);
    const found = packageId === undefined ? undefined : await packages.get(packageId);
    if (!found) return;
    for (const { ledger } of this.#channels.values()) {
      const problems = await ledger.processIndexesForChaincodeDeploy(chaincode, found.metaInf);
      for (const problem of problems) log.warn(`index of ${packageId} is left out: ${problem}`);
    }
  }

  async stop(): Promise<void> {
    await this.chaincodes.stop();
    for (const channel of this.#channels.values()) await channel.close();
    this.#channels.clear();
  }

  async #add(description: ChannelDescription, ledger: PeerLedger): Promise<Channel> {
    const { identity, transientStores } = this.#components;
    const transientStore = await transientStores.openStore(description.name);
    const privateData = { mspId: identity.mspId, transientStore };
    const about = { ...this.#about(), ledger, privateData };
    const channel = await Channel.open(about, description.chaincodes);
    this.#channels.set(description.name, channel);
    if (description.stateDatabase === 'CouchDB') {
      for (const name of this.#components.packages.chaincodes()) await this.deployIndexes(name);
    }
    return channel;
  }

  #privateData(channelId: string): PrivateDataSupport | undefined {
    const { collections, distributor } = this.#channels.get(channelId) ?? {};
    return collections && distributor && { collections, distributor };
  }

  #privateDataAccess(): PrivateDataAccess {
    return {
      readWritePermission: (channelId, ...rest) =>
        this.requireChannel(channelId).collections.retrieveReadWritePermission(...rest),
      purgeEnabled: (channelId) =>
        this.requireChannel(channelId).bundle.application.capabilities.has('V2_5'),
    };
  }

  #about() {
    const { name, clock, trace, log, signatureStage } = this.#components;
    return { peerName: name, clock, trace, log, ...(signatureStage && { signatureStage }) };
  }
}
