// SPDX-License-Identifier: Apache-2.0
// A page of a fresh profile that does nothing but talk to one worker: for measuring parts of a peer that need no network.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright';

const ORIGIN = 'http://localhost:9';
const PAGE = `
  import * as Comlink from 'comlink';
  let running;
  const start = () => {
    const worker = new Worker('/worker.js', { type: 'module' });
    return { worker, remote: Comlink.wrap(worker) };
  };
  globalThis.call = (name, ...args) => {
    running ??= start();
    return running.remote[name](...args);
  };
  globalThis.kill = () => {
    running?.worker.terminate();
    running = undefined;
  };
`;

/** A worker that a benchmark calls from Node. */
export class WorkerPage implements AsyncDisposable {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /**
   * @param entry the worker's module, by its path from this folder.
   * @param files what else is served, by path.
   */
  static async open(
    browser: Browser,
    entry: string,
    files: Readonly<Record<string, string>> = {},
  ): Promise<WorkerPage> {
    const scripts: Readonly<Record<string, string>> = {
      ...files,
      '/page.js': await bundle({ contents: PAGE, resolveDir: import.meta.dirname }),
      '/worker.js': await bundle(fileURLToPath(new URL(entry, import.meta.url))),
    };
    const page = await (await browser.newContext()).newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const body = scripts[new URL(route.request().url()).pathname];
      if (body !== undefined) return route.fulfill({ contentType: 'text/javascript', body });
      const html = '<!doctype html><script type="module" src="/page.js"></script>';
      return route.fulfill({ contentType: 'text/html', body: html });
    });
    await page.goto(ORIGIN, { waitUntil: 'load' });
    return new WorkerPage(page);
  }

  /** Calls what the worker exposes, starting it if it does not run. */
  async call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return this.#page.evaluate(([method, values]) => globalThis.call(method, ...values), [
      name,
      args,
    ] as const) as Promise<T>;
  }

  /** Runs in the page itself. */
  evaluate<T>(run: () => T): Promise<T> {
    return this.#page.evaluate(run) as Promise<T>;
  }

  /** Ends the worker where it stands, as closing a tab does. */
  async kill(): Promise<void> {
    await this.#page.evaluate(() => globalThis.kill());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#page.context().close();
  }
}

declare global {
  var call: (name: string, ...args: readonly unknown[]) => Promise<unknown>;
  var kill: () => void;
}

async function bundle(entry: string | { contents: string; resolveDir: string }): Promise<string> {
  const source = typeof entry === 'string' ? { entryPoints: [entry] } : { stdin: entry };
  const { outputFiles } = await build({
    ...source,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
