// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { ProgressBar } from './progress-bar.ts';

function terminal(isTTY: boolean): { written: string[]; stream: NodeJS.WriteStream } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  // Of a stream, the bar uses nothing else.
  return { written, stream: { isTTY, write } as unknown as NodeJS.WriteStream };
}

describe('a progress bar', () => {
  test('is one line of a terminal, and goes away', () => {
    const { written, stream } = terminal(true);
    const bar = new ProgressBar('blocks', stream);
    // The first is drawn once the process is a moment old.
    bar.update({ done: 1, total: 4, count: 10 });
    bar.update({ done: 2, total: 4, count: 20 });
    expect(written).toEqual([
      expect.stringMatching(/^\r\[#{8}\.{22}\] {2}25% {2}10 blocks {2}\d+\/s/),
    ]);
    bar.end();
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('does without a total, and without a terminal', () => {
    const { written, stream } = terminal(true);
    new ProgressBar('MB', stream).update({ done: 1, count: 2_500_000 });
    expect(written).toEqual([expect.stringMatching(/^\r2\.5 MB {2}[\d.]+\/s/)]);
    const piped = terminal(false);
    const bar = new ProgressBar('MB', piped.stream);
    bar.update({ done: 1, total: 2, count: 1 });
    bar.end();
    expect(piped.written).toEqual([]);
  });
});
