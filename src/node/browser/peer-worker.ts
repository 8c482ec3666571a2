// SPDX-License-Identifier: Apache-2.0
// The peer worker of a tab: ledger, committer, endorser and the peer's side of chaincode, away from the page's thread.
import * as Comlink from 'comlink';
import { createSigningIdentity } from '../../common/msp/index.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { createLogger, type Logger, silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { localClient } from '../../common/wire/local-client.ts';
import { unary } from '../../common/wire/service.ts';
import { blockfileEntry } from '../../ledger/blkstorage/blockfile/index.ts';
import type { LedgerProvider } from '../../ledger/types.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import { type Committed, codeName } from '../committer/index.ts';
import type { EndorsementInterest, EndorsementPlan } from '../gateway/index.ts';
import { chaincodeEventsOf } from '../inspect/index.ts';
import type { Channel } from '../peer/channel.ts';
import { InstalledPackages } from '../peer/installed-packages.ts';
import { Peer } from '../peer/peer.ts';
import * as queries from '../peer/peer-queries.ts';
import { collectionInfoSource } from '../privdata/index.ts';
import { repairLedger, withRemedies } from './ledger-repair.ts';
import { openLedgers, type PeerStorage } from './peer-storage.ts';
import type {
  CommittedBlock,
  PageLauncher,
  PeerWorkerApi,
  PeerWorkerCallbacks,
  PeerWorkerOptions,
  WorkerState,
} from './peer-worker-api.ts';
import { startVerifyPool } from './verify-pool.ts';
import { carryErrors } from './worker-errors.ts';

const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';

/** One peer on one channel. */
class PeerWorker implements PeerWorkerApi {
  #options: PeerWorkerOptions | undefined;
  #callbacks: PeerWorkerCallbacks | undefined;
  #peer: Peer | undefined;
  #packages: InstalledPackages | undefined;
  #channel: Channel | undefined;
  #storage: PeerStorage | undefined;
  #lost: FabricError | undefined;
  #log: Logger = silentLogger;

