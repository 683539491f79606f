/**
 * A policy as the views read it: its objects as a tree, its principals, its schema and its answers. It belongs to one
 * revision of one engine and is made anew after each change, so what it has looked up once stays right.
 *
 * @typedef {import("portcullis").Portcullis} Portcullis
 * @typedef {import("./principals.js").Principal} Principal
 *
 * @typedef {{
 *   principalType: string, principalName: string, notBefore?: string, notAfter?: string,
 *   through?: string[], notInEffect?: string, decides?: string,
 * } & Record<string, any>} Entry
 *
 * @typedef {{
 *   objectId: string, name: string, type: string, path: string, depth: number, broken: boolean, entries: Entry[],
 *   parent: Node | undefined, children: Node[],
 * }} Node
 *
 * @typedef {{ name: string, parents?: string[], systemObject?: string, collection?: string }} TypeOfObject
 * @typedef {{ name: string, privileges: string[], systemObjects?: string[], types: TypeOfObject[] }} Schema
 * @typedef {{ group: string, members: { type: string, name: string }[] }} Membership
 * @typedef {{ label: string, from: number | undefined, to: number | undefined, path: string, entry: Entry }} DatedEntry
 * @typedef {{ id: string, from: number, to: number }} Session
 * @typedef {{ name: string, user: string, id: string, from: number, to: number | undefined, sessions: Session[] }} Token
 * @typedef {{ account: string, sessions: Session[] }} AccountSessions
 */
import { comparePrincipals, principalId } from "./principals.js";

/** Objects that people and the product bring with them: shown in a tree only if they say something of their own. */
const BESIDE = new Set(["user", "group", "serviceAccount", "persona", "personaCategory", "personaPage"]);

export class Policy {
  /** @type {Map<string, any>} */
  #known = new Map();

  /** @param {Portcullis} engine */
  constructor(engine) {
    this.engine = engine;
  }

  /** @returns {Schema} */
  get schema() {
    return this.#once("schema", () => /** @type {any} */ (this.engine.ask("getSchema").schema));
  }

  get privileges() {
    return this.schema.privileges;
  }

  /**
   * All objects, each after what it lies under.
   * @returns {Node[]}
   */
  get nodes() {
    return this.#once("nodes", () => linked(/** @type {any[]} */ (this.engine.ask("tree").object)));
  }

  /**
   * @param {string} path
   * @returns {Node | undefined}
   */
  node(path) {
    /** @type {Map<string, Node>} */
    const byPath = this.#once("byPath", () => new Map(this.nodes.map((node) => [node.path, node])));
    return byPath.get(path);
  }

  /**
   * The object at the path, or else the nearest registered one that it would lie under: questions need no registration.
   * @param {string} path
   * @returns {Node}
   */
  nearest(path) {
    const above = path.split("/").slice(0, -2).join("/");
    return this.node(path) ?? (above ? this.nearest(above) : this.nodes[0]);
  }

  /**
   * Everybody whom the policy knows, and everybody whom an entry names.
   * @returns {Principal[]}
   */
  get principals() {
    return this.#once("principals", () => principalsOf(this.nodes));
  }

