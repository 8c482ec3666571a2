// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { FabricError } from '../../common/runtime/errors.ts';
import { withPlace } from './start-failure.ts';
import { contractFiles, threadBench } from './testing/fixtures.ts';

const failed = (message: string) => new FabricError('CHAINCODE_START_FAILED', message);

it('says file, line and column of a syntax error that the runtime met', async () => {
  const files = contractFiles("'use strict';\nclass A {\n  run( { return 1; }\n}\n");
  const { bench, launcher } = await threadBench({ broken: files });
  try {
    const { message } = await bench.call({ chaincode: 'broken', args: ['run'] }).catch((e) => e);
    const [, own = ''] = /(SyntaxError: .*)/s.exec(message) ?? [];
    expect(await withPlace(failed(own), files)).toMatchObject({
      code: 'CHAINCODE_START_FAILED',
      message: expect.stringMatching(
        /^SyntaxError: index\.js:3:10: .+\n {2}run\( \{ return 1; \}\n {9}\^$/,
      ),
      data: { file: 'index.js', line: 3, column: 10 },
    });
  } finally {
    await launcher.stop();
  }
});

it('leaves other failures, and what it cannot place, as they are', async () => {
  const files = { 'index.js': 'fine();', 'a b.js': '(' };
  for (const error of [
    failed('ReferenceError: fine is not defined'),
    failed('SyntaxError: index.js: no'),
    failed('SyntaxError: __proto__: no'),
    failed('SyntaxError: other.js: no'),
    new FabricError('STARTUP_TIMEOUT', 'SyntaxError: a b.js: no'),
    'SyntaxError: a b.js: no',
  ])
    expect(await withPlace(error, files)).toBe(error);
  expect(await withPlace(failed('SyntaxError: a b.js: no'), files)).toMatchObject({
    message: expect.stringContaining('a b.js:1:2: no'),
  });
});
