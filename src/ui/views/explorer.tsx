// SPDX-License-Identifier: Apache-2.0
// The views of the ledger and of its chaincodes: one chunk, loaded after the peer.
import type { JSX } from 'preact';
import type { Route } from '../router.ts';
import { BlockPage } from './block.tsx';
import { Blocks } from './blocks.tsx';
import { ChaincodePage } from './chaincode.tsx';
import { KeyPage } from './key.tsx';
import { State } from './state.tsx';
import { TxPage } from './tx.tsx';

export type ExplorerRoute = Extract<
  Route,
  { view: 'blocks' | 'block' | 'tx' | 'state' | 'key' | 'chaincode' }
>;

export function Explorer({ route }: { route: ExplorerRoute }): JSX.Element {
  switch (route.view) {
    case 'blocks':
      return <Blocks />;
    case 'block':
      return <BlockPage number={route.number} />;
    case 'tx':
      return <TxPage txId={route.txId} />;
    case 'state':
      return <State chaincode={route.chaincode} prefix={route.prefix ?? ''} />;
    case 'key':
      return <KeyPage chaincode={route.chaincode} name={route.key} />;
    case 'chaincode':
      return <ChaincodePage />;
  }
}
