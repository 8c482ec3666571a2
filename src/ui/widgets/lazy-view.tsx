// SPDX-License-Identifier: Apache-2.0
// A view whose code is fetched when it is first looked at, or before.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../common/runtime/errors.ts';
import { Failed, Loading } from './bits.tsx';

export interface LazyView<Props> {
  readonly View: ComponentType<Props>;
  /** Fetches the code now; rejects when that fails, and a later call tries again. */
  readonly load: () => Promise<void>;
}

export function lazyView<Props extends object>(
  fetchView: () => Promise<ComponentType<Props>>,
): LazyView<Props> {
  let Loaded: ComponentType<Props> | undefined;
  const load = async (): Promise<void> => {
    Loaded ??= await fetchView();
  };
  const View = (props: Props): JSX.Element => {
    const [, setLoaded] = useState(Loaded !== undefined);
    const [failure, setFailure] = useState<string>();
    useEffect(() => {
      load()
        .then(() => setLoaded(true))
        .catch((error: unknown) => setFailure(messageOf(error)));
    }, []);
    if (Loaded) return <Loaded {...props} />;
    return failure === undefined ? <Loading /> : <Failed message={failure} />;
  };
  return { View, load };
}
