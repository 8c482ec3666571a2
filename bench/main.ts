// SPDX-License-Identifier: Apache-2.0
// `npm run bench`: prints figures with their method. All of one run come from one machine in one state; compare only those.
import { CATALOGUE } from './catalogue.ts';
import { compareWith } from './compare.ts';
import { type CommandLine, chooseNames, parseCommandLine, USAGE } from './support/options.ts';
import { resultsPath, writeJson } from './support/results.ts';
import { runBenchmarks } from './support/run.ts';
import { printTable } from './support/table.ts';

const all = Object.keys(CATALOGUE);

function commandLine(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(text: string): never {
  console.error(`${text}\n\n${USAGE}\n\nfigures: ${all.join(', ')}`);
  process.exit(2);
}

const line = commandLine();
const unknown = line.only.filter((name) => chooseNames(all, name).length === 0);
if (unknown.length > 0) refuse(`no benchmark ${unknown.join(', ')}`);
const asked = new Set(line.only.flatMap((name) => chooseNames(all, name)));
const names = all.filter((name) => asked.size === 0 || asked.has(name));

if (line.compare !== undefined) {
  await compareWith(line.compare, names, line);
} else {
  const run = await runBenchmarks(names, line);
  const { processor, cores, memoryGiB, node, load } = run.machine;
  console.log(
    `\n${processor}, ${cores} cores, ${memoryGiB} GiB, load ${load.toFixed(1)} before; Node ${node}; ${run.commit}\n`,
  );
  printTable(Object.values(run.figures).flat());
  const path = line.json ?? resultsPath(run.at, run.commit);
  writeJson(path, run);
  console.log(`\n${path}`);
  if (Object.keys(run.failed).length > 0) process.exitCode = 1;
}
