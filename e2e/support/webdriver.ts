// SPDX-License-Identifier: Apache-2.0
// WebKitGTK, Safari's engine, by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/), which is all that it speaks.
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { freePort } from '../../src/playwright/test-network.ts';

/** A window of WebKitGTK on a display that nobody sees. */
export class WebKitWindow {
  readonly #driver: ChildProcess;
  readonly #session: string;

  private constructor(driver: ChildProcess, session: string) {
    this.#driver = driver;
    this.#session = session;
  }

  static async open(driverPath: string): Promise<WebKitWindow> {
    const [binary] = globSync('/usr/{lib/*,libexec}/webkit2gtk-*/MiniBrowser');
    if (binary === undefined) throw new Error('WebKitGTK has no MiniBrowser');
    const port = await freePort();
    const driver = spawn('xvfb-run', ['-a', driverPath, `--port=${port}`], {
      stdio: 'ignore',
      detached: true,
    });
    const url = `http://127.0.0.1:${port}/session`;
    const options = { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } };
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', ...options } };
    try {
      const { sessionId } = await whenUp(() => call('POST', url, { capabilities }));
      return new WebKitWindow(driver, `${url}/${sessionId}`);
    } catch (error) {
      end(driver);
      throw error;
    }
  }

  async goto(url: string): Promise<void> {
    await call('POST', `${this.#session}/timeouts`, { script: 60_000, pageLoad: 60_000 });
    await call('POST', `${this.#session}/url`, { url });
  }

  async reload(): Promise<void> {
    await call('POST', `${this.#session}/refresh`, {});
  }

  /** What a promise in the page comes to, which must be JSON. @param expression of JavaScript. */
  async evaluate(expression: string): Promise<unknown> {
    const script = `const done = arguments[0];
      Promise.resolve(${expression}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await call('POST', `${this.#session}/execute/async`, {
      script,
      args: [],
    });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async close(): Promise<void> {
    await call('DELETE', this.#session).catch(() => {});
    end(this.#driver);
  }
}

// Xvfb and the driver are one group.
function end({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function whenUp<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 100 || !(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what a driver answers depends on the command.
async function call(method: string, url: string, body?: object): Promise<any> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } };
  if (value?.error !== undefined && value.message !== undefined) throw new Error(value.message);
  return value;
}
