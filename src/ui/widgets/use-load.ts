// SPDX-License-Identifier: Apache-2.0
// Reads something from the peer for a view, again when `inputs` change; keeps what it had while it reads again.
import { useEffect, useRef, useState } from 'preact/hooks';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: Value }
  | { readonly state: 'failed'; readonly message: string; readonly code: string | undefined };

/**
 * `subject` names what is read: while it stays the same, the old value stays on the page; when it changes, the
 * view starts anew. `version` asks for another reading of the same thing, e.g. the height.
 */
export function useLoad<Value>(
  read: () => Promise<Value>,
  subject: string,
  version: unknown = undefined,
): Loaded<Value> {
  const [loaded, setLoaded] = useState<{ subject: string; result: Loaded<Value> }>();
  const latest = useRef(read);
  latest.current = read;
  // Subject and version stand for what read captures.
  useEffect(() => {
    let current = true;
    latest
      .current()
      .then((value): Loaded<Value> => ({ state: 'ready', value }))
      .catch((error: unknown): Loaded<Value> => failure(error))
      .then((result) => current && setLoaded({ subject, result }));
    return () => {
      current = false;
    };
  }, [subject, version]);
  return loaded?.subject === subject ? loaded.result : { state: 'loading' };
}

function failure(error: unknown): { state: 'failed'; message: string; code: string | undefined } {
  const code = error instanceof FabricError ? error.code : undefined;
  return { state: 'failed', message: messageOf(error), code };
}
