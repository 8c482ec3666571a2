// SPDX-License-Identifier: Apache-2.0
// A peer, wherever it runs: its channels, its chaincodes, and the services it offers (Fabric's core/peer and
// internal/peer/node/start.go). In a tab it lives in the peer worker; nothing here knows of pages or libp2p.
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { ServiceTable } from '../../common/wire/service.ts';
import type { TransientStoreProvider } from '../../ledger/transientstore/index.ts';
import type { LedgerProvider, LedgerSettings, PeerLedger } from '../../ledger/types.ts';
import { AclProvider, type LocalMSP } from '../aclmgmt/index.ts';
import { ChaincodeSupport, type ChaincodeSupportOptions } from '../chaincode/chaincode-support.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import type { ChaincodePackage } from '../chaincode/package.ts';
import type { PrivateDataAccess } from '../chaincode/private-data-access.ts';
import type { SignatureStage } from '../committer/index.ts';
import { type ContractFunction, describeContract } from '../endorser/describe-contract.ts';
import { Endorser } from '../endorser/endorser.ts';
import {
  ChaincodeEndorsementInfoSource,
  collectionInfoSource,
  type DeployedChaincode,
  readDefinition,
} from '../lifecycle/index.ts';
import {
  cscc,
  isReservedName,
  qscc,
  type SystemChaincode,
  SystemChaincodes,
} from '../scc/index.ts';
import { Channel } from './channel.ts';
import type { InstalledPackages, InstallRequest } from './installed-packages.ts';
import { localMspOf } from './local-msp.ts';

export interface PeerComponents {
  /** e.g. `peer0.org1.example.com`. */
  readonly name: string;
  readonly identity: SigningIdentity;
  /** The MSP of the peer's organisation; when absent, as its channels define it. */
  readonly localMsp?: LocalMSP;
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

/** A chaincode as the channel defines it, and as this peer runs it. */
export interface PeerChaincode extends DeployedChaincode {
  /** Absent when no package was installed for it here. */
  readonly packageId?: string;
}

export class Peer {
  readonly services: ServiceTable;
  readonly chaincodes: ChaincodeSupport;
  /** Who may use what; for services beside the endorser too. */
  readonly acl: AclProvider;
  readonly #components: PeerComponents;
  readonly #channels = new Map<string, Channel>();
  /** By package id; absent ones tell none. */
  readonly #functions = new Map<
    string,
    { readonly functions: readonly ContractFunction[] | undefined }
  >();
  readonly #systemChaincodes = new SystemChaincodes();

