// SPDX-License-Identifier: Apache-2.0
// `npm run bench [name …]`: prints figures with their method. All of one run come from one machine in one state; compare only those.
import { execSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { type Browser, chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/find-chromium.ts';
import { commitRate } from './commit-rate.ts';
import { firstLoadSize } from './first-load.ts';
import { linkToTip } from './link-to-tip.ts';
import { networkLoad } from './network-load.ts';
import { type Figure, printTable } from './support/table.ts';

const BENCHMARKS: Readonly<Record<string, (browser: Browser) => Promise<Figure[]> | Figure[]>> = {
  'first-load': firstLoadSize,
  'link-to-tip': linkToTip,
  'network-load': networkLoad,
  'commit-rate': commitRate,
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(
    `no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}`,
  );
  process.exit(2);
}
const names = chosen.length > 0 ? chosen : Object.keys(BENCHMARKS);
execSync('npm run -s build', { stdio: ['ignore', 'ignore', 'inherit'] });
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: [...CHROMIUM_ARGS],
});
const figures: Figure[] = [];
for (const name of names) {
  console.log(`measuring ${name} …`);
  figures.push(...((await BENCHMARKS[name]?.(browser)) ?? []));
}
const version = browser.version();
await browser.close();
const [cpu] = cpus();
console.log(
  `\n${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Chromium ${version}, Node ${process.version}\n`,
);
printTable(figures);
