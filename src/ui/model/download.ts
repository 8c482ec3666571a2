// SPDX-License-Identifier: Apache-2.0
// A file that the browser downloads.

/** A browser has begun a download by then. */
const REVOKE_MS = 60_000;

export function download(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
}
