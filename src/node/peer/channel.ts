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
import type { TransientStore } from '../../ledger/transientstore/index.ts';
import type { CommitResult, PeerLedger, VersionedValue } from '../../ledger/types.ts';
import {
  type Committed,
  Committer,
  definedNamespacePolicies,
  type KeyPolicies,
  type NamespaceDefinition,
  type NamespacePolicies,
  type SignatureContext,
  type SignatureStage,
  VALIDATION_PARAMETER,
  verifyBlock,
  verifySignatures,
} from '../committer/index.ts';
import { ChannelEndorsement } from '../endorsement/channel-endorsement.ts';
import { CommittedDefinitions, committedNamespacePolicies } from '../lifecycle/index.ts';
import {
  CollectionStore,
  Coordinator,
  describedCollections,
  PvtDataDistributor,
} from '../privdata/index.ts';
import { ChannelConfig } from './channel-config.ts';
import { ledgerMetadataOf } from './ledger-metadata.ts';

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
}

export class Channel {
  readonly events = new TypedEventTarget<ChannelEvents>();
  readonly #ledger: PeerLedger;
  readonly #config: ChannelConfig;
  readonly #committer: Committer;
  readonly #definitions: readonly ChaincodeDefinition[];
  readonly #committed: CommittedDefinitions;
  readonly #coordinator: Coordinator | undefined;
  /** Its private collections, and who may use them. */
  readonly collections: CollectionStore;
  /** For gateways: whose endorsements are needed, and whether there are enough. */
  readonly endorsement: ChannelEndorsement;
  /** Absent when the channel takes no private data. */
  readonly distributor: PvtDataDistributor | undefined;
  #policies: SignatureContext & { readonly committed: readonly NamespaceDefinition[] };

  private constructor(
    components: ChannelComponents,
    config: ChannelConfig,
    definitions: readonly ChaincodeDefinition[],
  ) {
    const { ledger, log, privateData } = components;
    this.#ledger = ledger;
    this.#config = config;
    this.#definitions = definitions;
    this.#policies = {
      bundle: config.bundle,
      committed: [],
      policies: definedNamespacePolicies(definitions, config.bundle),
    };
    config.events.on('config:changed', (bundle) => this.events.emit('config:changed', bundle));
    this.#committed = new CommittedDefinitions(ledger);
    this.collections = new CollectionStore({
      channelId: ledger.ledgerId,
      committed: () => this.#committed.chaincodes(),
      described: describedCollections(definitions),
      bundle: () => config.bundle,
    });
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
      definitions: this.#committed,
      signatureStage: components.signatureStage ?? this.#verifyHere,
      ...(this.#coordinator && { privateData: this.#coordinator }),
      validationLedger: {
        txIDExists: (txId) => ledger.txIDExists(txId),
        ...keyPoliciesOf(ledger),
      },
    });
    this.endorsement = new ChannelEndorsement({
      mspId: privateData?.mspId ?? '',
      described: definitions,
      committed: () => this.#committed.chaincodes(),
      collections,
      bundle: () => config.bundle,
      policies: async () => this.#policiesOf(config.bundle, await this.#committed.current()),
      keyPolicies: keyPoliciesOf(ledger),
    });
  }

  /** A channel over a ledger that holds at least its genesis block. */
  static async open(
    components: ChannelComponents,
    definitions: readonly ChaincodeDefinition[],
  ): Promise<Channel> {
    return new Channel(components, await ChannelConfig.load(components.ledger), definitions);
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

  get definitions(): readonly ChaincodeDefinition[] {
    return this.#definitions;
  }

  definition(chaincode: string): ChaincodeDefinition | undefined {
    return this.#definitions.find(({ name }) => name === chaincode);
  }

  /**
   * Throws BlockRejectedError unless the block is this channel's block `blockNum`, signed by its orderers. The signatures in a good one
   * begin to be checked, since it will be committed soon.
   */
  async verifyBlock(bytes: Uint8Array, blockNum: number): Promise<void> {
    const block = await verifyBlock(bytes, blockNum, this.bundle);
    if (blockNum >= this.height) this.#committer.anticipate(block);
  }

  /** Commits the next block; see Committer.commit. */
  async commit(block: Uint8Array | SerializedBlock): Promise<CommitResult> {
    const committed = await this.#committer.commit(block);
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

  readonly #verifyHere: SignatureStage = (block, bundle, committed) =>
    verifySignatures(block, { bundle, policies: this.#policiesOf(bundle, committed) });

  #policiesOf(
    bundle: ChannelConfigBundle,
    committed: readonly NamespaceDefinition[],
  ): NamespacePolicies {
    if (this.#policies.bundle !== bundle || this.#policies.committed !== committed) {
      const described = definedNamespacePolicies(this.#definitions, bundle);
      const policies = committedNamespacePolicies(committed, described, bundle);
      this.#policies = { bundle, committed, policies };
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
  return ledgerMetadataOf(committed.metadata).get(VALIDATION_PARAMETER);
}
