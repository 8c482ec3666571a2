// SPDX-License-Identifier: Apache-2.0
// The views over sample data, for working on them without a relay: `npm run dev`, then /dev/. Never part of a build.
// `?phase=joining|invite|expired|damaged|paused|running`, `?connection=…`, `?fault=CODE`, `?channels=a,b` choose what to look
// at; `?every=200&txs=20` makes it busy.
import { render } from 'preact';
import { FabricError } from '../../common/runtime/errors.ts';
import type { ConnectionState } from '../../node/comm/links.ts';
import { App } from '../app.tsx';
import { startPageUpdates } from '../model/page-updates.ts';
import { Session } from '../model/session.ts';
import { startSettings } from '../model/settings.ts';
import { page, startRouter } from '../router.ts';
import { sampleNetwork } from './sample-ledger.ts';
import { sampleTabric } from './sample-tabric.ts';
import '../styles/index.css';

const query = new URLSearchParams(window.location.search);
const phase = query.get('phase') ?? 'running';

startRouter();
await startSettings(page.value.params);

const session = new Session({
  updates: startPageUpdates(),
  loadNetwork: () => Promise.resolve(sampleNetwork),
  startPeer: async ({ onProgress }) => {
    if (phase === 'invite') throw new FabricError('JOIN_NEEDED', 'no identity is kept here');
    if (phase === 'damaged' || phase === 'paused') throw damaged(phase);
    onProgress({ step: 'enrol', detail: 'peer3.org1.example.com' });
    if (phase === 'expired') {
      throw new FabricError(
        'JOIN_SECRET_EXPIRED',
        'POST /api/v1/join: the secret expired at 09:30',
      );
    }
    if (phase === 'joining') {
      onProgress({ step: 'catch-up', done: 4210, total: 6001 });
      await new Promise(() => undefined);
    }
    const fault = query.get('fault');
    return sampleTabric({
      connection: (query.get('connection') ?? 'online') as ConnectionState,
      faults: fault === null ? [] : [{ code: fault, message: 'what the browser said of it' }],
      blockEveryMs: Number(query.get('every') ?? 0),
      transactionsPerBlock: Number(query.get('txs') ?? 1),
      channels: (query.get('channels') ?? 'mychannel').split(','),
    });
  },
});

function damaged(how: 'damaged' | 'paused'): FabricError {
  const ledger = 'tabric/sample/Org1MSP/0';
  if (how === 'paused') {
    const text = 'ledger mychannel is paused; resume it to open it';
    return new FabricError('LEDGER_PAUSED', text, { data: { ledger, remedies: ['resume'] } });
  }
  const text = 'mychannel has 14 blocks, but state of 17 and history of 17; rebuild its databases';
  const data = { ledger, remedies: ['rebuildDBs', 'remove'] };
  return new FabricError('LEDGER_CORRUPT', text, { data });
}

const root = document.getElementById('app');
if (root) render(<App session={session} />, root);
void session.start(phase === 'running' ? undefined : { org: 'Org1MSP', secret: 'sample' });
