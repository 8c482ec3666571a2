// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { foreignOrigin } from './own-origin.ts';

const own = ['tabric.example.org'];
const refused = (headers: Record<string, string>): string | undefined =>
  foreignOrigin(headers, own);

test.each([
  { host: '127.0.0.1:7050' },
  { host: '[::1]:7050' },
  { host: 'localhost:7050', origin: 'http://localhost:7050' },
  { host: 'laptop:7050' },
  { host: 'classroom.test:7050', origin: 'http://classroom.test:7050' },
  { host: 'laptop.local:7050', origin: 'http://laptop.local:7050' },
  { host: '192.168.1.5:7050', origin: 'http://192.168.1.5:7050' },
  { host: 'tabric.example.org', origin: 'https://tabric.example.org' },
  // Behind a proxy that passes on its own name.
  { host: '127.0.0.1:7050', origin: 'https://tabric.example.org' },
  { host: '127.0.0.1:7050', 'content-type': 'application/json; charset=utf-8' },
])('%j may pass', (headers) => expect(refused(headers)).toBeUndefined());

test.each<[Record<string, string>, RegExp]>([
  [{}, /not known as/],
  [{ host: 'evil.example:7050' }, /not known as 'evil.example'.*--public-url/],
  [{ host: 'evil.example:7050', origin: 'http://evil.example:7050' }, /not known as/],
  [{ host: '127.0.0.1:7050', origin: 'http://evil.example' }, /pages of http:\/\/evil.example/],
  // Another program of the same machine.
  [{ host: '127.0.0.1:7050', origin: 'http://127.0.0.1:8080' }, /not answered/],
  [{ host: '127.0.0.1:7050', origin: 'null' }, /not answered/],
  [{ host: '127.0.0.1:7050', origin: 'file://' }, /not answered/],
  [{ host: '127.0.0.1:7050', 'content-type': 'text/plain' }, /text\/plain/],
  [{ host: '127.0.0.1:7050', 'content-type': 'text/plain, application/json' }, /none that is read/],
])('%j may not', (headers, reason) => expect(refused(headers)).toMatch(reason));
