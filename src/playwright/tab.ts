// SPDX-License-Identifier: Apache-2.0
// Real tabs: each is a page whose peer is reached through `window.tabric`. `page` is there for everything else.

import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Me } from '../node/api/network-view.ts';
import type { CallOptions, SubmitResult, WaitCondition } from '../node/api/tabric.ts';

/** One tab in a browser profile of its own, ready. */
export async function openTab(browser: Browser, link: string): Promise<Tab> {
  const context = await browser.newContext();
  return openTabIn(context, link);
}

/** One more tab of a profile, ready. */
export async function openTabIn(context: BrowserContext, link: string): Promise<Tab> {
  const tab = new Tab(await context.newPage());
  await tab.goto(link);
  return tab;
}

/** Arguments of a chaincode's function; options come last. */
type Args = (string | CallOptions)[];

/** The outcome of a submission, with the error's code where it failed. */
export type Outcome =
  | { ok: true; result: SubmitResult }
  | ({ ok: false; name: string; code: string; message: string } & Failure);

interface Failure {
  readonly code?: string;
  /** What each endorser said. */
  readonly details?: readonly unknown[];
}

export class Tab {
  readonly page: Page;
  /** Errors that nobody caught in the page. */
  readonly errors: string[] = [];
  /** Lines of the page's console. */
  readonly console: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (line) => this.console.push(`${line.type()}: ${line.text()}`));
  }

  async goto(link: string): Promise<Me> {
    await this.page.goto(link);
    return this.ready();
  }

  async reload(): Promise<Me> {
    await this.page.reload();
    return this.ready();
  }

  /** Resolves when the tab's peer has joined and caught up. */
  ready(): Promise<Me> {
    return this.page.evaluate(() => window.tabric.ready);
  }

  me(): Promise<Me> {
    return this.page.evaluate(() => window.tabric.me);
  }

  /** Blocks in this tab's ledger. */
  height(): Promise<number> {
    return this.page.evaluate(() => window.tabric.height());
  }

  /** Resolves when the ledger is at least this high. */
  waitForHeight(height: number, timeoutMs = 30_000): Promise<number> {
    return this.page.evaluate(
      ([least, timeout]) => window.tabric.waitFor({ height: least }, { timeoutMs: timeout }),
      [height, timeoutMs] as const,
    );
  }

  /** Endorses, orders and waits for the commit at this tab. Rejects with the name and message of the error. */
  submit(chaincode: string, fn: string, ...args: Args): Promise<SubmitResult> {
    return this.page.evaluate(
      ([name, func, values]) => window.tabric.submit(name, func, ...values),
      [chaincode, fn, args] as const,
    );
  }

  /** As submit, but failures come back as data. */
  trySubmit(chaincode: string, fn: string, ...args: Args): Promise<Outcome> {
    return this.page.evaluate(
      async ([name, func, values]): Promise<Outcome> => {
        try {
          return { ok: true, result: await window.tabric.submit(name, func, ...values) };
        } catch (error) {
          const { name, message, code = '', details } = error as Error & Failure;
          return { ok: false, name, code, message, ...(details && { details }) };
        }
      },
      [chaincode, fn, args] as const,
    );
  }

  /** Runs a function at one peer; the result as text. */
  evaluate(chaincode: string, fn: string, ...args: Args): Promise<string> {
    return this.page.evaluate(
      ([name, func, values]) => window.tabric.evaluate(name, func, ...values),
      [chaincode, fn, args] as const,
    );
  }

  /** As `window.tabric.waitFor`. */
  waitFor(condition: WaitCondition): Promise<unknown> {
    return this.page.evaluate((given) => window.tabric.waitFor(given), condition);
  }

  /** Waits until this peer sees `count` live peers, itself among them. */
  async waitForPeers(count: number, timeoutMs = 30_000): Promise<void> {
    await this.page.waitForFunction(
      (least) =>
        window.tabric.peers().filter((p) => p.role === 'peer' && p.status === 'alive').length >=
        least,
      count,
      { timeout: timeoutMs },
    );
  }

  /** Waits until some peer of the organisation says that it runs the chaincode. */
  async waitForEndorser(mspId: string, chaincode: string, timeoutMs = 30_000): Promise<void> {
    await this.page.waitForFunction(
      ([msp, name]) =>
        window.tabric.peers().some((p) => p.mspId === msp && p.chaincodes.includes(name)),
      [mspId, chaincode] as const,
      { timeout: timeoutMs },
    );
  }

  /** Name of the leader of this tab's organisation, once there is one. */
  async waitForLeader(timeoutMs = 30_000): Promise<string> {
    const handle = await this.page.waitForFunction(
      () => {
        const { mspId } = window.tabric.me;
        return window.tabric
          .peers()
          .find((p) => p.isLeader && p.mspId === mspId && p.status === 'alive')?.name;
      },
      undefined,
      { timeout: timeoutMs },
    );
    return String(await handle.jsonValue());
  }

  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
  }
}
