// SPDX-License-Identifier: Apache-2.0
// In processes of other locales and time zones, as tabs of a class have them.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const PROGRAM = `
import { installLocale } from ${JSON.stringify(new URL('./c-locale.ts', import.meta.url).href)};
import { installUtcDate } from ${JSON.stringify(new URL('./utc-date.ts', import.meta.url).href)};
const before = [Intl.NumberFormat().resolvedOptions().locale, Intl.DateTimeFormat().resolvedOptions().timeZone];
installUtcDate(globalThis);
installLocale();
const epoch = new Date(0);
class Own extends Intl.NumberFormat {}
const texts = [
  (1234567.891).toLocaleString(),
  (10n ** 9n).toLocaleString(),
  [1.5, 2.5].toLocaleString(),
  Float64Array.of(1234.5).toLocaleString(),
  new Intl.NumberFormat(undefined, { style: 'currency', currency: 'EUR' }).format(12.5),
  Intl.NumberFormat().format(1234.5),
  new Own().format(1234.5),
  new Own() instanceof Own && new Own() instanceof Intl.NumberFormat,
  new Intl.DateTimeFormat().format(epoch),
  // The load scope's clock, and not the machine's.
  new Intl.DateTimeFormat().format(),
  new Intl.DateTimeFormat().formatToParts().map(({ value }) => value).join(''),
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short' }).format(epoch),
  Intl.DateTimeFormat('de').resolvedOptions().timeZone,
  Intl.DateTimeFormat('de', { timeZone: 'Asia/Tokyo' }).format(new Date(23 * 3_600_000)),
  new Intl.DateTimeFormat([]).resolvedOptions().locale,
  new Intl.Collator('xx-unknown').resolvedOptions().locale,
  new Intl.PluralRules().resolvedOptions().locale,
  new Intl.ListFormat().resolvedOptions().locale,
  new Intl.RelativeTimeFormat().resolvedOptions().locale,
  epoch.toLocaleString(),
  epoch.toLocaleDateString('de', { timeZone: undefined }),
  epoch.toLocaleTimeString('xx-unknown'),
  'i'.toLocaleUpperCase(),
  'i'.toLocaleUpperCase('tr'),
  'I'.toLocaleLowerCase(),
  'ä'.localeCompare('z'),
  'ä'.localeCompare('z', 'sv'),
  'a'.localeCompare('B', undefined, { sensitivity: 'base' }),
];
let refused = '';
try { new Intl.NumberFormat('not a locale'); } catch (error) { refused = error.name; }
process.stdout.write(JSON.stringify({ before, texts, refused }));
`;

function runIn(
  locale: string,
  zone: string,
): { before: string[]; texts: unknown[]; refused: string } {
  const env = { LC_ALL: locale, LANG: locale, TZ: zone };
  const args = ['--input-type=module', '--eval', PROGRAM];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
}

test.each([
  ['en_US.UTF-8', 'UTC', 'en-US'],
  ['tr_TR.UTF-8', 'Europe/Istanbul', 'tr-TR'],
  ['de_DE.UTF-8', 'Asia/Tokyo', 'de-DE'],
  ['ar_EG.UTF-8', 'America/Los_Angeles', 'ar-EG'],
  ['zh_CN.UTF-8', 'Asia/Shanghai', 'zh-CN'],
])('a process of %s in %s says what every other says', (locale, zone, seen) => {
  const { before, texts, refused } = runIn(locale, zone);
  expect(before).toEqual([seen, zone]);
  expect(texts).toEqual([
    '1,234,567.891',
    '1,000,000,000',
    '1.5,2.5',
    '1,234.5',
    '€12.50',
    '1,234.5',
    '1,234.5',
    true,
    '1/1/1970',
    '1/1/1970',
    '1/1/1970',
    '01/01/1970, 00:00',
    'UTC',
    '2.1.1970',
    'en-US',
    'en-US',
    'en',
    'en-US',
    'en-US',
    '1/1/1970, 12:00:00 AM',
    '1.1.1970',
    '12:00:00 AM',
    'I',
    'İ',
    'i',
    -1,
    1,
    -1,
  ]);
  expect(refused).toBe('RangeError');
});
