// Browsers, and what bundles for them: the module is fetched from beside this file.
import { provide } from "../exports.js";

provide(() => fetch(new URL("./exports.wasm", import.meta.url)));
export * from "../exports-index.js";