  /**
   * The groups and their direct members, Everyone left out.
   * @returns {Membership[]}
   */
  get memberships() {
    return this.#once("memberships", () => {
      const groups = /** @type {any[]} */ (this.engine.ask("getGroupMembers").group ?? []);
      return groups.filter((group) => group.groupName !== "Everyone").map(membership);
    });
  }

  /** @returns {readonly any[]} */
  get personas() {
    return this.#once("personas", () => this.engine.ask("getPersonas").persona ?? []);
  }

  /**
   * The entries that have dates.
   * @returns {DatedEntry[]}
   */
  get datedEntries() {
    return this.#once("dated", () =>
      this.nodes.flatMap((node) => node.entries.filter(isDated).map((entry) => dated(node, entry))),
    );
  }

  /**
   * The users' tokens, each with the sessions that it was exchanged for.
   * @returns {Token[]}
   */
  get tokens() {
    return this.#once("tokens", () => this.#registered("user").flatMap((user) => this.#tokensOf(user)));
  }

  /** @returns {AccountSessions[]} */
  get accountSessions() {
    return this.#once("accounts", () =>
      this.#registered("serviceAccount")
        .map((account) => ({
          account,
          sessions: this.#sessions("getSessions", { serviceAccountName: account }),
        }))
        .filter(({ sessions }) => sessions.length > 0),
    );
  }

  /**
   * The instants at which anything begins or ends, in order.
   * @returns {number[]}
   */
  get boundaries() {
    return this.#once("boundaries", () => {
      const tokens = this.tokens.flatMap((token) => [token, ...token.sessions]);
      const sessions = this.accountSessions.flatMap((account) => account.sessions);
      const instants = [...this.datedEntries, ...tokens, ...sessions].flatMap(({ from, to }) => [from, to]);
      return [...new Set(instants.filter((ms) => ms !== undefined))].sort((a, b) => a - b);
    });
  }

  /**
   * The types that an object can hold, and in which collection of its path they lie.
   * @param {Node} node
   * @returns {{ type: string, prefix: string }[]}
   */
  childTypes(node) {
    const under =
      node.type === "systemObject"
        ? this.#rootTypes(node.name)
        : this.schema.types.filter((type) => type.parents?.includes(node.type));
    const prefix = node.type === "systemObject" ? "" : node.path;
    return under.map((type) => ({ type: type.name, prefix: `${prefix}/${type.collection ?? `${type.name}s`}/` }));
  }

  /**
   * Whether a tree that is not asked for everything shows the object: it, or something below it, says something.
   * @param {Node} node
   * @returns {boolean}
   */
  isTelling(node) {
    /** @type {Set<Node>} */
    const telling = this.#once("telling", () => {
      /** @type {Set<Node>} */
      const found = new Set();
      const says = (/** @type {Node} */ each) =>
        each.entries.length > 0 || (each.type === "systemObject" ? each.broken : !BESIDE.has(each.type));
      for (const each of this.nodes.filter(says)) {
        for (const level of wayUp(each)) found.add(level);
      }
      return found;
    });
    return telling.has(node) || node.depth === 0;
  }

  /** @param {string} systemObject */
  #rootTypes(systemObject) {
    const atRoot = (/** @type {TypeOfObject} */ type) => !type.parents?.length && !type.systemObject;
    return this.schema.types.filter(
      (type) => type.systemObject === systemObject || (systemObject === "server" && atRoot(type)),
    );
  }

  /** @param {string} type */
  #registered(type) {
    return this.principals.filter((each) => each.type === type && each.registered).map((each) => each.name);
  }

  /**
   * @param {string} user
   * @returns {Token[]}
   */
  #tokensOf(user) {
    const tokens = /** @type {any[]} */ (
      this.engine.ask("getUserAccessTokens", { userName: user }).userAccessToken ?? []
    );
    return tokens.map((token) => ({
      name: token.userAccessTokenName,
      user,
      id: token.userAccessTokenId,
      from: Date.parse(token.createTime),
      to: maybeInstant(token.expirationDate),
      sessions: this.#sessions("getUserAccessTokenSessions", {
        userName: user,
        userAccessTokenName: token.userAccessTokenName,
      }),
    }));
  }

  /**
   * Asked at the beginning of time, so that those are there too that will have ended when the clock says so.
   * @param {"getSessions" | "getUserAccessTokenSessions"} command
   * @param {Record<string, string>} which
   * @returns {Session[]}
   */
  #sessions(command, which) {
    const sessions = /** @type {any[]} */ (
      this.engine.ask(/** @type {any} */ (command), which, { at: 0 }).session ?? []
    );
    return sessions.map((session) => ({
      id: session.sessionId,
      from: Date.parse(session.createTime),
      to: Date.parse(session.expirationDate),
    }));
  }

  /**
   * @template T
   * @param {string} what
   * @param {() => T} find
   * @returns {T}
   */
  #once(what, find) {
    if (!this.#known.has(what)) this.#known.set(what, find());
    return this.#known.get(what);
  }
}

/**
 * An object and all that it lies under, the nearest first.
 * @param {Node | undefined} node
 * @returns {Node[]}
 */
export function wayUp(node) {
  return node ? [node, ...wayUp(node.parent)] : [];
}

/**
 * @param {any[]} rows
 * @returns {Node[]}
 */
function linked(rows) {
  /** @type {Node[]} */
  const way = [];
  return rows.map((row) => {
    way.length = row.depth;
    const parent = way[row.depth - 1];
    const node = {
      objectId: row.objectId,
      name: row.objectName,
      type: row.objectType,
      path: row.path,
      depth: row.depth,
      broken: row.breakInheritance === "1",
      entries: row.aclEntry ?? [],
      parent,
      children: [],
    };
    parent?.children.push(node);
    way.push(node);
    return node;
  });
}

/**
 * @param {Node[]} nodes
 * @returns {Principal[]}
 */
function principalsOf(nodes) {
  /** @type {Map<string, Principal>} */
  const found = new Map();
  const add = (/** @type {string} */ type, /** @type {string} */ name, /** @type {boolean} */ registered) => {
    const id = principalId(type, name);
    if (registered || !found.has(id)) found.set(id, { type, name, id, registered });
  };
  for (const node of nodes) {
    if (["user", "group", "serviceAccount"].includes(node.type)) add(node.type, node.name, true);
    for (const entry of node.entries) add(entry.principalType, entry.principalName, false);
  }
  return [...found.values()].sort(comparePrincipals);
}

/**
 * @param {any} group
 * @returns {Membership}
 */
function membership(group) {
  const all = (/** @type {string} */ type, /** @type {string[] | undefined} */ names) =>
    (names ?? []).map((name) => ({ type, name }));
  return {
    group: group.groupName,
    members: [
      ...all("user", group.userName),
      ...all("group", group.memberGroupName),
      ...all("serviceAccount", group.serviceAccountName),
    ],
  };
}

/** @param {Entry} entry */
function isDated(entry) {
  return Boolean(entry.notBefore || entry.notAfter);
}

/**
 * @param {Node} node
 * @param {Entry} entry
 * @returns {DatedEntry}
 */
function dated(node, entry) {
  return {
    label: entry.principalName,
    from: maybeInstant(entry.notBefore),
    to: maybeInstant(entry.notAfter),
    path: node.path,
    entry,
  };
}

/** @param {string | undefined} text */
function maybeInstant(text) {
  return text ? Date.parse(text) : undefined;
}
