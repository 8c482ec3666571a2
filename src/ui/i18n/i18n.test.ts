// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { TRACE_STAGES } from '../../common/runtime/trace.ts';
import { en } from './en.ts';
import { explorerEn } from './explorer-en.ts';
import { explorerZh } from './explorer-zh.ts';
import { chooseLanguage } from './index.ts';
import { recoveryEn, recoveryZh } from './recovery.ts';
import { zh } from './zh.ts';

const english = { page: en, explorer: explorerEn, recovery: recoveryEn };
const chinese = { page: zh, explorer: explorerZh, recovery: recoveryZh };

/** `join.steps.enrol` for each message, with the number of its arguments. */
function shapeOf(messages: object, prefix = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    if (typeof value === 'function') return [`${path}(${value.length})`];
    return typeof value === 'string' ? [path] : shapeOf(value as object, `${path}.`);
  });
}

function texts(messages: object): string[] {
  return Object.values(messages).flatMap((value) => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' ? texts(value as object) : [];
  });
}

describe('the translations', () => {
  it('have the same messages with the same arguments', () => {
    expect(shapeOf(chinese).sort()).toEqual(shapeOf(english).sort());
  });

  it('leave no message empty', () => {
    for (const text of [...texts(english), ...texts(chinese)]) expect(text.trim()).not.toBe('');
  });

  it('keep Chinese out of English, and write Chinese in Chinese', () => {
    for (const text of texts(english)) expect(text).not.toMatch(/\p{Script=Han}/u);
    const untranslated = texts(chinese).filter((text) => !/\p{Script=Han}/u.test(text));
    expect(untranslated.sort()).toEqual(
      ['Peer id', 'PKI-ID', 'WebRTC', en.join.linkPlaceholder].sort(),
    );
  });

  it('name all twelve stages', () => {
    expect(Object.keys(en.strip.stages)).toEqual([...TRACE_STAGES]);
  });
});

describe('chooseLanguage', () => {
  it('takes the first wish that it can meet', () => {
    expect(chooseLanguage(['zh', 'en'])).toBe('zh');
    expect(chooseLanguage([null, 'fr', 'zh-Hans-CN', 'en'])).toBe('zh');
    expect(chooseLanguage([undefined, 'EN-GB'])).toBe('en');
    expect(chooseLanguage(['fr'])).toBe('en');
  });
});

describe('the components', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.tsx') && !file.startsWith('dev'),
  );

  it.each(files)('%s holds no words of its own', (file) => {
    const { code } = transformSync(readFileSync(join(root, file), 'utf8'), {
      loader: 'tsx',
      jsx: 'automatic',
      minifyWhitespace: true,
      charset: 'utf8',
    });
    const alone = code.matchAll(/children:"([^"]*)"/g);
    const labels = code.matchAll(/(?:"aria-label"|title|placeholder|alt):"([^"]*)"/g);
    // Between other children; a word there starts with a capital or has a space, unlike keys and names in arrays.
    const mixed = code.matchAll(
      /[[,]"((?=[^"]*\p{L}{2})(?:\p{Lu}(?=[^"]*\p{Ll})|[^"]*\s|[^"]*\p{Script=Han})[^"]*)"[,\]]/gu,
    );
    const words = [...alone, ...labels, ...mixed]
      .map((match) => match[1] ?? '')
      .filter((text) => /\p{L}{2}/u.test(text));
    expect(words.filter((word) => word !== 'Tabric')).toEqual([]);
  });
});
