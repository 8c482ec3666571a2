// SPDX-License-Identifier: Apache-2.0
// Errors keep their code and data on the way between page and worker, where structured clone would drop them.
import * as Comlink from 'comlink';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { ServiceError } from '../../common/wire/service.ts';
import { decodeStatus, encodeStatus } from '../../common/wire/status.ts';

interface ThrownValue {
  readonly value: unknown;
}

interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly data?: Record<string, unknown>;
  /** Of a ServiceError, which is then all of it. */
  readonly status?: Uint8Array;
}

/** An error of the other thread, with its name and code. */
function revive({ name, message, code, data, status }: SentError): Error {
  if (status) return decodeStatus(status);
  const error = new FabricError(code ?? 'WORKER_ERROR', message, data ? { data } : {});
  error.name = name;
  return error;
}

function toSent(thrown: unknown): SentError {
  const name = thrown instanceof Error ? thrown.name : 'Error';
  const message = messageOf(thrown);
  if (thrown instanceof ServiceError) return { name, message, status: encodeStatus(thrown) };
  if (!(thrown instanceof FabricError)) return { name, message };
  return { name, message, code: thrown.code, data: cloneable(thrown.data) };
}

function cloneable(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return structuredClone(data);
  } catch {
    return {};
  }
}

/** Call once in every thread that uses comlink. */
export function carryErrors(): void {
  const handler: Comlink.TransferHandler<ThrownValue, SentError> = {
    canHandle: (value): value is ThrownValue =>
      Comlink.transferHandlers.get('throw')?.canHandle(value) ?? false,
    serialize: ({ value }) => [toSent(value), []],
    deserialize: (sent) => {
      throw revive(sent);
    },
  };
  const standard = Comlink.transferHandlers.get('throw');
  if (!standard) throw new Error('comlink has no handler for thrown values');
  const canHandle = standard.canHandle.bind(standard);
  Comlink.transferHandlers.set('throw', {
    ...handler,
    canHandle: (value): value is ThrownValue => canHandle(value),
  });
}
