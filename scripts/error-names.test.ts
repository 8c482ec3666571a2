// SPDX-License-Identifier: Apache-2.0
// A build renames classes, and people read the names of errors: each class of errors says its own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const CLASS = /class (\w+) extends (?:Error|[A-Z]\w*Error) \{\n(?: {2}\/\/.*\n)*(.*)\n/g;

test('every class of errors has its name written out', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const classes = files
    .split('\n')
    .filter((file) => /^(?:src|relay|cmd)\//.test(file) && !/test|\/dev\//.test(file))
    .flatMap((file) => [...readFileSync(`${root}${file}`, 'utf8').matchAll(CLASS)]);
  expect(classes.length).toBeGreaterThan(20);
  const nameless = classes
    .filter(([, name, first = '']) => !new RegExp(`name(: string)? = '${name}';`).test(first))
    .map(([, name]) => name);
  expect(nameless).toEqual([]);
});
