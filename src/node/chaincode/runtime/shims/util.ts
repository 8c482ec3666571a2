// SPDX-License-Identifier: Apache-2.0
// In place of Node's util: that of browserify, with Node's own way to show values, and what came to Node later.
import { isDeepStrictEqual } from 'assert/build/internal/util/comparisons.js';
import {
  format,
  formatWithOptions,
  inspect,
  stripVTControlCharacters,
} from 'node-inspect-extracted';
import util from 'util/';

const { TextDecoder, TextEncoder } = globalThis;

/** The module as `require('util')` gives it. */
export const nodeUtil = {
  ...util,
  TextDecoder,
  TextEncoder,
  format,
  formatWithOptions,
  inspect,
  isDeepStrictEqual,
  stripVTControlCharacters,
};

export const { inherits, deprecate, promisify, callbackify, debuglog, types } = nodeUtil;
export { format, inspect };
