import type { At } from "./core.js";
import { invalid, shown } from "./error.js";
import type { AccessObjectInfo, ExplainReply, TreeObjectInfo } from "./generated/commands.js";
import { bytes, count, field, isBuffer, options as optionsOf, text } from "./input.js";
import type { Instant, Principal } from "./values.js";

/** Who asks or proposes, and when. */
export interface By extends At {
  /** Who; the engine's own caller unless it is said. */
  readonly as?: Principal | undefined;
}

/** A part of a list. */
export interface Part extends At {
  /** Begin behind this row, with which the last part ended. */
  readonly after?: string | undefined;
  /** At most so many rows. */
  readonly limit?: number | undefined;
}

/** What commands would do; {@link Portcullis.apply} does it. */
export interface Proposal<All = readonly unknown[]> {
  /** What each command answers. */
  readonly replies: All;
  /** The change set; none where nothing would change. */
  readonly changes?: Uint8Array;
  /** Private values that are in no change set, such as e-mail addresses. */
  readonly beside?: Uint8Array;
  /** The policy that it was made for: an engine with another one refuses it. */
  readonly policy: string;
  /** The revision that it was made at, and to which alone it can be applied. */
  readonly revision: number;
}

/** Who gains or loses what where. */
export interface AccessChange {
  readonly principalType: "user" | "group" | "serviceAccount";
  readonly principalName: string;
  readonly objectId?: string;
  readonly objectType: string;
  readonly path: string;
  /** The privileges that it gains. */
  readonly gains: readonly string[];
  /** The privileges that it loses. */
  readonly loses: readonly string[];
  /** How many objects below change in the same way. */
  readonly below: number;
}

/** What commands would change for whom. */
export interface Preview<All = readonly unknown[]> {
  /** What each command would answer. */
  readonly replies: All;
  /** By path, then by principal; for each object only where it is not the same as for its parent. */
  readonly access: readonly AccessChange[];
  /** There is more behind `limit`. */
  readonly more?: true;
}

/** How a projection is made. */
export interface ProjectOptions extends At {
  /** Sixteen bytes, with which paths are hashed; by chance unless they are said. */
  readonly salt?: Uint8Array | undefined;
}

/** Why, level by level, and what would allow it. */
export type Explanation = ExplainReply;
/** An object, and what a principal may do with it. */
export type ObjectSummary = AccessObjectInfo;
/** An object in its tree. */
export type TreeRow = TreeObjectInfo;

/** The arguments of a question about one object. */
export function about(principal: unknown, privilege: unknown, object: unknown) {
  return {
    principal: text(principal, "principal"),
    privilege: text(privilege, "privilege"),
    path: text(object, "object"),
  };
}

/** When the options say. */
export function atOf(given: At | undefined): Instant | undefined {
  return field(optionsOf(given), "at");
}

/** Which part of a list the options ask for. */
export function partOf(given: Part | undefined): { after?: string; limit?: number } {
  const options = optionsOf(given);
  const [after, limit] = [field(options, "after"), field(options, "limit")];
  return {
    ...(after === undefined ? {} : { after: text(after, "after") }),
    ...(limit === undefined ? {} : { limit: count(limit, "limit") }),
  };
}

/** Where in the tree the options begin. */
export function pathOf(given: { readonly under?: string | undefined } | undefined): { path?: string } {
  const under = field(optionsOf(given), "under");
  return under === undefined ? {} : { path: text(under, "under") };
}

/** The user's name, with or without `user:` before it. */
export function userNameOf(user: unknown): string {
  const name = text(user, "user");
  return name.startsWith("user:") ? name.slice("user:".length) : name;
}

/** What is to be applied: a proposal knows its revision, bytes say it themselves. */
export function changesOf(change: Proposal | Uint8Array): { changes?: Uint8Array; beside?: Uint8Array; policy?: string; revision?: number } {
  if (ArrayBuffer.isView(change) || isBuffer(change)) return { changes: bytes(change, "change") };
  if (typeof change !== "object" || change === null) {
    throw invalid(`\`change\` is ${shown(change)}, and must be a proposal or bytes`);
  }
  const [changes, beside] = [field(change, "changes"), field(change, "beside")];
  return {
    policy: text(field(change, "policy"), "policy"),
    revision: count(field(change, "revision"), "revision"),
    ...(changes === undefined ? {} : { changes: bytes(changes, "changes") }),
    ...(beside === undefined ? {} : { beside: bytes(beside, "beside") }),
  };
}
