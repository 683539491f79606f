import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { Portcullis } from "portcullis";
import { NOON, chance, shop } from "./support/policies.mjs";

test("names, handles, many at once and decisions all give one answer", async () => {
  const next = chance(7);
  const engine = await shop();
  const principals = ["user:dora", "user:joe", "user:admin", "user:nobody", "group:QA", "group:Nobodies", "group:Everyone"];
  const paths = ["/projects/Shop", "/projects/Shop/pipelines/Release", "/projects/None", "/systemObjects/server", "/projects/Shop/pipelines/A%2FB", "/projects/Ümläut 🙂"];
  const privileges = ["read", "modify", "execute", "changePermissions"];
  for (let round = 0; round < 30; round++) {
    const [type, name] = principals[next(principals.length)].split(":");
    const path = paths[next(2)];
    const word = ["allow", "deny", "inherit"][next(3)];
    const privilege = privileges[next(4)];
    try {
      engine.createAclEntry(type, name, { path, [`${privilege}Privilege`]: word });
    } catch {
      engine.modifyAclEntry(type, name, { path, [`${privilege}Privilege`]: word });
    }
    for (const principal of principals) {
      for (const privilege of privileges) {
        const shown = new Set(engine.filter(principal, privilege, paths));
        const many = engine.checkMany(paths.map((object) => ({ principal, privilege, object })));
        paths.forEach((path, place) => {
          const expected = engine.decide(principal, privilege, path).allowed;
          const about = `${principal} ${privilege} ${path}`;
          assert.equal(engine.check(principal, privilege, path), expected, about);
          assert.equal(engine.check(principal, privilege, path), expected, `${about}, remembered`);
          assert.equal(many[place], expected, `${about}, many`);
          assert.equal(shown.has(path), expected, `${about}, filtered`);
          const handles = [engine.resolvePrincipal(principal), engine.resolvePrivilege(privilege), engine.resolve(path)];
          assert.equal(engine.check(...handles), expected, `${about}, handles`);
        });
      }
    }
  }
});

test("what is remembered of a name ends when the policy changes", async () => {
  const engine = await shop();
  const ask = () => engine.check("user:dora", "modify", "/projects/Shop/pipelines/New");
  assert.equal(ask(), true);
  engine.createObject({ projectName: "Shop", pipelineName: "New" });
  engine.breakAclInheritance({ projectName: "Shop", pipelineName: "New" });
  assert.equal(ask(), false);
  engine.deleteObject({ projectName: "Shop", pipelineName: "New" });
  assert.equal(ask(), true);
});

test("an object's handle outlives a move, and after a deletion denies", async () => {
  const engine = await shop();
  const release = engine.resolve("/projects/Shop/pipelines/Release");
  engine.createObject({ projectName: "Other" });
  engine.moveObject({ projectName: "Shop", pipelineName: "Release", newParent: "/projects/Other" });
  assert.equal(engine.check("user:dora", "modify", release), false, "it is another project's now");
  assert.equal(release.stale, false);
  engine.deleteObject({ projectName: "Other", pipelineName: "Release" });
  assert.equal(release.stale, true);
  assert.equal(engine.check("user:admin", "read", release), false, "a stale handle is denied even to admin");
});

test("the handle of an object that nobody has created goes stale with the next one that is", async () => {
  const engine = await shop();
  const handle = engine.resolve("/projects/Shop/pipelines/Later");
  assert.equal(engine.check("user:dora", "modify", handle), true);
  engine.createObject({ projectName: "Shop", pipelineName: "Later" });
  assert.equal(handle.stale, true);
  assert.equal(engine.check("user:dora", "modify", handle), false);
});

test("the handle of a principal that nobody knew is right once it is created", async () => {
  const engine = await shop();
  const late = engine.resolvePrincipal("user:late");
  assert.equal(engine.check(late, "modify", "/projects/Shop"), false);
  engine.createObject({ userName: "late" });
  engine.addGroupMember("QA", "late");
  assert.equal(engine.check(late, "modify", "/projects/Shop"), true);
});

test("a handle of another engine is refused", async () => {
  const [one, other] = [await shop(), await shop()];
  assert.throws(() => one.check("user:dora", "read", other.resolve("/projects/Shop")), { code: "InvalidArgument" });
  assert.throws(() => one.check(other.resolvePrincipal("user:dora"), "read", "/projects/Shop"), { code: "InvalidArgument" });
  assert.throws(() => one.check("user:dora", other.resolvePrivilege("read"), "/projects/Shop"), { code: "InvalidArgument" });
});

test("instants are dates, texts or milliseconds, and mean the same", async () => {
  const engine = await shop({ clock: () => NOON });
  const notAfter = "2026-11-22T14:00:00+01:00";
  engine.createAclEntry("user", "joe", { projectName: "Shop", modifyPrivilege: "allow", notAfter });
  const end = Date.parse(notAfter);
  const ask = (at) => engine.check("user:joe", "modify", "/projects/Shop", { at });
  for (const at of [end - 1, new Date(end - 1), "2026-11-22T12:59:59.999Z", "2026-11-22T13:59:59.999999+01:00"]) {
    assert.equal(ask(at), true, `${at}`);
  }
  for (const at of [end, new Date(end), "2026-11-22T13:00:00Z"]) assert.equal(ask(at), false, `${at}`);
  assert.equal(engine.check("user:joe", "modify", "/projects/Shop"), true, "the clock of the options");
  assert.deepEqual(engine.validUntil("user:joe", "modify", "/projects/Shop"), new Date(end));
  assert.deepEqual(engine.decide("user:joe", "modify", "/projects/Shop").validUntil, new Date(end));
  assert.equal(engine.validUntil("user:joe", "modify", "/projects/Shop", { at: end }), undefined);
});

