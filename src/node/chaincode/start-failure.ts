// SPDX-License-Identifier: Apache-2.0
// Where a package's syntax error is. Engines do not say it of code that is made of strings, and chaincode is; so a file that did not compile is
// read again by a parser, which is loaded only then.
import { FabricError } from '../../common/runtime/errors.ts';
import type { SourceFiles } from './runtime/control-messages.ts';

/** Of module-loader.ts: the file, and what the engine said. */
const SYNTAX_ERROR = /^SyntaxError: ([^\n:]+): ([^\n]*)/;
const MAX_LINE_CHARACTERS = 200;

/** The error of a chaincode that did not start, with line and column where it is one of syntax. */
export async function withPlace(error: unknown, files: SourceFiles): Promise<unknown> {
  if (!(error instanceof FabricError) || error.code !== 'CHAINCODE_START_FAILED') return error;
  const [, file = '', reason = ''] = SYNTAX_ERROR.exec(error.message) ?? [];
  const source = Object.hasOwn(files, file) ? files[file] : undefined;
  const place = source === undefined ? undefined : await placeOf(source);
  if (!place) return error;
  const { line, column, text } = place;
  const message = `SyntaxError: ${file}:${line}:${column}: ${reason}\n${text}`;
  return new FabricError(error.code, message, { cause: error, data: { file, line, column } });
}

interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The line itself, and a mark below. */
  readonly text: string;
}

async function placeOf(source: string): Promise<Place | undefined> {
  const { parse } = await import('acorn');
  try {
    parse(source.replace(/^\uFEFF/, ''), {
      ecmaVersion: 'latest',
      sourceType: 'script',
      allowReturnOutsideFunction: true,
      allowHashBang: true,
    });
    return undefined;
  } catch (error) {
    const { loc } = error as { loc?: { line: number; column: number } };
    if (!loc) return undefined;
    const text = source.split('\n')[loc.line - 1] ?? '';
    const from = Math.max(0, loc.column - MAX_LINE_CHARACTERS / 2);
    const shown = text.slice(from, from + MAX_LINE_CHARACTERS);
    const mark = shown.slice(0, loc.column - from).replace(/\S/g, ' ');
    return { line: loc.line, column: loc.column + 1, text: `${shown}\n${mark}^` };
  }
}
