// SPDX-License-Identifier: Apache-2.0
// Fabric's block files: reading, writing, and the form that blocks have in them.
export { deserializeBlock, serializeBlock } from './block-serialization.ts';
export { BlockfileError, type BlockfileErrorCode } from './blockfile-error.ts';
export {
  type BlockfileEntry,
  BlockfileParser,
  MAX_BLOCK_BYTES,
  type TornTail,
} from './blockfile-parser.ts';
export {
  type BlockfileProgress,
  type BlockfileSource,
  type FileBlock,
  fileBlockOf,
  type ReadBlockfilesOptions,
  readBlockfiles,
} from './blockfile-reader.ts';
export { blockfileEntry, writeBlockfiles } from './blockfile-writer.ts';
export {
  BOOTSTRAPPING_SNAPSHOT_FILE,
  type BootstrappingSnapshotInfo,
  decodeBootstrappingSnapshot,
  encodeBootstrappingSnapshot,
  MAX_BOOTSTRAPPING_SNAPSHOT_BYTES,
} from './bootstrapping-snapshot.ts';
export {
  type BlockfilePart,
  blockfileName,
  MAX_BLOCKFILE_BYTES,
  type SplitOptions,
  splitIntoFiles,
} from './split-into-files.ts';
