/**
 * Files that are saved, picked and dropped.
 *
 * @typedef {{ path: string, file: File }} FoundFile
 */

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 */
export function save(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * Has the reader pick files, or a folder.
 * @param {{ folder?: boolean }} [what]
 * @returns {Promise<File[]>}
 */
export function pick({ folder = false } = {}) {
  const input = document.createElement("input");
  input.type = "file";
  input.webkitdirectory = folder;
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve([...(input.files ?? [])]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

/**
 * The files of a picked folder, with their paths in it.
 * @param {File[]} files
 * @returns {FoundFile[]}
 */
export function foundPicked(files) {
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * The files of what was dropped, folders and what lies in them included.
 * @param {DataTransfer} dropped
 * @returns {Promise<FoundFile[]>}
 */
export async function foundDropped(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(entries.map((entry) => foundIn(entry, "")));
  return found.flat();
}

/** @param {FoundFile} found */
export async function bytesOf({ file }) {
  return new Uint8Array(await file.arrayBuffer());
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} under
 * @returns {Promise<FoundFile[]>}
 */
async function foundIn(entry, under) {
  const path = under + entry.name;
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) =>
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const inside = await listed(/** @type {FileSystemDirectoryEntry} */ (entry).createReader());
  const found = await Promise.all(inside.map((each) => foundIn(each, `${path}/`)));
  return found.flat();
}

/**
 * A reader gives a part of the list at a time, and an empty one at the end.
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>}
 */
async function listed(reader) {
  /** @type {FileSystemEntry[]} */
  const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  return part.length === 0 ? [] : [...part, ...(await listed(reader))];
}
