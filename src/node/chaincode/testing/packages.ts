// SPDX-License-Identifier: Apache-2.0
import { utf8 } from '../../../common/runtime/bytes.ts';
import { tarGz } from '../tar/tar-writer.ts';

/** A package of a chaincode of one file, and whatever else is given, by path. */
export function packageOf(
  label: string,
  source: string,
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  const files = {
    'src/package.json': '{"name":"test","version":"1.0.0","main":"index.js"}',
    'src/index.js': source,
    ...more,
  };
  const code = Object.entries(files).map(([name, text]) => ({ name, bytes: utf8(text) }));
  return tarGz([
    { name: 'metadata.json', bytes: utf8(JSON.stringify({ path: '', type: 'node', label })) },
    { name: 'code.tar.gz', bytes: tarGz(code) },
  ]);
}
