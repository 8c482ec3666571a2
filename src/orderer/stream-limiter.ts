// SPDX-License-Identifier: Apache-2.0
// Bounds how many streams of one kind are open, in all and for one remote. Each stream holds at most one message, so
// this bounds memory too.
import { GrpcStatus, type RemoteParty, ServiceError } from '../common/wire/service.ts';

export interface StreamLimits {
  readonly maxStreams: number;
  readonly maxStreamsPerRemote: number;
}

export class StreamLimiter {
  readonly #name: string;
  readonly #limits: StreamLimits;
  readonly #byRemote = new Map<string, number>();
  #open = 0;

  constructor(name: string, limits: StreamLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /** Counts a stream in; the result counts it out, once. Throws ServiceError RESOURCE_EXHAUSTED at a limit. */
  acquire({ address }: RemoteParty): () => void {
    const { maxStreams, maxStreamsPerRemote } = this.#limits;
    const ofRemote = this.#byRemote.get(address) ?? 0;
    if (this.#open >= maxStreams || ofRemote >= maxStreamsPerRemote) {
      const limit = this.#open >= maxStreams ? `${maxStreams}` : `${maxStreamsPerRemote} a client`;
      throw new ServiceError(
        GrpcStatus.RESOURCE_EXHAUSTED,
        `too many ${this.#name} streams are open (limit ${limit}); close some or try again`,
      );
    }
    this.#open++;
    this.#byRemote.set(address, ofRemote + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#open--;
      const left = (this.#byRemote.get(address) ?? 1) - 1;
      if (left === 0) this.#byRemote.delete(address);
      else this.#byRemote.set(address, left);
    };
  }
}
