// Vercel's edge runtime: its tool chain gives the compiled module for an import with `?module`.
import module from "./portcullis.wasm?module";
import { provide } from "../portcullis.js";

provide(() => module);
export * from "../index.js";
