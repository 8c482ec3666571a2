// SPDX-License-Identifier: Apache-2.0
// Regular expressions of `$regex`. The pattern comes with a query, which anybody may send who may invoke the chaincode; a
// browser's own engine could be made to search for hours, and a tab cannot stop it. RE2's algorithm takes linear time. It
// has no look-around and no back-references, which CouchDB's engine has; such patterns are refused.
import { messageOf } from '../../../../../common/runtime/errors.ts';
import { queryError } from './query-error.ts';

/** Whether a text holds a match of a compiled pattern. */
export type TextMatcher = (text: string) => boolean;
/** Throws LedgerError QUERY_INVALID when the pattern is none. */
export type RegexCompiler = (pattern: string) => TextMatcher;

// More would only be sent to make a peer compile it.
const MAX_PATTERN_CHARACTERS = 2000;

/** Loads the engine, which few queries need. */
export async function loadRegexCompiler(): Promise<RegexCompiler> {
  const { RE2JS } = await import('re2js');
  return (pattern) => {
    if (pattern.length > MAX_PATTERN_CHARACTERS) throw badPattern('it is too long');
    try {
      const compiled = RE2JS.compile(pattern);
      return (text) => compiled.matcher(text).find();
    } catch (error) {
      throw badPattern(messageOf(error));
    }
  };
}

function badPattern(why: string): Error {
  return queryError('bad_arg', `Bad argument for operator $regex: ${why}`);
}
