// SPDX-License-Identifier: Apache-2.0
// Members by the name that they chose, always beside the one that the CA gave.
import type { JSX } from 'preact';
import { DottedName } from './bits.tsx';

interface Named {
  readonly name: string;
  readonly displayName?: string | undefined;
}

/** Both names, the chosen one first. */
export function Person({ name, displayName }: Named): JSX.Element {
  if (displayName === undefined) return <DottedName name={name} />;
  return (
    <span class="person">
      <bdi>{displayName}</bdi>{' '}
      <small>
        <DottedName name={name} />
      </small>
    </span>
  );
}

/** Where there is room for one: the chosen one, or what the CA gave. */
export function ShortPerson({ name, displayName }: Named): JSX.Element {
  return <bdi title={name}>{displayName ?? name}</bdi>;
}
