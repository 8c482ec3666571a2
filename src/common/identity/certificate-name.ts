// SPDX-License-Identifier: Apache-2.0
// The display name in a client's certificate: an attribute as Fabric CA's are (fabric-ca lib/attrmgr).
import { EXTENSION_OID, parseCertificatePem } from '../crypto/index.ts';
import { fromUtf8 } from '../runtime/bytes.ts';
import { DISPLAY_NAME_ATTRIBUTE, displayNameOf } from './display-name.ts';

/** The name that a PEM certificate carries. */
export function displayNameIn(certificate: string): string | undefined {
  try {
    const { extensions } = parseCertificatePem(certificate);
    const json = extensions.get(EXTENSION_OID.attributes)?.value;
    if (!json) return undefined;
    const { attrs } = JSON.parse(fromUtf8(json)) ?? {};
    return displayNameOf(attrs?.[DISPLAY_NAME_ATTRIBUTE]);
  } catch {
    return undefined;
  }
}
