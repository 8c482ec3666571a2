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
 * view starts again. `version` asks for another reading of the same thing, e.g. the height; readings do not overtake
 * each other, and those asked for while one is under way are one.
 */
export function useLoad<Value>(
  read: () => Promise<Value>,
  subject: string,
  version: unknown = undefined,
): Loaded<Value> {
  const [loaded, setLoaded] = useState<{ subject: string; result: Loaded<Value> }>();
  const latest = useRef({ read, version });
  latest.current = { read, version };
  const again = useRef(() => {});
  // Subject and version stand for what read captures.
  useEffect(() => {
    let current = true;
    let busy = false;
    const load = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      const { version: asked } = latest.current;
      const result = await attempt(latest.current.read);
      busy = false;
      if (!current) return;
      setLoaded({ subject, result });
      if (latest.current.version !== asked) await load();
    };
    again.current = () => void load();
    return () => {
      current = false;
    };
  }, [subject]);
  useEffect(() => again.current(), [subject, version]);
  return loaded?.subject === subject ? loaded.result : { state: 'loading' };
}

async function attempt<Value>(read: () => Promise<Value>): Promise<Loaded<Value>> {
  try {
    return { state: 'ready', value: await read() };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): { state: 'failed'; message: string; code: string | undefined } {
  const code = error instanceof FabricError ? error.code : undefined;
  return { state: 'failed', message: messageOf(error), code };
}
