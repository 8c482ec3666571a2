// SPDX-License-Identifier: Apache-2.0
// The peer's end of a chaincode's stream, as the MessagePort that ChaincodeSupport knows from tabs. What comes before `start` waits.
import { type ChaincodePort, PortClosedEvent } from '../chaincode/launcher.ts';

export interface ProcessPortActions {
  readonly send: (message: Uint8Array) => void;
  /** The peer wants no more of it. */
  readonly close: () => void;
}

export class ProcessPort implements ChaincodePort {
  readonly #actions: ProcessPortActions;
  readonly #target = new EventTarget();
  #early: Event[] | undefined = [];
  #closed = false;

  constructor(actions: ProcessPortActions) {
    this.#actions = actions;
  }

  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'close', listener: (event: Event) => void): void;
  addEventListener(type: string, listener: (event: MessageEvent) => void): void {
    this.#target.addEventListener(type, listener as (event: Event) => void);
  }

  postMessage(message: ArrayBuffer): void {
    if (!this.#closed) this.#actions.send(new Uint8Array(message));
  }

  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.#deliver(event);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#actions.close();
  }

  /** A message of the chaincode. */
  receive(data: ArrayBuffer): void {
    this.#deliver(new MessageEvent('message', { data }));
  }

  /** The process has ended. */
  ended(reason: string): void {
    this.#deliver(new PortClosedEvent(reason));
  }

  #deliver(event: Event): void {
    if (this.#closed) return;
    if (this.#early) this.#early.push(event);
    else this.#target.dispatchEvent(event);
  }
}
