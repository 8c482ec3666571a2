// SPDX-License-Identifier: Apache-2.0
// Finds a Chromium for the end-to-end tests and the benchmarks, and installs one when the machine has none.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const KNOWN_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Flags that headless tabs need: no user namespace in containers, and local addresses that WebRTC may use. */
export const CHROMIUM_ARGS: readonly string[] = Object.freeze([
  '--no-sandbox',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // A host that is neither localhost nor https: a page without a secure context.
  '--host-resolver-rules=MAP classroom.test 127.0.0.1',
]);

/** Path of an installed Chromium or Chrome, or undefined. `CHROMIUM_PATH` overrules the search. */
export function findChromium(): string | undefined {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return chosen;
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...candidates, ...KNOWN_PATHS].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A Chromium in any case: found, or installed with the test tool's download, or from Debian. Throws when all fail. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found) return found;
  for (const [command, ...args] of installers()) {
    console.log(`Chromium is not here; trying: ${[command, ...args].join(' ')}`);
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], shell: false });
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'no Chromium was found or could be installed: install Chromium or Chrome, or set CHROMIUM_PATH',
  );
}

function installers(): [string, ...string[]][] {
  const npx: [string, ...string[]] = ['npx', 'playwright', 'install', 'chromium'];
  if (!existsSync('/usr/bin/apt-get')) return [npx];
  const sudo: string[] = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args: string[]): [string, ...string[]] => {
    const [first = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    return [first, ...rest];
  };
  return [apt('update', '-q'), apt('install', '-q', '-y', 'chromium'), npx];
}
