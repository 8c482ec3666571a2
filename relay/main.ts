// SPDX-License-Identifier: Apache-2.0
// `node relay/main.ts`: starts a relay, says how to join it, and stops it on Ctrl-C (a second Ctrl-C does not wait).
// `npm start` bounds the young generation of the heap (--max-semi-space-size, in MB): by itself V8 lets it grow to 130 MB at a
// relay with sixty peers, which hold 45 MB.
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { parseCli } from './cli-options.ts';
import { relayVersion, runRelay } from './run-relay.ts';

const controller = new AbortController();
const stop = (): void => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

try {
  await runRelay(parseCli(process.argv.slice(2), relayVersion()), controller.signal);
  process.exit(0);
} catch (error) {
  const known = error instanceof FabricError;
  const text =
    known || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  process.stderr.write(`tabric: ${text.replace(/\s*\n\s*/g, known ? ' ' : '\n')}\n`);
  process.exit(1);
}
