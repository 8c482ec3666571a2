#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `tabric …`: the relay and tools, for the command line. Exit code 0: all is well; 1: something differs; 2: it could not be done;
// 130: it was stopped by Ctrl-C (a second Ctrl-C does not wait).
import { runTabric, STOPPED } from './run-tabric.ts';

const controller = new AbortController();
const stop = (): void => {
  if (controller.signal.aborted) process.exit(STOPPED);
  controller.abort();
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

process.exitCode = await runTabric(process.argv.slice(2), controller.signal);
