// SPDX-License-Identifier: Apache-2.0
// What `tabric peer start` tells: a line of text for people, or a line of JSON for programs, per event.
import type { PeersEvent } from '../src/node/headless/headless-peers.ts';
import { print } from './command-output.ts';

/** Prints events. Of many peers, people are told of blocks by the first one only; programs by all. */
export function peerReporter(json: boolean, count: number): (event: PeersEvent) => void {
  if (json) return (event) => print(JSON.stringify(event));
  let first: string | undefined;
  return (event) => {
    if (event.event === 'committed' && count > 1) {
      first ??= event.name;
      if (event.name !== first) return;
    }
    print(textOf(event));
  };
}

function textOf(event: PeersEvent): string {
  switch (event.event) {
    case 'waiting':
      return `waiting for the relay: ${event.message}`;
    case 'enrolled':
      return `${event.name}: has its certificate${event.folder === undefined ? ', in memory' : `, in ${event.folder}`}`;
    case 'joined':
      return `${event.name}: has joined ${event.channel}`;
    case 'ready':
      return `${event.name}: at the tip, ${event.height} block(s)`;
    case 'committed':
      return `${event.name}: block ${event.block} with ${event.transactions} transaction(s)`;
    case 'leader':
      return `${event.name}: ${event.isLeader ? 'leads its organisation' : 'leads no more'}`;
    case 'stopped':
      return `${event.name}: stopped`;
    case 'error':
      return `${event.name}: ${event.code}: ${event.message}`;
    default:
      return JSON.stringify(event satisfies never);
  }
}
