// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../../../common/runtime/errors.ts';

/** Speaks against an invocation of `lscc`. */
export class Objection extends Error {
  override readonly name = 'Objection';
}

/** Runs a decoder; throws {@link Objection} when the bytes are not what they should be. */
export function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new Objection(`${what} does not decode: ${messageOf(error)}`);
  }
}
