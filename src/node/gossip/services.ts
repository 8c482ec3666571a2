// SPDX-License-Identifier: Apache-2.0
// Methods between peers. Fabric sends the same messages over its GossipStream, with nonces to pair answers with questions; a call needs none.

export { PING_METHOD } from '../comm/protocols.ts';

/** Who is there, as far as the asker does not know it yet: see discovery/members-exchange.ts. */
export const MEMBERS_METHOD = '/tabric.Discovery/Members';

/** An Envelope with a DataRequest of PKI-IDs; an Envelope with a DataUpdate of PeerIdentity messages. */
export const IDENTITIES_METHOD = '/gossip.Gossip/Identities';

/** What a peer made of a block: see peer-node/ledger-comparison.ts. JSON both ways. */
export const OUTCOME_METHOD = '/tabric.Gossip/BlockOutcome';

/** A libp2p peer id in UTF-8; an empty response when it is connected to the one asked (the relay) and answers, else NOT_FOUND. */
export const PROBE_METHOD = '/tabric.Discovery/Probe';

/** An Envelope with a RemoteStateRequest; for each block an Envelope with a RemoteStateResponse of one payload. Belongs to a channel. */
export const STATE_METHOD = '/gossip.Gossip/StateRequest';
