// SPDX-License-Identifier: Apache-2.0
// Capability levels (common/capabilities). A name that is not known means that others follow rules that we do not have:
// going on would fork the ledger, so such a configuration is refused.
// Differs: channels below V1_4_3 (other MSP rules) and applications below V2_0 (other transaction validation) are refused
// too.
import { common } from '../protos/index.ts';
import { unmarshal } from '../protoutil/index.ts';
import { ConfigError } from './errors.ts';

const KNOWN = {
  Channel: ['V1_1', 'V1_3', 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0'],
  Orderer: ['V1_1', 'V1_4_2', 'V2_0'],
  Application: ['V1_1', 'V1_2', 'V1_3', 'V1_4_2', 'V2_0', 'V2_5'],
} as const;

// One of these must be there.
const REQUIRED: Readonly<Record<keyof typeof KNOWN, readonly string[]>> = {
  Channel: ['V1_4_3', 'V2_0', 'V3_0'],
  Orderer: ['V1_1', 'V1_4_2', 'V2_0'],
  Application: ['V2_0', 'V2_5'],
};

/** The names in a Capabilities value. Throws ConfigError CAPABILITY_UNSUPPORTED. */
export function readCapabilities(
  section: keyof typeof KNOWN,
  value: Uint8Array | undefined,
): ReadonlySet<string> {
  const { capabilities } = unmarshal(
    common.Capabilities,
    'Capabilities',
    value ?? new Uint8Array(),
  );
  const names = new Set(Object.keys(capabilities));
  const known: ReadonlySet<string> = new Set(KNOWN[section]);
  for (const name of names) {
    if (known.has(name)) continue;
    const text = `${section} capability ${name} is required but not supported`;
    throw new ConfigError('CAPABILITY_UNSUPPORTED', text);
  }
  if (REQUIRED[section].some((name) => names.has(name))) return names;
  const text = `${section} capabilities below ${REQUIRED[section][0]} are not supported`;
  throw new ConfigError('CAPABILITY_UNSUPPORTED', text);
}