  async start(
    options: PeerWorkerOptions,
    callbacks: PeerWorkerCallbacks,
    page: PageLauncher,
  ): Promise<WorkerState> {
    const { identity, channel, ledger } = options;
    this.#options = options;
    this.#log = createLogger(identity.name);
    this.#callbacks = callbacks;
    const storage = await openLedgers(ledger, {
      stored: options.stored,
      stateDatabase: channel.stateDatabase,
      enableHistoryDatabase: channel.historyDatabase ?? true,
      private: {
        mspId: identity.mspId,
        collections: collectionInfoSource(channel.chaincodes),
      },
      onLost: (why) => this.#lose(why),
    });
    this.#storage = storage;
    this.#packages = await InstalledPackages.open(storage.packages);
    const trace = new TraceBus();
    trace.on((event) => void callbacks.traced(event));
    const pool =
      options.verifyWorkers > 0
        ? startVerifyPool(options.verifyWorkers, () => channel.chaincodes)
        : undefined;
    this.#peer = new Peer({
      name: identity.name,
      identity: createSigningIdentity(identity.mspId, identity.certificate, identity.key),
      ledgers: storage.ledgers,
      transientStores: storage.transientStores,
      packages: this.#packages,
      launcher: this.#launcher(page, this.#packages),
      clock: systemClock,
      random: systemRandomBytes,
      trace,
      log: this.#log,
      ...(pool && { signatureStage: pool.verify }),
    });
    this.#use(await this.#openChannel(this.#peer, storage.ledgers));
    return this.#state();
  }

  async join(genesis: Uint8Array): Promise<WorkerState> {
    const { channel } = this.#started().options;
    this.#use(await this.#started().peer.joinChannel(channel, genesis));
    return this.#state();
  }

  async verifyBlock(number: number, block: Uint8Array): Promise<void> {
    await this.#joined().verifyBlock(block, number);
  }

  async commit(block: Uint8Array): Promise<void> {
    await this.#joined().commit(block);
  }

  async blockBytes(number: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#joined().ledger.getBlockByNumber(number);
    // A copy of its own, since the store may hold on to what it gave.
    const own = bytes?.slice();
    return own && Comlink.transfer(own, [own.buffer]);
  }

  async blockfileEntry(number: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#joined().ledger.getBlockByNumber(number);
    const entry = bytes && blockfileEntry(bytes);
    return entry && Comlink.transfer(entry, [entry.buffer]);
  }

  processProposal(signedProposal: Uint8Array): Promise<Uint8Array> {
    const { services } = this.#started().peer;
    const signal = new AbortController().signal;
    return unary(
      localClient(services, this.#started().peer.name),
      PROCESS_PROPOSAL,
      signedProposal,
      {
        signal,
      },
    );
  }

  async satisfiesPolicy(
    _chaincode: string,
    payload: Uint8Array,
    endorsements: readonly { endorser: Uint8Array; signature: Uint8Array }[],
  ): Promise<boolean> {
    return this.#joined().endorsement.isSatisfied(payload, endorsements);
  }

  async endorsementPlan(
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    return this.#joined().endorsement.plan(chaincode, interest);
  }

  async outcome(txId: string) {
    const found = await this.#joined().ledger.getTransactionByID(txId);
    return found && { code: found.validationCode, blockNumber: found.blockNum };
  }

  block = (number: number) => queries.queryBlock(this.#joined().ledger, number);
  blocks = (options: { from?: number; limit?: number }) =>
    queries.queryBlocks(this.#joined().ledger, options);
  tx = (txId: string) => queries.queryTx(this.#joined().ledger, txId);
  state = (namespace: string, key: string) =>
    queries.queryState(this.#joined().ledger, namespace, key);
  states = (namespace: string, options: { start?: string; limit?: number }) =>
    queries.queryStates(this.#joined().ledger, namespace, options);
  history = (namespace: string, key: string) =>
    queries.queryHistory(this.#joined().ledger, namespace, key);
  chaincodes = () => queries.queryChaincodes(this.#started().peer, this.#joined());

  async installedPackage(chaincode: string): Promise<string | undefined> {
    return this.#packages?.packageIdOf(chaincode);
  }

  async installBytes(chaincode: string, bytes: Uint8Array): Promise<void> {
    const { peer, packages } = this.#started();
    const before = packages.packageIdOf(chaincode);
    await packages.install(chaincode, bytes);
    if (before !== undefined) peer.chaincodes.kill(before);
    await peer.deployIndexes(chaincode);
  }

  async install(chaincode: string, bytes: Uint8Array) {
    await this.installBytes(chaincode, bytes);
    return queries.chaincodeInfo(this.#started().peer, this.#joined(), chaincode);
  }

  async rebuildDBs(): Promise<void> {
    const { ledgerId } = this.#joined().ledger;
    const { peer, ledgers } = this.#started();
    const text = 'the databases of this ledger are being made again; reload this tab';
    this.#lose(new FabricError('LEDGER_CLOSED', text));
    await peer.stop();
    await ledgers.rebuildDBs(ledgerId);
  }

  async stop(): Promise<void> {
    await this.#peer?.stop();
  }

  #launcher(page: PageLauncher, packages: InstalledPackages): ChaincodeLauncher {
    const mspId = this.#started0().identity.mspId;
    return {
      launch: async (ccid) => {
        const found = await packages.get(ccid);
        if (!found) {
          const text = `chaincode package ${ccid} is not installed at this peer`;
          throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
        }
        return page.launch({ ccid, files: found.files, mspId });
      },
      kill: (ccid) => void page.kill(ccid),
    };
  }

  async #openChannel(peer: Peer, ledgers: LedgerProvider): Promise<Channel | undefined> {
    const { channel, ledger, repair } = this.#started0();
    const remedy = repair?.ledger === ledger ? repair.remedy : undefined;
    try {
      if (remedy) await repairLedger(ledgers, channel.name, remedy);
      return await peer.openChannel(channel);
    } catch (error) {
      throw withRemedies(error, ledger, remedy);
    }
  }

  #use(channel: Channel | undefined): void {
    this.#channel = channel;
    channel?.events.on('config:changed', ({ configBytes }) => {
      void this.#started().callbacks.configChanged(configBytes);
    });
    // An event behind the commit: a page that fails to take it changes nothing about a block that is durable.
    channel?.events.on('block:committed', (block) => this.#tellCommitted(block));
  }

  // What is in memory could still be read, and even endorsed, but nothing would ever be committed again.
  #lose(why: FabricError): void {
    this.#lost = why;
    void this.#callbacks?.storeLost({ code: why.code, message: why.message });
  }

  #state(): WorkerState {
    const stored = this.#storage?.stored ?? true;
    if (!this.#channel) return { height: 0, stored };
    return { height: this.#channel.height, config: this.#channel.bundle.configBytes, stored };
  }

  #tellCommitted(block: Committed): void {
    const { callbacks } = this.#started();
    Promise.resolve(callbacks.committed(this.#summary(block))).catch((error: unknown) =>
      this.#log.warn(
        `the page did not take the news of block ${block.blockNum}: ${messageOf(error)}`,
      ),
    );
  }

  // From the block as it came: to read it back would keep the person waiting for the store.
  #summary({ blockNum, txIds, flags, block }: Committed): CommittedBlock {
    const channel = this.#joined();
    return {
      number: blockNum,
      txIds,
      statuses: Array.from(flags, codeName),
      codes: [...flags],
      height: channel.height,
      events: chaincodeEventsOf(block.transactions, flags).map(({ payload, ...event }) => ({
        ...event,
        payload: fromUtf8(payload),
      })),
    };
  }

  #started0(): PeerWorkerOptions {
    if (!this.#options) throw new FabricError('NOT_STARTED', 'the peer worker was not started');
    return this.#options;
  }

  #started() {
    if (this.#lost) throw this.#lost;
    const [options, callbacks, peer, packages, storage] = [
      this.#started0(),
      this.#callbacks,
      this.#peer,
      this.#packages,
      this.#storage,
    ];
    if (!callbacks || !peer || !packages || !storage) {
      throw new FabricError('NOT_STARTED', 'the peer worker has not started yet');
    }
    return { options, callbacks, peer, packages, ledgers: storage.ledgers };
  }

  #joined(): Channel {
    if (this.#lost) throw this.#lost;
    if (this.#channel) return this.#channel;
    throw new FabricError('CHANNEL_NOT_JOINED', 'this peer has not joined the channel yet');
  }
}

carryErrors();
Comlink.expose(new PeerWorker());