test("a check asks no clock until an entry is dated, and again none when none is any more", async () => {
  let [now, asked] = [NOON, 0];
  const engine = await shop({ clock: () => (asked++, now) });
  const other = await Portcullis.load(engine.snapshot(), { clock: () => (asked++, now) });
  const handles = (one) => [one.resolvePrincipal("user:joe"), one.resolvePrivilege("modify"), one.resolve("/projects/Shop")];
  const joe = new Map([engine, other].map((one) => [one, handles(one)]));
  const asks = (one) => {
    const before = asked;
    const answers = [one.check("user:joe", "modify", "/projects/Shop"), one.as("user:joe").check(...joe.get(one))];
    return [...answers, asked - before];
  };
  const run = (command, more) => {
    const given = { principalType: "user", principalName: "joe", projectName: "Shop", ...more };
    const proposal = engine.propose([{ command, arguments: given }]);
    engine.apply(proposal);
    other.apply(proposal.changes);
  };
  for (const one of [engine, other]) assert.deepEqual(asks(one), [false, false, 0]);
  run("createAclEntry", { modifyPrivilege: "allow", notAfter: new Date(NOON + 1000) });
  const loaded = await Portcullis.load(engine.snapshot(), { clock: () => (asked++, now) });
  joe.set(loaded, handles(loaded));
  for (const one of [engine, other, loaded]) assert.deepEqual(asks(one), [true, true, 2]);
  now += 1000;
  for (const one of [engine, other, loaded]) assert.deepEqual(asks(one), [false, false, 2]);
  assert.equal(engine.check("user:joe", "modify", "/projects/Shop", { at: NOON }), true);
  run("modifyAclEntry", { notAfter: "" });
  for (const one of [engine, other]) assert.deepEqual(asks(one), [true, true, 0]);
});

test("dates and bytes of another realm are dates and bytes", async () => {
  const engine = await shop();
  const [date, copied] = ["new Date(5000)", "(bytes) => Uint8Array.from(bytes).buffer"].map((code) => runInNewContext(code));
  assert.equal(engine.check("user:dora", "modify", "/projects/Shop", { at: date }), true);
  engine.createAclEntry("user", "joe", "Shop", { modifyPrivilege: "allow", notAfter: date });
  assert.deepEqual(engine.validUntil("user:joe", "modify", "/projects/Shop", { at: 0 }), new Date(5000));
  const again = await Portcullis.load(copied(engine.snapshot()));
  const { changes } = engine.propose([{ command: "createGroup", arguments: { groupName: "Dev" } }]);
  again.apply(copied(changes));
  assert.equal(again.revision, engine.revision + 1);
});

test("what is filtered keeps its order and its kind", async () => {
  const engine = await shop();
  const rows = ["Shop", "Ä🙂", "Shop", "Other"].map((name, id) => ({ id, path: `/projects/${name}` }));
  const shown = engine.filter("user:dora", "modify", rows, { path: (row) => row.path });
  assert.deepEqual(shown, [rows[0], rows[2]]);
  assert.equal(shown[0], rows[0]);
  assert.deepEqual(engine.filter("user:dora", "modify", []), []);
  const many = Array.from({ length: 30_000 }, (_, place) => `/projects/${place % 3 ? "Other" : "Shop"}/pipelines/${"ü".repeat(place % 50)}x`);
  assert.deepEqual(engine.filter("user:dora", "modify", many), many.filter((path) => path.startsWith("/projects/Shop")));
});

test("characters of several bytes anywhere in a long list are no matter", async () => {
  const engine = await shop();
  const listed = (place, path) => Array.from({ length: 130 }, (_, other) => (other === place ? path : `/projects/Other/pipelines/${other}`));
  for (const place of [0, 63, 64, 65, 127, 128, 129]) {
    for (const name of ["ü", "🙂", "\u{7ff}\u{800}", "e"]) {
      const path = `/projects/Shop/pipelines/${name}`;
      assert.deepEqual(engine.filter("user:dora", "modify", listed(place, path)), [path], `${name} at ${place}`);
      assert.throws(() => engine.filter("user:dora", "modify", listed(place, `${path}\ud800`)), { code: "InvalidArgument" });
    }
  }
  // So many bytes more that the first texts are as long as all together.
  const [first, last] = [`/projects/Shop/pipelines/${"ü".repeat(14)}`, "/projects/Shop"];
  const paths = [first, ...Array(63).fill("/projects/Other"), last];
  assert.deepEqual(engine.filter("user:dora", "modify", paths), [first, last]);
});

test("what the filter's own function throws comes out as it is", async () => {
  const engine = await shop();
  const own = new RangeError("mine");
  const path = () => {
    throw own;
  };
  assert.throws(() => engine.filter("user:dora", "read", [1], { path }), (error) => error === own);
  assert.equal(engine.check("user:dora", "modify", "/projects/Shop"), true);
});

test("a snapshot brings back the same policy", async () => {
  const engine = await shop();
  const again = await Portcullis.load(engine.snapshot(), { as: "user:dora" });
  assert.deepEqual(again.snapshot(), engine.snapshot());
  assert.equal(again.caller, "user:dora");
  assert.equal(again.revision, engine.revision);
  for (const source of [engine.snapshot().buffer, new DataView(engine.snapshot().buffer), new Response(engine.snapshot()), Promise.resolve(engine.snapshot())]) {
    assert.equal((await Portcullis.load(source)).kind, "policy");
  }
  await assert.rejects(Portcullis.load(new Response("no", { status: 404 })), { code: "InvalidArgument" });
});
