// SPDX-License-Identifier: Apache-2.0
// Finds out who a headless peer is: the identity that its folder keeps, or one that the CA gives for a join link. The CA names peers; a
// second start with the same folder is the same peer, and needs no link.
import type { NetworkDescription } from '../../common/network/types.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { enrolTab, type Invitation } from '../enrolment.ts';
import {
  type HeadlessIdentity,
  keepIdentity,
  keepPeerFile,
  keptIdentity,
  newLibp2pKey,
} from './kept-identity.ts';
import type { PeerDirectory } from './peer-directory.ts';

export interface IdentityRequest {
  /** Where the relay is now. */
  readonly relay: URL;
  readonly network: NetworkDescription;
  readonly invitation: Invitation | undefined;
  /** Absent when nothing is kept. */
  readonly directory: PeerDirectory | undefined;
}

/**
 * Rejects with FabricError JOIN_NEEDED, OTHER_NETWORK or OTHER_ORGANISATION when what is kept and what is asked for do not fit, DATA_UNREADABLE,
 * and what the certificate authority says when it refuses.
 */
export async function headlessIdentity(request: IdentityRequest): Promise<HeadlessIdentity> {
  const { directory } = request;
  const kept = directory && (await keptIdentity(directory));
  if (!kept) return enrol(request);
  checkFits(kept, request);
  const identity = { ...kept, relay: request.relay.origin };
  if (kept.relay !== identity.relay) await keepPeerFile(directory, identity);
  return identity;
}

async function enrol({
  relay,
  network,
  invitation,
  directory,
}: IdentityRequest): Promise<HeadlessIdentity> {
  if (!invitation) {
    const where = directory ? `there is no peer in ${directory.path} yet` : 'nothing is kept';
    throw new FabricError('JOIN_NEEDED', `${where}: say --join LINK`);
  }
  const enrolment = await enrolTab(relay, invitation, { extractable: directory !== undefined });
  const identity = {
    ...enrolment,
    networkId: network.networkId,
    relay: relay.origin,
    libp2pKey: await newLibp2pKey(),
  };
  if (directory) await keepIdentity(directory, identity);
  return identity;
}

function checkFits(
  { networkId, mspId, peer }: HeadlessIdentity,
  { network, invitation, directory }: IdentityRequest,
): void {
  const who = `${directory?.path} is ${peer.name} of ${mspId}`;
  if (networkId !== network.networkId) {
    const text = `${who}, in another network than this relay's; choose another --data`;
    throw new FabricError('OTHER_NETWORK', text);
  }
  if (invitation && invitation.org !== mspId) {
    const text = `${who}, and the link is of ${invitation.org}; choose another --data or --name`;
    throw new FabricError('OTHER_ORGANISATION', text);
  }
}
