// A projection answers for its principal what the whole policy answers, and knows nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Portcullis } from "portcullis";
import { Portcullis as Check, PortcullisError as CheckError } from "portcullis/check";
import { COMMANDS } from "./support/commands.mjs";
import { NOON, chance, shop } from "./support/policies.mjs";

const HOUR = 3_600_000;
const PRINCIPALS = ["user:dora", "user:joe", "user:admin", "user:nobody", "group:QA", "serviceAccount:bot", "user:project: Shop"];
const PRIVILEGES = ["read", "modify", "execute", "changePermissions"];
const PATHS = [
  "/projects/Shop",
  "/projects/Shop/pipelines/Release",
  "/projects/Shop/pipelines/New",
  "/projects/None/pipelines/A%2FB",
  "/projects/Ümläut 🙂",
  "/systemObjects/server",
  "/users/dora",
];
const INSTANTS = [NOON, NOON + HOUR - 1, NOON + HOUR, NOON + 2 * HOUR, NOON + 9 * HOUR];

/** A policy with entries of all kinds by chance, some of them dated. */
async function policy(seed) {
  const engine = await shop({ clock: () => NOON });
  const next = chance(seed);
  for (const principal of PRINCIPALS.filter((name) => name !== "user:admin" && name !== "user:nobody")) {
    for (const path of PATHS.filter((_, place) => place !== 2 && place !== 3 && place !== 4)) {
      if (next(2) === 0) continue;
      const [type, ...name] = principal.split(":");
      const words = Object.fromEntries(PRIVILEGES.map((name) => [`${name}Privilege`, ["allow", "deny", "inherit"][next(3)]]));
      const window = [{}, { notBefore: NOON + HOUR }, { notAfter: NOON + 2 * HOUR }][next(3)];
      const entry = { path, ...words, ...window };
      try {
        engine.createAclEntry(type, name.join(":"), entry);
      } catch (error) {
        assert.equal(error.code, "DuplicateAclEntry", `${error}`);
        engine.modifyAclEntry(type, name.join(":"), entry);
      }
    }
  }
  if (next(2)) engine.breakAclInheritance({ projectName: "Shop", pipelineName: "Release" });
  return engine;
}

const projections = {
  "the whole module": (bytes, options) => Portcullis.load(bytes, options),
  "the module for checks alone": (bytes, options) => Check.load(bytes, options),
};

