// SPDX-License-Identifier: Apache-2.0
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../common/runtime/clock.ts';
import { FabricError } from '../../../common/runtime/errors.ts';

/** Bytes of all files below a folder, as far as they are there: others may be writing. */
export async function folderSize(folder: string): Promise<number> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let size = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) size += await folderSize(path);
    else size += (await lstat(path).catch(() => undefined))?.size ?? 0;
  }
  return size;
}

/** Aborts the result when a folder has grown beyond a limit; watches until `signal` is aborted. */
export function folderLimit(
  folder: string,
  options: {
    readonly maxBytes: number;
    readonly everyMs: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): AbortSignal {
  const { maxBytes, everyMs, clock, signal } = options;
  const full = new AbortController();
  const watch = async (): Promise<void> => {
    while (!signal.aborted && (await folderSize(folder)) <= maxBytes)
      await clock.sleep(everyMs, { signal });
    const text = `the build took more than ${maxBytes / 1024 / 1024} MB of disk`;
    if (!signal.aborted) full.abort(new FabricError('CHAINCODE_BUILD_FAILED', text));
  };
  // Its sleep ends with the build.
  watch().catch(() => {});
  return full.signal;
}
