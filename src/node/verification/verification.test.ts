// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { createBundleFromBlock } from '../../common/channelconfig/index.ts';
import { common } from '../../common/protos/index.ts';
import { readBlock } from '../../common/testdata/mychannel.ts';
import type { NamespaceDefinition, TxVerdict } from '../committer/index.ts';
import { namespacesOf } from '../testing/deployed.ts';
import { createSignatureWorker, SignaturePool, type SignatureWorker } from './index.ts';

const definitions = namespacesOf(
  ['both', 'one'].map((name) => ({
    name,
    version: '1.0',
    sequence: 1,
    endorsementPolicy: '/Channel/Application/Endorsement',
  })),
);

/** A worker whose answers a test gives. */
class HeldWorker implements SignatureWorker {
  readonly calls: string[] = [];
  readonly answers: ((verdicts: TxVerdict[]) => void)[] = [];
  failure: Error | undefined;

  async configure(): Promise<void> {
    this.calls.push('configure');
    if (this.failure) throw this.failure;
  }

  verify(block: Uint8Array): Promise<TxVerdict[]> {
    this.calls.push(`verify ${block.length}`);
    return new Promise((resolve) => this.answers.push(resolve));
  }
}

const bundle = await createBundleFromBlock(readBlock(15));
const block = common.Block.decode(readBlock(20));
const bytesOf = (length: number): Uint8Array => new Uint8Array(length);

describe('the pool', () => {
  const none: readonly NamespaceDefinition[] = [];

  test('gives a block to the worker with the least to do, after the rules it needs', async () => {
    const [first, second] = [new HeldWorker(), new HeldWorker()];
    const pool = new SignaturePool([first, second]);
    const pending = [10, 20, 30, 5].map((size) => pool.verify(bytesOf(size), block, bundle, none));
    expect(first.calls).toEqual(['configure', 'verify 10', 'verify 30']);
    expect(second.calls).toEqual(['configure', 'verify 20', 'verify 5']);
    for (const answer of [...first.answers, ...second.answers]) answer([]);
    expect(await Promise.all(pending)).toEqual([[], [], [], []]);
    void pool.verify(bytesOf(1), block, bundle, none);
    expect(first.calls.at(-1)).toBe('verify 1');
  });

  test('tells a worker of other rules only when they are others', () => {
    const worker = new HeldWorker();
    const pool = new SignaturePool([worker]);
    const others: readonly NamespaceDefinition[] = [];
    for (const rules of [none, none, others, others, none]) {
      void pool.verify(bytesOf(1), block, bundle, rules);
    }
    expect(worker.calls.filter((call) => call === 'configure')).toHaveLength(3);
  });

  test('keeps the block’s own bytes', async () => {
    const pool = new SignaturePool([
      {
        configure: async () => {},
        verify: async (bytes) => {
          structuredClone(bytes, { transfer: [bytes.buffer] });
          return [];
        },
      },
    ]);
    const bytes = bytesOf(9);
    await pool.verify(bytes, block, bundle, none);
    expect(bytes).toHaveLength(9);
  });

  test('passes on what goes wrong, and tells the rules again', async () => {
    const worker = new HeldWorker();
    worker.failure = new Error('no memory');
    const pool = new SignaturePool([worker]);
    await expect(pool.verify(bytesOf(1), block, bundle, none)).rejects.toThrow('no memory');
    worker.failure = undefined;
    const second = pool.verify(bytesOf(1), block, bundle, none);
    expect(worker.calls).toEqual(['configure', 'verify 1', 'configure', 'verify 1']);
    worker.answers.at(-1)?.([]);
    expect(await second).toEqual([]);
  });

  test('must have a worker', () => {
    expect(() => new SignaturePool([])).toThrow(RangeError);
  });
});

describe('a worker', () => {
  const rules = {
    channelId: 'mychannel',
    config: bundle.configBytes,
    definitions,
  };

  test('checks a block under the rules that came before it, though they take time', async () => {
    const worker = createSignatureWorker();
    const configured = worker.configure(rules);
    const verdicts = worker.verify(readBlock(20));
    const reconfigured = worker.configure({ ...rules, definitions: [] });
    const others = worker.verify(readBlock(20));
    expect(await verdicts).toMatchObject([{ code: 0, namespaces: [{ namespace: 'both' }] }]);
    // Without a definition: INVALID_CHAINCODE.
    expect(await others).toMatchObject([{ code: 25 }]);
    await Promise.all([configured, reconfigured]);
  });

  test('has its verdicts from the pool as if there were none', async () => {
    const pool = new SignaturePool([createSignatureWorker(), createSignatureWorker()]);
    const codes = [20, 45, 54, 57].map(async (number) => {
      const bytes = readBlock(number);
      const verdicts = await pool.verify(bytes, common.Block.decode(bytes), bundle, definitions);
      return verdicts.map(({ code, namespaces }) => [
        code,
        ...namespaces.map((one) => one.chaincodePolicySatisfied),
      ]);
    });
    expect(await Promise.all(codes)).toEqual([[[0, true]], [[0, false]], [[3]], [[0, false]]]);
  });

  test('refuses rules that cannot be used, and blocks without', async () => {
    const worker = createSignatureWorker();
    await expect(worker.verify(readBlock(20))).rejects.toThrow('no rules');
    await expect(worker.configure({ ...rules, config: Uint8Array.of(1) })).rejects.toThrow();
    await expect(worker.verify(readBlock(20))).rejects.toThrow();
  });
});
