// SPDX-License-Identifier: Apache-2.0
// The page: built when its sources are newer, then served from dist/.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../src/common/runtime/log.ts';
import type { HttpRoute } from './http-server.ts';
import { staticFiles } from './static-files.ts';

/** The route of the page. Without one, and with `build` off, requests are told so; all else of the relay works. */
export async function pageRoute(
  root: string,
  { build, log }: { readonly build: boolean; readonly log: Logger },
): Promise<HttpRoute> {
  if (build && existsSync(join(root, 'vite.config.ts'))) await makePage(root, log);
  if (existsSync(join(root, 'dist', 'index.html'))) return staticFiles(join(root, 'dist'));
  log.warn('there is no page in dist/; run `npm run build`');
  return () => ({ status: 503, body: 'the page has not been built: npm run build\n' });
}

// A package has the page and nothing that makes it.
async function makePage(root: string, log: Logger): Promise<void> {
  const { buildPage, isPageFresh } = await import('./page-build.ts');
  if (isPageFresh(root)) return;
  log.info('building the page');
  await buildPage(root);
}
