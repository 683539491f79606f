// Every method with every value that it does not take: a `PortcullisError`, never a trap, and the engine still answers.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Portcullis, PortcullisError } from "portcullis";
import { COMMANDS } from "./support/commands.mjs";
import { shop } from "./support/policies.mjs";

const detached = new Uint8Array([1, 2, 3]);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const circular = {};
circular.self = circular;
const throwing = new Proxy({}, {
  get() {
    throw new TypeError("a getter");
  },
  ownKeys() {
    throw new TypeError("keys");
  },
});
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const secretive = new Proxy({}, {
  getPrototypeOf() {
    throw new TypeError("a prototype");
  },
});
const getter = Object.defineProperty({}, "at", {
  enumerable: true,
  get() {
    throw new TypeError("a getter");
  },
});

const BAD = {
  null: null,
  undefined,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  number: 7,
  fraction: 0.5,
  bigint: 7n,
  boolean: true,
  symbol: Symbol("s"),
  function: () => "x",
  object: {},
  "object without a prototype": Object.create(null),
  list: [],
  "list of lists": [[]],
  "lone surrogate": "user:\ud800",
  "other lone surrogate": "\udc00",
  "empty text": "",
  "long text": "x".repeat(100_000),
  nul: "\0",
  "invalid date": new Date(Number.NaN),
  "object that holds itself": circular,
  "throwing proxy": throwing,
  "throwing getter": getter,
  "revoked proxy": revoked.proxy,
  "proxy without a class": secretive,
  "object that claims to be a date": Object.create(Date.prototype),
  "proxied date": new Proxy(new Date(0), {}),
  "detached bytes": detached,
  "detached buffer": detached.buffer,
  "empty bytes": new Uint8Array(),
  bytes: new Uint8Array([80, 67, 76, 83, 78, 65, 80, 1, 0]),
  map: new Map([["a", 1]]),
  promise: Promise.resolve(1),
};

const engine = await shop();
const snapshot = engine.snapshot();
after(() => engine.dispose());

/** The methods with arguments that they take; each is given every bad value in each place. */
const METHODS = {
  check: ["user:dora", "read", "/projects/Shop", {}],
  decide: ["user:dora", "read", "/projects/Shop", {}],
  explain: ["user:dora", "read", "/projects/Shop", {}],
  validUntil: ["user:dora", "read", "/projects/Shop", {}],
  checkMany: [[{ principal: "user:dora", privilege: "read", object: "/projects/Shop" }], {}],
  filter: ["user:dora", "read", ["/projects/Shop"], {}],
  resolve: ["/projects/Shop"],
  resolvePrincipal: ["user:dora"],
  resolvePrivilege: ["read"],
  whoCan: ["read", "/projects/Shop", {}],
  whatCan: ["user:dora", "read", {}],
  personas: ["dora", {}],
  permissions: ["dora", {}],
  tree: [{}],
  propose: [[], {}],
  preview: [[], {}],
  apply: [new Uint8Array()],
  project: ["user:dora", {}],
  subscribe: [() => {}],
  as: ["user:dora"],
  ask: ["check", { path: "/projects/Shop", privilege: "read" }, {}],
};

for (const [method, good] of Object.entries(METHODS)) {
  test(`${method} refuses what it does not take, and the engine still answers`, () => {
    for (let place = 0; place < good.length; place++) {
      for (const [name, bad] of Object.entries(BAD)) call(engine, method, good.with(place, bad), `${name} in place ${place}`);
    }
    call(engine, method, [], "nothing");
  });
}

/** Options with bad values in each field that some method has. */
test("bad options are refused, and the engine still answers", () => {
  const fields = ["at", "after", "limit", "under", "as", "salt", "path", "merged", "excludeGroupPersonas"];
  for (const [method, good] of Object.entries(METHODS).filter(([, good]) => isOptions(good.at(-1)))) {
    for (const field of fields) {
      for (const [name, bad] of Object.entries(BAD)) {
        call(engine, method, good.with(-1, { [field]: bad }), `${name} as ${field}`);
        call(engine, method, good.with(-1, { get [field]() { throw new TypeError("a getter"); } }), `a throwing ${field}`);
      }
    }
  }
});

