// SPDX-License-Identifier: Apache-2.0
// What gossip of a channel stands on, and what it tells.
import type { MSPManager, SigningIdentity } from '../../common/msp/index.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { ServiceClient } from '../../common/wire/service.ts';
import type { Bindings } from '../comm/bindings.ts';
import type { PeerLink } from '../comm/links.ts';
import type { BlocksRequester } from '../deliverclient/blocks-requester.ts';
import type { InstalledChaincode } from './channel/state-info.ts';
import type { SelfDescription } from './discovery/discovery.ts';
import type { Pubsub } from './pubsub.ts';
import type { GossipLedger, GossipStateEvents } from './state/gossip-state.ts';

export interface GossipServiceComponents {
  readonly networkId: string;
  readonly channel: string;
  readonly signer: SigningIdentity;
  /** The channel's MSPs, and the MSP ids of its application organisations, as its configuration is now. */
  readonly mspManager: () => MSPManager;
  readonly mspIds: () => readonly string[];
  readonly pubsub: Pubsub;
  readonly bindings: Pick<Bindings, 'get' | 'has'>;
  readonly client: (peerId: string) => ServiceClient;
  readonly relayPeerId: string;
  readonly describeSelf: () => Omit<SelfDescription, 'leader'>;
  readonly link: (peerId: string) => PeerLink;
  readonly ledger: GossipLedger;
  /** Chaincodes that this peer can run now. */
  readonly chaincodes: () => readonly InstalledChaincode[];
  readonly requester: BlocksRequester;
  /** Whether an identity of the own organisation satisfies the channel's Readers policy. */
  readonly mayRead: (identity: Uint8Array) => Promise<boolean>;
  /** Of whole blocks: the platform's, as BCCSP has it. */
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly trace: Pick<TraceBus, 'emit'>;
  readonly log: Logger;
}

export interface GossipServiceEvents
  extends Pick<GossipStateEvents, 'block:received' | 'height:changed' | 'commit:failed'> {
  /** Somebody came or went, or something that `peers()` shows changed. */
  'peers:changed': Record<string, never>;
  /** Name of the own organisation's leader, when known. */
  'leader:changed': { readonly leader?: string; readonly isMe: boolean };
  /** Another tab speaks with this peer's identity. */
  'identity:conflict': { readonly pkiId: string };
}

/** A member that could be dialled. */
export interface GossipCandidate {
  readonly peerId: string;
  readonly name: string;
  readonly webrtc: boolean;
}
