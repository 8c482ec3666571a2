// SPDX-License-Identifier: Apache-2.0
// Who is on a channel, one row a person: a peer and its client together, and clients whose peer is not there any more. Pure.
import { clientOf } from '../../common/identity/display-name.ts';
import type { MemberTotals } from '../../node/api/ledger-views.ts';
import type { PeerInfo } from '../../node/api/network-view.ts';

export interface ClassRow {
  /** MSP and name of the client, or of the peer when it has none of its own. */
  readonly id: string;
  readonly displayName: string;
  readonly mspId: string;
  /** Empty when it is not on the channel. */
  readonly peer: string;
  /** Empty when it has made no transaction and has no name of its own. */
  readonly client: string;
  readonly height: number | undefined;
  readonly status: PeerInfo['status'] | undefined;
  readonly valid: number;
  readonly invalid: number;
  /** Milliseconds since the Unix epoch; 0 when never. */
  readonly lastSeen: number;
}

export type ClassColumn = 'displayName' | 'mspId' | 'height' | 'valid' | 'invalid' | 'lastSeen';

/** @param now what a client says of later counts as now. */
export function classRows(
  peers: readonly PeerInfo[],
  totals: readonly MemberTotals[],
  now: number,
): ClassRow[] {
  const left = new Map(totals.map((one) => [idOf(one.mspId, one.name), one]));
  const present = peers
    .filter(({ role }) => role === 'peer')
    .map((peer): ClassRow => {
      const client = clientOf(peer.name) ?? '';
      const id = idOf(peer.mspId, client || peer.name);
      const made = left.get(id);
      left.delete(id);
      const { valid = 0, invalid = 0 } = made ?? {};
      return {
        id,
        displayName: peer.displayName ?? made?.displayName ?? '',
        mspId: peer.mspId,
        peer: peer.name,
        client,
        height: peer.height,
        status: peer.status,
        valid,
        invalid,
        lastSeen: peer.lastSeen,
      };
    });
  const gone = [...left].map(([id, { displayName = '', mspId, name, valid, invalid, lastTx }]) => ({
    id,
    displayName,
    mspId,
    peer: '',
    client: name,
    height: undefined,
    status: undefined,
    valid,
    invalid,
    lastSeen: Math.min(lastTx, now),
  }));
  return [...present, ...gone];
}

function idOf(mspId: string, name: string): string {
  return `${mspId}/${name}`;
}

/** The name by which a row is listed. */
export function nameOfRow({ displayName, peer, client }: ClassRow): string {
  return displayName || peer || client;
}

/** In the order of a column, then of names. */
export function sortRows(
  rows: readonly ClassRow[],
  column: ClassColumn,
  descending: boolean,
): ClassRow[] {
  const sign = descending ? -1 : 1;
  const names = (a: ClassRow, b: ClassRow): number =>
    nameOfRow(a).localeCompare(nameOfRow(b), undefined, { numeric: true }) ||
    a.id.localeCompare(b.id, undefined, { numeric: true });
  return rows.toSorted((a, b) => {
    if (column === 'displayName') return sign * names(a, b);
    const [one, other] = [a[column] ?? -1, b[column] ?? -1];
    const order = typeof one === 'string' ? one.localeCompare(String(other)) : one - Number(other);
    return sign * order || names(a, b);
  });
}

/** A table as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8. */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return `\ufeff${rows.map((row) => row.map(csvField).join(',')).join('\r\n')}\r\n`;
}

// A spreadsheet would take a text that begins like a formula for one.
function csvField(value: string | number): string {
  const text =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows that a query names, by any of their names. */
export function findMembers(rows: readonly ClassRow[], query: string): ClassRow[] {
  const wanted = query.trim().toLocaleLowerCase();
  if (wanted === '') return [];
  return rows.filter((row) =>
    [row.displayName, row.peer, row.client].some((name) =>
      name.toLocaleLowerCase().includes(wanted),
    ),
  );
}
