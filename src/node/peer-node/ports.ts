// SPDX-License-Identifier: Apache-2.0
// What a peer needs of the place that it runs in, besides its network (comm/peer-transport.ts) and its ledgers (peer/peer-host.ts).

import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { EnrolledIdentity } from '../enrolment.ts';

export interface PlaceEvents {
  /** The tab was hidden or shown. */
  'hidden:changed': { readonly hidden: boolean };
  /** Time passed unnoticed, or the network came back: look at the connections now. */
  resumed: Record<string, never>;
  /** The last moment: others are told goodbye. */
  closing: Record<string, never>;
}

/** What happens to the page, or process, that a peer lives in. */
export interface Place {
  readonly events: TypedEventTarget<PlaceEvents>;
  readonly hidden: boolean;
}

/** Fetches a file of the relay by its path. Rejects with FabricError PACKAGE_UNAVAILABLE. */
export type FetchFile = (path: string) => Promise<Uint8Array>;

/** Gives a client a name by which people know it; resolves with the identity of the new certificate once that is kept. */
export type RenameClient = (client: EnrolledIdentity, name: string) => Promise<EnrolledIdentity>;
