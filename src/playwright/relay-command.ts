// SPDX-License-Identifier: Apache-2.0
// How a relay is started: by the program of the package, or from the sources.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKED = fileURLToPath(new URL('./tabric.js', import.meta.url));
const ROOT = new URL('../../', import.meta.url);

/** Arguments for Node, before the relay's own flags. */
export function relayCommand(): string[] {
  if (existsSync(PACKED)) return [PACKED, 'start'];
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  const [file = '', ...flags] = scripts.start.split(' ').slice(1).toReversed();
  return [...flags.toReversed(), fileURLToPath(new URL(file, ROOT))];
}
