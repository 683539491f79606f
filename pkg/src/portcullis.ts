import { Checks, type CheckOptions, type Decision, type DecisionReason, clockOf } from "./checks.js";
import {
  type AskingCommandName,
  type CommandArguments,
  type CommandCall,
  type CommandReply,
  type Methods,
  type Replies,
  answered,
  asks,
  call,
  calls,
  gathered,
  missing,
} from "./commands.js";
import { type At, Core, thrown } from "./core.js";
import { PortcullisError, invalid, shown } from "./error.js";
import type { Persona } from "./generated/commands.js";
import { Engine, Projection, initSync } from "./generated/engine.js";
import { type ObjectHandle, PrincipalHandle, PrivilegeHandle } from "./handles.js";
import { arriving, bytes, field, options as optionsOf, text } from "./input.js";
import { start } from "./module.js";
import {
  type By,
  type Explanation,
  type ObjectSummary,
  type Part,
  type Preview,
  type ProjectOptions,
  type Proposal,
  type TreeRow,
  about,
  atOf,
  changesOf,
  partOf,
  pathOf,
  userNameOf,
} from "./questions.js";
import { Resolved } from "./resolved.js";
import type { Instant, Json, Principal, Source } from "./values.js";

/** @internal */
export const { provide, initialize: begin } = start((module) => initSync({ module }));

/** How an engine is made. */
export interface LoadOptions extends CheckOptions {
  /** Who commands and asks; `user:admin` unless it is said. */
  readonly as?: Principal | undefined;
  /** Fills bytes by chance; `crypto.getRandomValues` unless it is said. */
  readonly random?: ((bytes: Uint8Array) => void) | undefined;
}

/** How a new policy is made. */
export interface CreateOptions extends LoadOptions {
  /** The policy's schema: its types of objects and its privileges; CloudBees CD/RO's unless it is said. */
  readonly schema?: { readonly [name: string]: Json | undefined } | undefined;
}

/** Every command of the table as a method, but for those whose names the package's own methods have. */
export interface Portcullis extends Methods {}

/**
 * One engine with one policy, or with a projection of one.
 *
 * It answers ({@link Portcullis.check} and its kin), and it changes: {@link Portcullis.propose} says what commands would do
 * and {@link Portcullis.apply} does it. Every command is a method too, in the documents' own shape: arguments by place, then
 * an object with the others. `check`, `explain` and `tree` are the package's own methods; the commands of these names are
 * reached by {@link Portcullis.ask}.
 *
 * A projection answers `check`, `decide`, `validUntil`, `checkMany` and `filter` for one principal; all else is refused as
 * `NotInProjection`.
 *
 * @example
 * ```ts
 * const engine = await Portcullis.create();
 * engine.createObject({ projectName: "Shop" });
 * engine.createAclEntry("group", "QA", { projectName: "Shop", executePrivilege: "allow" });
 * assert.equal(engine.check("group:QA", "execute", "/projects/Shop"), true);
 * ```
 */
export class Portcullis extends Checks {
  /** @internal Bundled, the class has another. */
  static override readonly name = "Portcullis";

  readonly #policy: Policy | undefined;
  readonly #core: Core<Engine> | Core<Projection>;
  readonly #as: Principal;

  private constructor(core: Core<Engine> | Core<Projection>, policy: Policy | undefined, as: Principal) {
    super(core);
    this.#core = core;
    this.#policy = policy;
    this.#as = as;
  }

  /**
   * Loads a policy from its snapshot, or what decides for one principal from a projection.
   *
   * @throws {@link PortcullisError} `Damaged` for what is neither, or not a whole one.
   * @example
   * ```ts
   * const snapshot = (await Portcullis.create()).snapshot();
   * const engine = await Portcullis.load(snapshot, { as: "user:dora" });
   * assert.equal(engine.kind, "policy");
   * ```
   */
  static async load(source: Source, given?: LoadOptions): Promise<Portcullis> {
    const settings = settingsOf(optionsOf(given));
    const [bytes] = await Promise.all([arriving(source, "source"), begin()]);
    try {
      if (isSnapshot(bytes)) return Portcullis.#holding(Engine.restore(bytes), settings);
      return new Portcullis(new Core(Projection.load(bytes), settings.clock), undefined, settings.as);
    } catch (error) {
      throw thrown(error);
    }
  }

