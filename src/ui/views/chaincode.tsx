// SPDX-License-Identifier: Apache-2.0
// The chaincodes of the channel, and installing a package in this tab.
import type { JSX } from 'preact';
import type { ChaincodeInfo } from '../../node/api/ledger-views.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { Card, Fact, Facts, NoChaincodes } from '../widgets/bits.tsx';
import { ChaincodeLog } from '../widgets/chaincode-log.tsx';
import { useChannel } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { InstallForm } from '../widgets/install-form.tsx';
import { TransactPanel } from '../widgets/transact-panel.tsx';

export function ChaincodePage(): JSX.Element {
  const x = useExplorerMessages();
  const store = useChannel();
  const chaincodes = store.chaincodes.value;
  return (
    <div class="view home">
      <div class="home-side">
        <h1 class="visually-hidden">{x.chaincode.title}</h1>
        <Card title={x.chaincode.defined}>
          {chaincodes.length === 0 && <NoChaincodes known={store.chaincodesKnown.value} />}
          <ul class="plain definitions">
            {chaincodes.map((chaincode) => (
              <Definition key={chaincode.name} chaincode={chaincode} />
            ))}
          </ul>
        </Card>
        <InstallForm />
      </div>
      <div class="home-main">
        <TransactPanel />
      </div>
    </div>
  );
}

function Definition({ chaincode }: { chaincode: ChaincodeInfo }): JSX.Element {
  const x = useExplorerMessages();
  const { name, version, sequence, endorsementPolicy, packageId, running, problem } = chaincode;
  return (
    <li data-testid={`chaincode-${name}`} data-running={running}>
      <h3 class="row">
        {name}
        <span class={`chip ${running ? 'is-good' : ''}`}>
          <Icon name={running ? 'check' : 'pause'} size={14} />
          {running ? x.chaincode.running : x.chaincode.stopped}
        </span>
      </h3>
      <Facts>
        <Fact name={x.chaincode.version}>{version}</Fact>
        <Fact name={x.chaincode.sequence}>{sequence}</Fact>
        <Fact name={x.chaincode.policy}>
          <code class="error-text">{endorsementPolicy}</code>
        </Fact>
        <Fact name={x.chaincode.packageId}>
          {packageId === undefined ? (
            x.chaincode.notInstalled
          ) : (
            <code class="hash">{packageId}</code>
          )}
        </Fact>
      </Facts>
      {problem !== undefined && (
        <pre class="problem field-error" data-testid={`problem-${name}`}>
          {problem}
        </pre>
      )}
      {packageId !== undefined && <ChaincodeLog packageId={packageId} />}
    </li>
  );
}
