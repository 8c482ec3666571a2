// SPDX-License-Identifier: Apache-2.0
// Runs `tabric` on the ledgers of a real network, with a folder that is deleted afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runTabric } from '../run-tabric.ts';

export const PROGRAM: string = fileURLToPath(new URL('../tabric.ts', import.meta.url));

const testdata = (path: string): string =>
  fileURLToPath(new URL(`../../src/ledger/testdata/${path}`, import.meta.url));

export const PEER_FILE: string = testdata('mychannel-ledger/peer0.org1.blockfile_000000');
export const ORDERER_FILE: string = testdata('mychannel-ledger/orderer.blockfile_000000');
export const LOAD500_FILE: string = testdata('load500/blockfile_000000.gz');
/** The one that a real peer made of mychannel at block 70. */
export const REAL_SNAPSHOT: string = testdata('snapshot');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Output is piped, so there are no progress bars and no questions. */
export class CommandLine implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tabric-test-'));

  /** As a user does, in a process of its own. */
  start(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.folder });
    const read = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        read[name] += text;
      });
    }
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...read }));
    });
    child.stdin.end();
    return { child, outcome };
  }

  /** In this process, which is several times as fast. One at a time. */
  async run(...args: readonly string[]): Promise<Outcome> {
    const read = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        read[name] += String(text);
        return true;
      }),
    );
    try {
      const code = await runTabric(args, new AbortController().signal);
      return { code, ...read };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** Runs it with --json. */
  async json(...args: readonly string[]): Promise<{ code: number | null; answer: unknown }> {
    const { code, stdout, stderr } = await this.run(...args, '--json');
    if (stdout === '') throw new Error(stderr);
    return { code, answer: JSON.parse(stdout) };
  }

  /** A path in the folder. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
