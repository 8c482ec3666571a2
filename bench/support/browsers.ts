// SPDX-License-Identifier: Apache-2.0
// Browsers for figures that count processor time and memory: each figure has one of its own, without what others left behind.

import { type Browser, type BrowserContext, chromium } from 'playwright';
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/find-browsers.ts';
import { freePort } from '../../src/playwright/test-network.ts';

export type Visibility = 'visible' | 'hidden';

/** Flags of Playwright by which hidden pages run as if somebody saw them. */
const KEEPS_AWAKE = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
] as const;

/** A browser with one profile, whose pages are tabs of one window. */
export class BenchBrowser implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly visibility: Visibility;
  /** Process id of the browser process, the root of all others. */
  readonly pid: number;
  readonly #browser: Browser;

  private constructor(
    browser: Browser,
    context: BrowserContext,
    about: { visibility: Visibility; pid: number },
  ) {
    this.#browser = browser;
    this.context = context;
    this.visibility = about.visibility;
    this.pid = about.pid;
  }

  /**
   * `visible`: Playwright tells every page that it is in front and has the focus, as if each had a screen of its own. `hidden`: pages
   * are left as a person has them, and after `hideAll` none is in front; the browser slows them down as it does.
   */
  static async launch(visibility: Visibility = 'visible'): Promise<BenchBrowser> {
    const isHidden = visibility === 'hidden';
    const port = isHidden ? await freePort() : 0;
    const browser = await chromium.launch({
      executablePath: ensureChromium(),
      args: [...CHROMIUM_ARGS, ...(isHidden ? [`--remote-debugging-port=${port}`] : [])],
      ignoreDefaultArgs: isHidden ? [...KEEPS_AWAKE] : [],
    });
    try {
      const pid = await browserProcessOf(browser);
      const context = isHidden ? await plainContext(port) : await browser.newContext();
      return new BenchBrowser(browser, context, { visibility, pid });
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Puts an empty page in front of all others. Throws when one says that it is still seen. */
  async hideAll(): Promise<void> {
    if (this.visibility !== 'hidden') return;
    const pages = this.context.pages();
    const front = await this.context.newPage();
    await front.bringToFront();
    for (const page of pages) {
      await page.waitForFunction(() => document.visibilityState === 'hidden', undefined, {
        // Frames are not drawn any more.
        polling: 100,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

// The browser's own profile over a second connection that changes nothing in its pages.
async function plainContext(port: number): Promise<BrowserContext> {
  const plain = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  const [context] = plain.contexts();
  if (!context) throw new Error('the browser has no profile');
  return context;
}

async function browserProcessOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pid = processInfo.find(({ type }) => type === 'browser')?.id;
  if (pid === undefined) throw new Error('the browser does not tell its process');
  return pid;
}
