// SPDX-License-Identifier: Apache-2.0
// The ledger viewer of a page: imports block files of real peers, and answers questions about what it has imported. Needs
// no network and no identity; the page's own peer, if there is one, is another worker.
import * as Comlink from 'comlink';
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import { systemClock, systemRandomBytes } from '../../../common/runtime/clock.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import {
  type BlockfileSource,
  blockfileEntry,
} from '../../../ledger/blkstorage/blockfile/index.ts';
import type { SnapshotReader } from '../../../ledger/kvledger/snapshot/snapshot-files.ts';
import type { CommitResult, PeerLedger } from '../../../ledger/types.ts';
import type { BlockView } from '../../api/ledger-views.ts';
import type { SignatureStage } from '../../committer/index.ts';
import * as queries from '../../peer/peer-queries.ts';
import { signaturePool } from '../verify-workers.ts';
import { carryErrors } from '../worker-errors.ts';
import { fileSource, orderBlockfiles } from './file-sources.ts';
import { firstHeaderHash, type ImportReport, importLedger } from './import-ledger.ts';
import { ledgerPartsOf } from './ledger-parts.ts';
import { type MadeLedger, OpenLedgers } from './open-ledgers.ts';
import { ProgressTeller } from './progress-teller.ts';
import type {
  ImportCallbacks,
  LedgerEntry,
  LedgerView,
  LedgerViewerApi,
  OwnNetwork,
} from './viewer-api.ts';
import { ViewerStores } from './viewer-stores.ts';

interface ImportContext {
  readonly callbacks: ImportCallbacks;
  readonly signatureStage: SignatureStage;
  readonly signal: AbortSignal;
}

class LedgerViewer implements LedgerViewerApi {
  #opened: Promise<OpenLedgers> | undefined;
  #importing: AbortController | undefined;

  async list(): Promise<LedgerEntry[]> {
    return (await this.#ledgers()).stores.entries();
  }

  async import(
    files: readonly File[],
    own: OwnNetwork | undefined,
    callbacks: ImportCallbacks,
    verify: readonly MessagePort[],
  ): Promise<LedgerView> {
    if (this.#importing) throw new FabricError('IMPORT_BUSY', 'another import is under way');
    const stop = new AbortController();
    this.#importing = stop;
    try {
      const signatureStage = signaturePool(verify).verify;
      const { signal } = stop;
      return await this.#import(files, own, { callbacks, signatureStage, signal });
    } finally {
      this.#importing = undefined;
    }
  }

  async cancel(): Promise<void> {
    this.#importing?.abort();
  }

  open = async (id: string) => (await this.#ledgers()).view(id);
  remove = async (id: string) => (await this.#ledgers()).remove(id);

  block = async (id: string, number: number) => queries.queryBlock(await this.#ledger(id), number);
  blocks = async (id: string, options: { from?: number; limit?: number }) =>
    (await queries.queryBlocks(await this.#ledger(id), options)).map(listed);
  tx = async (id: string, txId: string) => queries.queryTx(await this.#ledger(id), txId);
  state = async (id: string, namespace: string, key: string) =>
    queries.queryState(await this.#ledger(id), namespace, key);
  states = async (id: string, namespace: string, options: { start?: string; limit?: number }) =>
    queries.queryStates(await this.#ledger(id), namespace, options);
  history = async (id: string, namespace: string, key: string) =>
    queries.queryHistory(await this.#ledger(id), namespace, key);

  async blockfileEntry(id: string, number: number): Promise<Uint8Array | undefined> {
    const bytes = await (await this.#ledger(id)).getBlockByNumber(number);
    const entry = bytes && blockfileEntry(bytes);
    return entry && Comlink.transfer(entry, [entry.buffer]);
  }

  // Whatever was stored of a chain whose first block is refused goes away again.
  async #import(
    files: readonly File[],
    own: OwnNetwork | undefined,
    { callbacks, signatureStage, signal }: ImportContext,
  ): Promise<LedgerView> {
    const ledgers = await this.#ledgers();
    const parts = await ledgerPartsOf(files);
    const sources = orderBlockfiles(parts.blockfiles).map(fileSource);
    const described = own ? await chaincodesFor(sources, own) : [];
    const teller = new ProgressTeller((id) => ledgers.view(id), callbacks);
    let entry: LedgerEntry | undefined;
    const began = (made: MadeLedger): PeerLedger => {
      entry = made.entry;
      teller.began(entry.id);
      return made.ledger;
    };
    const create = async (genesis: Uint8Array): Promise<PeerLedger> =>
      began(await ledgers.create(genesis, aboutFiles(files)));
    const join = async (snapshot: SnapshotReader): Promise<PeerLedger> =>
      began(await ledgers.createFromSnapshot(snapshot, aboutFiles(files)));
    const run = async (): Promise<ImportReport> => {
      const { info, snapshot } = parts;
      const joined = snapshot && (await join(snapshot));
      const onCommit = ({ txIds }: CommitResult, read: number): void =>
        teller.committed(txIds.length, read);
      return importLedger(
        sources,
        { ledgers: { create }, clock: systemClock, signatureStage },
        { signal, described, joined, info, onCommit },
      );
    };
    const report = await run()
      .catch(async (error: unknown) => {
        if (entry) await ledgers.remove(entry.id);
        throw error;
      })
      .finally(() => teller.end());
    return finish(ledgers, entry, report);
  }

  async #ledger(id: string): Promise<PeerLedger> {
    return (await this.#ledgers()).ledger(id);
  }

  #ledgers(): Promise<OpenLedgers> {
    this.#opened ??= openLedgers().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}

const NOT_LISTED = {
  creator: { mspId: '', name: '', certificate: '' },
  endorsers: [],
  reads: [],
  rangeReads: [],
  writes: [],
};

// A list shows little of each transaction, and blocks of a busy channel hold hundreds: to copy all of it would hold up the page.
function listed(block: BlockView): BlockView {
  const transactions = block.transactions.map(({ txId, type, index, status, timestamp, fn }) => ({
    txId,
    type,
    block: block.number,
    index,
    status,
    timestamp,
    ...(fn !== undefined && { fn }),
    ...NOT_LISTED,
  }));
  return { ...block, transactions };
}

async function openLedgers(): Promise<OpenLedgers> {
  const { now } = systemClock;
  return new OpenLedgers({ stores: await ViewerStores.open(), random: systemRandomBytes, now });
}

async function finish(
  ledgers: OpenLedgers,
  entry: LedgerEntry | undefined,
  report: ImportReport,
): Promise<LedgerView> {
  if (!entry) throw new FabricError('REPLAY_EMPTY', 'nothing was replayed');
  const { id, files, bytes } = entry;
  await ledgers.stores.put({ ...entry, report: { ...report, id, files, bytes } });
  // A commit that failed midway is mended when the ledger is opened.
  if (report.stopped) await ledgers.close(id);
  return ledgers.view(id);
}

async function chaincodesFor(
  sources: readonly BlockfileSource[],
  { genesisHash, chaincodes }: OwnNetwork,
): Promise<readonly ChaincodeDefinition[]> {
  const first = await firstHeaderHash(sources);
  return first === genesisHash ? chaincodes : [];
}

function aboutFiles(files: readonly File[]): Pick<LedgerEntry, 'files' | 'bytes'> {
  return {
    files: files.map(({ name }) => name),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
}

carryErrors();
Comlink.expose(new LedgerViewer());
