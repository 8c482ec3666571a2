// SPDX-License-Identifier: Apache-2.0
// How much JavaScript a first visit loads until its peer has joined, from the manifest of the build; fails over the budget.
// Counted: the page's entry, the peer's chunk, and what the two import statically. Workers of the peer load beside the page, on
// threads of their own, and are listed apart; so is what is fetched on demand.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** kB (1000 bytes) of gzip: a phone on a slow network (1.5 Mbit/s) has it in a second and a half. */
const BUDGET_KB = 260;
/** The modules of a first visit, by their paths from the page's folder; of the languages, the larger one. */
const FIRST_LOAD = ['index.html', '../node/browser/start-peer.ts', 'i18n/zh.ts'] as const;
/** Scripts of workers that run in every visit, by their names before the hash. */
const WORKERS = ['worker-main', 'peer-worker', 'verify-worker', 'ticker-worker'] as const;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

type Manifest = Readonly<Record<string, Chunk>>;

export interface SizedFile {
  readonly file: string;
  /** gzip, kB. */
  readonly kb: number;
}

export interface FirstLoad {
  readonly pageKb: number;
  readonly workersKb: number;
  readonly budgetKb: number;
  readonly page: readonly SizedFile[];
  readonly workers: readonly SizedFile[];
  readonly onDemand: readonly SizedFile[];
}

/** Keys of `roots` and of all that they import statically. Throws when a root is not in the build. */
export function staticClosure(manifest: Manifest, roots: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build has no chunk ${key}; was it renamed?`);
    seen.add(key);
    chunk.imports?.forEach(visit);
  };
  roots.forEach(visit);
  return seen;
}

/** Measures the build in `dist`. */
export function firstLoad(dist = fileURLToPath(new URL('../dist', import.meta.url))): FirstLoad {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Manifest;
  const first = staticClosure(manifest, FIRST_LOAD);
  const sized = (file: string): SizedFile => ({
    file,
    kb: gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000,
  });
  const isScript = (file: string): boolean => file.endsWith('.js');
  const chunks = Object.entries(manifest).filter(([, { file }]) => isScript(file));
  const known = new Set(chunks.map(([, { file }]) => file));
  const page = chunks.filter(([key]) => first.has(key)).map(([, { file }]) => sized(file));
  const onDemand = chunks.filter(([key]) => !first.has(key)).map(([, { file }]) => sized(file));
  // Workers are built apart and stand in no manifest.
  const ofWorkers = readdirSync(join(dist, 'assets'))
    .filter((name) => isScript(name) && !known.has(`assets/${name}`))
    .map((name) => [name, { file: name, imports: importsOf(join(dist, 'assets', name)) }] as const);
  const early = staticClosure(
    Object.fromEntries(ofWorkers),
    WORKERS.map((worker) =>
      fileOf(
        worker,
        ofWorkers.map(([name]) => name),
      ),
    ),
  );
  const sizedWorkers = (isEarly: boolean): SizedFile[] =>
    ofWorkers
      .filter(([name]) => early.has(name) === isEarly)
      .map(([name]) => sized(`assets/${name}`));
  const workers = sizedWorkers(true);
  return {
    pageKb: sum(page),
    workersKb: sum(workers),
    budgetKb: BUDGET_KB,
    page,
    workers,
    onDemand: [...onDemand, ...sizedWorkers(false)],
  };
}

/** Files beside a built script that it imports statically. */
export function importsIn(script: string): string[] {
  return [...script.matchAll(/\b(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)].map(
    ([, file = '']) => file,
  );
}

function importsOf(path: string): string[] {
  return importsIn(readFileSync(path, 'utf8'));
}

function fileOf(worker: string, files: readonly string[]): string {
  const found = files.find((file) => file.startsWith(`${worker}-`));
  if (!found) throw new Error(`the build has no worker ${worker}; was it renamed?`);
  return found;
}

function sum(files: readonly SizedFile[]): number {
  return files.reduce((total, { kb }) => total + kb, 0);
}

function print(title: string, files: readonly SizedFile[]): void {
  console.log(`${title}: ${sum(files).toFixed(1)} kB gzip`);
  for (const { file, kb } of files) console.log(`  ${kb.toFixed(1).padStart(7)}  ${file}`);
}

if (import.meta.main) {
  const { page, workers, onDemand, pageKb, budgetKb } = firstLoad();
  print(`First load (budget ${budgetKb})`, page);
  print('Workers', workers);
  print('On demand', onDemand);
  if (pageKb > budgetKb) {
    console.error(
      `The first load is ${(pageKb - budgetKb).toFixed(1)} kB over the budget of ${budgetKb} kB.`,
    );
    process.exitCode = 1;
  }
}
