// SPDX-License-Identifier: Apache-2.0
// In place of Node's buffer: that of the package, and the encoding that Node has had since.
import * as buffer from 'buffer/';

const { Buffer } = buffer;
type Encoding = string | undefined;

const isUrl = (encoding: unknown): boolean =>
  typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';
// The package reads both alphabets as base64.
const readable = (encoding: unknown): unknown => (isUrl(encoding) ? 'base64' : encoding);

const { from, isEncoding, byteLength } = Buffer;
const { toString: textOf, write } = Buffer.prototype;
type Call = (...args: unknown[]) => never;

Object.assign(Buffer, {
  from: (value: unknown, ...rest: unknown[]) => (from as Call)(value, ...rest.map(readable)),
  isEncoding: (encoding: string) => isUrl(encoding) || isEncoding(encoding),
  byteLength: (value: unknown, encoding?: Encoding) =>
    (byteLength as Call)(value, readable(encoding)),
});
Object.assign(Buffer.prototype, {
  toString(this: buffer.Buffer, encoding?: Encoding, ...range: number[]): string {
    const text = textOf.call(this, readable(encoding) as 'base64', ...range);
    if (!isUrl(encoding)) return text;
    return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  },
  write(this: buffer.Buffer, ...args: unknown[]): number {
    return (write as Call).call(this, ...args.map(readable));
  },
});

/** The module as `require('buffer')` gives it. */
export const nodeBuffer = buffer;
export { Buffer } from 'buffer/';
