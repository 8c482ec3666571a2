// SPDX-License-Identifier: Apache-2.0
// Builds what tests of chaincode and endorser share: chaincode to run, proposals, a chaincode support over threads.
// biome-ignore lint/style/noRestrictedImports: for tests, which run in Node
import { readdirSync, readFileSync } from 'node:fs';
// biome-ignore lint/style/noRestrictedImports: as above
import { fileURLToPath } from 'node:url';
import { buildChaincodeRuntime } from '../../../../scripts/build-chaincode-runtime.ts';
import { msp, protos } from '../../../common/protos/index.ts';
import { createChaincodeProposal } from '../../../common/protoutil/proputils.ts';
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { type Clock, systemClock, systemRandomBytes } from '../../../common/runtime/clock.ts';
import { silentLogger } from '../../../common/runtime/log.ts';
import type { PeerLedger } from '../../../ledger/types.ts';
import {
  ChaincodeEndorsementInfoSource,
  type DeployedChaincode,
  type DeployedChaincodes,
  describedChaincodes,
} from '../../lifecycle/index.ts';
import { SystemChaincodes } from '../../scc/index.ts';
import { ChaincodeSupport } from '../chaincode-support.ts';
import type { ChaincodeLauncher } from '../launcher.ts';
import type { PrivateDataAccess } from '../private-data-access.ts';
import type { SourceFiles } from '../runtime/control-messages.ts';
import { MemoryLedger, type MemorySimulator } from './memory-ledger.ts';
import { ThreadLauncher } from './thread-launcher.ts';

export const CHANNEL = 'mychannel';
const SAMPLES = new URL('../../../../public/samples/', import.meta.url);

/** All files of a folder as text, by path. */
export function readFiles(folder: URL): SourceFiles {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const root = fileURLToPath(folder);
  return Object.fromEntries(
    paths.map((path) => [path.slice(root.length).replace(/^\/+/, ''), readFileSync(path, 'utf8')]),
  );
}

export const BASIC_SAMPLE: SourceFiles = readFiles(new URL('asset-transfer-basic/', SAMPLES));

/** A chaincode of one file that exports `contracts`. */
export function contractFiles(source: string): SourceFiles {
  return {
    'package.json': '{"name":"test","version":"1.0.0","main":"index.js"}',
    'index.js': source,
  };
}

export const CLIENT: Uint8Array = msp.SerializedIdentity.encode({
  mspid: 'Org1MSP',
  id_bytes: readFileSync(new URL('../testdata/client.pem', import.meta.url)),
}).finish();

export interface Call {
  readonly chaincode: string;
  readonly args: readonly (string | Uint8Array)[];
  readonly nonce?: Uint8Array;
  readonly now?: number;
  readonly transient?: Readonly<Record<string, Uint8Array>>;
  readonly isInit?: boolean;
}

export function inputOf({ args, isInit = false }: Call): protos.IChaincodeInput {
  return {
    args: args.map((arg) => (typeof arg === 'string' ? utf8(arg) : arg)),
    is_init: isInit,
  };
}

/** A proposal of CLIENT without a signature. */
export function proposalOf(call: Call): { signedProposal: protos.ISignedProposal; txId: string } {
  const { proposal, txId } = createChaincodeProposal(
    {
      channelId: CHANNEL,
      spec: { chaincode_spec: { chaincode_id: { name: call.chaincode }, input: inputOf(call) } },
      creator: CLIENT,
      ...(call.transient ? { transientMap: call.transient } : {}),
    },
    {
      nonce: call.nonce ?? systemRandomBytes(24),
      now: call.now ?? 1_700_000_000_123,
    },
  );
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  return { signedProposal: { proposal_bytes, signature: new Uint8Array(0) }, txId };
}

export interface Outcome {
  readonly status: number;
  readonly message: string;
  readonly payload: string;
  readonly event?: protos.IChaincodeEvent;
  readonly simulator: MemorySimulator;
  readonly txId: string;
}

export interface BenchOptions {
  readonly clock?: Clock;
  readonly executeTimeoutMs?: number;
  readonly questionTimeoutMs?: number;
  readonly privateDataAccess?: PrivateDataAccess;
}

/** Everybody may use all private data. */
export const ANYBODY: PrivateDataAccess = {
  readWritePermission: async () => ({ read: true, write: true }),
  readDefinition: async () => {},
  purgeEnabled: () => true,
};