  constructor(components: PeerComponents, options?: ChaincodeSupportOptions) {
    this.#components = components;
    const { clock, random, log, launcher, packages } = components;
    const channels = (channelId: string) => this.#channels.get(channelId);
    const ledgers = (channelId: string) => channels(channelId)?.ledger;
    const localMsp = () => this.#localMsp();
    const acl = new AclProvider({ bundles: (id) => channels(id)?.bundle, localMsp });
    const systemChaincodes = this.#systemChaincodes;
    const lifecycle = new ChaincodeEndorsementInfoSource({
      isSystemChaincode: systemChaincodes.isSystemChaincode,
      deployed: (channelId) => channels(channelId)?.deployed,
      packageIdOf: (channelId, chaincode) => packages.packageIdOf(channelId, chaincode),
    });
    const privateDataAccess = this.#privateDataAccess();
    const shared = { lifecycle, systemChaincodes, acl, clock };
    this.chaincodes = new ChaincodeSupport(
      { ...shared, launcher, ledgers, privateDataAccess, random, logger: log },
      options,
    );
    const { name, identity, trace } = components;
    const { chaincodes } = this;
    const endorser = { ...shared, name, identity, channels, localMsp, chaincodes, trace, log };
    this.acl = acl;
    this.services = new Endorser(endorser).services;
    this.deploySystemChaincode(qscc({ ledgers, acl }));
    this.deploySystemChaincode(cscc({ channels: this.#channels, acl }));
  }

  get name(): string {
    return this.#components.name;
  }

  get clock(): Clock {
    return this.#components.clock;
  }

  /** Serialized identity of the peer. */
  get identity(): Uint8Array {
    return this.#components.identity.serialize();
  }

  /** The channels that it has joined, by name. */
  get channels(): ReadonlyMap<string, Channel> {
    return this.#channels;
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
    const { ledgers } = this.#components;
    return this.#add(description, await ledgers.open(description.name, settingsOf(description)));
  }

  /** Joins a channel from its genesis block (cscc JoinChain). */
  async joinChannel(description: ChannelDescription, genesis: Uint8Array): Promise<Channel> {
    const ledger = await this.#components.ledgers.create(genesis, settingsOf(description));
    return this.#add(description, ledger);
  }

  /** Makes a chaincode part of the peer. Throws FabricError CHAINCODE_EXISTS. */
  deploySystemChaincode(chaincode: SystemChaincode): void {
    this.#systemChaincodes.deploy(chaincode);
  }

  /** The chaincode packages that this peer has. */
  get packages(): InstalledPackages {
    return this.#components.packages;
  }

  /** A chaincode of a channel, with the package that this peer runs for it. */
  async definition(channelId: string, name: string): Promise<PeerChaincode | undefined> {
    const deployed = await this.#channels.get(channelId)?.deployed.chaincode(name);
    return deployed && this.#withPackage(channelId, deployed);
  }

  /** All chaincodes of a channel, by name in byte order. */
  async definitions(channelId: string): Promise<PeerChaincode[]> {
    const deployed = await this.requireChannel(channelId).deployed.chaincodes();
    return deployed.map((one) => this.#withPackage(channelId, one));
  }

  /** The functions of a chaincode, asked once of each package; see describeContract. */
  async describe(
    channelId: string,
    name: string,
    ccid: string,
  ): Promise<readonly ContractFunction[] | undefined> {
    const { clock, random } = this.#components;
    const known = this.#functions.get(ccid);
    if (known) {
      await this.chaincodes.launch(ccid);
      return known.functions;
    }
    const channel = this.requireChannel(channelId);
    const about = { chaincodes: this.chaincodes, clock, random };
    const functions = await describeContract(about, channel, { name, ccid }, this.identity);
    this.#functions.set(ccid, { functions });
    return functions;
  }

  /**
   * Installs a package, to run as a chaincode of a channel; what ran as it before ends. Throws FabricError
   * CHAINCODE_NAME_RESERVED, and when the bytes are no package.
   */
  async install(request: InstallRequest, bytes: Uint8Array): Promise<ChaincodePackage> {
    const { channel: channelId, chaincode } = request;
    if (isReservedName(chaincode) || this.#systemChaincodes.isSystemChaincode(chaincode)) {
      const text = `${chaincode} is the name of a system chaincode, which no package can be`;
      throw new FabricError('CHAINCODE_NAME_RESERVED', text);
    }
    const { packages } = this.#components;
    const before = packages.packageIdOf(channelId, chaincode);
    const installed = await packages.install(request, bytes);
    if (before !== undefined && !packages.isUsed(before)) this.chaincodes.kill(before);
    await this.deployIndexes(channelId, chaincode);
    return installed;
  }

  /** Takes the program that was built from an installed package; what ran of it ends. Throws FabricError INVALID_PACKAGE. */
  async addProgram(packageId: string, program: Uint8Array): Promise<void> {
    await this.#components.packages.addProgram(packageId, program);
    this.chaincodes.kill(packageId);
  }

  /** Gives the ledger of a channel the indexes of the package that runs as a chaincode there. */
  async deployIndexes(channelId: string, chaincode: string): Promise<void> {
    const { packages, log } = this.#components;
    const packageId = packages.packageIdOf(channelId, chaincode);
    const found = packageId === undefined ? undefined : await packages.get(packageId);
    const ledger = this.#channels.get(channelId)?.ledger;
    if (!found || !ledger) return;
    const problems = await ledger.processIndexesForChaincodeDeploy(chaincode, found.metaInf);
    for (const problem of problems) log.warn(`index of ${packageId} is left out: ${problem}`);
  }

  async stop(): Promise<void> {
    await this.chaincodes.stop();
    for (const channel of this.#channels.values()) await channel.close();
    this.#channels.clear();
  }

  async #add(description: ChannelDescription, ledger: PeerLedger): Promise<Channel> {
    const { name } = description;
    try {
      const channel = await this.#openOver(description, ledger);
      this.#channels.set(name, channel);
      if (description.stateDatabase === 'CouchDB') await this.#keepIndexes(channel);
      return channel;
    } catch (error) {
      this.#channels.delete(name);
      await ledger.close();
      throw error;
    }
  }

  async #openOver({ name, chaincodes }: ChannelDescription, ledger: PeerLedger): Promise<Channel> {
    if (ledger.ledgerId !== name) {
      const text = `the genesis block is of channel ${ledger.ledgerId}, not of ${name}`;
      throw new FabricError('CHANNEL_MISMATCH', text);
    }
    const { identity, transientStores } = this.#components;
    const privateData = {
      mspId: identity.mspId,
      transientStore: await transientStores.openStore(name),
    };
    return Channel.open({ ...this.#about(), ledger, privateData }, chaincodes);
  }

  // As chaincodes are deployed, their packages' indexes are (HandleChaincodeDeploy).
  async #keepIndexes(channel: Channel): Promise<void> {
    const deploy = async (all: readonly DeployedChaincode[]): Promise<void> => {
      for (const { name } of all) await this.deployIndexes(channel.name, name);
    };
    channel.events.on('definitions:changed', (all) => {
      deploy(all).catch((error) => {
        const text = `indexes of ${channel.name} were not deployed: ${messageOf(error)}`;
        this.#components.log.warn(text);
      });
    });
    await deploy(await channel.deployed.chaincodes());
  }

  #withPackage(channelId: string, deployed: DeployedChaincode): PeerChaincode {
    const packageId = this.#components.packages.packageIdOf(channelId, deployed.name);
    return packageId === undefined ? deployed : { ...deployed, packageId };
  }

  #localMsp(): LocalMSP | undefined {
    const { localMsp, identity } = this.#components;
    if (localMsp) return localMsp;
    for (const { bundle } of this.#channels.values()) {
      const found = localMspOf(identity.mspId, bundle);
      if (found) return found;
    }
    return undefined;
  }

  #privateDataAccess(): PrivateDataAccess {
    return {
      readWritePermission: (channelId, ...rest) =>
        this.requireChannel(channelId).collections.retrieveReadWritePermission(...rest),
      readDefinition: (chaincode, simulator) => readDefinition(simulator, chaincode),
      purgeEnabled: (channelId) =>
        this.requireChannel(channelId).bundle.application.capabilities.has('V2_5'),
    };
  }

  #about() {
    const { name, clock, trace, log, signatureStage } = this.#components;
    return { peerName: name, clock, trace, log, ...(signatureStage && { signatureStage }) };
  }
}

function settingsOf(description: ChannelDescription): LedgerSettings {
  const { stateDatabase, historyDatabase, chaincodes } = description;
  return {
    stateDatabase,
    enableHistoryDatabase: historyDatabase,
    collections: collectionInfoSource(chaincodes),
  };
}
