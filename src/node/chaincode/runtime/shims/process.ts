// SPDX-License-Identifier: Apache-2.0
// In place of Node's process: an environment of its own and nothing of the machine. Its clock is the transaction's.
import { currentScope } from '../transaction-scope.ts';

let onExit: (code: number) => void = () => {};

/** What `process.exit` throws, since it never returns. */
class ProgramExit extends Error {
  override readonly name = 'ProgramExit';
}

/** Says what `process.exit` does. */
export function setExitHandler(handler: (code: number) => void): void {
  onExit = handler;
}

type Output = (level: 'info' | 'error', text: string) => void;
let output: Output = () => {};

/** Says where `process.stdout` and `process.stderr` write. */
export function setOutput(write: Output): void {
  output = write;
}

const stream = (level: 'info' | 'error') => ({
  isTTY: false,
  writable: true,
  write: (text: unknown): boolean => {
    output(level, String(text).replace(/\n$/, ''));
    return true;
  },
  end: () => {},
  on: () => {},
  once: () => {},
});

const NANOSECONDS = 1_000_000;
const bigTime = (): bigint => BigInt(currentScope().timeMs) * BigInt(NANOSECONDS);
function hrtime([seconds, nanoseconds]: [number, number] = [0, 0]): [number, number] {
  const { timeMs } = currentScope();
  const [s, ns] = [
    Math.floor(timeMs / 1000) - seconds,
    (timeMs % 1000) * NANOSECONDS - nanoseconds,
  ];
  return ns < 0 ? [s - 1, ns + 1000 * NANOSECONDS] : [s, ns];
}

export const process = {
  env: {} as Record<string, string | undefined>,
  argv: ['node', 'fabric-chaincode-node', 'start'],
  version: 'v20.0.0',
  versions: { node: '20.0.0' },
  platform: 'linux',
  arch: 'x64',
  title: 'node',
  argv0: 'node',
  execPath: '/usr/local/bin/node',
  execArgv: [] as string[],
  release: { name: 'node' },
  config: {},
  features: {},
  pid: 1,
  ppid: 0,
  exitCode: undefined as number | undefined,
  stdout: stream('info'),
  stderr: stream('error'),
  hrtime: Object.assign(hrtime, { bigint: bigTime }),
  uptime: () => 0,
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  umask: () => 0o22,
  browser: true,
  cwd: () => '/',
  exit: (code = 0): never => {
    onExit(Number(code));
    throw new ProgramExit(`process.exit(${code})`);
  },
  nextTick: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    queueMicrotask(() => callback(...args)),
  emitWarning: () => {},
  on: () => process,
  once: () => process,
  off: () => process,
  addListener: () => process,
  removeListener: () => process,
  removeAllListeners: () => process,
  setMaxListeners: () => process,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
};
