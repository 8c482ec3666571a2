// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  fieldChanges,
  formatAge,
  formatBytes,
  formatDuration,
  prettyValue,
  shortHash,
  shortId,
  shortName,
  visibleKey,
} from './format.ts';

describe('names', () => {
  it('shortens ids, hashes and names', () => {
    expect(shortId('12D3KooWAbCdEf')).toBe('AbCdEf');
    expect(shortHash('0123456789abcdef')).toBe('0123456789…');
    expect(shortHash('0123')).toBe('0123');
    expect(shortName('peer3.org1.example.com')).toBe('peer3.org1');
    expect(shortName('orderer.example.com')).toBe('orderer');
  });

  it('shows the control characters of composite keys', () => {
    expect(visibleKey('\u0000color\u0000blue\u0000')).toBe('␀color␀blue␀');
    expect(visibleKey('a\u{10ffff}')).toBe('a⟂');
    expect(visibleKey('资产 1')).toBe('资产 1');
    expect(visibleKey('a\u202eb\u200bc\u2028')).toBe('a⟨202e⟩b⟨200b⟩c⟨2028⟩');
    expect(visibleKey('\u{e0061}\u007f\u0085\u00ad')).toBe('⟨e0061⟩␡⟨85⟩⟨ad⟩');
  });
});

describe('amounts', () => {
  it('gives bytes in the nearest unit', () => {
    expect(formatBytes(0, 'en')).toBe('0 B');
    expect(formatBytes(999, 'en')).toBe('999 B');
    expect(formatBytes(1234, 'en')).toBe('1.2 kB');
    expect(formatBytes(52_400_000, 'en')).toBe('52 MB');
  });

  it('gives durations', () => {
    expect(formatDuration(0.2)).toBe('<1 ms');
    expect(formatDuration(41.6)).toBe('42 ms');
    expect(formatDuration(2040)).toBe('2.04 s');
    expect(formatDuration(90_000)).toBe('1.5 min');
  });

  it('gives ages, and never the future', () => {
    expect(formatAge(0, 12_000, 'en')).toBe('now');
    expect(formatAge(0, 150_000, 'en')).toBe('2 min. ago');
    expect(formatAge(0, 7_200_000, 'en')).toBe('2 hr. ago');
    expect(formatAge(5000, 0, 'en')).toBe('now');
    expect(formatAge(0, 720_000, 'zh')).toContain('12');
    expect(formatAge(0, 12_000, 'zh')).toBe('刚刚');
  });
});

describe('values', () => {
  it('indents JSON and leaves the rest alone', () => {
    expect(prettyValue('{"a":1}')).toEqual({ text: '{\n  "a": 1\n}', isJson: true });
    expect(prettyValue('{"a":"\u202eb"}').text).toBe('{\n  "a": "⟨202e⟩b"\n}');
    expect(prettyValue('家\u200d族')).toEqual({ text: '家\u200d族', isJson: false });
    expect(prettyValue('{broken')).toEqual({ text: '{broken', isJson: false });
    expect(prettyValue('true')).toEqual({ text: 'true', isJson: false });
  });

  it('lists the fields that changed', () => {
    expect(
      fieldChanges('{"Owner":"Tomoko","Size":5}', '{"Owner":"Brad","Size":5,"New":1}'),
    ).toEqual([
      { field: 'Owner', before: '"Tomoko"', after: '"Brad"' },
      { field: 'New', after: '1' },
    ]);
    expect(fieldChanges('5', '{}')).toBeUndefined();
    expect(fieldChanges('{}', 'nonsense')).toBeUndefined();
  });
});
