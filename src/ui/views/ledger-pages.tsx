// SPDX-License-Identifier: Apache-2.0
// The pages that any ledger has.
import type { JSX } from 'preact';
import type { LedgerRoute } from '../router.ts';
import { BlockPage } from './block.tsx';
import { Blocks } from './blocks.tsx';
import { KeyPage } from './key.tsx';
import { State } from './state.tsx';
import { TxPage } from './tx.tsx';

export function LedgerPages({ route }: { route: LedgerRoute }): JSX.Element {
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
  }
}
