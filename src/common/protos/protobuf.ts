// SPDX-License-Identifier: Apache-2.0
//
// protobufjs as the generated code uses it, the same in tabs and in Node:
// - 64-bit integers are always Long, so that the highest uint64 survives;
// - every encoded message owns its ArrayBuffer (protobufjs would hand out slices of a shared pool),
//   because messages are transferred between threads;
// - bytes are Uint8Array in Node too, never Buffer.

import Long from 'long';
import pb from 'protobufjs/minimal.js';

pb.util.Long = Long;
pb.configure();

/** Writes one message; `finish()` returns its bytes. */
export class Writer extends pb.Writer {
  static override create(): Writer {
    return new Writer();
  }

  static override alloc(size: number): Uint8Array {
    return new Uint8Array(size);
  }
}

/** Reads one message; fields of type bytes are views into the input. */
export class Reader extends pb.Reader {
  static override create(input: Uint8Array): Reader {
    if (!(input instanceof Uint8Array)) throw new TypeError('protobuf input is not a Uint8Array');
    const plain =
      input.constructor === Uint8Array
        ? input
        : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    return new Reader(plain);
  }
}

export const protobuf = { Reader, Writer, util: pb.util };
