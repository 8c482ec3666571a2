// SPDX-License-Identifier: Apache-2.0
// What the bundler puts in for Node's globals.
export { Buffer } from './buffer.ts';
export { process } from './process.ts';
export const global = globalThis;
