// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const PROGRAM = `
import { createLogger } from ${JSON.stringify(new URL('../../common/runtime/log.ts', import.meta.url).href)};
import { stderrSink, surviveStrayErrors } from ${JSON.stringify(new URL('./stderr-log.ts', import.meta.url).href)};
let lines = 0;
const count = (...line) => { lines++; stderrSink(...line); };
const log = createLogger('test', 'info', count);
surviveStrayErrors(log);
process.on('message', () => {
  log.error('nobody reads this');
  Promise.reject(new Error('stray'));
  setTimeout(() => process.exit(lines), 500);
});
process.send('ready');
`;

it('goes on calmly when nobody reads its output any more', async () => {
  const args = ['--input-type=module', '--eval', PROGRAM];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  await once(child, 'message');
  child.stderr?.destroy();
  child.stdout?.destroy();
  child.send('go');
  const [code] = await once(child, 'exit');
  // The error and the stray one, and none about the output.
  expect(code).toBe(2);
});
