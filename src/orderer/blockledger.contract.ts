// SPDX-License-Identifier: Apache-2.0
// What every BlockLedgerFactory must do. Each implementation runs this suite in its own test file.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { common } from '../common/protos/index.ts';
import { blockHeaderHash, computeBlockDataHash, newBlock } from '../common/protoutil/index.ts';
import { utf8 } from '../common/runtime/bytes.ts';
import type { BlockLedger, BlockLedgerFactory } from './blockledger.ts';

/** `count` blocks that follow each other, signed by nobody. */
export function chainOf(count: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  let previous = new Uint8Array(0) as Uint8Array;
  for (let number = 0; number < count; number++) {
    const block = newBlock(number, previous);
    block.data = { data: [envelopeOf(number)] };
    block.header.data_hash = computeBlockDataHash(block.data);
    previous = blockHeaderHash(block.header);
    blocks.push(common.Block.encode(block).finish());
  }
  return blocks;
}

function envelopeOf(number: number): Uint8Array {
  const channel_header = common.ChannelHeader.encode({
    type: number === 0 ? 1 : 3,
    channel_id: 'contract',
    tx_id: `tx${number}`,
  }).finish();
  const header = { channel_header, signature_header: new Uint8Array(0) };
  const payload = common.Payload.encode({ header, data: utf8(`data ${number}`) }).finish();
  return common.Envelope.encode({ payload, signature: utf8('signature') }).finish();
}

/** Runs the suite on the ledgers of fresh factories. */
export function describeBlockLedger(
  name: string,
  setup: () => Promise<{ factory: BlockLedgerFactory; teardown?: () => Promise<void> }>,
): void {
  describe(`${name} is a BlockLedger`, () => {
    const blocks = chainOf(6);
    const blockAt = (number: number): Uint8Array => blocks[number] as Uint8Array;
    let factory: BlockLedgerFactory;
    let ledger: BlockLedger;
    let teardown: (() => Promise<void>) | undefined;

    beforeEach(async () => {
      ({ factory, teardown } = await setup());
      ledger = await factory.getOrCreate('contract');
    });
    afterEach(async () => {
      await factory.close();
      await teardown?.();
    });

    const fill = async (count: number): Promise<void> => {
      for (let number = 0; number < count; number++) await ledger.append(blockAt(number));
    };

    it('is empty at first', async () => {
      expect(ledger.height()).toBe(0);
      expect(await ledger.retrieveBlockByNumber(0)).toBeUndefined();
    });

    it('gives back the bytes it took', async () => {
      await fill(3);
      expect(ledger.height()).toBe(3);
      for (const number of [0, 1, 2]) {
        expect(await ledger.retrieveBlockByNumber(number)).toEqual(blockAt(number));
      }
      expect(await ledger.retrieveBlockByNumber(3)).toBeUndefined();
    });

    it('refuses a block that is not the next one, and one that does not link', async () => {
      await fill(2);
      await expect(ledger.append(blockAt(3))).rejects.toThrow();
      await expect(ledger.append(blockAt(1))).rejects.toThrow();
      const forged = common.Block.decode(blockAt(2));
      const header = { ...forged.header, number: 2, previous_hash: new Uint8Array(32) };
      const bytes = common.Block.encode({ ...forged, header }).finish();
      await expect(ledger.append(bytes)).rejects.toThrow();
      expect(ledger.height()).toBe(2);
      await ledger.append(blockAt(2));
    });

    it('iterates over what is there and then over what comes', async () => {
      await fill(2);
      const end = new AbortController();
      const seen: Uint8Array[] = [];
      const reading = (async () => {
        for await (const block of ledger.iterator(1, { signal: end.signal })) {
          seen.push(block);
          if (seen.length === 3) return;
        }
      })();
      await ledger.append(blockAt(2));
      await ledger.append(blockAt(3));
      await reading;
      expect(seen).toEqual([blockAt(1), blockAt(2), blockAt(3)]);
      end.abort();
    });

    it('lets go of a reader that waits at the tip when its signal is aborted', async () => {
      await fill(1);
      const end = new AbortController();
      const reader = ledger.iterator(1, { signal: end.signal })[Symbol.asyncIterator]();
      const next = reader.next().then(
        ({ done }) => done === true,
        () => true,
      );
      end.abort();
      expect(await next).toBe(true);
    });

    it('keeps channels apart and lists them', async () => {
      await fill(1);
      const other = await factory.getOrCreate('other');
      expect(other.height()).toBe(0);
      await other.append(blockAt(0));
      expect([...(await factory.channelIds())].sort()).toEqual(['contract', 'other']);
    });
  });
}
