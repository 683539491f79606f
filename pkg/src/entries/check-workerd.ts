// Cloudflare's workerd: an import gives the compiled module.
import module from "./check.wasm";
import { provide } from "../check.js";

provide(() => module);
export * from "../check-index.js";
