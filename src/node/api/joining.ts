// SPDX-License-Identifier: Apache-2.0
// How a tab becomes a peer, step by step, and what can hinder it.

import type { NetworkDescription } from '../../common/network/types.ts';
import type { Invitation } from '../enrolment.ts';

/** One step of joining, for the page to show. */
export interface JoinStep {
  /** `identity`: make keys or load them; `enrol`: certificates from the CA; `connect`: the relay, then peers; `genesis`: block 0; `catch-up`: the rest. */
  readonly step: 'identity' | 'enrol' | 'connect' | 'genesis' | 'catch-up' | 'ready';
  readonly detail?: string;
  /** Progress within the step, e.g. blocks committed of blocks known. */
  readonly done?: number;
  readonly total?: number;
}

/** What can be done about a ledger that cannot be opened; `remove` deletes it, and the peer fetches it again. */
export type LedgerRemedy = 'rebuildDBs' | 'remove' | 'resume';

/** In `data` of the error with which a start fails for its ledger's sake. */
export interface LedgerDamage {
  /** Which ledger of this browser; a tab may find another at its next start. */
  readonly ledger: string;
  readonly remedies: readonly LedgerRemedy[];
}

/** What `startPeer` (src/node/browser/start-peer.ts) takes. Without `join` it needs an identity kept from an earlier visit, else rejects with `JOIN_NEEDED`. */
export interface StartPeerOptions {
  readonly network: NetworkDescription;
  readonly join?: Invitation;
  /** Done before the ledger is opened, if it is this one. */
  readonly repair?: { readonly ledger: string; readonly remedy: LedgerRemedy };
  readonly onProgress: (step: JoinStep) => void;
}
