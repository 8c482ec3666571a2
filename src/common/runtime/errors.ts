// SPDX-License-Identifier: Apache-2.0
// The base of every error that Tabric raises on purpose. Validation outcomes are values (TxValidationCode), never errors.

/** Data that goes with an error: plain, structured-cloneable. */
export type ErrorData = Readonly<Record<string, unknown>>;

export interface FabricErrorOptions {
  readonly cause?: unknown;
  readonly data?: ErrorData;
}

/** An error with a stable `code`; the message says what happened, to what, and what to do. */
export class FabricError extends Error {
  // Written out, here and in every class of errors, because a build renames classes.
  override name: string = 'FabricError';
  readonly code: string;
  readonly data: ErrorData;

  constructor(code: string, message: string, options: FabricErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** The message of anything that was thrown, which with platforms is an Event at times, or a plain object. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const { message, error, type } = thrown as Readonly<Record<string, unknown>>;
  if (typeof message === 'string' && message !== '') return message;
  if (error instanceof Error) return error.message;
  return typeof type === 'string' && type !== ''
    ? `it ended with an event: ${type}`
    : 'unknown error';
}
