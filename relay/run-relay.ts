// SPDX-License-Identifier: Apache-2.0
// Runs a relay until it is told to stop, and says how to join it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLogger } from '../src/common/runtime/log.ts';
import { stderrSink, surviveStrayErrors } from '../src/node/headless/stderr-log.ts';
import { openInBrowser, statusJson, statusText } from './announce.ts';
import type { CliOptions } from './cli-options.ts';
import { Relay, type RelayStatus } from './relay.ts';

/** The folder with `dist/` and `public/`, in a checkout and in a package alike. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Resolves when the signal has stopped it. Rejects with FabricError when it cannot start. */
export async function runRelay(cli: CliOptions, signal: AbortSignal): Promise<void> {
  const log = createLogger('relay', cli.logLevel, stderrSink);
  const relay = new Relay({ log, root: ROOT, version: relayVersion() }, cli.relay);
  const forgetErrors = surviveStrayErrors(log);
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  try {
    await relay.start();
    if (!signal.aborted) announce(await relay.status(), cli);
    await stopped.promise;
  } finally {
    await relay.stop();
    forgetErrors();
  }
}

export function relayVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
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
