// SPDX-License-Identifier: Apache-2.0
// In place of Node's net: nothing that connects; the X.509 parser of fabric-shim asks what kind of address a text is.
export function isIP(text: string): 0 | 4 | 6 {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return 4;
  return /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? 6 : 0;
}
