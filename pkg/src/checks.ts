/// <reference lib="esnext.disposable" preserve="true" />
import { type At, type Changed, Core } from "./core.js";
import { invalid, shown } from "./error.js";
import { field, list, options, reading, text } from "./input.js";
import { type Texts, pack } from "./texts.js";
import type { Instant, Principal } from "./values.js";

/** What a glue class answers, of the policy's and the projection's alike. */
export interface Answering {
  free(): void;
  check(principal: string, privilege: string, path: string, now: number): boolean;
  validUntil(principal: string, privilege: string, path: string, now: number): number | undefined;
  filter(principal: string, privilege: string, text: Uint8Array, ends: Uint32Array, now: number): Uint8Array;
  checkMany(text: Uint8Array, ends: Uint32Array, now: number): Uint8Array;
}

/** One of many questions. */
export interface Question {
  readonly principal: Principal;
  readonly privilege: string;
  /** The object's path. */
  readonly object: string;
}

/** How to filter things that are not paths themselves. */
export interface FilterBy<T> extends At {
  /** The path of the object that decides about an item. What it throws is thrown. */
  readonly path: (item: T) => string;
}

/** An entry that decided. */
export interface DecidingEntry {
  readonly principalType: "user" | "group" | "serviceAccount";
  readonly principalName: string;
  /** What it says about the privilege that was asked about. */
  readonly [privilege: `${string}Privilege`]: "allow" | "deny";
  /** The groups through which it reaches the principal, the innermost first. */
  readonly through?: readonly string[];
}

/** Why a decision is what it is. */
export interface DecisionReason {
  /** What decided, as a code that never changes; a projection does not know what, and says `Projected`. */
  readonly code: "Admin" | "EntryAllows" | "EntryDenies" | "NoEntryMatches" | "InheritanceBroken" | "Projected";
  /** The path of the object whose list decided. */
  readonly object?: string;
  /** The entries that decided. */
  readonly aclEntry?: readonly DecidingEntry[];
}

/** A decision. */
export interface Decision {
  readonly decision: "allow" | "deny";
  /** The same as a boolean. */
  readonly allowed: boolean;
  readonly reason: DecisionReason;
  /** The instant from which it may be another, where the date of an entry is ahead. */
  readonly validUntil?: Date;
}

export interface Checks {
  /** Lets the engine go at the end of a `using` block; see {@link Checks.dispose}. */
  [Symbol.dispose](): void;
}

/**
 * What a policy and a projection both answer.
 *
 * Nothing here asks who asks: it is for a program that decides for its users. Objects need not be registered; an unknown one
 * inherits everything. A denial is an answer; what throws is what cannot be a question.
 */
export abstract class Checks {
  readonly #core: Core<Answering>;

  /** @internal */
  constructor(core: Core<Answering>) {
    if (!(core instanceof Core)) throw invalid("an engine is made by `load` or `create`");
    this.#core = core;
  }

  /** A whole policy, or what decides for one principal. */
  abstract readonly kind: "policy" | "projection";

  /** How many times the policy has been changed; 0 for a projection, which does not know. */
  get revision(): number {
    this.#core.open();
    return 0;
  }

  /** What time it is for the engine, by its own clock: milliseconds since 1970. */
  now(): number {
    return this.#core.at(undefined);
  }

  /** Whether it answers no more: after {@link Checks.dispose}, or after a fault. */
  get disposed(): boolean {
    return this.#core.glue === undefined;
  }

  /**
   * Whether the principal may do that to the object.
   *
   * @param principal - Who, as `user:NAME`.
   * @param privilege - What, such as `read`.
   * @param object - The object's path, such as `/projects/Shop`.
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createAclEntry("user", "dora", { path: "/systemObjects/projects", modifyPrivilege: "allow" });
   * assert.equal(engine.check("user:dora", "modify", "/projects/Shop"), true);
   * assert.equal(engine.check("user:joe", "modify", "/projects/Shop"), false);
   * ```
   */
  check(principal: Principal, privilege: string, object: string, given?: At): boolean {
    const at = this.#core.at(given);
    const [who, what, path] = named(principal, privilege, object);
    return this.#core.use((glue) => glue.check(who, what, path, at));
  }

  /** The same with its reason, and until when it holds. */
  decide(principal: Principal, privilege: string, object: string, given?: At): Decision {
    const at = this.#core.at(given);
    const allowed = this.check(principal, privilege, object, { at });
    const validUntil = this.validUntil(principal, privilege, object, { at });
    const decision = { decision: allowed ? "allow" : "deny", allowed, reason: { code: "Projected" } } as const;
    return validUntil ? { ...decision, validUntil } : decision;
  }

  /**
   * The instant from which the answer may be another if nobody changes the policy: the next date of an entry that is about
   * the question. `undefined` where none is ahead.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const end = new Date("2030-01-01T00:00:00Z");
   * engine.createAclEntry("user", "dora", { path: "/systemObjects/projects", modifyPrivilege: "allow", notAfter: end });
   * const at = "2029-12-31T23:59:59Z";
   * assert.deepEqual(engine.validUntil("user:dora", "modify", "/projects/Shop", { at }), end);
   * ```
   */
  validUntil(principal: Principal, privilege: string, object: string, given?: At): Date | undefined {
    const at = this.#core.at(given);
    const [who, what, path] = named(principal, privilege, object);
    const until = this.#core.use((glue) => glue.validUntil(who, what, path, at));
    return until === undefined ? undefined : new Date(until);
  }

