// SPDX-License-Identifier: Apache-2.0
// Bytes as strings of one character a byte. JavaScript hashes and compares such strings natively, and
// their order is byte order, which makes them the keys of every map in memory here.

/** The string whose character codes are the bytes. */
export function toBinary(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x2000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  }
  return text;
}

/** The bytes of a string made by `toBinary`. */
export function fromBinary(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const NOT_ASCII = /[\u0080-\uffff]/;
const encoder = new TextEncoder();

/** The UTF-8 bytes of a text, as a binary string. */
export function utf8ToBinary(text: string): string {
  return NOT_ASCII.test(text) ? toBinary(encoder.encode(text)) : text;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text whose UTF-8 bytes a binary string holds; malformed sequences become U+FFFD. */
export function binaryToUtf8(binary: string): string {
  return NOT_ASCII.test(binary) ? decoder.decode(fromBinary(binary)) : binary;
}
