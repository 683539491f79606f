// Node, Deno and Bun: the module is a file beside this one.
import { readFile } from "node:fs/promises";
import { provide } from "../exports.js";

provide(() => readFile(new URL("./exports.wasm", import.meta.url)));
export * from "../exports-index.js";
