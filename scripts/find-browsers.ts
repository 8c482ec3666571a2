// SPDX-License-Identifier: Apache-2.0
// Finds browsers for the end-to-end tests and the benchmarks, and installs them when the machine has none: Chromium must be there, Firefox and
// WebKitGTK should.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

interface BrowserKind {
  /** Overrules the search. */
  readonly variable: string;
  /** Of its program on PATH. */
  readonly names: readonly string[];
  readonly paths: readonly string[];
  /** Of Debian. */
  readonly packages: readonly string[];
}

const CHROMIUM: BrowserKind = {
  variable: 'CHROMIUM_PATH',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  paths: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ],
  packages: ['chromium'],
};
const FIREFOX: BrowserKind = {
  variable: 'FIREFOX_PATH',
  names: ['firefox', 'firefox-esr'],
  paths: [
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
  ],
  packages: ['firefox-esr'],
};
/** Driven by its own WebDriver, on a display that nobody sees. */
const WEBKIT: BrowserKind = {
  variable: 'WEBKIT_DRIVER_PATH',
  names: ['WebKitWebDriver'],
  paths: [],
  packages: ['webkit2gtk-driver', 'xvfb'],
};

/** Flags that headless tabs need: no user namespace in containers, and local addresses that WebRTC may use. */
export const CHROMIUM_ARGS: readonly string[] = Object.freeze([
  '--no-sandbox',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // A host that is neither localhost nor https: a page without a secure context.
  '--host-resolver-rules=MAP classroom.test 127.0.0.1',
]);

/** Path of an installed Chromium or Chrome, or undefined. `CHROMIUM_PATH` overrules the search. */
export function findChromium(): string | undefined {
  const own = chromium.executablePath();
  return find(CHROMIUM, own && existsSync(own) ? [own] : []);
}

/** A Chromium in any case: found, or installed with the test tool's download, or from Debian. Throws when all fail. */
export function ensureChromium(): string {
  const found =
    findChromium() ??
    install('Chromium', CHROMIUM, findChromium, [['npx', 'playwright', 'install', 'chromium']]);
  if (found) return found;
  throw new Error(
    'no Chromium was found or could be installed: install Chromium or Chrome, or set CHROMIUM_PATH',
  );
}

/** Path of a Firefox, found or installed; undefined where it is not to be had. */
export function ensureFirefox(): string | undefined {
  return find(FIREFOX) ?? install('Firefox', FIREFOX, () => find(FIREFOX));
}

/** Path of WebKitGTK's WebDriver, found or installed; undefined where it is not to be had. */
export function ensureWebKit(): string | undefined {
  return find(WEBKIT) ?? install('WebKitGTK', WEBKIT, () => find(WEBKIT));
}

function find(
  { variable, names, paths }: BrowserKind,
  first: readonly string[] = [],
): string | undefined {
  const chosen = process.env[variable];
  if (chosen) return chosen;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...first, ...candidates, ...paths].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type Call = [command: string, ...args: string[]];

function install(
  title: string,
  { packages }: BrowserKind,
  again: () => string | undefined,
  others: readonly Call[] = [],
): string | undefined {
  for (const [command, ...args] of [...debian(packages), ...others]) {
    console.log(`${title} is not here; trying: ${[command, ...args].join(' ')}`);
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], shell: false });
    const installed = again();
    if (installed) return installed;
  }
  return undefined;
}

function debian(packages: readonly string[]): Call[] {
  if (!existsSync('/usr/bin/apt-get')) return [];
  const sudo: string[] = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args: string[]): Call => {
    const [first = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    return [first, ...rest];
  };
  return [apt('update', '-q'), apt('install', '-q', '-y', ...packages)];
}
