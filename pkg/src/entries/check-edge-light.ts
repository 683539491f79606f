// Vercel's edge runtime: its tool chain gives the compiled module for an import with `?module`.
import module from "./check.wasm?module";
import { provide } from "../check.js";

provide(() => module);
export * from "../check-index.js";
