// Cloudflare's workerd: an import gives the compiled module.
import module from "./portcullis.wasm";
import { provide } from "../portcullis.js";

provide(() => module);
export * from "../index.js";
