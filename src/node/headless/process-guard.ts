// SPDX-License-Identifier: Apache-2.0
// Ends chaincode's processes when this one is killed and can do it no more. A process with a loop in it never notices that its peer is gone;
// a shell that waits for the end of a pipe does, and costs a megabyte. Windows has no such shell: there, kill -9 leaves the loop behind.
import { type ChildProcess, spawn } from 'node:child_process';

// `+ pid` and `- pid`, a line each. Ctrl-C in a terminal goes to all its processes, and this one must be the last.
const PROGRAM = `
trap '' INT TERM HUP
pids=
while read -r sign pid; do
  others=
  for one in $pids; do [ "$one" = "$pid" ] || others="$others $one"; done
  pids=$others
  [ "$sign" = + ] && pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids
`;

export class ProcessGuard {
  #shell: ChildProcess | undefined;

  add(pid: number | undefined): void {
    if (pid !== undefined) this.#tell(`+ ${pid}\n`);
  }

  remove(pid: number | undefined): void {
    if (pid !== undefined) this.#tell(`- ${pid}\n`);
  }

  stop(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #tell(line: string): void {
    if (process.platform === 'win32') return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(line);
  }
}

function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', PROGRAM], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  // Without it only kill -9 is worse off.
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  return shell;
}
