// SPDX-License-Identifier: Apache-2.0
// `node relay/main.ts`: starts a relay, says how to join it, and stops it on Ctrl-C (a second Ctrl-C does not wait).
// `npm start` bounds the young generation of the heap (--max-semi-space-size, in MB): by itself V8 lets it grow to 130 MB at a
// relay with sixty peers, which hold 45 MB.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { createLogger } from '../src/common/runtime/log.ts';
import { stderrSink, surviveStrayErrors } from '../src/node/headless/stderr-log.ts';
import { openInBrowser, statusJson, statusText } from './announce.ts';
import { type CliOptions, parseCli } from './cli-options.ts';
import { Relay, type RelayStatus } from './relay.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(): Promise<void> {
  const version = readVersion();
  const cli = parseCli(process.argv.slice(2), version);
  const log = createLogger('relay', cli.logLevel, stderrSink);
  const relay = new Relay({ log, root, version }, cli.relay);
  stopOnSignals(relay);
  surviveStrayErrors(log);
  await relay.start();
  announce(await relay.status(), cli);
}

function announce(status: RelayStatus, { json, open }: CliOptions): void {
  for (const setting of status.unmetSettings) {
    process.stderr.write(
      `tabric: the chain exists already: ${setting}; change it by a config update, or start a new network with --data\n`,
    );
  }
  process.stdout.write(`${json ? statusJson(status) : statusText(status)}\n`);
  if (open) openInBrowser(status.join[0]?.link ?? status.url);
}

function stopOnSignals(relay: Relay): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130);
    stopping = true;
    relay.stop().then(
      () => process.exit(signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function readVersion(): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return version;
}

main().catch((error: unknown) => {
  const known = error instanceof FabricError;
  const text =
    known || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  process.stderr.write(`tabric: ${text.replace(/\s*\n\s*/g, known ? ' ' : '\n')}\n`);
  process.exit(1);
});
