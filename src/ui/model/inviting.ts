// SPDX-License-Identifier: Apache-2.0
// The invitations of organisations, for whoever has their administrators' links. The secrets leave the address bar, which is projected with the
// page, and stay with this tab until it is closed.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

/** An organisation and the secret of its administrator's link. */
export interface Administered {
  readonly mspId: string;
  readonly secret: string;
}

export interface OpenInvitation {
  readonly link: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  readonly maxUses: number;
  readonly uses: number;
}

export type InvitationAction = 'GET' | 'POST' | 'DELETE';

const KEPT = 'tabric.invite';
const MAX_ORGANISATIONS = 64;
const TIMEOUT_MS = 10_000;

/** Those of a link, `Org1MSP:secret,Org2MSP:secret`. */
export function readAdministered(text: string): Administered[] {
  return text
    .split(',')
    .slice(0, MAX_ORGANISATIONS)
    .flatMap((part) => {
      const [, mspId, secret] = /^([\w.-]{1,100}):([\w-]{1,200})$/.exec(part) ?? [];
      return mspId && secret ? { mspId, secret } : [];
    });
}

/** What a link gave, or an earlier one of this tab. */
export function administeredHere(admin: string | undefined): Administered[] {
  if (admin !== undefined) sessionStorage.setItem(KEPT, admin);
  return readAdministered(admin ?? sessionStorage.getItem(KEPT) ?? '');
}

/** Reads (`GET`), renews (`POST`) or cancels (`DELETE`) the invitation of an organisation; undefined when none is open then. Rejects with FabricError. */
export async function invitationOf(
  { mspId, secret }: Administered,
  method: InvitationAction,
): Promise<OpenInvitation | undefined> {
  const url = `/api/v1/invitations?${new URLSearchParams({ org: mspId })}`;
  let reply: { result?: { invitation?: OpenInvitation | null }; errors?: { message?: string }[] };
  try {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    reply = await (await fetch(url, { method, headers, cache: 'no-store', signal })).json();
  } catch (cause) {
    throw new FabricError('RELAY_UNREACHABLE', messageOf(cause), { cause });
  }
  if (reply.result?.invitation !== undefined) return reply.result.invitation ?? undefined;
  const message = reply.errors?.[0]?.message ?? 'the relay refused';
  throw new FabricError(/^([A-Z_]+):/.exec(message)?.[1] ?? 'INVITE_REFUSED', message);
}
