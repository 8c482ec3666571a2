// SPDX-License-Identifier: Apache-2.0
// The relay's command line: flags, their defaults, and the environment variables of Fabric that stand behind some of them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { LOG_LEVELS, type LogLevel } from '../src/common/runtime/log.ts';
import { DEFAULT_REGISTRY } from '../src/node/headless/chaincode-build/npm-install.ts';
import { type ChaincodeBuildOptions, DEFAULT_BUILD_TIMEOUT_MS } from './chaincode-builds.ts';
import type { BatchOverrides, DefaultEndorsement } from './network/asked-config.ts';
import { parseDuration, parseSize } from './network/units.ts';
import type { RelayOptions } from './relay.ts';

export interface CliOptions {
  readonly relay: RelayOptions;
  readonly logLevel: LogLevel;
  /** One line of JSON instead of links and QR codes. */
  readonly json: boolean;
  /** Open the page in the browser. */
  readonly open: boolean;
}

/** Options as commander gives them. */
interface Flags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly config?: string;
  readonly batchTimeout?: number;
  readonly maxMessageCount?: number;
  readonly preferredMaxBytes?: number;
  readonly endorsement?: DefaultEndorsement;
  readonly invitationTtl: number;
  readonly invitationUses: number;
  readonly publicUrl?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly chaincodeBuild: boolean;
  readonly chaincodeScripts: boolean;
  readonly npmRegistry: string;
  readonly npmCache?: string;
  readonly npmOffline: boolean;
  readonly build: boolean;
  readonly open: boolean;
  readonly json: boolean;
  readonly logLevel: LogLevel;
}

/** Fabric's names of levels, and what they come to. */
const LOG_LEVEL_NAMES: Readonly<Record<string, LogLevel>> = {
  fatal: 'error',
  panic: 'error',
  error: 'error',
  warning: 'warn',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
};

/** Reads the arguments after the program's name. Exits with help or version when asked; throws FabricError BAD_FLAG. */
export function parseCli(args: readonly string[], version: string): CliOptions {
  const command = addRelayOptions(new Command('tabric').version(version));
  command.configureHelp({ helpWidth: 110 }).parse([...args], { from: 'user' });
  return readOptions(command);
}

/** What was given to a command with the relay's options. Throws FabricError BAD_FLAG. */
export function readOptions(command: Command): CliOptions {
  const flags = command.opts<Flags>();
  const batch: BatchOverrides = {
    ...(flags.batchTimeout === undefined ? {} : { batchTimeoutMs: flags.batchTimeout }),
    ...(flags.maxMessageCount === undefined ? {} : { maxMessageCount: flags.maxMessageCount }),
    ...(flags.preferredMaxBytes === undefined
      ? {}
      : { preferredMaxBytes: flags.preferredMaxBytes }),
  };
  const tls = readTls(flags);
  return {
    relay: {
      host: flags.host,
      port: flags.port,
      data: flags.data,
      ...(flags.config === undefined ? {} : { configFile: flags.config }),
      ...(flags.endorsement === undefined ? {} : { endorsement: flags.endorsement }),
      ...(flags.publicUrl === undefined ? {} : { publicUrl: flags.publicUrl }),
      ...(tls ? { tls } : {}),
      batch,
      invitation: { ttlMs: flags.invitationTtl, maxUses: flags.invitationUses },
      ...(flags.chaincodeBuild && { chaincodeBuild: chaincodeBuildOf(flags) }),
      build: flags.build,
    },
    logLevel: flags.logLevel,
    json: flags.json,
    open: flags.open,
  };
}

function chaincodeBuildOf(flags: Flags): ChaincodeBuildOptions {
  return {
    registry: flags.npmRegistry,
    ...(flags.npmCache !== undefined && { cache: resolve(flags.npmCache) }),
    offline: flags.npmOffline,
    allowScripts: flags.chaincodeScripts,
    timeoutMs: DEFAULT_BUILD_TIMEOUT_MS,
  };
}

