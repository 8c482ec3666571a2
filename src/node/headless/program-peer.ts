// SPDX-License-Identifier: Apache-2.0
// A peer inside a program, for whoever uses the client API: it joins by a link, commits as every peer does, and its gateway serves this program
// alone.
import { availableParallelism } from 'node:os';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { createLogger } from '../../common/runtime/log.ts';
import type { ServiceClient } from '../../common/wire/service.ts';
import { parseJoinLink } from '../join-link.ts';
import { chaincodeRuntime } from './chaincode-runtime.ts';
import { type ChosenChaincode, HeadlessPeers } from './headless-peers.ts';
import { type RunningPeer, startHeadlessPeer } from './start-headless-peer.ts';
import { stderrSink } from './stderr-log.ts';

export interface PeerOptions {
  /** A join link, as the relay prints it; not needed again with the same `data`. */
  readonly join?: string;
  /** Folder for identity and ledger; both are in memory when absent. */
  readonly data?: string;
  /** Chaincode to endorse with: names of those whose package the network has, or packages. Without any, others endorse. */
  readonly chaincodes?: readonly ChosenChaincode[];
  /** Stops a start that has not come to its end. */
  readonly signal?: AbortSignal;
}

/** A peer of this process. */
export interface ProgramPeer {
  /** As the CA named it, e.g. `peer3.org1.example.com`. */
  readonly name: string;
  /** The client that was enrolled with it: for `connect`. */
  readonly identity: SigningIdentity;
  /** Its gateway: for `connect`. */
  readonly client: ServiceClient;
  /** Says goodbye to the others and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a peer and joins; resolves at the tip. Rejects with FabricError: JOIN_NEEDED, JOIN_SECRET_WRONG and its like, RELAY_UNREACHABLE.
 *
 * @example
 * const peer = await startPeer({ join: 'http://127.0.0.1:7050/#/join?org=Org1MSP&secret=…' });
 * const contract = connect(peer).getNetwork('mychannel').getContract('basic');
 * await contract.submitTransaction('CreateAsset', 'asset7', 'blue', '5', 'Tomoko', '300');
 * await peer.stop();
 */
export async function startPeer({
  join,
  data,
  chaincodes = [],
  signal = new AbortController().signal,
}: PeerOptions): Promise<ProgramPeer> {
  const link = join === undefined ? undefined : parseJoinLink(join);
  if (join !== undefined && !link)
    throw new FabricError('JOIN_LINK_MALFORMED', `${JSON.stringify(join)} is no join link`);
  const started = Promise.withResolvers<RunningPeer>();
  const peers = new HeadlessPeers(
    {
      startPeer: async (options) => {
        const peer = await startHeadlessPeer(options);
        started.resolve(peer);
        return peer;
      },
      runtime: chaincodeRuntime(),
      clock: systemClock,
      random: systemRandomBytes,
      log: createLogger('tabric', 'error', stderrSink),
      report: () => {},
    },
    {
      ...(link && { relay: link.relay, invitation: link.invitation }),
      ...(data !== undefined && { data }),
      count: 1,
      chaincodes,
      chaincodeMemoryMb: 256,
      verifyThreads: Math.min(4, availableParallelism()),
    },
  );
  await peers.start(signal);
  const { name, node } = await started.promise;
  return { name, ...node.gatewayAccess, stop: () => peers.stop() };
}
