// SPDX-License-Identifier: Apache-2.0
// The log of a process that runs for long: lines on stderr, since stdout is for what programs read.
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger, LogSink } from '../../common/runtime/log.ts';

export const stderrSink: LogSink = (level, name, text, data) => {
  const more = data === undefined ? '' : ` ${JSON.stringify(data, plain)}`;
  process.stderr.write(
    `${new Date().toISOString()} ${level.toUpperCase()} [${name}] ${text}${more}\n`,
  );
};

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error)
    return { code: 'code' in value ? value.code : value.name, message: value.message };
  return typeof value === 'bigint' ? String(value) : value;
}

// Whoever read the output may be gone (`tabric … | head`): that is no error to write about, on the same output.
const unread = (): void => {};

/** A libp2p stream that a peer resets at a bad moment may throw where nobody listens; the others must not suffer. The result ends it. */
export function surviveStrayErrors(log: Logger): () => void {
  const report = (error: unknown): void => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED';
    log.error(`unexpected error: ${messageOf(error)}`, {
      code,
      stack: error instanceof Error ? error.stack : '',
    });
  };
  const outputs = [process.stdout, process.stderr];
  for (const output of outputs) output.on('error', unread);
  process.on('unhandledRejection', report);
  process.on('uncaughtException', report);
  return () => {
    process.off('unhandledRejection', report);
    process.off('uncaughtException', report);
    for (const output of outputs) output.off('error', unread);
  };
}
