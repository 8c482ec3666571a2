// SPDX-License-Identifier: Apache-2.0
// `npm run bench [name …]`: prints figures with their method. All of one run come from one machine in one state; compare only those.
import { execSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { type Browser, chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/find-chromium.ts';
import { commitRate } from './commit-rate.ts';
import { firstLoadSize } from './first-load.ts';
import { ledgerGrowth } from './ledger-growth.ts';
import { linkToTip } from './link-to-tip.ts';
import { networkLoad } from './network-load.ts';
import { replayChromium } from './replay-chromium.ts';
import { replayNode } from './replay-node.ts';
import { type Figure, printTable } from './support/table.ts';

/** These run in Node alone, and first, while no browser is there. */
const NODE_BENCHMARKS: Readonly<Record<string, () => Figure[]>> = {
  'replay-node': replayNode,
};

const BENCHMARKS: Readonly<Record<string, (browser: Browser) => Promise<Figure[]> | Figure[]>> = {
  'first-load': firstLoadSize,
  'link-to-tip': linkToTip,
  'network-load': networkLoad,
  'commit-rate': commitRate,
  'ledger-growth': ledgerGrowth,
  'replay-chromium': replayChromium,
};

const all = [...Object.keys(NODE_BENCHMARKS), ...Object.keys(BENCHMARKS)];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  process.exit(2);
}
const names = chosen.length > 0 ? chosen : all;
const figures: Figure[] = [];
for (const name of names) {
  const bench = NODE_BENCHMARKS[name];
  if (bench) figures.push(...measured(name, bench));
}
const inBrowser = names.filter((name) => name in BENCHMARKS);
const versions = [`Node ${process.version}`];
if (inBrowser.length > 0) {
  execSync('npm run -s build', { stdio: ['ignore', 'ignore', 'inherit'] });
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: [...CHROMIUM_ARGS],
  });
  for (const name of inBrowser) {
    figures.push(...((await measured(name, () => BENCHMARKS[name]?.(browser))) ?? []));
  }
  versions.push(`Chromium ${browser.version()}`);
  await browser.close();
}
const [cpu] = cpus();
console.log(
  `\n${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${versions.join(', ')}\n`,
);
printTable(figures);

function measured<T>(name: string, bench: () => T): T {
  console.log(`measuring ${name} …`);
  return bench();
}
