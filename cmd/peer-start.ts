// SPDX-License-Identifier: Apache-2.0
// `tabric peer start`: peers without a browser, until Ctrl-C. Everything that can be wrong with what was typed is said before anything starts.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, systemRandomBytes } from '../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from '../src/common/runtime/log.ts';
import { readChaincodePackage } from '../src/node/chaincode/package.ts';
import { chaincodeRuntime } from '../src/node/headless/chaincode-runtime.ts';
import {
  type ChosenChaincode,
  HeadlessPeers,
  type HeadlessPeersOptions,
} from '../src/node/headless/headless-peers.ts';
import { startHeadlessPeer } from '../src/node/headless/start-headless-peer.ts';
import { stderrSink, surviveStrayErrors } from '../src/node/headless/stderr-log.ts';
import { type JoinLink, parseJoinLink } from '../src/node/join-link.ts';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './command-output.ts';
import { peerReporter } from './peer-output.ts';

/** Threads that check signatures, for all peers together. */
const MAX_VERIFY_THREADS = 4;
const MAX_PEERS = 200;

interface StartFlags {
  readonly join?: JoinLink;
  readonly data?: string;
  readonly name?: string;
  readonly count: number;
  readonly chaincode: readonly ChaincodeFlag[];
  readonly chaincodeMemory: number;
  readonly memory: boolean;
  readonly logLevel: LogLevel;
  readonly json: boolean;
}

interface ChaincodeFlag {
  readonly name: string;
  readonly file?: string;
}

export function peerStartCommand({ signal, finish }: CommandContext): Command {
  return new Command('start')
    .description(
      'runs peers without a browser until Ctrl-C: they commit, gossip and may lead like any tab, and endorse with the chaincodes that you name',
    )
    .option(
      '--join <link>',
      'join link, as the relay prints it; not needed again with the same --data',
      joinLink,
    )
    .option(
      '--data <folder>',
      'keep identities and ledgers here, one folder a peer; in memory otherwise',
    )
    .option('--memory', 'keep nothing, which is so without --data', false)
    .option(
      '--name <name>',
      'name of the peer’s folder; in the network the CA names it',
      folderName,
    )
    .option('--count <number>', 'so many peers in this process', peers, 1)
    .option(
      '--chaincode <name[=file]>',
      'let the peers run a chaincode: of this package, or of the one that the network names (again for more)',
      addChaincode,
      [],
    )
    .option('--chaincode-memory <MB>', 'heap of each chaincode process', megabytes, 256)
    .addOption(
      new Option('--log-level <level>', 'what to log on stderr')
        .choices(LOG_LEVELS)
        .default('warn'),
    )
    .option('--json', 'a line of JSON for each event', false)
    .addHelpText('after', HELP)
    .action(async (flags: StartFlags) => finish(await run(flags, signal)));
}

const HELP = `
Examples:
  $ tabric peer start --join 'http://192.168.1.5:7050/#/join?org=Org1MSP&secret=…' --data peers
  $ tabric peer start --data peers --chaincode basic=basic.tar.gz
  $ tabric peer start --join '…' --count 20 --json`;

async function run(flags: StartFlags, signal: AbortSignal): Promise<ExitCode> {
  const options = await optionsOf(flags);
  const log = createLogger('tabric', flags.logLevel, stderrSink);
  const forgetErrors = surviveStrayErrors(log);
  const ended = Promise.withResolvers<ExitCode>();
  const dead = new Set<string>();
  const print = peerReporter(flags.json, options.count);
  const peers = new HeadlessPeers(
    {
      startPeer: startHeadlessPeer,
      runtime: chaincodeRuntime(),
      clock: systemClock,
      random: systemRandomBytes,
      log,
      report: (event) => {
        print(event);
        if (event.event !== 'error' || !event.fatal) return;
        dead.add(event.name);
        if (dead.size === options.count) ended.resolve(2);
      },
    },
    options,
  );
  signal.addEventListener('abort', () => ended.resolve(0), { once: true });
  try {
    await peers.start(signal);
    return await ended.promise;
  } finally {
    await peers.stop();
    forgetErrors();
  }
}

async function optionsOf(flags: StartFlags): Promise<HeadlessPeersOptions> {
  const { join, data, name, count, memory } = flags;
  if (memory && data !== undefined) throw badFlag('--memory and --data exclude each other');
  if (name !== undefined && data === undefined) throw badFlag('--name names a folder of --data');
  if (!join && data === undefined) throw badFlag('say which network to join: --join LINK');
  return {
    ...(join && { relay: join.relay, invitation: join.invitation }),
    ...(data !== undefined && { data }),
    ...(name !== undefined && { name }),
    count,
    chaincodes: await Promise.all(flags.chaincode.map(readPackage)),
    chaincodeMemoryMb: flags.chaincodeMemory,
    verifyThreads: Math.max(1, Math.min(MAX_VERIFY_THREADS, availableParallelism())),
  };
}

async function readPackage({ name, file }: ChaincodeFlag): Promise<ChosenChaincode> {
  if (file === undefined) return { name };
  try {
    const bytes = new Uint8Array(await readFile(file));
    await readChaincodePackage(bytes);
    return { name, bytes };
  } catch (cause) {
    throw badFlag(`--chaincode ${name}=${file}: ${messageOf(cause)}`, cause);
  }
}

function badFlag(text: string, cause?: unknown): FabricError {
  return new FabricError('BAD_FLAG', text, { cause });
}

function joinLink(text: string): JoinLink {
  const link = parseJoinLink(text);
  if (link) return link;
  throw new InvalidArgumentError(
    'It must be a whole link, http://…/#/join?org=…&secret=…; put it in quotes, since & means something to shells.',
  );
}

function folderName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be letters, digits, dots and dashes, at most 64.');
}

const peers = wholeBetween(1, MAX_PEERS);
const megabytes = wholeBetween(32, 4096);

function wholeBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

// Fabric's rule for the names of chaincodes.
function addChaincode(text: string, before: readonly ChaincodeFlag[]): readonly ChaincodeFlag[] {
  const mark = text.indexOf('=');
  const name = mark < 0 ? text : text.slice(0, mark);
  if (!/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(name) || mark === text.length - 1) {
    throw new InvalidArgumentError('It must be NAME or NAME=FILE, e.g. basic=basic.tar.gz.');
  }
  if (before.some((one) => one.name === name)) {
    throw new InvalidArgumentError(`${name} is named twice.`);
  }
  return [...before, mark < 0 ? { name } : { name, file: text.slice(mark + 1) }];
}
