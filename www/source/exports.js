/**
 * Reads CD/RO exports, where the package can: its reader is a module of its own, fetched when it is first needed.
 *
 * @typedef {import("./files.js").FoundFile} FoundFile
 */
import { bytesOf } from "./files.js";

/** Where the build puts the package's reader, unless the package has none. */
const READER = "./portcullis/exports-entry.js";

/** @type {Promise<any> | undefined} */
let entry;

/** @type {Promise<any> | undefined} */
let reader;

/** Whether there is a reader. Asks the server once, for a file of a few lines. */
export async function canRead() {
  return (await found()) !== undefined;
}

/**
 * The objects of an export, for the command `import`, and what was read.
 * @param {FoundFile[]} files
 * @param {any} schema
 * @returns {Promise<{ objects: any[], summary: any }>}
 */
export async function readExport(files, schema) {
  reader ??= found().then((load) => load());
  const exports = await reader;
  return exports.read(await Promise.all(files.map((file) => content(file, exports))), { schema });
}

function found() {
  entry ??= import(READER).then((module) => module.loadExports).catch(() => undefined);
  return entry;
}

/**
 * A file as the reader takes it. What it does not look into need not be fetched.
 * @param {FoundFile} file
 * @param {{ isRead: (path: string) => boolean }} exports
 */
async function content(file, exports) {
  return { path: file.path, bytes: exports.isRead(file.path) ? await bytesOf(file) : undefined };
}
