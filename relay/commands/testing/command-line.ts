// SPDX-License-Identifier: Apache-2.0
// Runs `tabric` as a user does, in a folder that is deleted afterwards, on the ledgers of a real network.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM: string = fileURLToPath(new URL('../tabric.ts', import.meta.url));

const testdata = (path: string): string =>
  fileURLToPath(new URL(`../../../src/ledger/testdata/${path}`, import.meta.url));

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

/** A folder to run in. Output is piped, so there are no progress bars and no questions. */
export class CommandLine implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tabric-test-'));

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

  run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).outcome;
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
