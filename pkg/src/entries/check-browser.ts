// Browsers, and what bundles for them: the module is fetched from beside this file.
import { provide } from "../check.js";

provide(() => fetch(new URL("./check.wasm", import.meta.url)));
export * from "../check-index.js";
