// SPDX-License-Identifier: Apache-2.0
// A ledger of a real Fabric peer, opened in the page from its block file: without joining anything, and beside a running peer.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from '@playwright/test';
import { snapshotFiles } from '../cmd/testing/snapshot-archive.ts';
import { BlockfileParser } from '../src/ledger/blkstorage/blockfile/index.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const MYCHANNEL = readFileSync('src/ledger/testdata/mychannel-ledger/peer0.org1.blockfile_000000');
const LOAD500 = readFileSync('src/ledger/testdata/load500/blockfile_000000.gz');
/** Block 45: its endorsements do not satisfy the chaincode's policy. */
const UNENDORSED = 45;

/** Where each block begins. */
const blockStarts = [...new BlockfileParser('mychannel').push(MYCHANNEL)].map(
  ({ offset }) => offset,
);

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

interface DroppedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const dropped = (bytes: Buffer, name = 'blockfile_000000'): DroppedFile => ({ name, bytes });

async function choose(page: Page, ...files: DroppedFile[]): Promise<void> {
  await page.getByTestId('ledger-files').setInputFiles(
    files.map(({ name, bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: bytes,
    })),
  );
}

async function drop(page: Page, { name, bytes }: DroppedFile): Promise<void> {
  const data = await page.evaluateHandle(
    ([fileName, base64]) => {
      const transfer = new DataTransfer();
      const contents = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([contents], fileName));
      return transfer;
    },
    [name, bytes.toString('base64')] as const,
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: data });
}

/** Opens the page for ledgers without having joined anything, and imports files. */
async function opened(context: BrowserContext, ...files: DroppedFile[]): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${relay.url}/?lang=en#/ledger`);
  await choose(page, ...files);
  return page;
}

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
}

const outcome = (page: Page) => page.getByTestId('verdict').first();
const ledgerId = (page: Page): string => /ledger\/([^/?]+)/.exec(page.url())?.[1] ?? '';

test('a block file of a real peer is validated again without joining, and browsed', async ({
  context,
}) => {
  const start = await context.newPage();
  await start.goto(`${relay.url}/?lang=en`);
  await start.getByRole('link', { name: 'Open a Fabric ledger' }).click();
  await drop(start, dropped(MYCHANNEL));
  await expect(outcome(start)).toHaveAttribute('data-outcome', 'clean');
  await expect(start.getByTestId('report-blocks')).toHaveAttribute('data-count', '71');
  const report = await start.evaluate(() => window.tabricLedger?.report());
  expect(report).toMatchObject({
    channelId: 'mychannel',
    blocks: 71,
    transactions: 83,
    codes: { VALID: 59, ENDORSEMENT_POLICY_FAILURE: 6 },
    codeDifferenceCount: 0,
    commitHashDifferenceCount: 0,
    bytes: MYCHANNEL.length,
  });
  expect(report?.ms).toBeGreaterThan(0);
  expect(report?.stages.validate.totalMs).toBeGreaterThan(0);

  await start.getByRole('link', { name: 'Blocks', exact: true }).click();
  await start.getByTestId('block-row-70').getByRole('link').click();
  await expect(start.getByTestId('block-page')).toHaveAttribute('data-number', '70');
  await go(start, `#/ledger/${ledgerId(start)}/blocks/${UNENDORSED}`);
  await start.getByTestId('tx-row-0').getByRole('link').click();
  await expect(start.getByTestId('tx-status')).toHaveAttribute(
    'data-status',
    'ENDORSEMENT_POLICY_FAILURE',
  );
  await expect(start.getByTestId('tx-page')).toContainText('Org1MSP');
  await start.getByTestId('write-0').getByRole('link').waitFor();

  await start.getByRole('link', { name: 'State', exact: true }).click();
  await start.getByRole('combobox').selectOption('basic');
  await start.getByTestId('state-row-asset1').getByRole('link', { name: 'asset1' }).click();
  await expect(start.getByTestId('state-value')).toContainText('"Owner": "Chris"');
  await expect(start.getByTestId('key-page')).toContainText('created');
  await start.getByRole('searchbox', { name: 'Search' }).fill('17');
  await start.keyboard.press('Enter');
  await expect(start.getByTestId('block-page')).toHaveAttribute('data-number', '17');
});

