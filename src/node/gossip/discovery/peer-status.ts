// SPDX-License-Identifier: Apache-2.0
// Whether a member is there.

/** `asleep`: its tab is hidden and said so; `dead`: silent past the expiry and a probe went unanswered. */
export type PeerStatus = 'alive' | 'asleep' | 'dead';
