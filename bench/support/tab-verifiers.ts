// SPDX-License-Identifier: Apache-2.0
// Workers of pages that verify signatures and do nothing else, as many as a tab has for it.
import type { Browser } from 'playwright';
import { type SignedChain, signedChain } from './signed-load500.ts';
import type { VerifyLimit } from './verify-limit.ts';
import type { SampleFile } from './verify-limit-worker.ts';
import { WorkerPage } from './worker-page.ts';

/** Most of a tab (src/node/browser). */
const MAX_VERIFY_WORKERS = 4;
const WORKER = './verify-limit-worker.ts';
const SAMPLE_PATH = '/sample.json';
const MEASURED_MS = 2000;

export class TabVerifiers implements AsyncDisposable {
  readonly #pages: readonly WorkerPage[];
  readonly #chain: SignedChain;

  private constructor(pages: readonly WorkerPage[], chain: SignedChain) {
    this.#pages = pages;
    this.#chain = chain;
  }

  /** @param path of the block file whose signatures are verified. */
  static async open(browser: Browser, path: string): Promise<TabVerifiers> {
    const chain = await signedChain(path);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const sample: SampleFile = chain.sample.map(({ certificate, message, signature }) => ({
      certificate,
      message: base64(message),
      signature: base64(signature),
    }));
    const files = { [SAMPLE_PATH]: JSON.stringify(sample) };
    const first = await WorkerPage.open(browser, WORKER, files);
    const cores = await first.evaluate(() => navigator.hardwareConcurrency);
    const more = Math.min(MAX_VERIFY_WORKERS, cores) - 1;
    const others = Array.from({ length: more }, () => WorkerPage.open(browser, WORKER, files));
    return new TabVerifiers([first, ...(await Promise.all(others))], chain);
  }

  get count(): number {
    return this.#pages.length;
  }

  /** What they verify together. They are ended afterwards, and start again when they are asked again. */
  async limit(): Promise<VerifyLimit> {
    const rates = await Promise.all(
      this.#pages.map((page) => page.call<number>('verifyRate', SAMPLE_PATH, MEASURED_MS)),
    );
    await Promise.all(this.#pages.map((page) => page.kill()));
    const { signatures, transactions } = this.#chain;
    return {
      signaturesPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
      signaturesPerTransaction: signatures / transactions,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const page of this.#pages) await page[Symbol.asyncDispose]();
  }
}
