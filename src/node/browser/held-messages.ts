// SPDX-License-Identifier: Apache-2.0
// Messages that reach a thread before its program is there to listen.

/**
 * Holds the messages that arrive while a program loads, and delivers them in their order when it has loaded; later ones arrive as ever.
 * To be called before the thread's first task ends.
 */
export async function holdMessages(
  thread: EventTarget,
  load: () => Promise<unknown>,
): Promise<void> {
  const held: MessageEvent[] = [];
  const hold = (event: Event): void => {
    if (!(event instanceof MessageEvent)) return;
    held.push(event);
    // The program may listen already while the rest of it is loading, and must not be told twice.
    event.stopImmediatePropagation();
  };
  thread.addEventListener('message', hold);
  try {
    await load();
  } finally {
    thread.removeEventListener('message', hold);
  }
  for (const { data, ports } of held) {
    thread.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
  }
}
