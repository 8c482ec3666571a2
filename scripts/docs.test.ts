// SPDX-License-Identifier: Apache-2.0
// What the documents say about the files, packages, scripts and flags of this repository is so, and the Chinese README
// says what the English one does.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TRACE_STAGES } from '../src/common/runtime/trace.ts';

const root = new URL('../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const exists = (file: string): boolean => existsSync(new URL(file, root));

const documents = readdirSync(root).filter((file) => file.endsWith('.md'));
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const { scripts = {}, dependencies = {}, devDependencies = {} } = manifest;

interface Section {
  readonly level: number;
  readonly title: string;
  readonly prose: string;
  readonly code: readonly string[];
}

const FENCE = /^```.*?^```$/gms;

function sectionsOf(markdown: string): Section[] {
  const blocks: string[] = [];
  // Inside a fence a `#` is no heading.
  const text = markdown.replace(FENCE, (block) => `\u0000${blocks.push(block) - 1}\u0000`);
  return text.split(/^(?=#+ )/m).flatMap((part) => {
    const [, hashes = '', title = ''] = /^(#+) (.*)/.exec(part) ?? [];
    if (hashes === '') return [];
    const code = [...part.matchAll(/\0(\d+)\0/g)].map(([, index]) => blocks[Number(index)] ?? '');
    return [{ level: hashes.length, title, prose: part.slice(hashes.length), code }];
  });
}

const spansOf = (markdown: string): string[] =>
  [...markdown.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

// GitHub's anchor of a heading.
const anchorOf = ({ title }: Section): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function brokenLinks(document: string): string[] {
  const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? document : file;
    if (!exists(target)) return true;
    return anchor !== undefined && !sectionsOf(read(target)).map(anchorOf).includes(anchor);
  });
}

// `src/ledger/<name>/` is a pattern: what stands before the bracket must be there.
const missingPaths = (document: string): string[] =>
  spansOf(read(document))
    .filter((span) =>
      /^(src|relay|cmd|e2e|bench|scripts|public|patches|docs)\/[\w@+./<>-]*$/.test(span),
    )
    .filter((path) => !exists(path.replace(/<.*/, '')));

const unknownScripts = (document: string): string[] =>
  [...read(document).matchAll(/\bnpm run ([\w:]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !(name in scripts));

describe.each(documents)('%s', (document) => {
  it('links to files and headings that exist', () => {
    expect(brokenLinks(document)).toEqual([]);
  });

  it('names paths that exist', () => {
    expect(missingPaths(document)).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    expect(unknownScripts(document)).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const rowsOf = (title: string): string[][] => {
    const found = sectionsOf(read('ARCHITECTURE.md')).find((one) => one.title === title);
    const rows = [...(found?.prose ?? '').matchAll(/^\| (.*) \|$/gm)];
    return rows.slice(1).map(([, row = '']) => row.split(' | '));
  };

  it('shows the stages of a transaction as the trace names them, each with a file', () => {
    const rows = rowsOf('The life of a transaction');
    expect(rows.map(([, stage]) => stage)).toEqual([...TRACE_STAGES]);
    for (const [, stage, where] of rows) expect(where, stage).toMatch(/\]\(src\//);
  });

  it('shows where a new service, system chaincode, consenter, transport or view goes', () => {
    const rows = rowsOf('Where new things go');
    const things = ['a service', 'a system chaincode', 'a consenter', 'a transport', 'a view'];
    expect(rows.map(([what]) => what)).toEqual(things);
    for (const [what, where] of rows) expect(where, what).toMatch(/\]\(src\//);
  });
});

describe('README.md', () => {
  const sections = sectionsOf(read('README.md'));
  const section = (title: string): Section => {
    const found = sections.find((one) => one.title === title);
    if (!found) throw new Error(`README.md has no section ${title}`);
    return found;
  };

  it('says what each package is for, and names none that is not there', () => {
    const { prose } = section('Dependencies');
    const packages = Object.keys({ ...dependencies, ...devDependencies });
    const named = spansOf(prose);
    expect(packages.filter((name) => !named.includes(name))).toEqual([]);
    const firstColumn = [...prose.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([row]) => spansOf(row));
    expect(firstColumn.filter((name) => !packages.includes(name))).toEqual([]);
  });

  it('gives flags of the relay with their defaults', () => {
    const cli = fileURLToPath(new URL('relay/main.ts', root));
    const help = execFileSync(process.execPath, [cli, '--help'], { encoding: 'utf8' });
    const helpOf = (flag: string): string =>
      new RegExp(`^ +(?:-\\w, )?${flag}\\b.*(?:\\n {20,}.*)*`, 'm').exec(help)?.[0] ?? '';
    const packed = (text: string): string => text.replace(/[\s"`]/g, '');
    const rows = [...section('The relay').prose.matchAll(/^\| (`--[^|]*) \| ([^|]*) ?\|/gm)];
    expect(rows.length).toBeGreaterThan(4);
    for (const [, flags = '', defaults = ''] of rows) {
      const values = defaults.trim() === '' ? [] : defaults.split(', ');
      for (const [index, span] of spansOf(flags).entries()) {
        const text = helpOf(span.replace(/ .*/, ''));
        expect(text, `--help of ${span}`).not.toBe('');
        const value = values[index];
        if (value !== undefined) expect(packed(text)).toContain(`default:${packed(value)}`);
      }
    }
  });
});

describe('README.zh.md', () => {
  const english = sectionsOf(read('README.md'));
  const chinese = sectionsOf(read('README.zh.md'));
  const bare = (block: string): string => block.replace(/ # .*/g, '');
  const spans = ({ prose }: Section): string[] => [...new Set(spansOf(prose))].sort();

  it('has the sections of README.md, in their order', () => {
    expect(chinese.map(({ level }) => level)).toEqual(english.map(({ level }) => level));
  });

  it('has the same code, commands, flags and names in each section', () => {
    for (const [index, section] of english.entries()) {
      const other = chinese[index];
      expect(other?.code.map(bare), section.title).toEqual(section.code.map(bare));
      expect(other && spans(other), section.title).toEqual(spans(section));
    }
  });
});
