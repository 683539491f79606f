// Browsers, and what bundles for them: the module is fetched from beside this file.
import { provide } from "../portcullis.js";

provide(() => fetch(new URL("./portcullis.wasm", import.meta.url)));
export * from "../index.js";
