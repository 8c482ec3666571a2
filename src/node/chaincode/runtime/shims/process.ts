// SPDX-License-Identifier: Apache-2.0
// In place of Node's process: an environment of its own and nothing of the machine.

let onExit: (code: number) => void = () => {};

/** What `process.exit` throws, since it never returns. */
class ProgramExit extends Error {
  override readonly name = 'ProgramExit';
}

/** Says what `process.exit` does. */
export function setExitHandler(handler: (code: number) => void): void {
  onExit = handler;
}

export const process = {
  env: {} as Record<string, string | undefined>,
  argv: ['node', 'fabric-chaincode-node', 'start'],
  version: 'v20.0.0',
  versions: { node: '20.0.0' },
  platform: 'linux',
  pid: 1,
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
  listeners: () => [],
};
