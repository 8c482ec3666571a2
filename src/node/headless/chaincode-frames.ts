// SPDX-License-Identifier: Apache-2.0
// How a peer and its chaincode's process talk over the process's stdin and stdout: frames of a length (4 bytes, little endian,
// of what follows the kind), a kind (1 byte) and a body. The chaincode's process may read this file and its own program, so
// nothing is imported here.

export const FrameKind = Object.freeze({
  /** To the process, first: the source of the chaincode runtime, in UTF-8. */
  runtime: 0,
  /** Either way: JSON of a StartMessage without its port, or of a WorkerMessage. */
  control: 1,
  /** Either way: one serialized protos.ChaincodeMessage. */
  message: 2,
});

export interface Frame {
  readonly kind: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

export const FRAME_HEADER_BYTES = 5;

export function frameHeader(kind: number, length: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, length, true);
  header[4] = kind;
  return header;
}

/** Cuts what arrives into frames. Memory is taken for what has come, never for what a header announces. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** @param maxBytes of a body. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames that this chunk completes. Throws RangeError when a frame is larger than it may be. */
  *push(chunk: Uint8Array): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= FRAME_HEADER_BYTES) {
      const header = this.#peekHeader();
      const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
      if (length > this.#maxBytes) {
        throw new RangeError(`a frame of ${length} bytes; ${this.#maxBytes} are allowed`);
      }
      if (this.#length < FRAME_HEADER_BYTES + length) return;
      this.#take(FRAME_HEADER_BYTES);
      yield { kind: header[4] ?? 0, body: this.#take(length) };
    }
  }

  #peekHeader(): Uint8Array {
    const [first] = this.#chunks;
    if (first && first.length >= FRAME_HEADER_BYTES) return first.subarray(0, FRAME_HEADER_BYTES);
    const header = this.#take(FRAME_HEADER_BYTES);
    this.#chunks.unshift(header);
    this.#length += header.length;
    return header;
  }

  // A copy in a buffer of its own, which can be transferred.
  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const [first] = this.#chunks;
      if (!first) throw new RangeError('fewer bytes than were counted');
      const part = first.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
    }
    this.#length -= length;
    return taken;
  }
}
