// SPDX-License-Identifier: Apache-2.0
// One block: what its header chains, who signed it, its transactions with their codes.
import type { JSX } from 'preact';
import type { BlockView, TxView } from '../../node/api/ledger-views.ts';
import { formatBytes, formatNumber, personText } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import {
  Age,
  Card,
  Empty,
  Fact,
  Facts,
  Failed,
  Hash,
  Loading,
  Status,
  TxLink,
} from '../widgets/bits.tsx';
import { useHref, useLedger } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { useLoad } from '../widgets/use-load.ts';

export function BlockPage({ number }: { number: number }): JSX.Element {
  const x = useExplorerMessages();
  const { reader, height } = useLedger();
  // A block never changes; only one that is missing is looked for again.
  const here = number < height.value;
  const loaded = useLoad(() => reader.block(number), String(number), here);
  const title = x.block.title(formatNumber(number, language.value));
  return (
    <div class="view narrow" data-testid="block-page" data-number={number}>
      <header class="view-head">
        <h1>{title}</h1>
        <Neighbours number={number} height={height.value} />
      </header>
      {loaded.state === 'loading' && <Loading />}
      {loaded.state === 'failed' && <Failed message={loaded.message} />}
      {loaded.state === 'ready' && loaded.value && <Block block={loaded.value} />}
      {loaded.state === 'ready' && !loaded.value && (
        <Empty icon="blocks" title={x.block.missing(formatNumber(number, language.value))}>
          <p class="help">{x.block.missingHelp(formatNumber(height.value, language.value))}</p>
        </Empty>
      )}
    </div>
  );
}

function Neighbours({ number, height }: { number: number; height: number }): JSX.Element {
  const { firstBlock = 0 } = useLedger();
  const m = useMessages();
  const x = useExplorerMessages();
  const hrefOf = useHref();
  return (
    <nav class="row neighbours" aria-label={m.blocks.title}>
      {number > firstBlock && (
        <a
          class="button"
          href={hrefOf({ view: 'block', number: number - 1 })}
          aria-label={`${formatNumber(number - 1, language.value)}: ${x.block.previous}`}
          title={x.block.previous}
        >
          <Icon name="left" size={16} />
          {formatNumber(number - 1, language.value)}
        </a>
      )}
      {number + 1 < height && (
        <a
          class="button"
          href={hrefOf({ view: 'block', number: number + 1 })}
          aria-label={`${formatNumber(number + 1, language.value)}: ${x.block.next}`}
          title={x.block.next}
        >
          {formatNumber(number + 1, language.value)}
          <Icon name="right" size={16} />
        </a>
      )}
    </nav>
  );
}

function Block({ block }: { block: BlockView }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  const hrefOf = useHref();
  return (
    <>
      <Card title={x.block.header}>
        <Facts>
          <Fact name={x.block.hash}>
            <Hash value={block.hash} />
          </Fact>
          <Fact name={x.block.previousHash}>
            {block.previousHash ? <Hash value={block.previousHash} /> : m.app.none}
          </Fact>
          <Fact name={x.block.dataHash}>
            <Hash value={block.dataHash} />
          </Fact>
        </Facts>
      </Card>
      <Card
        title={x.block.transactions}
        aside={<span class="help">{m.blocks.transactions(block.transactions.length)}</span>}
      >
        <ol class="tx-list">
          {block.transactions.map((tx) => (
            <TxRow key={tx.index} tx={tx} />
          ))}
        </ol>
      </Card>
      <Card title={x.block.metadata}>
        <Facts>
          <Fact name={x.block.orderer}>{block.orderer ?? x.block.ordererNone}</Fact>
          <Fact name={x.block.lastConfig}>
            <a href={hrefOf({ view: 'block', number: block.lastConfig })}>
              {formatNumber(block.lastConfig, language.value)}
            </a>
          </Fact>
          {block.commitHash !== undefined && (
            <Fact name={x.block.commitHash} help={x.block.commitHashHelp}>
              <Hash value={block.commitHash} />
            </Fact>
          )}
          <Fact name={x.block.size}>{formatBytes(block.sizeBytes, language.value)}</Fact>
        </Facts>
      </Card>
    </>
  );
}

function TxRow({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  return (
    <li class="tx-row" data-testid={`tx-row-${tx.index}`}>
      <Status code={tx.status} />
      <span class="tx-what">
        <code>
          {tx.fn === undefined ? m.blocks.config : `${tx.fn}(${(tx.args ?? []).join(', ')})`}
        </code>
        <small class="help">
          {[personText(tx.creator), tx.creator.mspId].filter((part) => part !== '').join(' · ')}
        </small>
      </span>
      <span class="tx-when">
        {tx.txId !== '' && <TxLink txId={tx.txId} />}
        {tx.timestamp > 0 && <Age at={tx.timestamp} />}
      </span>
    </li>
  );
}
