// SPDX-License-Identifier: Apache-2.0
// JSON files as Node's `require` and npm read them: editors on Windows put a byte order mark before them.

/** Throws SyntaxError. */
export function parseJsonFile(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}
