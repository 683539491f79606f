import { begin } from "./check.js";
import type { ModuleSource } from "./values.js";

/**
 * Gets the WebAssembly module ready, for whoever keeps it elsewhere, or wants it early; else `load` does.
 *
 * @param source - The compiled module, its bytes, the response that brings them, or its address.
 * @throws {@link PortcullisError} `ModuleNotLoaded`; one may then try again.
 */
export function initialize(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  return begin(source);
}

export { Portcullis } from "./check.js";
export { PortcullisError } from "./error.js";
export type { CheckOptions, Checks, Decision, DecidingEntry, DecisionReason, FilterBy, Question } from "./checks.js";
export type { At, Changed } from "./core.js";
export type { Bytes, CompiledModule, Instant, ModuleSource, Principal, ResponseLike, Source } from "./values.js";