/** Gives a command the options of a relay. */
export function addRelayOptions(command: Command): Command {
  command
    .description(
      'Serves the page, introduces tabs to each other, issues identities and orders transactions.',
    )
    .allowExcessArguments(false);
  addServerOptions(command);
  addNetworkOptions(command);
  addChaincodeOptions(command);
  return command
    .option('--no-build', 'serve dist/ as it is, even when sources are newer')
    .option('--open', 'open the page in the browser', false)
    .option('--json', 'print one line of JSON when ready', false)
    .addOption(
      new Option('--log-level <spec>', 'what to log on stderr: error, warn, info or debug')
        .env('FABRIC_LOGGING_SPEC')
        .default('warn')
        .argParser(logLevel),
    );
}

function addServerOptions(command: Command): void {
  command
    .addOption(
      new Option('--port <number>', 'port of page, WebSocket and CA; 0 takes a free one')
        .env('ORDERER_GENERAL_LISTENPORT')
        .default(7050)
        .argParser(integer(0, 65535)),
    )
    .addOption(
      new Option('--host <address>', 'address to listen on; 0.0.0.0 lets others on the LAN join')
        .env('ORDERER_GENERAL_LISTENADDRESS')
        .default('127.0.0.1'),
    )
    .option(
      '--public-url <url>',
      'where tabs reach it, when that is a name in DNS or a proxy',
      publicUrl,
    )
    .option('--cert <file>', 'PEM certificate; with --key, serves https')
    .option('--key <file>', 'PEM private key of --cert')
    .option('--data <folder>', 'keys, chains and identities are kept here', './data');
}

function addNetworkOptions(command: Command): void {
  const hours = new Option('--invitation-ttl <duration>', 'how long join links are good for');
  const places = 'how many tabs may join an organisation by one link';
  command
    .option(
      '--config <file>',
      'network.yaml: organisations, channels, chaincodes (default: mychannel of Org1 and Org2)',
    )
    .option(
      '--batch-timeout <duration>',
      'of a new network: longest wait before a block is cut, e.g. 2s or 200ms (default: 2s)',
      duration,
    )
    .option(
      '--max-message-count <number>',
      'of a new network: most transactions in a block (default: 10)',
      integer(1, 100_000),
    )
    .option(
      '--preferred-max-bytes <size>',
      'of a new network: wanted size of a block, e.g. 512KB (default: 512KB)',
      size,
    )
    .addOption(
      new Option(
        '--endorsement <rule>',
        'of a new network without --config: who endorses the default chaincode, AND each organisation or one (default: OR)',
      ).choices(['AND', 'OR']),
    )
    .addOption(hours.default(24 * 3_600_000, '24h').argParser(duration))
    .option('--invitation-uses <number>', places, integer(1, 1_000_000), 200);
}

function addChaincodeOptions(command: Command): void {
  command
    .option(
      '--no-chaincode-build',
      'do not install npm packages and compile TypeScript for chaincode packages of the peers',
    )
    .addOption(
      new Option(
        '--npm-registry <url>',
        'where npm packages of chaincode come from, and nothing else',
      )
        .env('npm_config_registry')
        .default(DEFAULT_REGISTRY)
        .argParser(registryUrl),
    )
    .option('--npm-cache <folder>', 'cache of npm (default: in --data)')
    .option('--npm-offline', 'take npm packages of chaincode from the cache only', false)
    .option(
      '--chaincode-scripts',
      'run install scripts of npm packages, outside of the sandbox: whoever may join can then run programs here',
      false,
    );
}

function registryUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new InvalidArgumentError('It must be an http or https URL.');
}

// Fabric's grammar is `[logger[,logger]=]level[:...]`. There is one level here: the one that no logger is named for.
function logLevel(spec: string): LogLevel {
  const name = spec.split(':').find((part) => !part.includes('=')) ?? 'info';
  const level = LOG_LEVEL_NAMES[name.toLowerCase()];
  if (level) return level;
  throw new InvalidArgumentError(`It must be one of ${LOG_LEVELS.join(', ')}.`);
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('It must be a duration such as 2s, 200ms or 1h30m.');
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new InvalidArgumentError('It must be a size such as 512KB or 2MB.');
}

function publicUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin;
  throw new InvalidArgumentError('It must be an http or https URL without a path.');
}

function readTls({ cert, key }: Flags): { cert: string; key: string } | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new FabricError('BAD_FLAG', '--cert and --key go together');
  }
  return { cert: readPem(cert, '--cert'), key: readPem(key, '--key') };
}

function readPem(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FabricError('BAD_FLAG', `cannot read ${flag} ${file}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
