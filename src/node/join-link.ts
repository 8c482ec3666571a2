// SPDX-License-Identifier: Apache-2.0
// Join links, as the relay prints them: `http://…/#/join?org=Org1MSP&secret=…`; `&name=…` may say by which name people shall know who joins. They are pasted by people into pages and
// command lines, and everything behind `#` stays with who has the link.
import { displayNameOf } from '../common/identity/display-name.ts';
import type { Invitation } from './enrolment.ts';

export interface JoinLink {
  /** Where the relay is: an http or https URL without a path. */
  readonly relay: URL;
  readonly invitation: Invitation;
}

/** Longer texts are refused: no link is. */
const MAX_LINK_CHARACTERS = 8192;

/** An invitation that a person pasted: the whole link, or only what follows `#`. */
export function parseInvitation(text: string): Invitation | undefined {
  if (text.length > MAX_LINK_CHARACTERS) return undefined;
  const query = /#?\/join\?(\S+)$/.exec(text.trim())?.[1];
  const params = new URLSearchParams(query ?? '');
  const [org, secret] = [params.get('org'), params.get('secret')];
  const name = displayNameOf(params.get('name'));
  return org && secret ? { org, secret, ...(name !== undefined && { name }) } : undefined;
}

/** A whole link. */
export function parseJoinLink(text: string): JoinLink | undefined {
  const invitation = parseInvitation(text);
  const url = URL.parse(text.trim());
  if (!invitation || !url || !/^https?:$/.test(url.protocol)) return undefined;
  return { relay: new URL(url.origin), invitation };
}
