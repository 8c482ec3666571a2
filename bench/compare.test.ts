// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OF_THE_PROGRAM } from './compare.ts';

const FROM_THE_PROGRAM =
  /^import (?!type)[^;]*from '(?:\.\.\/)+(?:src\/(?!playwright\/)|cmd\/|relay\/)/m;

test('what reaches into the program is left as a commit has it', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => FROM_THE_PROGRAM.test(readFileSync(join(import.meta.dirname, file), 'utf8')))
    .map((file) => `bench/${file}`);
  expect(files.toSorted()).toEqual(OF_THE_PROGRAM);
});
