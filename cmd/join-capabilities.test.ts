// SPDX-License-Identifier: Apache-2.0
// A snapshot is joined where its channel can be gone on with, and nowhere else: as `replay` says of the blocks of that channel.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { CommandLine } from './testing/command-line.ts';
import { snapshotFiles } from './testing/snapshot-archive.ts';

const testdata = (name: string): URL =>
  new URL(`../src/node/replay/testdata/${name}`, import.meta.url);
const line = new CommandLine();
afterAll(() => line[Symbol.dispose]());

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The V3_0 snapshot, of a channel that requires another capability of as many letters. */
function snapshotWith(capability: string): string {
  const folder = line.path(`snapshot-${capability}`);
  mkdirSync(folder);
  const files = snapshotFiles(testdata('fabric3_bft_snapshot_64.tar.gz'));
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString('latin1');
  const put = (name: string, content: string): void => {
    files.set(name, Uint8Array.from(Buffer.from(content, 'latin1')));
  };
  put('public_state.data', text('public_state.data').replaceAll('V3_0', capability));
  const signable = JSON.parse(text('_snapshot_signable_metadata.json'));
  signable.snapshot_files_raw_hashes['public_state.data'] = sha256(
    files.get('public_state.data') ?? new Uint8Array(),
  );
  put('_snapshot_signable_metadata.json', JSON.stringify(signable));
  const additional = JSON.parse(text('_snapshot_additional_metadata.json'));
  additional.snapshot_hash = sha256(
    files.get('_snapshot_signable_metadata.json') ?? new Uint8Array(),
  );
  put('_snapshot_additional_metadata.json', JSON.stringify(additional));
  for (const [name, bytes] of files) writeFileSync(`${folder}/${name}`, bytes);
  return folder;
}

function blocksWith(capability: string): string {
  const path = line.path(`blocks-${capability}`);
  const bytes = gunzipSync(readFileSync(testdata('fabric3_bft_blockfile_000000.gz')));
  writeFileSync(path, bytes.toString('latin1').replaceAll('V3_0', capability), 'latin1');
  return path;
}

describe('snapshot join', () => {
  test('makes a ledger of a V3_0 channel', async () => {
    const store = line.path('known');
    const join = ['ledger', 'snapshot', 'join', snapshotWith('V3_0'), '--store', 'leveldb', store];
    expect(await line.run(...join)).toMatchObject({ code: 0, stderr: '' });
    expect(await line.json('ledger', 'list', store)).toMatchObject({ answer: [{ height: 65 }] });
  });

  test('refuses a capability that is not known with the sentence of a replay, and leaves no ledger', async () => {
    const reason =
      /the configuration of \S+ cannot be used: Channel capability V9_9 is required but not supported/;
    const store = line.path('unknown');
    const snapshot = snapshotWith('V9_9');
    const joined = await line.run(
      'ledger',
      'snapshot',
      'join',
      snapshot,
      '--store',
      'leveldb',
      store,
    );
    const replayed = await line.run('ledger', 'replay', blocksWith('V9_9'));
    expect([joined.code, replayed.code]).toEqual([2, 2]);
    const [said] = reason.exec(replayed.stderr) ?? [];
    expect(said).toBeDefined();
    expect(joined.stderr).toBe(`tabric: ${said}\n`);
    expect(await line.json('ledger', 'list', store)).toEqual({ code: 0, answer: [] });
  });
});
