// SPDX-License-Identifier: Apache-2.0
// The files of a ledger in what a person dropped: files, the folder that a peer keeps a channel's files in, and that of the
// snapshot which they go on from.

// Block files, and what says that they go on from a snapshot; and the files of a snapshot's own folder.
const IN_FOLDER =
  /^(?:blockfile_|bootstrappingSnapshot\.info$|_snapshot_|(?:txids|public_state|private_state_hashes|confighistory)\.)/;
/** A folder of more files than this is not a channel's. */
const MAX_FILES = 100_000;

/** Call while the drop event is handled: what was dropped is gone afterwards. */
export function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const folders = entries.filter((entry) => entry.isDirectory) as FileSystemDirectoryEntry[];
  if (folders.length === 0) return Promise.resolve([...files]);
  return Promise.all(folders.map(filesOf)).then((found) => found.flat());
}

async function filesOf(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  // A reader gives its entries in portions, and an empty one at the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0 || files.length > MAX_FILES) return files;
    const blockfiles = portion.filter(({ isFile, name }) => isFile && IN_FOLDER.test(name));
    files.push(
      ...(await Promise.all(blockfiles.map((file) => fileOf(file as FileSystemFileEntry)))),
    );
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}
