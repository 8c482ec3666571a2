// SPDX-License-Identifier: Apache-2.0
// One channel at a peer: its ledger, its configuration, and the committer that moves both on (core/peer/channel.go).

import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { fromHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { SerializedBlock } from '../../ledger/blkstorage/index.ts';
import { deserializeMetadata } from '../../ledger/kvledger/txmgmt/rwsetutil/state-metadata.ts';
import type { TransientStore } from '../../ledger/transientstore/index.ts';
import type { CommitResult, PeerLedger, VersionedValue } from '../../ledger/types.ts';
import {
  type Committed,
  Committer,
  type KeyPolicies,
  type NamespaceDefinition,
  type NamespacePolicies,
  type SignatureContext,
  type SignatureStage,
  VALIDATION_PARAMETER,
  verifyBlock,
  verifySignatures,
} from '../committer/index.ts';
import { EndorsementAnalyzer } from '../discovery/index.ts';
import { MemberTally } from '../inspect/index.ts';
import {
  type DeployedChaincode,
  DeployedChaincodes,
  describedChaincodes,
  namespacePolicies,
} from '../lifecycle/index.ts';
import { CollectionStore, Coordinator, PvtDataDistributor } from '../privdata/index.ts';
import { ChannelConfig, configBlockOf } from './channel-config.ts';

export interface ChannelComponents {
  readonly peerName: string;
  readonly ledger: PeerLedger;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
  /** Checks signatures elsewhere; in this thread when absent. */
  readonly signatureStage?: SignatureStage;
  /** Without it, the channel endorses no private data and commits without any. */
  readonly privateData?: {
    /** The peer's organisation. */
    readonly mspId: string;
    readonly transientStore: TransientStore;
  };
}

export interface ChannelEvents {
  'block:committed': Committed;
  'config:changed': ChannelConfigBundle;
  /** All that is deployed now. */
  'definitions:changed': readonly DeployedChaincode[];
}

export class Channel {
  readonly events = new TypedEventTarget<ChannelEvents>();
  readonly #ledger: PeerLedger;
  readonly #config: ChannelConfig;
  readonly #committer: Committer;
  readonly #coordinator: Coordinator | undefined;
  /** The one answer to which chaincodes there are, and how they are defined. */
  readonly deployed: DeployedChaincodes;
  /** Its private collections, and who may use them. */
  readonly collections: CollectionStore;
  /** For gateways: whose endorsements are needed, and whether there are enough. */
  readonly endorsement: EndorsementAnalyzer;
  /** Absent when the channel takes no private data. */
  readonly distributor: PvtDataDistributor | undefined;
  /** Who has made how many transactions. */
  readonly tally: MemberTally;
  #policies: SignatureContext & { readonly definitions: readonly NamespaceDefinition[] };

  private constructor(
    components: ChannelComponents,
    config: ChannelConfig,
    described: readonly ChaincodeDefinition[],
  ) {
    const { ledger, log, privateData } = components;
    const bundle = () => config.bundle;
    this.#ledger = ledger;
    this.tally = new MemberTally(ledger);
    this.#config = config;
    config.events.on('config:changed', (next) => this.events.emit('config:changed', next));
    this.deployed = new DeployedChaincodes({
      ledger,
      described: describedChaincodes(described),
      log,
    });
    const { deployed } = this;
    deployed.events.on('definitions:changed', (all) =>
      this.events.emit('definitions:changed', all),
    );
    this.#policies = {
      bundle: config.bundle,
      definitions: [],
      policies: namespacePolicies([], config.bundle),
    };
    this.collections = new CollectionStore({ channelId: ledger.ledgerId, deployed, bundle });
    const { collections } = this;
    this.#coordinator = privateData && new Coordinator({ ...privateData, collections, log });
    this.distributor =
      privateData && new PvtDataDistributor({ ...privateData, channelId: ledger.ledgerId, log });
    const { peerName, clock, trace } = components;
    this.#committer = new Committer({
      peerName,
      ledger,
      clock,
      trace,
      log,
      config,
      definitions: deployed,
      signatureStage: components.signatureStage ?? this.#verifyHere,
      ...(this.#coordinator && { privateData: this.#coordinator }),
      validationLedger: {
        txIDExists: (txId) => ledger.txIDExists(txId),
        ...keyPoliciesOf(ledger),
      },
    });
    this.endorsement = new EndorsementAnalyzer({
      mspId: privateData?.mspId ?? '',
      deployed,
      collections,
      bundle,
      policies: async () => this.#policiesOf(config.bundle, await deployed.current()),
      keyPolicies: keyPoliciesOf(ledger),
    });
  }

  /**
   * A channel over a ledger that holds at least its genesis block.
   *
   * @param described chaincodes that the network describes; what the chain defines goes before them.
   */
  static async open(
    components: ChannelComponents,
    described: readonly ChaincodeDefinition[],
  ): Promise<Channel> {
    return new Channel(components, await ChannelConfig.load(components.ledger), described);
  }

  get name(): string {
    return this.#ledger.ledgerId;
  }

  get ledger(): PeerLedger {
    return this.#ledger;
  }

  get bundle(): ChannelConfigBundle {
    return this.#config.bundle;
  }

  get height(): number {
    return this.#ledger.getBlockchainInfo().height;
  }

  /** The last block that set the configuration, as it is stored. */
  configBlock(): Promise<Uint8Array> {
    return configBlockOf(this.#ledger);
  }

  /**
   * Throws BlockRejectedError unless the block is this channel's block `blockNum`, signed by its orderers. The signatures in a good one
   * begin to be checked, since it will be committed soon.
   */
  async verifyBlock(bytes: Uint8Array, blockNum: number): Promise<void> {
    const block = await verifyBlock(bytes, blockNum, this.bundle);
    if (blockNum >= this.height) this.#committer.anticipate(block);
  }

  /** Commits the next block; see Committer.commit. Definitions that it changed are told of before it is. */
  async commit(block: Uint8Array | SerializedBlock): Promise<CommitResult> {
    const committed = await this.#committer.commit(block);
    await this.deployed.settled();
    this.events.emit('block:committed', committed);
    const { block: _, ...result } = committed;
    return result;
  }

  /** Resolves when what goes on behind the commits so far has ended. */
  async settled(): Promise<void> {
    await this.#coordinator?.stop();
  }

  /** Closes the ledger, after all that goes on behind the commits. */
  async close(): Promise<void> {
    await this.settled();
    await this.#ledger.close();
  }

  readonly #verifyHere: SignatureStage = (block, bundle, definitions) =>
    verifySignatures(block, { bundle, policies: this.#policiesOf(bundle, definitions) });

  #policiesOf(
    bundle: ChannelConfigBundle,
    definitions: readonly NamespaceDefinition[],
  ): NamespacePolicies {
    if (this.#policies.bundle !== bundle || this.#policies.definitions !== definitions) {
      const policies = namespacePolicies(definitions, bundle);
      this.#policies = { bundle, definitions, policies };
    }
    return this.#policies.policies;
  }
}

function keyPoliciesOf(ledger: PeerLedger): KeyPolicies {
  // Most namespaces have no metadata at all, which need not be asked for key by key.
  return {
    validationParameter: async (namespace, key) =>
      ledger.hasStateMetadata(namespace)
        ? validationParameterOf(await ledger.getVersionedValue(namespace, key))
        : undefined,
    hashedValidationParameter: async (namespace, collection, keyHash) =>
      ledger.hasStateMetadata(namespace)
        ? validationParameterOf(
            await ledger.getPrivateDataHash(namespace, collection, fromHex(keyHash)),
          )
        : undefined,
  };
}

function validationParameterOf(committed: VersionedValue | undefined): Uint8Array | undefined {
  if (!committed || committed.metadata.length === 0) return undefined;
  return deserializeMetadata(committed.metadata).get(VALIDATION_PARAMETER);
}
