// SPDX-License-Identifier: Apache-2.0
// What the bundler puts in for Node's globals.
export { Buffer } from 'buffer/';
export { process } from './process.ts';
export const global = globalThis;
