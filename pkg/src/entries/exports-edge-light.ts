// Vercel's edge runtime: its tool chain gives the compiled module for an import with `?module`.
import module from "./exports.wasm?module";
import { provide } from "../exports.js";

provide(() => module);
export * from "../exports-index.js";
