// SPDX-License-Identifier: Apache-2.0
// The entry of the page: settings, address, first paint; then the peer.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { displayNameOf } from '../common/identity/display-name.ts';
import { App } from './app.tsx';
import { EarlyTabric } from './early-tabric.ts';
import { startPageUpdates } from './model/page-updates.ts';
import { type Invitation, Session } from './model/session.ts';
import { startSettings } from './model/settings.ts';
import { loadNetwork, startPeer } from './peer-port.ts';
import { navigate, page, type Route, startRouter } from './router.ts';
import './styles/index.css';

async function main(): Promise<void> {
  // Before anything is waited for: scripts come at the page's `load`.
  const early = new EarlyTabric();
  window.tabric = early.tabric;
  startRouter();
  const { route, params } = page.value;
  await startSettings(params);
  const session = new Session({
    updates: startPageUpdates(),
    loadNetwork,
    startPeer,
    // The secret leaves the address bar and the history: the next person at this screen shall not read it.
    onStarting: () => early.joining(),
    onStopped: (reason) => early.failed(reason),
    onRunning: (_store, tabric) => {
      early.joined(tabric);
      if (page.value.route.view === 'join') navigate({ view: 'home' }, { replace: true });
    },
  });
  const root = document.getElementById('app');
  if (root) render(<App session={session} />, root);
  const started = session.start(invitationOf(route));
  // A link that is pasted into an open tab changes nothing but what follows the `#`.
  effect(() => {
    const invitation = invitationOf(page.value.route);
    if (invitation) session.offer(invitation);
  });
  await started;
}

function invitationOf(route: Route): Invitation | undefined {
  if (route.view !== 'join' || !route.org || !route.secret) return undefined;
  const name = displayNameOf(route.name);
  return { org: route.org, secret: route.secret, ...(name !== undefined && { name }) };
}

void main();
