// SPDX-License-Identifier: Apache-2.0
// The small parts that every view is made of.
import { type ComponentChildren, Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  formatAge,
  formatDateTime,
  formatNumber,
  hexOf,
  prettyValue,
  shortHash,
} from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { useHref } from './context.ts';
import { Icon, type IconName } from './icon.tsx';
import { useNow } from './use-now.ts';

/** A titled surface. */
export function Card(props: {
  title?: string;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`card ${props.class ?? ''}`} aria-label={props.title}>
      {props.title !== undefined && (
        <header class="card-head">
          <h2>{props.title}</h2>
          {props.aside}
        </header>
      )}
      {props.children}
    </section>
  );
}

/** A list of names and values. */
export function Facts({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>;
}

export function Fact(props: {
  name: string;
  help?: string | undefined;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>
        {props.children}
        {props.help !== undefined && <small class="help">{props.help}</small>}
      </dd>
    </div>
  );
}

export function ReloadButton(): JSX.Element {
  const m = useMessages();
  return (
    <button type="button" class="button" onClick={() => location.reload()}>
      {m.app.reload}
    </button>
  );
}

export function CopyButton({ text }: { text: string }): JSX.Element {
  const m = useMessages();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const label = copied ? m.app.copied : m.app.copy;
  return (
    <button
      type="button"
      class="icon-button"
      onClick={() => void copy()}
      title={label}
      aria-label={label}
    >
      <Icon name={copied ? 'check' : 'copy'} size={16} />
    </button>
  );
}

// The clipboard API is missing where the page came over plain http.
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** A hash or id in full where there is room, cut by the page's width where there is not, with a copy button. */
export function Hash({ value, short }: { value: string; short?: boolean }): JSX.Element {
  if (short) {
    return (
      <code class="hash" title={value}>
        {shortHash(value)}
      </code>
    );
  }
  return (
    <span class="hash-line">
      <code class="hash">{value}</code>
      <CopyButton text={value} />
    </span>
  );
}

/** Validation code: colour, sign and name, so that colour is never alone. Breaks between words where it must. */
export function Status({ code, testId }: { code: string; testId?: string }): JSX.Element {
  const valid = code === 'VALID';
  return (
    <span class={`status ${valid ? 'is-good' : 'is-bad'}`} data-testid={testId} data-status={code}>
      <Icon name={valid ? 'check' : 'cross'} size={14} />
      <span>
        {code.split(/(?=_)/).map((word) => (
          <Fragment key={word}>
            {word}
            <wbr />
          </Fragment>
        ))}
      </span>
    </span>
  );
}

export function Age({ at }: { at: number }): JSX.Element {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatDateTime(at, language.value)}>
      {formatAge(at, now, language.value)}
    </time>
  );
}

export function OrgChip({ mspId }: { mspId: string }): JSX.Element {
  return (
    <span class="chip" data-org={orgColour(mspId)}>
      <span class="chip-dot" aria-hidden="true" />
      {mspId}
    </span>
  );
}

/** Organisations have one of six colours, by their number where the name has one. */
export function orgColour(mspId: string): string {
  if (/orderer/i.test(mspId)) return 'orderer';
  const number = mspId.match(/\d+/)?.[0];
  if (number !== undefined) return String((Number(number) - 1) % 6);
  return String([...mspId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6);
}

export function TxLink({ txId, short = true }: { txId: string; short?: boolean }): JSX.Element {
  const hrefOf = useHref();
  return (
    <a class="hash" href={hrefOf({ view: 'tx', txId })} title={txId}>
      {short ? shortHash(txId) : txId}
    </a>
  );
}

/** JSON indented, other text as it is. */
export function Value(props: {
  text: string;
  /** Of what is no text. */
  base64?: string | undefined;
  testId?: string;
}): JSX.Element {
  const { text, base64, testId } = props;
  if (base64 !== undefined) return <Bytes base64={base64} testId={testId} />;
  const pretty = prettyValue(text);
  return (
    <pre class="value" data-testid={testId} data-json={pretty.isJson}>
      {pretty.text}
    </pre>
  );
}

function Bytes({ base64, testId }: { base64: string; testId: string | undefined }): JSX.Element {
  const m = useMessages();
  const { count, hex } = hexOf(base64);
  return (
    <pre class="value" data-testid={testId} data-bytes={count}>
      <span class="help">{m.app.bytes(formatNumber(count, language.value))}</span>
      {`\n${hex}`}
    </pre>
  );
}

export function Empty(props: {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} size={28} />
      <p>{props.title}</p>
      {props.children}
    </div>
  );
}

export function Failed({ message }: { message: string }): JSX.Element {
  const m = useMessages();
  return (
    <Empty icon="alert" title={m.app.couldNotLoad}>
      <p class="help">{message}</p>
    </Empty>
  );
}

export function Loading(): JSX.Element {
  const m = useMessages();
  return (
    <p class="loading" role="status">
      {m.app.loading}
    </p>
  );
}

/** Where chaincodes would be listed: none, or not read yet. */
export function NoChaincodes({ known }: { known: boolean }): JSX.Element {
  const m = useMessages();
  return known ? <Empty icon="chaincode" title={m.transact.noChaincodes} /> : <Loading />;
}

/** A host name that breaks after its dots, not within a word. */
export function DottedName({ name }: { name: string }): JSX.Element {
  return (
    <span class="dotted">
      {name.split(/(?<=\.)/).map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
