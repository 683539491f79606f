import { begin } from "./portcullis.js";
import type { ModuleSource } from "./values.js";

/**
 * Gets the WebAssembly module ready. `portcullis/slim` needs it before the first `load` or `create`; everywhere else these
 * two find the module themselves, and this is for whoever keeps it elsewhere, or wants it early.
 *
 * @param source - The compiled module, its bytes, the response that brings them, or its address.
 * @throws {@link PortcullisError} `ModuleNotLoaded`; one may then try again.
 */
export function initialize(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  return begin(source);
}

export { Portcullis } from "./portcullis.js";
export { PortcullisError } from "./error.js";
export type { CreateOptions, LoadOptions } from "./portcullis.js";
export type {
  AccessChange,
  By,
  Explanation,
  ObjectSummary,
  Part,
  Preview,
  ProjectOptions,
  Proposal,
  TreeRow,
} from "./questions.js";
export type { CheckOptions, Checks, Decision, DecidingEntry, DecisionReason, FilterBy, Question } from "./checks.js";
export type { AskingCommandName, CommandArguments, CommandCall, CommandName, CommandReply, Replies } from "./commands.js";
export type { At, Changed } from "./core.js";
export type { ObjectHandle, PrincipalHandle, PrivilegeHandle } from "./handles.js";
export type * from "./values.js";
export type * from "./generated/commands.js";
