// SPDX-License-Identifier: Apache-2.0
// Runs benchmarks one after the other. One that fails leaves the others' figures alone.
import { execSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/find-browsers.ts';
import { CATALOGUE } from '../catalogue.ts';
import type { BenchContext } from './context.ts';
import type { CommandLine } from './options.ts';
import { currentCommit, type Run, thisMachine } from './results.ts';
import type { Figure } from './table.ts';

export async function runBenchmarks(
  names: readonly string[],
  { build, bench: options }: Pick<CommandLine, 'build' | 'bench'>,
): Promise<Run> {
  const about = { at: new Date().toISOString(), commit: currentCommit(), machine: thisMachine() };
  if (build && names.some((name) => CATALOGUE[name]?.needs === 'page')) {
    execSync('npm run -s build', { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const figures: Record<string, readonly Figure[]> = {};
  const failed: Record<string, string> = {};
  await using shared = new SharedBrowser();
  for (const name of names) {
    console.log(`measuring ${name} …`);
    try {
      figures[name] = await measure(name, { options, browser: () => shared.get() });
    } catch (error) {
      console.error(error);
      failed[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { ...about, figures, failed };
}

async function measure(name: string, context: BenchContext): Promise<Figure[]> {
  const benchmark = await CATALOGUE[name]?.load();
  if (!benchmark) throw new RangeError(`no benchmark ${name}`);
  return benchmark(context);
}

/** One browser for all who ask, from the first on. */
class SharedBrowser implements AsyncDisposable {
  #browser: Promise<Browser> | undefined;

  get(): Promise<Browser> {
    this.#browser ??= chromium.launch({
      executablePath: ensureChromium(),
      args: [...CHROMIUM_ARGS],
    });
    return this.#browser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#browser)?.close();
  }
}