/** A chaincode that is defined, and installed unless it has no package id. */
export interface TestDefinition {
  readonly version: string;
  readonly initRequired: boolean;
  readonly packageId?: string;
}

/** A peer as far as chaincode sees it: definitions `name` -> package id, a ledger, and chaincodes in threads. */
export class ChaincodeBench {
  readonly ledger = new MemoryLedger();
  readonly support: ChaincodeSupport;
  readonly definitions = new Map<string, TestDefinition>();
  readonly systemChaincodes = new SystemChaincodes();
  /** What the channel says; the definitions that were made here, unless a test has a chain. */
  deployed: Pick<DeployedChaincodes, 'chaincode'> = {
    chaincode: async (name) => this.#deployed(name),
  };
  readonly lifecycle = new ChaincodeEndorsementInfoSource({
    isSystemChaincode: this.systemChaincodes.isSystemChaincode,
    deployed: () => this.deployed,
    packageIdOf: (_channel, name) => this.definitions.get(name)?.packageId,
  });

  constructor(
    launcher: ChaincodeLauncher,
    {
      clock = systemClock,
      executeTimeoutMs = 30_000,
      questionTimeoutMs = 2_000,
      privateDataAccess = ANYBODY,
    }: BenchOptions = {},
  ) {
    this.support = new ChaincodeSupport(
      {
        launcher,
        lifecycle: this.lifecycle,
        systemChaincodes: this.systemChaincodes,
        ledgers: (channel) =>
          channel === CHANNEL ? (this.ledger as unknown as PeerLedger) : undefined,
        acl: { checkAcl: async () => {} },
        privateDataAccess,
        clock,
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
        logger: silentLogger,
      },
      { executeTimeoutMs, startupTimeoutMs: 30_000, questionTimeoutMs },
    );
  }

  define(name: string, { initRequired = false } = {}): void {
    this.definitions.set(name, { version: '1.0', initRequired, packageId: `${name}_1:00` });
  }

  #deployed(name: string): DeployedChaincode | undefined {
    const defined = this.definitions.get(name);
    const endorsementPolicy = "OR('Org1MSP.peer')";
    const [described] = describedChaincodes([
      { name, version: '', sequence: 1, endorsementPolicy },
    ]);
    return defined && described && { ...described, ...defined };
  }

  /** Simulates a call; nothing is committed. */
  async call(call: Call): Promise<Outcome> {
    const { signedProposal, txId } = proposalOf(call);
    const simulator = this.ledger.newTxSimulator(txId);
    const params = { channelId: CHANNEL, txId, signedProposal, simulator, history: this.ledger };
    const { response, event } = await this.support.execute(params, call.chaincode, inputOf(call));
    const { status, message, payload } = response;
    const result = { status, message, payload: fromUtf8(payload), simulator, txId };
    return event ? { ...result, event } : result;
  }

  /** Asks a program what is no transaction. */
  ask(chaincode: string, ...args: string[]): Promise<protos.Response> {
    const call = { chaincode, args };
    const { signedProposal, txId } = proposalOf(call);
    const simulator = this.ledger.newTxSimulator(txId);
    const params = { channelId: CHANNEL, txId, signedProposal, simulator, history: this.ledger };
    return this.support.ask(`${chaincode}_1:00`, params, chaincode, inputOf(call));
  }

  /** Simulates a call and commits what it wrote. */
  async submit(chaincode: string, ...args: string[]): Promise<Outcome> {
    const outcome = await this.call({ chaincode, args });
    if (outcome.status === 200) this.ledger.commit(outcome.txId, outcome.simulator);
    return outcome;
  }
}

/** A bench that runs these chaincodes, by name. */
export async function threadBench(
  chaincodes: Readonly<Record<string, SourceFiles>>,
  options: BenchOptions = {},
): Promise<{ bench: ChaincodeBench; launcher: ThreadLauncher }> {
  const bundle = await buildChaincodeRuntime();
  const requests = Object.entries(chaincodes).map(([name, files]) => ({
    ccid: `${name}_1:00`,
    files,
    mspId: 'Org1MSP',
  }));
  const launcher = new ThreadLauncher(bundle, requests);
  const bench = new ChaincodeBench(launcher, options);
  for (const name of Object.keys(chaincodes)) bench.define(name);
  return { bench, launcher };
}
