// SPDX-License-Identifier: Apache-2.0
// A peer over stores in memory, which outlive it, and what clients and orderers do to it. For tests.
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { ChaincodeDefinition, ChannelDescription } from '../../common/network/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { blockDataHash, createChaincodeProposal, newBlock } from '../../common/protoutil/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { localClient } from '../../common/wire/local-client.ts';
import { unary } from '../../common/wire/service.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { TransientStoreProvider } from '../../ledger/transientstore/index.ts';
import type { CommitResult } from '../../ledger/types.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import type { SignatureStage } from '../committer/index.ts';
import { LIFECYCLE_NAMESPACE } from '../committer/index.ts';
import { craft } from '../committer/testing/crafted.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import { definitionWrites } from '../lifecycle/testing/definition-writes.ts';
import { InstalledPackages } from '../peer/installed-packages.ts';
import { Peer } from '../peer/peer.ts';
import type { TestMembers } from './test-channel.ts';

const NOW = Date.UTC(2026, 10, 21);

const NO_LAUNCHER: ChaincodeLauncher = {
  launch: (ccid) => Promise.reject(new FabricError('CHAINCODE_START_FAILED', `no ${ccid} here`)),
  kill: () => {},
};

/** A channel, and how it begins. */
export interface TestPeerChannel {
  readonly description: ChannelDescription;
  readonly genesisBlock: Uint8Array;
}

export interface TestPeerOptions {
  readonly channels: readonly TestPeerChannel[];
  readonly launcher?: ChaincodeLauncher;
  readonly signatureStage?: SignatureStage;
}

export interface CallOptions {
  /** Of Org1 when absent. */
  readonly client?: SigningIdentity;
  readonly transient?: Readonly<Record<string, Uint8Array>>;
}

/** `peer0` of Org1. */
export class TestPeer {
  readonly clock = new FakeClock(NOW);
  readonly warnings: string[] = [];
  readonly #members: TestMembers;
  readonly #options: TestPeerOptions;
  readonly #stores = new MemoryKVStoreProvider();
  #running: { peer: Peer; stop: () => Promise<void> } | undefined;

  private constructor(members: TestMembers, options: TestPeerOptions) {
    this.#members = members;
    this.#options = options;
  }

  static async start(members: TestMembers, options: TestPeerOptions): Promise<TestPeer> {
    const peer = new TestPeer(members, options);
    await peer.start();
    return peer;
  }

  get peer(): Peer {
    if (!this.#running) throw new Error('the peer does not run');
    return this.#running.peer;
  }

  async start(): Promise<void> {
    const { launcher = NO_LAUNCHER, signatureStage, channels } = this.#options;
    const [identity] = this.#members.peers.Org1MSP;
    const { clock } = this;
    const log: Logger = { ...silentLogger, warn: (text) => void this.warnings.push(text) };
    const [packages, transient] = [
      await this.#stores.open('chaincodes'),
      await this.#stores.open('transientstore'),
    ];
    const ledgers = await LedgerProvider.open(this.#stores, 'ledgers', clock, {
      private: { mspId: identity.mspId },
    });
    const peer = new Peer({
      name: 'peer0',
      identity,
      ledgers,
      transientStores: new TransientStoreProvider(transient, systemRandomBytes),
      packages: await InstalledPackages.open(packages),
      launcher,
      clock,
      random: systemRandomBytes,
      trace: new TraceBus(),
      log,
      ...(signatureStage && { signatureStage }),
    });
    const stop = async (): Promise<void> => {
      await peer.stop();
      await ledgers.close();
      await Promise.all([packages.close(), transient.close()]);
    };
    this.#running = { peer, stop };
    for (const { description, genesisBlock } of channels) {
      const known = await peer.openChannel(description);
      if (!known) await peer.joinChannel(description, genesisBlock);
    }
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** What the peer answers a client. */
  async propose(...call: Parameters<TestPeer['endorse']>): Promise<protos.ProposalResponse> {
    return (await this.endorse(...call)).answer;
  }

  /** The same, with the proposal. */
  async endorse(
    channelId: string,
    chaincode: string,
    args: readonly (string | Uint8Array)[],
    { client = this.#members.client, transient }: CallOptions = {},
  ): Promise<{ proposal: protos.IProposal; answer: protos.ProposalResponse }> {
    const input = { args: args.map((arg) => (typeof arg === 'string' ? utf8(arg) : arg)) };
    const spec = { chaincode_spec: { chaincode_id: { name: chaincode }, input } };
    const about = { channelId, spec, creator: client.serialize() };
    const { proposal } = createChaincodeProposal(
      { ...about, ...(transient && { transientMap: transient }) },
      { now: this.clock.now(), nonce: systemRandomBytes(24) },
    );
    const proposal_bytes = protos.Proposal.encode(proposal).finish();
    const signature = await client.sign(proposal_bytes);
    const request = protos.SignedProposal.encode({ proposal_bytes, signature }).finish();
    const services = localClient(this.peer.services, { address: 'client' });
    const { signal } = new AbortController();
    const answer = await unary(services, PROCESS_PROPOSAL, request, { signal });
    return { proposal, answer: protos.ProposalResponse.decode(answer) };
  }

  /** Commits the next block of a channel, of these envelopes. */
  async commit(channelId: string, envelopes: readonly Uint8Array[]): Promise<CommitResult> {
    const channel = this.peer.requireChannel(channelId);
    const { height, currentBlockHash } = channel.ledger.getBlockchainInfo();
    const { header, metadata } = newBlock(height, currentBlockHash);
    const data = { data: [...envelopes] };
    const block = { header: { ...header, data_hash: blockDataHash(data) }, data, metadata };
    return channel.commit(common.Block.encode(block).finish());
  }

  /** Commits a block that defines a chaincode on the chain. */
  async define(channelId: string, definition: ChaincodeDefinition): Promise<void> {
    const { client, peers } = this.#members;
    const envelope = await craft({
      client,
      channelId,
      chaincode: LIFECYCLE_NAMESPACE,
      endorsers: [peers.Org1MSP[0], peers.Org2MSP[0]],
      writes: { [LIFECYCLE_NAMESPACE]: { values: definitionWrites(definition) } },
    });
    const { flags } = await this.commit(channelId, [envelope]);
    if (flags[0] !== 0) throw new Error(`the definition was refused with code ${flags[0]}`);
  }
}
