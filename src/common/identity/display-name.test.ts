// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { displayNameIn } from './certificate-name.ts';
import { clientOf, displayNameOf } from './display-name.ts';

describe('a name', () => {
  test.each([
    ['Li Wei', 'Li Wei'],
    ['李伟', '李伟'],
    ['  two\n lines ', 'two lines'],
    ['e\u0301', 'é'],
    ['ab\u202egnp.exe', 'abgnp.exe'],
    ['a\u0000\u200b\u2066b', 'ab'],
    [`z${'\u0300'.repeat(9)}`, `z\u0300\u0300\u0300`.normalize('NFC')],
    ['😀'.repeat(40), '😀'.repeat(40)],
  ])('%j is shown as %j', (text, shown) => {
    expect(displayNameOf(text)).toBe(shown);
  });

  test.each([
    '',
    ' \t',
    '\u202e',
    'x'.repeat(41),
    'x'.repeat(5000),
    7,
    null,
    { toString: () => 'x' },
  ])('%j is none', (text) => {
    expect(displayNameOf(text)).toBeUndefined();
  });

  test('stays what it is when it is cleaned again', () => {
    const name = displayNameOf(`a\u202e b${'\u0300'.repeat(9)}`);
    expect(displayNameOf(name)).toBe(name);
  });
});

test('what is no certificate carries none', () => {
  expect(displayNameIn('')).toBeUndefined();
  expect(
    displayNameIn('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
  ).toBeUndefined();
});

test('a peer and its client have one number', () => {
  expect(clientOf('peer12.org1.example.com')).toBe('user12.org1.example.com');
  expect(clientOf('orderer.example.com')).toBeUndefined();
});