test("bad dates are refused", () => {
  const dates = ["", "now", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T10:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T10:00:60Z", "20261122T100000Z", "2026-11-22T10:00:00+25:00", "-000001-01-01T00:00:00Z", 1e20, -1e20, 1.5, 8.64e15, "1700000000000"];
  for (const at of dates) {
    assert.throws(() => engine.check("user:dora", "read", "/projects/Shop", { at }), { name: "PortcullisError", code: "InvalidArgument" }, `${at}`);
  }
});

test("many questions with one bad among them are refused by its place", () => {
  const question = { principal: "user:dora", privilege: "read", object: "/projects/Shop" };
  for (const part of ["principal", "privilege", "object"]) {
    for (const bad of [null, 7, "\ud800", undefined]) {
      const questions = [question, { ...question, [part]: bad }];
      const message = new RegExp(`questions\\[1\\]\\.${part}`);
      assert.throws(() => engine.checkMany(questions), { code: "InvalidArgument", message });
    }
  }
  for (const bad of [null, 7, "\ud800", undefined, {}]) {
    assert.throws(() => engine.filter("user:dora", "read", ["/projects/Shop", bad]), { code: "InvalidArgument", message: /objects\[1\]/ });
  }
  const halves = ["/projects/A\ud83d", "\ude42/B"];
  assert.throws(() => engine.filter("user:dora", "read", halves), { code: "InvalidArgument" }, "halves of two texts are no whole");
});

test("a place that a list leaves out is refused, and moves no answer to another question", () => {
  const question = { principal: "user:dora", privilege: "read", object: "/projects/Shop" };
  const hole = (item) => Object.assign(new Array(2), { 1: item });
  const refusal = (message) => ({ name: "PortcullisError", code: "InvalidArgument", message });
  assert.throws(() => engine.checkMany(hole(question)), refusal(/questions\[0\]/));
  assert.throws(() => engine.filter("user:dora", "read", hole("/projects/Shop")), refusal(/objects\[0\]/));
  assert.throws(() => engine.propose(hole({ command: "createGroup", arguments: { groupName: "X" } })), refusal(/commands\[0\]/));
  assert.throws(() => engine.deleteUser(hole("dora")), refusal(/undefined/));
});

test("every command refuses what it does not take, by place and by name, and the engine still answers", () => {
  for (const [command, { positionals }] of Object.entries(COMMANDS)) {
    for (const [name, bad] of Object.entries(BAD)) {
      const view = engine.as("user:admin");
      call(view, command, [bad], `${name} first`);
      call(view, command, positionals.map(() => bad), `${name} in each place`);
      call(view, command, [{ path: bad }], `${name} as path`);
      call(view, command, [{ [positionals[0] ?? "userName"]: bad, description: bad, limit: bad, notAfter: bad }], `${name} by name`);
      call(engine, "propose", [[{ command, arguments: bad }]], `${name} as arguments`);
    }
  }
});

test("bad sources and settings are refused", async () => {
  for (const [name, bad] of Object.entries(BAD)) {
    await refused(() => Portcullis.load(bad), `load ${name}`);
    // A promise looks at what it is fulfilled with, and fails by itself.
    if (bad !== throwing && bad !== revoked.proxy) await refused(() => Portcullis.load(Promise.resolve(bad)), `load a promised ${name}`);
    for (const setting of ["as", "clock", "random", "schema"]) {
      if (bad === undefined) continue;
      const given = { [setting]: bad };
      // What a function says, or a caller's name is, shows only once it is asked.
      const use = async () => (await Portcullis.create(given)).createGroup("QA");
      await refused(use, `create with ${name} as ${setting}`, setting === "random" && typeof bad === "function");
    }
    // Any object may be options without any that is known.
    if (bad !== undefined) await refused(() => Portcullis.create(bad), `create ${name}`, typeof bad === "object");
  }
  await assert.rejects(Portcullis.load(Promise.reject(new RangeError("mine"))), RangeError);
});

test("a snapshot cut short, or damaged, is refused", async () => {
  for (let end = 0; end < snapshot.length; end += 97) {
    await assert.rejects(Portcullis.load(snapshot.subarray(0, end)), { name: "PortcullisError", code: "Damaged" });
  }
  for (let place = 0; place < snapshot.length; place += 89) {
    const damaged = snapshot.slice();
    damaged[place] ^= 0x41;
    await assert.rejects(Portcullis.load(damaged), { name: "PortcullisError", code: "Damaged" });
  }
});

test("after `dispose` every method is refused as disposed", async () => {
  const gone = await shop();
  const handle = gone.resolve("/projects/Shop");
  const view = gone.as("user:dora");
  gone.dispose();
  gone.dispose();
  gone[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
  assert.equal(gone.disposed, true);
  for (const engine of [gone, view]) {
    for (const [method, good] of Object.entries(METHODS)) {
      assert.throws(() => engine[method](...good), { name: "PortcullisError", code: "Disposed" }, method);
    }
    for (const command of Object.keys(COMMANDS).filter((command) => !(command in METHODS))) {
      assert.throws(() => engine[command](), { code: "Disposed" }, command);
    }
    assert.throws(() => engine.revision, { code: "Disposed" });
  }
  assert.throws(() => handle.stale, { code: "Disposed" });
});

test("nobody makes an engine but `load` and `create`", () => {
  assert.throws(() => new Portcullis(), { code: "InvalidArgument" });
});

function call(engine, method, given, about) {
  try {
    engine[method](...given);
  } catch (error) {
    if (!(error instanceof PortcullisError)) assert.fail(`${method} with ${about} throws ${error?.stack ?? String(error)}`);
    assert.match(error.code, /^[A-Z][A-Za-z]+$/);
    assert.ok(!["EngineFailed", "Disposed"].includes(error.code), `${method} with ${about}: ${error.message} ${error.cause?.stack}`);
  }
  assert.equal(engine.check("user:dora", "modify", "/projects/Shop"), true, `after ${method} with ${about}`);
}

async function refused(run, about, allowed = false) {
  try {
    await run();
  } catch (error) {
    assert.ok(error instanceof PortcullisError, `${about}: ${error?.stack}`);
    assert.ok(error.code !== "EngineFailed", `${about}: ${error.message}`);
    return;
  }
  assert.ok(allowed, `${about} is taken`);
}

function isOptions(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
