// Node, Deno and Bun: the module is a file beside this one.
import { readFile } from "node:fs/promises";
import { provide } from "../portcullis.js";

provide(() => readFile(new URL("./portcullis.wasm", import.meta.url)));
export * from "../index.js";