test('an opened ledger outlives a reload, keeps to one tab, and is gone once deleted', async ({
  context,
}) => {
  const page = await opened(context, dropped(MYCHANNEL));
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  const id = ledgerId(page);
  await go(page, `#/ledger/${id}/blocks/17`);
  await page.reload();
  await expect(page.getByTestId('block-page')).toContainText('Block hash');

  const second = await context.newPage();
  await second.goto(`${relay.url}/?lang=en#/ledger/${id}`);
  await expect(second.getByTestId('fault-LEDGER_LOCKED')).toBeVisible();
  await second.getByRole('link', { name: 'All ledgers' }).click();
  await second.getByTestId(`ledger-remove-${id}`).click();
  await second.getByTestId('ledger-remove-yes').click();
  await expect(second.getByTestId('fault-LEDGER_LOCKED')).toBeVisible();
  await page.getByRole('link', { name: 'All ledgers' }).click();
  await expect(page.getByTestId(`ledger-row-${id}`)).toContainText('No difference');
  await page.getByTestId(`ledger-remove-${id}`).click();
  await page.getByTestId('ledger-remove-yes').click();
  await expect(page.getByTestId(`ledger-row-${id}`)).toHaveCount(0);
  await go(second, `#/ledger/${id}`);
  await expect(second.getByTestId('fault-LEDGER_NOT_FOUND')).toBeVisible();
  const left = await page.evaluate(async () => (await indexedDB.databases()).map((db) => db.name));
  expect(left.filter((name) => name?.includes(id))).toEqual([]);
});

test('a damaged file is told with block and place, and what comes before can be looked at', async ({
  context,
}) => {
  const damaged = Buffer.from(MYCHANNEL);
  damaged.writeUInt8(damaged.readUInt8(300_000) ^ 0xff, 300_000);
  const page = await opened(context, dropped(damaged));
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'stopped');
  const stopped = await page.evaluate(() => window.tabricLedger?.report()?.stopped);
  expect(stopped).toMatchObject({ code: 'BLOCK_REJECTED', file: 'blockfile_000000' });
  const { blockNum = -1, offset = -1 } = stopped ?? {};
  expect(offset).toBeLessThanOrEqual(300_000);
  await expect(outcome(page)).toContainText(`Stopped at block ${blockNum}`);
  await expect(page.getByTestId('stopped-place')).toHaveAttribute('data-offset', String(offset));
  await go(page, `#/ledger/${ledgerId(page)}/blocks/${blockNum - 1}`);
  await expect(page.getByTestId('block-page')).toContainText('Block hash');
});

test('an import can be looked into while it goes on, cancelled, and interrupted; what is committed stays', async ({
  context,
}) => {
  const large = dropped(LOAD500, 'blockfile_000000.gz');
  const page = await opened(context, large);
  await page.getByTestId('import-progress').waitFor();
  const id = ledgerId(page);
  await go(page, `#/ledger/${id}/blocks/0`);
  await expect(page.getByTestId('block-page')).toContainText('Block hash');
  await go(page, `#/ledger/${id}`);
  await page.getByTestId('import-cancel').click();
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'cancelled');
  const { blocks = 0 } = (await page.evaluate(() => window.tabricLedger?.report())) ?? {};
  await go(page, `#/ledger/${id}/blocks/${blocks - 1}`);
  await expect(page.getByTestId('block-page')).toContainText('Block hash');

  await go(page, '#/ledger');
  await choose(page, large);
  await page.getByTestId('import-progress').waitFor();
  await page.reload();
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'unfinished');
  expect(ledgerId(page)).not.toBe(id);
  await go(page, `#/ledger/${ledgerId(page)}/blocks/0`);
  await expect(page.getByTestId('block-page')).toContainText('Block hash');
});

test('several files in any order, packed or not, are one chain', async ({ context }) => {
  const starts = [0, 20, 40].map((block) => blockStarts[block] ?? 0);
  const [first, second, third] = starts.map((from, n) => MYCHANNEL.subarray(from, starts[n + 1]));
  const page = await opened(
    context,
    dropped(third ?? MYCHANNEL, 'blockfile_000002'),
    dropped(gzipSync(first ?? MYCHANNEL), 'blockfile_000000.gz'),
    dropped(second ?? MYCHANNEL, 'blockfile_000001'),
  );
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  await expect(page.getByTestId('report-blocks')).toHaveAttribute('data-count', '71');
});

