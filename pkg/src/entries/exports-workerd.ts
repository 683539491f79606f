// Cloudflare's workerd: an import gives the compiled module.
import module from "./exports.wasm";
import { provide } from "../exports.js";

provide(() => module);
export * from "../exports-index.js";
