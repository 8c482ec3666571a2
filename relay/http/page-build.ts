// SPDX-License-Identifier: Apache-2.0
// Makes the page when it is missing or older than what it is made of, so that `node relay/main.ts` is all one has to type.
import { spawn } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';

/** What the page is made of, below the project's root. Tests and data are not part of it. */
const SOURCES = ['src/**/*', 'public/**/*', 'vite.config.ts', 'package-lock.json'];
const IRRELEVANT = /\.test\.tsx?$|\.contract\.ts$|(^|\/)testdata\//;

/** True when `dist/index.html` is there and newer than every source. */
export function isPageFresh(root: string): boolean {
  const page = join(root, 'dist', 'index.html');
  if (!existsSync(page)) return false;
  const made = statSync(page).mtimeMs;
  return globSync(SOURCES, { cwd: root })
    .filter((path) => !IRRELEVANT.test(path.split('\\').join('/')))
    .map((path) => statSync(join(root, path)))
    .every((stat) => !stat.isFile() || stat.mtimeMs <= made);
}

/** Builds `dist/`. Rejects with FabricError PAGE_BUILD_FAILED whose message holds the first lines of what went wrong. */
export async function buildPage(root: string): Promise<void> {
  try {
    const chaincode = join(root, 'scripts', 'build-chaincode-runtime.ts');
    if (existsSync(chaincode)) await runScript(chaincode, root);
    const { build } = await import('vite');
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  } catch (cause) {
    const message = `the page cannot be built: ${stripVTControlCharacters(messageOf(cause))}`;
    throw new FabricError('PAGE_BUILD_FAILED', message, { cause });
  }
}

function runScript(script: string, root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      if (errors.length < 4000) errors += data.toString();
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(errors.trim() || `exit ${code}`)),
    );
  });
}
