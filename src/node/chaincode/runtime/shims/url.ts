// SPDX-License-Identifier: Apache-2.0
// In place of Node's url.
export const { URL, URLSearchParams } = globalThis;
