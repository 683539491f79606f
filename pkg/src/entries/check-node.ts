// Node, Deno and Bun: the module is a file beside this one.
import { readFile } from "node:fs/promises";
import { provide } from "../check.js";

provide(() => readFile(new URL("./check.wasm", import.meta.url)));
export * from "../check-index.js";
