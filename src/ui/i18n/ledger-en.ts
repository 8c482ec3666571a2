// SPDX-License-Identifier: Apache-2.0
// The words of the pages for ledgers from files, in English. They load with those pages; the type of this object is what a
// translation must satisfy.

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const ledgerEn = {
  title: 'Open a Fabric ledger',
  intro:
    'Give this page the block files of a Fabric peer. It verifies, validates and commits every block again, here in the browser, and compares each validation code and commit hash with what that peer stored. Nothing leaves this device.',
  files: 'Block files',
  drop: 'Drop block files here, or choose them',
  choose: 'Choose block files',
  dropHelp:
    'blockfile_000000, or all files of a channel at once, or their folder; packed ones (.gz) too',
  where: 'Where a peer keeps them',
  wherePath: '/var/hyperledger/production/ledgersData/chains/chains/<channel>/',
  busy: 'An import is under way.',
  showImport: 'Show it',
  opened: 'Opened ledgers',
  openedHelp: 'Kept in this browser until you delete them.',
  openedMemory: 'The browser refuses storage: kept in memory until this tab closes.',
  none: 'None yet.',
  remove: 'Delete',
  removeReally: 'Delete this ledger?',
  removeYes: 'Yes, delete',
  removeNo: 'Keep it',
  back: 'All ledgers',
  toPeer: 'To my peer',
  toJoin: 'Join a network',
  report: 'Report',
  importedAt: (time: string) => `imported ${time}`,
  sizes: (blocks: string, transactions: string, bytes: string) =>
    `${blocks} blocks, ${transactions} transactions, ${bytes}`,
  reading: 'Reading',
  readingTitle: (channel: string) => `Reading ${channel}`,
  starting: 'Reading the genesis block…',
  readOf: (done: string, total: string) => `${done} of ${total}`,
  committed: (blocks: string, transactions: string) =>
    `${blocks} blocks, ${transactions} transactions committed`,
  rate: (blocks: string, transactions: string) =>
    `${blocks} blocks/s, ${transactions} transactions/s`,
  cancel: 'Cancel',
  cancelling: 'Cancelling…',
  verdict: {
    clean: 'No difference',
    cleanSoFar: 'No difference before that',
    cleanHelp: (blocks: string, hashes: string) =>
      `This browser came to the same validation codes in all ${blocks} blocks, and to the same ${hashes} commit hashes, as the peer that stored them.`,
    differs: (count: number) => plural(count, 'difference', 'differences'),
    differsHelp:
      'This browser judges some transactions differently from the peer that stored these blocks, or comes to another state.',
    undefinedHelp:
      'All of these transactions call chaincodes that the chain itself does not define. A Tabric network defines its chaincodes in its network file: to check such a ledger, join its network in this tab first.',
    nothing: 'Nothing to compare with',
    nothingHelp:
      'These blocks hold no validation codes and no commit hashes: they come from an orderer. They were validated and committed all the same.',
    stopped: (block: string) => `Stopped at block ${block}`,
    stoppedHelp: (blocks: string) =>
      `The ${blocks} blocks before it are committed, and can be looked at.`,
    cancelled: 'Cancelled',
    cancelledHelp: (blocks: string) =>
      `The ${blocks} blocks read until then are committed, and can be looked at.`,
    unfinished: 'Not finished',
    unfinishedHelp:
      'The page was closed while the files were being read. What had been committed can be looked at; to have all of it, delete this ledger and open the files again.',
  },
  at: (file: string, offset: string) => `${file}, byte ${offset}`,
  place: 'Place',
  reason: 'Reason',
  torn: (file: string, bytes: string, offset: string) =>
    `${file} ends within a block: the last ${bytes} bytes, from byte ${offset} on, are left out. That is how a peer leaves its file when it is stopped while writing; no block is lost by it.`,
  memory: 'Kept in memory only, and gone when this tab closes: the browser refuses storage.',
  fromFiles: 'Files',
  blocks: 'Blocks',
  transactions: 'Transactions',
  time: 'Time',
  timeOf: (time: string, rate: string) => `${time}, ${rate} transactions/s`,
  lastBlock: 'Hash of the last block',
  lastCommit: 'Last commit hash',
  codes: 'Validation codes',
  code: 'Code',
  count: 'Count',
  stages: 'Where the time goes',
  stagesHelp: 'A block, and all of them; stages overlap.',
  stage: 'Stage',
  median: 'Median',
  total: 'Total',
  stageNames: {
    validate: 'Validate',
    commit: 'Commit',
    mvcc: 'of it: versions of reads',
    store: 'of it: block store',
    state: 'of it: world state',
    history: 'of it: history',
  },
  codeDifferences: 'Transactions judged differently',
  hashDifferences: 'Commit hashes that differ',
  more: (count: number) => `and ${plural(count, 'more', 'more')}`,
  transaction: 'Transaction',
  stored: 'Stored',
  replayed: 'Found here',
  export: 'Download block files',
  exportHelp: 'The blocks as Fabric’s own files: byte for byte what a peer would have written.',
  exporting: (done: string, total: string) => `${done} of ${total} blocks`,
  exported: (files: string) => `Saved: ${files}`,
  exportFailed: (reason: string) => `Not saved: ${reason}`,
  missing: 'This ledger is not here',
  missingHelp: 'It may have been deleted, or opened in another browser.',
  locked: 'This ledger is open in another tab',
  lockedHelp: 'A ledger can be open in one tab at a time. Close it there, then try again.',
  failed: 'This ledger cannot be opened',
  notOpened: 'These files cannot be opened',
  errors: {
    BLOCKFILES_NAME: (file: string) =>
      `${file} is not named like a block file. Several files at once must be called blockfile_000000, blockfile_000001, …; one alone may have any name.`,
    BLOCKFILES_TWICE: (file: string) => `${file} is there twice.`,
    BLOCKFILES_GAP: (file: string) =>
      `${file} is missing. Choose all files of the channel at once.`,
    BLOCKFILES_NONE: () => 'There is no file to read.',
    LEDGER_NO_GENESIS: (file: string) =>
      `${file} does not begin with block 0. A chain is validated from its genesis block on: take blockfile_000000 and those that follow. (The files of a peer that joined by a snapshot begin later: take the files of that snapshot with them.)`,
    LEDGER_FROM_SNAPSHOT: (block: string) =>
      `Nothing is damaged: this peer joined by a snapshot, and its files go on from block ${block}. Take the folder of the snapshot of block ${block} with them, since transactions are validated against the state that it holds.`,
    SNAPSHOT_INVALID: () => 'The files of the snapshot are not what its metadata says.',
    BOOTSTRAP_MALFORMED: () => 'bootstrappingSnapshot.info is not what a peer writes.',
    REPLAY_EMPTY: () => 'There is no block in it.',
    BLOCK_REJECTED: () =>
      'The block is not what its orderers signed: it is damaged, or was changed.',
    HASH_MISMATCH: () => 'The block does not follow the one before it.',
    CONFIG_REJECTED: () => 'Its configuration may not follow the one before it.',
    BLOCKFILE_OUT_OF_ORDER: () => 'Another block should stand here.',
    BLOCKFILE_TORN: () => 'The file ends within a block, though another file follows.',
    BLOCKFILE_MALFORMED: () => 'This is no block file, or it is damaged.',
    IMPORT_BUSY: () => 'Another import is under way.',
    CANCELLED: () => 'Cancelled before the first block was read.',
    QUOTA_EXCEEDED: () =>
      'The browser’s storage is full. Free disk space, or delete ledgers that you no longer need.',
    LEDGER_LOCKED: () =>
      'A ledger can be open in one tab at a time. Close it there, then try again.',
    WORKER_CRASHED: () => 'The part of the page that reads ledgers has stopped. Reload the page.',
  } as Record<string, (file: string) => string>,
};

export type LedgerMessages = typeof ledgerEn;
