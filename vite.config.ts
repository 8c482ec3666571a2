// SPDX-License-Identifier: Apache-2.0
// Builds the page. The relay serves dist/; `npm run dev` serves the sources and passes the relay's own paths on to it.

import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { leftOutOfPage, replacedInPage } from './scripts/left-out-of-page.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const relay = process.env.TABRIC_RELAY ?? 'http://127.0.0.1:7050';

// gossipsub's own metrics are 21 kB of source that the page never calls, and a bundler cannot know that.
const GET_METRICS = 'export function getMetrics(';
const withoutGossipsubMetrics: Plugin = {
  name: 'without-gossipsub-metrics',
  transform(code, id) {
    if (!/@libp2p\/gossipsub\/dist\/src\/metrics\.js$/.test(id)) return null;
    const at = code.indexOf(GET_METRICS);
    if (at < 0) throw new Error(`${id} has no ${GET_METRICS}…; see vite.config.ts`);
    return `${code.slice(0, at)}${GET_METRICS}) { throw new Error('left out of the page'); }`;
  },
};

export default defineConfig({
  root: path('./src/ui'),
  publicDir: path('./public'),
  // protobufjs asks for the CommonJS build, which would come on top of ours.
  resolve: { alias: { long: path('./node_modules/long/index.js') } },
  plugins: [preact(), leftOutOfPage, replacedInPage, withoutGossipsubMetrics],
  worker: { format: 'es' },
  build: {
    outDir: path('./dist'),
    emptyOutDir: true,
    // The first with Promise.withResolvers, which libp2p needs.
    target: ['chrome119', 'edge119', 'firefox121', 'safari17.4'],
    manifest: true,
    // The relay sends one Content-Security-Policy for all; inlined assets would need data: in it.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/network.json': relay,
      '/api': relay,
      '/packages': relay,
      // libp2p's WebSocket has the path of the page; only upgrades go on to the relay.
      '^/$': {
        target: relay,
        ws: true,
        bypass: (request) => (request.headers.upgrade === undefined ? request.url : undefined),
      },
    },
  },
});
