// SPDX-License-Identifier: Apache-2.0
// Serves the storage harness to the pages of a browser context, at an origin of its own or below the relay's.
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'esbuild';

/** Nobody listens there: its pages are made by the test. */
export const STORAGE_ORIGIN = 'http://localhost:7059';
const FOLDER = '/storage-test/';

let script: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('storage-harness.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome119',
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild made no bundle');
  return file.text;
}

/** Opens a page of an origin with the harness in it. */
export async function openStoragePage(
  context: BrowserContext,
  origin = STORAGE_ORIGIN,
): Promise<Page> {
  script ??= bundle();
  const body = await script;
  const pattern = `${origin}${FOLDER}**`;
  await context.route(pattern, (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body })
      : route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><title>storage</title><script src="harness.js"></script>',
        }),
  );
  const page = await context.newPage();
  await page.goto(`${origin}${FOLDER}`);
  return page;
}
