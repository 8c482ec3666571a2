// SPDX-License-Identifier: Apache-2.0
// Values are bytes; people and scripts mostly want text, and plain data has no bytes. So a value is told as text, and in base64 beside
// it when the text is not what the bytes are.
import { fromUtf8, fromUtf8Strict, toBase64 } from '../../common/runtime/bytes.ts';

export type TextField<K extends string> = { readonly [key in K]: string } & {
  readonly [key in `${K}Base64`]?: string;
};

/** `{ value: 'text' }`, or `{ value: 'te?t', valueBase64: 'dGX/dA==' }` of bytes that are not UTF-8. */
export function textField<K extends string>(name: K, bytes: Uint8Array): TextField<K>;
export function textField(name: string, bytes: Uint8Array): Readonly<Record<string, string>> {
  const text = fromUtf8(bytes);
  return isText(text, bytes)
    ? { [name]: text }
    : { [name]: text, [`${name}Base64`]: toBase64(bytes) };
}

// Only where the replacement character stands can anything have been lost, and it may be a character of the text.
function isText(text: string, bytes: Uint8Array): boolean {
  if (!text.includes('\uFFFD')) return true;
  try {
    fromUtf8Strict(bytes);
    return true;
  } catch {
    return false;
  }
}
