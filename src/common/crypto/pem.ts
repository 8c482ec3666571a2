// SPDX-License-Identifier: Apache-2.0
// PEM as Go's encoding/pem reads and writes it: Fabric compares and hashes PEM bytes, so the writer must match
// Go's (64 columns, LF, final LF), and the reader must find the same first block.
import { fromBase64, fromUtf8, toBase64 } from '../runtime/bytes.ts';
import { CryptoError } from './errors.ts';

export interface PemBlock {
  /** e.g. `CERTIFICATE`. */
  readonly label: string;
  readonly der: Uint8Array<ArrayBuffer>;
  /** Text after the block's END line. */
  readonly rest: string;
}

/** The first well-formed block, or undefined; text around it is skipped, as Go's pem.Decode does. */
export function decodePem(pem: string | Uint8Array): PemBlock | undefined {
  const text = typeof pem === 'string' ? pem : fromUtf8(pem);
  const begin = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*(?:\n|$)/g;
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const label = match[1] ?? '';
    const end = text.indexOf(`-----END ${label}-----`, begin.lastIndex);
    if (end < 0) continue;
    const der = decodeBody(text.slice(begin.lastIndex, end));
    if (!der) continue;
    const newline = text.indexOf('\n', end);
    return { label, der, rest: newline < 0 ? '' : text.slice(newline + 1) };
  }
  return undefined;
}

// Base64 lines, after `Key: value` headers if any.
function decodeBody(body: string): Uint8Array<ArrayBuffer> | undefined {
  const base64 = body.replace(/^(?:[^\n:]+:[^\n]*\n)+/, '').replace(/\s+/g, '');
  if (base64.length % 4 !== 0) return undefined;
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}

/** DER of the first block; throws CryptoError when there is none or it has another label. */
export function pemToDer(pem: string | Uint8Array, label?: string): Uint8Array<ArrayBuffer> {
  const block = decodePem(pem);
  if (!block) throw new CryptoError('PEM_MALFORMED', 'no PEM block found');
  if (label !== undefined && block.label !== label) {
    throw new CryptoError('PEM_MALFORMED', `PEM block is ${block.label}, not ${label}`);
  }
  return block.der;
}

export function derToPem(der: Uint8Array, label: string): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
