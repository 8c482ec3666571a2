// SPDX-License-Identifier: Apache-2.0
// Asks whether a member that fell silent is still there: directly when there is a connection; otherwise, or when that is stuck, the relay, which sees its
// tab come and go (the ping of Fabric's gossip/discovery, before a peer is declared dead).
import { EMPTY_BYTES, utf8 } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { withDeadline } from '../../../common/runtime/deadline.ts';
import { type ServiceClient, unary } from '../../../common/wire/service.ts';
import type { Bindings } from '../../comm/bindings.ts';
import { PING_METHOD, PROBE_METHOD } from '../services.ts';

import type { Member } from './membership.ts';

export interface MemberProbeComponents {
  readonly bindings: Pick<Bindings, 'has'>;
  readonly client: (peerId: string) => ServiceClient;
  readonly relayPeerId: string;
  readonly clock: Clock;
}

/** A probe that resolves when the member answers within the time-out, or the relay for it. */
export function memberProbe(
  { bindings, client, relayPeerId, clock }: MemberProbeComponents,
  timeoutMs: number,
): (member: Member, options: { signal: AbortSignal }) => Promise<void> {
  return async ({ metadata: { peerId } }, { signal }) => {
    const ask = async (whom: string, method: string, request: Uint8Array): Promise<void> => {
      await withDeadline(
        clock,
        timeoutMs,
        'the probe',
        (bounded) => unary(client(whom), method, request, { signal: bounded }),
        { signal },
      );
    };
    if (bindings.has(peerId)) {
      try {
        return await ask(peerId, PING_METHOD, EMPTY_BYTES);
      } catch {
        signal.throwIfAborted();
      }
    }
    await ask(relayPeerId, PROBE_METHOD, utf8(peerId));
  };
}