  /**
   * Many questions in one crossing; the answers in their order.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const question = { principal: "user:admin", privilege: "modify", object: "/projects/Shop" };
   * assert.deepEqual(engine.checkMany([question, { ...question, principal: "user:joe" }]), [true, false]);
   * ```
   */
  checkMany(questions: readonly Question[], given?: At): boolean[] {
    const at = this.#core.at(given);
    const texts = reading("questions", () => Array.from(list(questions, "questions"), asked).flat());
    const { bytes, ends } = pack(texts, (place) => `questions[${Math.floor(place / 3)}].${PARTS[place % 3]}`);
    const answers = this.#core.use((glue) => glue.checkMany(bytes, ends, at));
    return Array.from(answers, (answer) => answer === 1);
  }

  /**
   * Those of the objects that the principal may do that to, in their order, in one crossing.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createAclEntry("group", "Everyone", { path: "/systemObjects/tags", readPrivilege: "deny" });
   * engine.createObject({ userName: "dora" });
   * const shown = engine.filter("user:dora", "read", ["/projects/Shop", "/tags/secret"]);
   * assert.deepEqual(shown, ["/projects/Shop"]);
   * const rows = [{ id: 1, path: "/projects/Shop" }, { id: 2, path: "/tags/secret" }];
   * assert.deepEqual(engine.filter("user:dora", "read", rows, { path: (row) => row.path }), [rows[0]]);
   * ```
   */
  filter(principal: Principal, privilege: string, objects: readonly string[], given?: At): string[];
  filter<T>(principal: Principal, privilege: string, objects: readonly T[], given: FilterBy<T>): T[];
  filter<T>(principal: Principal, privilege: string, objects: readonly T[], given?: At | FilterBy<T>): T[] {
    const at = this.#core.at(given);
    const [who, what] = [text(principal, "principal"), text(privilege, "privilege")];
    const { bytes, ends } = packed(list(objects, "objects"), pathOf(given));
    const answers = this.#core.use((glue) => glue.filter(who, what, bytes, ends, at));
    return objects.filter((_, place) => answers[place] === 1);
  }

  /**
   * Calls the listener after each change of the policy, until the function that it returns is called. A projection never
   * changes.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const seen: number[] = [];
   * const stop = engine.subscribe(({ revision }) => seen.push(revision));
   * engine.createGroup("QA");
   * stop();
   * engine.createGroup("Dev");
   * assert.deepEqual(seen, [2]);
   * ```
   */
  subscribe(listener: (changed: Changed) => void): () => void {
    this.#core.open();
    return this.#core.subscribe(listener);
  }

  /**
   * Lets the engine go, and with it its memory: every later call throws `Disposed`. Whoever forgets it leaks nothing, but
   * keeps the memory until JavaScript's collector comes by. To dispose twice is to dispose once.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.dispose();
   * assert.throws(() => engine.check("user:dora", "read", "/projects/Shop"), { code: "Disposed" });
   * ```
   */
  dispose(): void {
    this.#core.dispose();
  }
}

// Where the platform has no `Symbol.dispose` yet, those who bring it register it under this name.
Object.defineProperty(Checks.prototype, Symbol.dispose ?? Symbol.for("Symbol.dispose"), {
  value(this: Checks) {
    this.dispose();
  },
  configurable: true,
  writable: true,
});

const PARTS = ["principal", "privilege", "object"] as const;

function named(principal: unknown, privilege: unknown, object: unknown): [string, string, string] {
  return [text(principal, "principal"), text(privilege, "privilege"), text(object, "object")];
}

function asked(question: Question, place: number): unknown[] {
  if (typeof question !== "object" || question === null) {
    throw invalid(`\`questions[${place}]\` is ${shown(question)}, and must be an object`);
  }
  return PARTS.map((part) => question[part]);
}

function pathOf<T>(given: At | FilterBy<T> | undefined): ((item: T) => string) | undefined {
  if (given === undefined) return undefined;
  const path = field(options(given) as Partial<FilterBy<T>>, "path");
  if (path === undefined || typeof path === "function") return path;
  throw invalid(`\`path\` is ${shown(path)}, and must be a function`);
}

function packed<T>(objects: readonly T[], path: ((item: T) => string) | undefined): Texts {
  const paths: readonly unknown[] = path ? Array.from(objects, path) : objects;
  return reading("objects", () => pack(paths, (place) => `objects[${place}]`));
}

/** How an engine is made. */
export interface CheckOptions {
  /**
   * What time it is, where a question does not say it; `Date.now` unless it is said. It need not be asked where no answer
   * depends on it.
   */
  readonly clock?: (() => Instant) | undefined;
}

/** The clock of the options. */
export function clockOf(given: CheckOptions): (() => Instant) | undefined {
  const clock = field(given, "clock");
  if (clock === undefined || typeof clock === "function") return clock;
  throw invalid(`\`clock\` is ${shown(clock)}, and must be a function`);
}