for (const [name, load] of Object.entries(projections)) {
  test(`in ${name} a projection answers as the policy does, at every instant`, async () => {
    const seen = new Set();
    for (const seed of [1, 2, 3]) {
      const engine = await policy(seed);
      for (const principal of PRINCIPALS) {
        const projection = await load(engine.project(principal), { clock: () => NOON });
        for (const privilege of PRIVILEGES) {
          for (const at of INSTANTS) {
            const allowed = PATHS.map((path) => engine.check(principal, privilege, path, { at }));
            const until = PATHS.map((path) => engine.validUntil(principal, privilege, path, { at }));
            const about = `${seed} ${principal} ${privilege} ${at - NOON}`;
            allowed.forEach((answer) => seen.add(answer));
            until.forEach((instant) => seen.add(instant?.getTime()));
            assert.deepEqual(PATHS.map((path) => projection.check(principal, privilege, path, { at })), allowed, about);
            assert.deepEqual(PATHS.map((path) => projection.validUntil(principal, privilege, path, { at })), until, about);
            const questions = PATHS.map((object) => ({ principal, privilege, object }));
            assert.deepEqual(projection.checkMany(questions, { at }), allowed, about);
            assert.deepEqual(projection.filter(principal, privilege, PATHS, { at }), PATHS.filter((_, place) => allowed[place]), about);
            const rows = PATHS.map((path) => ({ path }));
            const shown = projection.filter(principal, privilege, rows, { at, path: (row) => row.path });
            assert.deepEqual(shown, rows.filter((_, place) => allowed[place]), about);
          }
        }
        projection.dispose();
      }
    }
    assert.deepEqual(seen, new Set([true, false, undefined, NOON + HOUR, NOON + 2 * HOUR]), "of everything there was some");
  });

  test(`in ${name} a projection asks its own clock, and an instant before it was made counts as that one`, async () => {
    const engine = await shop();
    engine.createAclEntry("user", "joe", { projectName: "Shop", modifyPrivilege: "allow", notBefore: NOON, notAfter: NOON + HOUR });
    let now = NOON;
    const projection = await load(engine.project("user:joe", { at: NOON }), { clock: () => now });
    const ask = (given) => projection.check("user:joe", "modify", "/projects/Shop", given);
    assert.equal(ask(), true);
    assert.deepEqual(projection.validUntil("user:joe", "modify", "/projects/Shop"), new Date(NOON + HOUR));
    assert.equal(ask({ at: NOON - HOUR }), true);
    now = NOON + HOUR;
    assert.equal(ask(), false);
    assert.equal(ask({ at: new Date(NOON) }), true);
  });

  test(`in ${name} a decision of a projection has the reason that it is projected`, async () => {
    const engine = await shop({ clock: () => NOON });
    const notAfter = new Date(NOON + HOUR);
    engine.createAclEntry("user", "joe", { projectName: "Shop", readPrivilege: "allow", notAfter });
    const projection = await load(engine.project("user:joe"), { clock: () => NOON });
    const reason = { code: "Projected" };
    assert.deepEqual(projection.decide("user:joe", "read", "/projects/Shop"), { decision: "allow", allowed: true, reason, validUntil: notAfter });
    assert.deepEqual(projection.decide("user:joe", "modify", "/projects/Shop"), { decision: "deny", allowed: false, reason });
    assert.deepEqual([projection.kind, projection.revision, projection.now()], ["projection", 0, NOON]);
  });

  test(`in ${name} a projection knows nobody but its principal`, async () => {
    const projection = await load((await shop()).project("user:dora"));
    const refused = { name: "PortcullisError", code: "NotInProjection" };
    for (const other of ["user:joe", "user:admin", "user:nobody", "group:QA", "group:dora", "serviceAccount:dora", "user:Dora"]) {
      const object = "/projects/Shop";
      assert.throws(() => projection.check(other, "modify", object), refused, other);
      assert.throws(() => projection.decide(other, "modify", object), refused, other);
      assert.throws(() => projection.validUntil(other, "modify", object), refused, other);
      assert.throws(() => projection.filter(other, "modify", [object]), refused, other);
      const dora = { principal: "user:dora", privilege: "modify", object };
      assert.throws(() => projection.checkMany([dora, { ...dora, principal: other }]), refused, other);
    }
    assert.equal(projection.check("user:dora", "modify", "/projects/Shop"), true);
  });

  test(`in ${name} a projection refuses what is no question, and answers on`, async () => {
    const projection = await load((await shop()).project("user:dora"));
    assert.throws(() => projection.check("user:dora", "fly", "/projects/Shop"), { code: "InvalidPrivilege" });
    assert.throws(() => projection.check("user:dora", "modify", "/planets/Mars"), { name: "PortcullisError" });
    assert.throws(() => projection.check("user:dora", "modify", "/projects/\ud800"), { code: "InvalidArgument" });
    for (const bad of [undefined, null, 7, {}, Symbol("x")]) {
      assert.throws(() => projection.check(bad, "modify", "/projects/Shop"), { code: "InvalidArgument" });
      assert.throws(() => projection.check("user:dora", bad, "/projects/Shop"), { code: "InvalidArgument" });
      assert.throws(() => projection.check("user:dora", "modify", bad), { code: "InvalidArgument" });
      assert.throws(() => projection.filter("user:dora", "modify", [bad]), { code: "InvalidArgument" });
    }
    assert.equal(projection.check("user:dora", "modify", "/projects/Shop"), true);
  });

  test(`in ${name} bytes that are no whole projection are damaged`, async () => {
    const engine = await shop();
    const bytes = engine.project("user:dora");
    const damaged = { name: "PortcullisError", code: "Damaged" };
    for (let length = 0; length < bytes.length; length++) await assert.rejects(load(bytes.slice(0, length)), damaged, `cut to ${length}`);
    for (let place = 0; place < bytes.length; place++) {
      await assert.rejects(load(bytes.map((byte, at) => (at === place ? byte ^ 0x10 : byte))), damaged, `altered at ${place}`);
    }
    await assert.rejects(load(new Uint8Array([...bytes, 0])), damaged);
    await assert.rejects(load(engine.snapshot().slice(1)), damaged);
    const again = await load(new Response(bytes));
    assert.equal(again.check("user:dora", "modify", "/projects/Shop"), true);
  });

  test(`in ${name} a projection that is disposed answers no more`, async () => {
    const projection = await load((await shop()).project("user:dora"));
    const { disposed } = projection;
    projection[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    projection.dispose();
    assert.deepEqual([disposed, projection.disposed], [false, true]);
    const gone = { name: "PortcullisError", code: "Disposed" };
    assert.throws(() => projection.check("user:dora", "modify", "/projects/Shop"), gone);
    assert.throws(() => projection.filter("user:dora", "modify", []), gone);
    assert.throws(() => projection.checkMany([]), gone);
    assert.throws(() => projection.subscribe(() => {}), gone);
    assert.throws(() => projection.revision, gone);
  });
}

test("what a projection cannot answer it refuses as not in it", async () => {
  const projection = await Portcullis.load((await shop()).project("user:admin"));
  const refused = { name: "PortcullisError", code: "NotInProjection" };
  const asked = {
    explain: ["user:admin", "read", "/projects/Shop"],
    whoCan: ["read", "/projects/Shop"],
    whatCan: ["user:admin", "read"],
    personas: ["admin"],
    permissions: ["admin"],
    tree: [],
    resolve: ["/projects/Shop"],
    resolvePrincipal: ["user:admin"],
    resolvePrivilege: ["read"],
    propose: [[{ command: "createGroup", arguments: { groupName: "Dev" } }]],
    apply: [{ revision: 0, replies: [] }],
    preview: [[]],
    project: ["user:admin"],
    snapshot: [],
    ask: ["getUsers"],
  };
  for (const [method, given] of Object.entries(asked)) assert.throws(() => projection[method](...given), refused, method);
  const commands = Object.keys(COMMANDS).filter((command) => !(command in asked) && command !== "check");
  assert.ok(commands.length > 50, `${commands.length}`);
  for (const command of commands) assert.throws(() => projection[command]({}), refused, command);
  assert.equal(projection.as("user:dora").check("user:admin", "read", "/projects/Shop"), true);
});

test("the smaller entry takes nothing but projections, and has no commands", async () => {
  const engine = await shop();
  await assert.rejects(Check.load(engine.snapshot()), (error) => error instanceof CheckError && error.code === "Damaged");
  const projection = await Check.load(engine.project("user:dora"));
  for (const method of ["explain", "apply", "createGroup", "snapshot"]) assert.equal(projection[method], undefined);
  const size = (file) => readFileSync(new URL(`../dist/${file}`, import.meta.url)).length;
  assert.ok(size("check.wasm") < size("portcullis.wasm") / 3);
});

test("a projection tells nothing but the answers: no name is in it, and equal answers are equal bytes", async () => {
  const engine = await shop();
  const salt = new Uint8Array(16).fill(7);
  const bytes = engine.project("user:dora", { at: NOON, salt });
  const text = Buffer.from(bytes).toString("latin1");
  for (const name of ["dora", "joe", "QA", "Shop", "Release"]) assert.ok(!text.includes(name), name);
  assert.ok(text.includes("changePermissions"), "names of privileges are in it, so that names would be found");
  engine.createGroup("Dev");
  engine.createAclEntry("user", "joe", { projectName: "Shop", readPrivilege: "allow" });
  assert.deepEqual(engine.project("user:dora", { at: NOON, salt }), bytes);
  assert.notDeepEqual(engine.project("user:dora", { at: NOON }), bytes);
});

test("a salt is sixteen bytes; a projection whose salt will not do is made with another", async () => {
  const engine = await shop();
  for (const salt of [new Uint8Array(15), new Uint8Array(17), new Uint8Array(0), "0123456789abcdef", null, 7]) {
    assert.throws(() => engine.project("user:dora", { salt }), { name: "PortcullisError", code: "InvalidArgument" });
  }
  const { core } = engine.resolvePrincipal("user:dora");
  const [real, salts] = [core.glue.project, []];
  let collisions = 1;
  core.glue.project = function (principal, now, salt) {
    salts.push(Buffer.from(salt).toString("hex"));
    if (collisions-- > 0) throw Object.assign(new Error("two paths have one key"), { code: "InvalidArgument" });
    return real.call(this, principal, now, salt);
  };
  const projection = await Portcullis.load(engine.project("user:dora"));
  assert.equal(projection.check("user:dora", "modify", "/projects/Shop"), true);
  assert.equal(new Set(salts).size, 2);
  collisions = 2;
  assert.throws(() => engine.project("user:dora"), { name: "PortcullisError", code: "InvalidArgument" });
  collisions = 1;
  assert.throws(() => engine.project("user:dora", { salt: new Uint8Array(16) }), { code: "InvalidArgument" });
  assert.equal(salts.length, 5, "a salt of the caller's own is not replaced");
});
