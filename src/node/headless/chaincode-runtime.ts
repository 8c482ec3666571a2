// SPDX-License-Identifier: Apache-2.0
// The chaincode runtime for peers on the command line: in a package it lies beside the program, in a checkout it is made of its sources.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PACKED = here('./chaincode-runtime.js');
const BUILT = here('../../../public/chaincode-runtime.js');
const SCRIPT = here('../../../scripts/build-chaincode-runtime.ts');

/** A function that reads it once. What it gives rejects with FabricError RUNTIME_UNAVAILABLE. */
export function chaincodeRuntime(): () => Promise<string> {
  let read: Promise<string> | undefined;
  return () => {
    read ??= load();
    return read;
  };
}

async function load(): Promise<string> {
  try {
    if (existsSync(PACKED)) return await readFile(PACKED, 'utf8');
    // Does nothing when it is fresh.
    await promisify(execFile)(process.execPath, [SCRIPT]);
    return await readFile(BUILT, 'utf8');
  } catch (cause) {
    const text = `the chaincode runtime cannot be made: ${messageOf(cause)}`;
    throw new FabricError('RUNTIME_UNAVAILABLE', text, { cause });
  }
}
