// SPDX-License-Identifier: Apache-2.0
// Counts what a page sends, by wrapping what it sends with before its own scripts run. What a worker sends by itself is not seen.
import type { BrowserContext, Page } from 'playwright';

export interface Sent {
  readonly sends: number;
  readonly bytes: number;
}

/** By the way it goes: `WebSocket` to the relay, `RTCDataChannel` to other tabs. */
export type SentByKind = Readonly<Record<string, Sent>>;

/** Pages that the context opens from now on count what they send. */
export async function countSends(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counts: Record<string, { sends: number; bytes: number }> = {};
    window.sentByKind = counts;
    const sizeOf = (data: unknown): number => {
      if (typeof data === 'string') return new TextEncoder().encode(data).length;
      if (data instanceof Blob) return data.size;
      if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength;
      return 0;
    };
    const count = (kind: string, target: { send(data: never): void }): void => {
      const entry = { sends: 0, bytes: 0 };
      counts[kind] = entry;
      const { send } = target;
      target.send = function (this: unknown, data: never) {
        entry.sends++;
        entry.bytes += sizeOf(data);
        return Reflect.apply(send, this, [data]);
      };
    };
    count('WebSocket', WebSocket.prototype);
    count('RTCDataChannel', RTCDataChannel.prototype);
  });
}

/** What the page sent since it was loaded. */
export async function sentBy(page: Page): Promise<SentByKind> {
  const sent = await page.evaluate(() => window.sentByKind);
  if (!sent) throw new Error('this page counts nothing');
  return sent;
}

/** What was sent between two readings, in all. */
export function sentBetween(before: SentByKind, after: SentByKind): Sent {
  return Object.values(sentByKindBetween(before, after)).reduce(
    (sum, { sends, bytes }) => ({ sends: sum.sends + sends, bytes: sum.bytes + bytes }),
    { sends: 0, bytes: 0 },
  );
}

export function sentByKindBetween(before: SentByKind, after: SentByKind): SentByKind {
  return Object.fromEntries(
    Object.entries(after).map(([kind, { sends, bytes }]) => {
      const then = before[kind] ?? { sends: 0, bytes: 0 };
      return [kind, { sends: sends - then.sends, bytes: bytes - then.bytes }];
    }),
  );
}

/** What `tabric.metrics()` counted between two readings, by name; nothing where a commit has no such thing. */
export function countsBetween(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const grown = Object.entries(after).map(
    ([name, now]) => [name, now - (before[name] ?? 0)] as const,
  );
  return Object.fromEntries(grown.filter(([, count]) => count !== 0));
}

export async function metricsOf(page: Page): Promise<Readonly<Record<string, number>>> {
  return page.evaluate(() => ('metrics' in window.tabric ? window.tabric.metrics() : {}));
}

declare global {
  interface Window {
    sentByKind?: Record<string, { sends: number; bytes: number }>;
  }
}
