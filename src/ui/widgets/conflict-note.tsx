// SPDX-License-Identifier: Apache-2.0
// Why a read conflict happened: the key, the version the endorsers read, the version found, and who wrote it.
import type { JSX } from 'preact';
import type { TxView } from '../../node/api/ledger-views.ts';
import { formatNumber, visibleKey } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { Fact, Facts, TxLink } from './bits.tsx';
import { useHref } from './context.ts';
import { Person } from './person.tsx';

type Version = { readonly block: number; readonly tx: number };

export function VersionText({ version }: { version: Version | undefined }): JSX.Element {
  const m = useMessages();
  const hrefOf = useHref();
  if (!version) return <>{m.tx.absent}</>;
  const number = (value: number): string => formatNumber(value, language.value);
  return (
    <a href={hrefOf({ view: 'block', number: version.block })}>
      {m.tx.versionAt(number(version.block), number(version.tx))}
    </a>
  );
}

export function ConflictNote(props: {
  conflict: NonNullable<TxView['conflict']>;
  txId: string;
}): JSX.Element {
  const m = useMessages();
  const hrefOf = useHref();
  const { namespace, key, readVersion, foundVersion, writtenBy, writer } = props.conflict;
  return (
    <section class="conflict" aria-label={m.tx.why} data-testid="conflict">
      <h3>{m.tx.why}</h3>
      <Facts>
        <Fact name={m.tx.conflictKey}>
          <a href={hrefOf({ view: 'key', chaincode: namespace, key })}>
            {namespace} / {visibleKey(key)}
          </a>
        </Fact>
        <Fact name={m.tx.conflictRead}>
          <VersionText version={readVersion} />
        </Fact>
        <Fact name={m.tx.conflictFound}>
          <VersionText version={foundVersion} />
        </Fact>
        {writtenBy !== undefined && (
          <Fact name={m.tx.conflictBy}>
            {writtenBy === props.txId ? m.tx.thisTx : <TxLink txId={writtenBy} />}
            {writer && writtenBy !== props.txId && (
              <>
                {' '}
                · <Person {...writer} />
              </>
            )}
          </Fact>
        )}
      </Facts>
      <p class="help">{m.tx.conflictHelp}</p>
    </section>
  );
}