test('the folder of a channel is dropped as it is', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tabric-e2e-chain-'));
  try {
    writeFileSync(join(folder, 'blockfile_000000'), MYCHANNEL);
    writeFileSync(join(folder, 'notes.txt'), 'not a block file');
    await page.goto(`${relay.url}/?lang=en#/ledger`);
    const { x, y } = (await page.locator('.drop').boundingBox()) ?? { x: 0, y: 0 };
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const at = { x: x + 20, y: y + 20 };
      await devtools.send('Input.dispatchDragEvent', { type, ...at, data });
    }
    await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('gaps between files, and files that are none, are refused in words', async ({ context }) => {
  const page = await opened(
    context,
    dropped(MYCHANNEL, 'blockfile_000002'),
    dropped(MYCHANNEL, 'blockfile_000000'),
  );
  await expect(page.getByTestId('fault-BLOCKFILES_GAP')).toContainText('blockfile_000001');
  await choose(page, dropped(Buffer.from('this is no block file at all'), 'notes.txt'));
  await expect(page.getByTestId('fault-REPLAY_EMPTY')).toBeVisible();
  await choose(page, dropped(Buffer.alloc(100, 0xff), 'picture.jpg'));
  await expect(page.getByTestId('fault-BLOCKFILE_MALFORMED')).toBeVisible();
  await expect(page.getByRole('list').getByRole('listitem')).toHaveCount(0);
});

/** A real peer's files behind block 64, where its snapshot was made, as that of a peer that joined by it; and the snapshot. */
function behindSnapshot(): { chain: DroppedFile[]; snapshot: DroppedFile[] } {
  const testdata = new URL('../src/node/replay/testdata/', import.meta.url);
  const whole = gunzipSync(readFileSync(new URL('fabric3_bft_blockfile_000000.gz', testdata)));
  const begin = [...new BlockfileParser('bft').push(whole)][65]?.offset ?? 0;
  const files = snapshotFiles(new URL('fabric3_bft_snapshot_64.tar.gz', testdata));
  const snapshot = [...files].map(([name, bytes]) => dropped(Buffer.from(bytes), name));
  const metadata = JSON.parse(
    new TextDecoder().decode(files.get('_snapshot_signable_metadata.json')),
  ) as Record<string, string>;
  const hash = (name: string): Buffer => Buffer.from(metadata[name] ?? '', 'hex');
  // lastBlockNum 64 and two hashes, as Fabric's peer writes them.
  const info = Buffer.concat([
    Buffer.from('08401220', 'hex'),
    hash('last_block_hash'),
    Buffer.from('1a20', 'hex'),
    hash('previous_block_hash'),
  ]);
  const chain = [dropped(whole.subarray(begin)), dropped(info, 'bootstrappingSnapshot.info')];
  return { chain, snapshot };
}

test('the files of a peer that joined by a snapshot ask for it, and go on from it', async ({
  context,
}) => {
  const { chain, snapshot } = behindSnapshot();
  const page = await opened(context, ...chain);
  await expect(page.getByTestId('fault-LEDGER_FROM_SNAPSHOT')).toContainText('block 64');
  await choose(page, ...chain, ...snapshot);
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  expect(await page.evaluate(() => window.tabricLedger?.report())).toMatchObject({
    channelId: 'fab3bft',
    blocks: 34,
    codeDifferenceCount: 0,
    commitHashDifferenceCount: 0,
  });
  await page.getByRole('link', { name: 'Blocks', exact: true }).click();
  await page.getByTestId('block-row-98').getByRole('link').click();
  await expect(page.getByTestId('block-page')).toHaveAttribute('data-number', '98');
});

test('the ledger saved again is the file that was opened, byte for byte', async ({ context }) => {
  // A dialog of the system's cannot be answered here: once as a browser without it, once into a file of the page's own.
  await context.addInitScript(() => {
    Object.assign(window, { showSaveFilePicker: undefined });
  });
  const page = await opened(context, dropped(MYCHANNEL));
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  const download = page.waitForEvent('download');
  await page.getByTestId('export-button').click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('blockfile_000000');
  expect(readFileSync(await saved.path()).equals(MYCHANNEL)).toBe(true);

  await page.evaluate(() => {
    const showSaveFilePicker = async (): Promise<FileSystemFileHandle> =>
      (await navigator.storage.getDirectory()).getFileHandle('saved', { create: true });
    Object.assign(window, { showSaveFilePicker });
  });
  await page.getByTestId('export-button').click();
  await expect(page.getByTestId('export-result')).toHaveAttribute('data-state', 'done');
  const written = await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle('saved')).getFile();
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  });
  expect(Buffer.from(written).equals(MYCHANNEL)).toBe(true);
});

test('a ledger that is imported at once opens its report as a long one does', async ({
  context,
}) => {
  const page = await opened(context, dropped(MYCHANNEL.subarray(0, blockStarts[1])));
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  await expect(page.getByTestId('report-blocks')).toHaveAttribute('data-count', '1');
});

test('a running peer goes on beside an opened ledger, and its own ledger can be opened from its file', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  await page.evaluate(() => {
    Object.assign(window, { showSaveFilePicker: undefined });
  });
  await page.evaluate(() =>
    window.tabric.submit('basic', 'CreateAsset', 'own', 'c', '1', 'o', '1'),
  );
  const height = await page.evaluate(() => window.tabric.height());
  await go(page, '#/blocks');
  const download = page.waitForEvent('download');
  await page.getByTestId('export-button').click();
  const own = readFileSync(await (await download).path());

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByTestId('language-switch').click();
  await go(page, '#/ledger');
  await choose(page, dropped(own));
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'clean');
  await expect(page.getByTestId('report-blocks')).toHaveAttribute('data-count', String(height));
  await expect(outcome(page)).toContainText('完全一致');
  for (const path of ['', '/blocks', '/blocks/1', '/state/basic', '/state/basic/own']) {
    await go(page, `#/ledger/${ledgerId(page)}${path}`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `sideways overflow at ${path}`).toBeLessThanOrEqual(0);
  }
  await go(page, '#/');
  await expect(page.getByTestId('connection-state').first()).toBeVisible();
  await page.evaluate(() =>
    window.tabric.submit('basic', 'CreateAsset', 'more', 'c', '1', 'o', '1'),
  );
});
