// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { chromiumRole, parseMemory, parseStat, threadGroup, treeOf } from './proc.ts';

const STAT =
  '13466 (chromium) S 13375 13354 13354 0 -1 4194560 64291 0 12 0 431 97 0 0 20 0 24 0 84610 1485';
const ROLLUP = `55d0c8a00000-7ffd4a5fe000 ---p 00000000 00:00 0                          [rollup]
Rss:              200104 kB
Pss:              106763 kB
Pss_Dirty:         70000 kB
Shared_Clean:     120000 kB
Private_Clean:        88 kB
Private_Dirty:     68036 kB
Private_Hugetlb:       0 kB
SwapPss:               0 kB
`;

describe('a line of stat', () => {
  test('gives name, parent, and user and system time together', () => {
    expect(parseStat(STAT)).toEqual({ id: 13466, name: 'chromium', parent: 13375, cpuMs: 5280 });
  });

  test('may have a name with spaces and brackets', () => {
    const line = STAT.replace('(chromium)', '(tmux: (a b) c)');
    expect(parseStat(line)).toMatchObject({ name: 'tmux: (a b) c', parent: 13375 });
  });

  test.each(['', 'nonsense', '12 (cut off) S 1', STAT.replace('431', 'x')])(
    'is refused when it is none: %s',
    (line) => {
      expect(parseStat(line)).toBeUndefined();
    },
  );
});

test('private memory is clean and dirty pages together, and Pss is not Pss_Dirty', () => {
  const privateBytes = (88 + 68036) * 1024;
  expect(parseMemory(ROLLUP)).toEqual({ privateBytes, pssBytes: 106763 * 1024 });
  expect(parseMemory('')).toBeUndefined();
});

test('a tree holds descendants of any depth and nobody else', () => {
  const parents = new Map([
    [2, 1],
    [3, 1],
    [4, 3],
    [5, 4],
    [6, 99],
  ]);
  expect(treeOf(1, parents).toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(treeOf(3, parents)).toEqual([3, 4, 5]);
  expect(treeOf(6, parents)).toEqual([6]);
});

test.each([
  ['/usr/lib/chromium/chromium --headless --no-sandbox', 'browser'],
  ['chromium --type=renderer --lang=en', 'renderer'],
  ['chromium --type=gpu-process', 'GPU'],
  ['chromium --type=zygote --no-zygote-sandbox', 'zygote'],
  ['chromium --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en', 'network'],
  ['chromium --type=utility --utility-sub-type=storage.mojom.StorageService', 'storage'],
])('%s is the process %s', (commandLine, role) => {
  expect(chromiumRole(commandLine)).toBe(role);
});

test.each([
  ['chromium', true, 'main'],
  ['DedicatedWorker', false, 'worker'],
  ['Compositor', false, 'compositor'],
  ['CompositorTileW', false, 'compositor'],
  ['VizCompositorTh', false, 'compositor'],
  ['Chrome_ChildIOT', false, 'IO'],
  ['Chrome_IOThread', false, 'IO'],
  ['WebRTC_W_and_N', false, 'WebRTC'],
  ['ThreadPoolForeg', false, 'pool'],
  ['libuv-worker', false, 'libuv pool'],
  ['V8Worker', false, 'V8'],
  ['HangWatcher', false, 'other'],
])('the thread %s (main: %s) counts to %s', (name, isMain, group) => {
  expect(threadGroup(name, isMain)).toBe(group);
});
