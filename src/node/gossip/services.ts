// SPDX-License-Identifier: Apache-2.0
// Methods between peers. Fabric sends the same messages over its GossipStream, with nonces to pair answers with questions; a call needs none.

export { PING_METHOD } from '../comm/protocols.ts';

/** An Envelope with a MembershipRequest; an Envelope with a MembershipResponse, then one with a StateInfoSnapshot. */
export const MEMBERS_METHOD = '/tabric.Discovery/Members';

/** A libp2p peer id in UTF-8; an empty response when it is connected to the one asked (the relay), else NOT_FOUND. */
export const PROBE_METHOD = '/tabric.Discovery/Probe';

/** An Envelope with a RemoteStateRequest; for each block an Envelope with a RemoteStateResponse of one payload. */
export const STATE_METHOD = '/gossip.Gossip/StateRequest';
