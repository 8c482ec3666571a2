// SPDX-License-Identifier: Apache-2.0
// The views of ledgers, the peer's and those opened from files, and of chaincodes, and what can be done about a damaged ledger: one
// chunk, loaded after the peer or when it is needed. Split up, it would share a third chunk, and rolldown then splits the page's
// own as well, which makes a first visit larger.
import type { JSX } from 'preact';
import type { LedgerRoute, Route } from '../router.ts';
import { ChaincodePage } from './chaincode.tsx';
import { ClassPage } from './class.tsx';
import { LedgerPages } from './ledger-pages.tsx';

export { LedgerRemedies } from '../widgets/ledger-remedies.tsx';
export { Invite } from './invite.tsx';
export { Ledger } from './ledger.tsx';

export type ExplorerRoute = LedgerRoute | Extract<Route, { view: 'chaincode' | 'class' }>;

export function Explorer({ route }: { route: ExplorerRoute }): JSX.Element {
  switch (route.view) {
    case 'chaincode':
      return <ChaincodePage />;
    case 'class':
      return <ClassPage key={route.query} query={route.query} />;
    default:
      return <LedgerPages route={route} />;
  }
}