  /**
   * Begins a policy.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create({
   *   schema: {
   *     name: "hospital",
   *     privileges: ["view", "edit", "grant"],
   *     roles: { read: "view", modify: "edit", changePermissions: "grant" },
   *     types: [{ name: "department" }, { name: "record", parents: ["department"] }],
   *   },
   * });
   * engine.createObject({ departmentName: "Surgery" });
   * engine.createAclEntry("user", "dora", { departmentName: "Surgery", editPrivilege: "allow" });
   * assert.equal(engine.check("user:dora", "edit", "/departments/Surgery/records/7"), true);
   * ```
   */
  static async create(given?: CreateOptions): Promise<Portcullis> {
    const settings = settingsOf(optionsOf(given));
    const schema = field(optionsOf(given), "schema");
    await begin();
    const engine = Portcullis.#holding(new Engine(), settings);
    engine.apply(engine.propose([{ command: "createPolicy", arguments: schema === undefined ? {} : { schema } }], { as: "user:admin" }));
    return engine;
  }

  static #holding(engine: Engine, { clock, random, as }: Settings): Portcullis {
    const core = new Core(engine, clock);
    return new Portcullis(core, { core, random, resolved: new Resolved(core) }, as);
  }

  get kind(): "policy" | "projection" {
    return this.#policy ? "policy" : "projection";
  }

  override get revision(): number {
    return this.#policy ? this.#policy.core.use((engine) => engine.revision) : super.revision;
  }

  /** Who commands and asks. */
  get caller(): Principal {
    return this.#as;
  }

  /**
   * Whether the principal may do that to the object. Handles in the place of names save a look-up in hot loops.
   *
   * @param principal - Who, as `user:NAME`.
   * @param privilege - What, such as `read`.
   * @param object - The object's path, such as `/projects/Shop`.
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const [admin, read] = [engine.resolvePrincipal("user:admin"), engine.resolvePrivilege("read")];
   * assert.equal(engine.check(admin, read, engine.resolve("/projects/Shop")), true);
   * ```
   */
  override check(
    principal: Principal | PrincipalHandle,
    privilege: string | PrivilegeHandle,
    object: string | ObjectHandle,
    given?: At,
  ): boolean {
    const policy = this.#policy;
    if (!policy) return super.check(principal as string, privilege as string, object as string, given);
    return policy.resolved.check(principal, privilege, object, given);
  }

  /**
   * The same with its reason, and until when it holds.
   *
   * Unlike {@link Portcullis.check} it is a question of the engine's caller, who needs to be allowed to ask it: `admin`
   * is.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const decision = engine.decide("user:joe", "modify", "/projects/Shop");
   * assert.equal(decision.allowed, false);
   * assert.equal(decision.reason.code, "NoEntryMatches");
   * ```
   */
  override decide(principal: Principal, privilege: string, object: string, given?: At): Decision {
    if (!this.#policy) return super.decide(principal, privilege, object, given);
    const { decision, reason, validUntil } = this.ask("check", about(principal, privilege, object), { at: atOf(given) });
    const made = { decision, allowed: decision === "allow", reason: reason as DecisionReason };
    return validUntil === undefined ? made : { ...made, validUntil: new Date(validUntil) };
  }

  /**
   * Why, level by level up from the object, and what would allow what is denied.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * const { decision, fix } = engine.explain("user:joe", "modify", "/projects/Shop");
   * assert.equal(decision, "deny");
   * assert.equal(fix?.[0]?.command, "createAclEntry");
   * ```
   */
  explain(principal: Principal, privilege: string, object: string, given?: At): Explanation {
    return this.ask("explain", about(principal, privilege, object), { at: atOf(given) });
  }

  /**
   * The object at the path, for many checks.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * const shop = engine.resolve("/projects/Shop");
   * engine.moveObject({ projectName: "Shop", newName: "Store" });
   * assert.equal(engine.check("user:admin", "read", shop), true);
   * engine.deleteObject({ projectName: "Store" });
   * assert.equal(shop.stale, true);
   * ```
   */
  resolve(object: string): ObjectHandle {
    return this.#whole("resolve").resolved.object(text(object, "object"));
  }

  /** The principal of that name, for many checks. */
  resolvePrincipal(principal: Principal): PrincipalHandle {
    const { core, resolved } = this.#whole("resolvePrincipal");
    return new PrincipalHandle(core, resolved.principal(text(principal, "principal")), principal);
  }

  /** The privilege of that name, for many checks. */
  resolvePrivilege(privilege: string): PrivilegeHandle {
    const { core, resolved } = this.#whole("resolvePrivilege");
    return new PrivilegeHandle(core, resolved.privilege(text(privilege, "privilege")), privilege);
  }

  /**
   * Who may do that to the object, as `type:NAME`; those whom the caller may read.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * engine.createAclEntry("user", "dora", { projectName: "Shop", modifyPrivilege: "allow" });
   * assert.ok(engine.whoCan("modify", "/projects/Shop").includes("user:dora"));
   * ```
   */
  whoCan(privilege: string, object: string, given?: Part): Principal[] {
    const about = { privilege: text(privilege, "privilege"), path: text(object, "object"), ...partOf(given) };
    const { principal = [] } = this.ask("access", about, { at: atOf(given) });
    return principal.map(({ principalType, principalName }) => `${principalType}:${principalName}`);
  }

  /**
   * The objects to which the principal may do that, in the order of their paths.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * engine.createAclEntry("user", "dora", { projectName: "Shop", modifyPrivilege: "allow" });
   * assert.deepEqual(engine.whatCan("user:dora", "modify").map(({ path }) => path), ["/projects/Shop"]);
   * ```
   */
  whatCan(principal: Principal, privilege: string, given?: Part & { readonly under?: string | undefined }): ObjectSummary[] {
    const about = { principal: text(principal, "principal"), privilege: text(privilege, "privilege"), ...partOf(given) };
    const { object = [] } = this.ask("access", { ...about, ...pathOf(given) }, { at: atOf(given) });
    return [...object];
  }

  /**
   * A user's personas; `merged` into one.
   *
   * @param user - The user's name, with or without `user:` before it.
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ userName: "dora" });
   * assert.deepEqual(engine.personas("dora", { merged: true }).map(({ personaName }) => personaName), ["Global"]);
   * ```
   */
  personas(user: string, given?: At & { readonly merged?: boolean; readonly excludeGroupPersonas?: boolean }): Persona[] {
    const options = optionsOf(given);
    const [merged, excludeGroupPersonas] = [field(options, "merged"), field(options, "excludeGroupPersonas")];
    const about = { userName: userNameOf(user), merged, excludeGroupPersonas } as CommandArguments<"getPersonas">;
    return [...this.ask("getPersonas", about, { at: atOf(given) }).persona];
  }

  /**
   * A user's permission flags: its own and those of its groups.
   *
   * @param user - The user's name, with or without `user:` before it.
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ userName: "dora" });
   * engine.setPermissions("user", "dora", "BuildsRead AgentsRead");
   * assert.deepEqual(engine.permissions("dora").sort(), ["AgentsRead", "BuildsRead"]);
   * ```
   */
  permissions(user: string, given?: At): string[] {
    const as = `user:${userNameOf(user)}`;
    const { permissions } = this.ask("getEffectivePermissions", {}, { as, at: atOf(given) });
    return permissions.split(" ").filter((flag) => flag !== "");
  }

  /**
   * The objects as they lie in one another, each after what it lies under, with their entries and where inheritance ends.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * engine.createObject({ projectName: "Shop", pipelineName: "Release" });
   * const paths = engine.tree({ under: "/projects/Shop" }).map(({ path }) => path);
   * assert.deepEqual(paths, ["/projects/Shop", "/projects/Shop/pipelines/Release"]);
   * ```
   */
  tree(given?: Part & { readonly under?: string | undefined }): TreeRow[] {
    return [...this.ask("tree", { ...pathOf(given), ...partOf(given) }, { at: atOf(given) }).object];
  }

  /**
   * What a list of commands would do, each seeing what those before it do: all of them, or none. Alters nothing.
   *
   * @throws {@link PortcullisError} the first refusal; its `command` is the place in the list.
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const proposal = engine.propose([
   *   { command: "createGroup", arguments: { groupName: "QA" } },
   *   { command: "addGroupMember", arguments: { groupName: "QA", userName: "admin" } },
   * ]);
   * assert.equal(engine.revision, 1);
   * engine.apply(proposal);
   * assert.equal(engine.revision, 2);
   * ```
   */
  propose<const Calls extends readonly CommandCall[]>(commands: Calls, given?: By): Proposal<Replies<Calls>> {
    return this.#propose(this.#whole("propose"), calls(commands, () => this.#secret()), given) as Proposal<Replies<Calls>>;
  }

  #propose(policy: Policy, commands: readonly object[], given: By | undefined): Proposal {
    const request = { request: "propose", ...this.#by(given), seed: hex(policy, 16), commands };
    const json = JSON.stringify(request);
    const [answer, changes, beside, id] = policy.core.use((engine) => [
      engine.call(json),
      engine.takeChanges(),
      engine.takePrivate(),
      engine.policyId,
    ]);
    const { revision, replies } = answered<{ revision: number; replies: unknown[] }>(answer);
    return changes ? { replies, changes, beside, policy: id, revision } : { replies, policy: id, revision };
  }

  /**
   * Does what was proposed, or applies a change set that came from elsewhere; then the listeners are told.
   *
   * A proposal may have been made by another engine with the same policy. Bytes alone do not say which policy they are of:
   * give only those of this one, in their order.
   *
   * @throws {@link PortcullisError} `ForeignProposal` for one that was made for another policy, `StaleProposal` if the
   * policy has changed since, `Damaged` for bytes that are no change set of the next revision; the policy is then as it was.
   */
  apply(change: Proposal | Uint8Array): void {
    const { core, resolved } = this.#whole("apply");
    const set = changesOf(change);
    if (set.policy !== undefined && set.policy !== core.use((engine) => engine.policyId)) {
      throw new PortcullisError("ForeignProposal", `the proposal was made for another policy, \`${set.policy}\``);
    }
    if (set.revision !== undefined && set.revision !== this.revision) {
      const message = `the proposal was made at revision ${set.revision}, and the policy is at ${this.revision}`;
      throw new PortcullisError("StaleProposal", message);
    }
    if (!set.changes) return;
    const { changes, beside } = set;
    core.use((engine) => engine.apply(changes, beside));
    resolved.clear();
    core.tell({ revision: this.revision });
  }

  /**
   * Whose access a list of commands would change, without changing anything.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ projectName: "Shop" });
   * const entry = { principalType: "user", principalName: "dora", projectName: "Shop", modifyPrivilege: "allow" } as const;
   * const { access } = engine.preview([{ command: "createAclEntry", arguments: entry }]);
   * assert.deepEqual(access.map(({ principalName, path, gains }) => [principalName, path, gains]), [
   *   ["dora", "/projects/Shop", ["modify"]],
   * ]);
   * ```
   */
  preview<const Calls extends readonly CommandCall[]>(commands: Calls, given?: By & Part): Preview<Replies<Calls>> {
    const policy = this.#whole("preview");
    const crossing = calls(commands, () => this.#secret());
    const request = { request: "preview", ...this.#by(given), seed: hex(policy, 16), commands: crossing, ...partOf(given) };
    const { revision: _, ...preview } = this.#call<Preview<Replies<Calls>> & { revision: number }>(policy, request);
    return preview;
  }

  /**
   * What decides for one principal, and nothing else, in bytes: no name, no entry, no group of anyone is in them.
   * {@link Portcullis.load} takes them, here or in a browser, and answers for that principal.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createAclEntry("user", "dora", { path: "/systemObjects/projects", modifyPrivilege: "allow" });
   * const projection = await Portcullis.load(engine.project("user:dora"));
   * assert.equal(projection.check("user:dora", "modify", "/projects/Shop"), true);
   * assert.throws(() => projection.check("user:joe", "read", "/projects/Shop"), { code: "NotInProjection" });
   * ```
   */
  project(principal: Principal, given?: ProjectOptions): Uint8Array {
    const policy = this.#whole("project");
    const [who, at] = [text(principal, "principal"), policy.core.at(given)];
    const salt = field(optionsOf(given), "salt");
    const project = (salt: Uint8Array) => policy.core.use((engine) => engine.project(who, at, salt));
    if (salt !== undefined) return project(saltOf(salt));
    try {
      return project(random(policy, SALT_BYTES));
    } catch (error) {
      // Two paths had one hash, which next to never happens: another salt gives others.
      if (error instanceof PortcullisError && error.code === "InvalidArgument") return project(random(policy, SALT_BYTES));
      throw error;
    }
  }

  /** The whole policy in bytes, for {@link Portcullis.load}; without private values such as e-mail addresses. */
  snapshot(): Uint8Array {
    return this.#whole("snapshot").core.use((engine) => engine.snapshot());
  }

  /**
   * The same engine, for another caller: what one changes the other sees, and to dispose of one is to dispose of both.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * engine.createObject({ userName: "dora" });
   * assert.throws(() => engine.as("user:dora").createGroup("QA"), { code: "AccessDenied" });
   * ```
   */
  as(principal: Principal): Portcullis {
    this.#core.open();
    return new Portcullis(this.#core, this.#policy, text(principal, "principal"));
  }

  /**
   * Asks any command that changes nothing, by name.
   *
   * @example
   * ```ts
   * const engine = await Portcullis.create();
   * const { decision } = engine.ask("check", { path: "/projects/Shop", privilege: "read", principal: "user:admin" });
   * assert.equal(decision, "allow");
   * ```
   */
  ask<Name extends AskingCommandName>(
    command: Name,
    ...[given, by]: Record<never, never> extends CommandArguments<Name>
      ? [given?: CommandArguments<Name>, by?: By]
      : [given: CommandArguments<Name>, by?: By]
  ): CommandReply<Name> {
    const policy = this.#whole(text(command, "command"));
    const request = { request: "ask", ...this.#by(by), ...call(command, given, noSecret) };
    return this.#call<{ reply: CommandReply<Name> }>(policy, request).reply;
  }

  /** A command in the documents' shape: asked, or proposed and applied at once. */
  static #run(engine: Portcullis, command: string, given: Record<string, unknown>): unknown {
    const policy = engine.#whole(command);
    const crossing = call(command, given, () => engine.#secret());
    if (asks(command)) {
      return engine.#call<{ reply: unknown }>(policy, { request: "ask", ...engine.#by(undefined), ...crossing }).reply;
    }
    const proposal = engine.#propose(policy, [crossing], undefined);
    engine.apply(proposal);
    return proposal.replies[0];
  }

  static {
    for (const [command, shape] of missing(Portcullis.prototype)) {
      const value = function (this: Portcullis, ...given: unknown[]): unknown {
        return Portcullis.#run(this, command, gathered(command, shape, given));
      };
      Object.defineProperty(value, "name", { value: command });
      Object.defineProperty(Portcullis.prototype, command, { value, writable: true, configurable: true });
    }
  }

  #call<T>(policy: Policy, request: object): T {
    const json = JSON.stringify(request);
    return answered<T>(policy.core.use((engine) => engine.call(json)));
  }

  #by(given: By | undefined): { caller: Principal; now: number } {
    const as = field(optionsOf(given), "as");
    return { caller: as === undefined ? this.#as : text(as, "as"), now: this.#core.at(given) };
  }

  /** The policy, which a projection does not have. */
  #whole(method: string): Policy {
    this.#core.open();
    if (this.#policy) return this.#policy;
    throw new PortcullisError("NotInProjection", `a projection does not know \`${method}\`: that needs the policy`);
  }

  #secret(): string {
    return hex(this.#whole("secret"), 32);
  }
}

/** What there is besides the glue's object where that holds a policy. */
interface Policy {
  readonly core: Core<Engine>;
  readonly resolved: Resolved;
  readonly random: (bytes: Uint8Array) => void;
}

interface Settings {
  readonly as: Principal;
  readonly clock: (() => Instant) | undefined;
  readonly random: (bytes: Uint8Array) => void;
}

function settingsOf(given: LoadOptions): Settings {
  const [as, chance] = [field(given, "as"), field(given, "random")];
  if (chance !== undefined && typeof chance !== "function") {
    throw invalid(`\`random\` is ${shown(chance)}, and must be a function`);
  }
  return {
    as: as === undefined ? "user:admin" : text(as, "as"),
    clock: clockOf(given),
    random: chance ?? ((bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)),
  };
}

const MARK = [..."PCLSNAP"].map((character) => character.charCodeAt(0));

/** What a snapshot begins with. */
function isSnapshot(bytes: Uint8Array): boolean {
  return MARK.every((byte, place) => bytes[place] === byte);
}

function random({ random }: Policy, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random(bytes);
  return bytes;
}

function hex(policy: Policy, length: number): string {
  return Array.from(random(policy, length), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const SALT_BYTES = 16;

function saltOf(given: unknown): Uint8Array {
  const salt = bytes(given, "salt");
  if (salt.length === SALT_BYTES) return salt;
  throw invalid(`\`salt\` has ${salt.length} bytes, and must have ${SALT_BYTES}`);
}

/** What only asks issues no secret. */
function noSecret(): string {
  throw invalid("a command that issues a secret is proposed, not asked");
}
