// SPDX-License-Identifier: Apache-2.0
// The peer worker of a tab: ledgers, committer, endorser and the peer's side of chaincode, away from the page's thread.
import * as Comlink from 'comlink';
import { createSigningIdentity } from '../../common/msp/index.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import { systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { createLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { serveOnPort } from '../../common/wire/port-services.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import { withPlace } from '../chaincode/start-failure.ts';
import { InstalledPackages } from '../peer/installed-packages.ts';
import { type HostStorage, LocalPeerHost } from '../peer/local-peer-host.ts';
import type { ChannelState, HostState } from '../peer/peer-host.ts';
import { repairLedger, withRemedies } from './ledger-repair.ts';
import { openLedgers } from './peer-storage.ts';
import type {
  PageLauncher,
  PeerWorkerApi,
  PeerWorkerOptions,
  PeerWorkerPorts,
  WorkerEvent,
  WorkerListener,
} from './peer-worker-api.ts';
import { signaturePool } from './verify-workers.ts';
import { carryErrors } from './worker-errors.ts';

/** Events of so long a time go to the page in one message; the first of a time at once. */
const GATHER_MS = 10;

class PeerWorker implements PeerWorkerApi {
  #host: LocalPeerHost | undefined;

  async start(
    options: PeerWorkerOptions,
    { services, verify }: PeerWorkerPorts,
    listener: WorkerListener,
    page: PageLauncher,
  ): Promise<HostState> {
    const host = newHost(options, verify, page);
    this.#host = host;
    tell(host, listener);
    const state = await host.start();
    serveOnPort(services, host.table);
    return state;
  }

  join(description: ChannelDescription, genesis: Uint8Array): Promise<ChannelState> {
    return this.#started().join(description, genesis);
  }

  verifyBlock(channel: string, number: number, block: Uint8Array): Promise<void> {
    return this.#started().verifyBlock(channel, number, block);
  }

  commit(channel: string, block: Uint8Array): Promise<void> {
    return this.#started().commit(channel, block);
  }

  rebuildDBs(channel: string): Promise<void> {
    return this.#started().rebuildDBs(channel);
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
  }

  #started(): LocalPeerHost {
    if (this.#host) return this.#host;
    throw new FabricError('NOT_STARTED', 'the peer worker has not started yet');
  }
}

function newHost(
  options: PeerWorkerOptions,
  verify: readonly MessagePort[],
  page: PageLauncher,
): LocalPeerHost {
  const { identity, channels } = options;
  let packages: InstalledPackages | undefined;
  return new LocalPeerHost({
    name: identity.name,
    identity: createSigningIdentity(identity.mspId, identity.certificate, identity.key),
    channels,
    openStorage: async (onLost) => {
      const storage = await openStorage(options, onLost);
      packages = storage.packages;
      return storage;
    },
    openChannel: async ({ ledgers }, { name }, open) => {
      const { ledger, repair } = options;
      const remedy = repair?.ledger === ledger ? repair.remedy : undefined;
      try {
        if (remedy) await repairLedger(ledgers, name, remedy);
        return await open();
      } catch (error) {
        throw withRemedies(error, ledger, remedy);
      }
    },
    launcher: launcherOf(page, identity.mspId, () => packages),
    clock: systemClock,
    random: systemRandomBytes,
    trace: new TraceBus(),
    log: createLogger(identity.name),
    signatureStage: signaturePool(verify).verify,
  });
}

async function openStorage(
  { ledger, stored, identity }: PeerWorkerOptions,
  onLost: (why: FabricError) => void,
): Promise<HostStorage> {
  const storage = await openLedgers(ledger, {
    stored,
    private: { mspId: identity.mspId },
    onLost,
  });
  return { ...storage, packages: await InstalledPackages.open(storage.packages) };
}

function launcherOf(
  page: PageLauncher,
  mspId: string,
  packages: () => InstalledPackages | undefined,
): ChaincodeLauncher {
  return {
    launch: async (ccid) => {
      const found = await packages()?.get(ccid);
      if (!found) {
        const text = `chaincode package ${ccid} is not installed at this peer`;
        throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
      }
      try {
        return await page.launch({ ccid, files: found.files, mspId });
      } catch (error) {
        throw await withPlace(error, found.files);
      }
    },
    kill: (ccid) => void page.kill(ccid),
  };
}

// A message costs more than what is in it: what a person waits for goes at once, with whatever is waiting; the rest is gathered.
function tell(host: LocalPeerHost, listener: WorkerListener): void {
  let waiting: WorkerEvent[] = [];
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const events = waiting;
    waiting = [];
    void listener(events);
  };
  host.events.on('trace', (detail) => {
    waiting.push({ name: 'trace', detail });
    cancel ??= systemClock.setTimer(flush, GATHER_MS);
  });
  for (const name of ['block:committed', 'config:changed', 'store:lost'] as const) {
    host.events.on(name, (detail) => {
      waiting.push({ name, detail } as WorkerEvent);
      flush();
    });
  }
}

carryErrors();
Comlink.expose(new PeerWorker());
