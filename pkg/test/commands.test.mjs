import assert from "node:assert/strict";
import { test } from "node:test";
import { Portcullis } from "portcullis";
import { NOON, shop } from "./support/policies.mjs";

test("arguments by place, in an object and mixed mean the same", async () => {
  const engine = await shop();
  const entry = { principalType: "user", principalName: "joe", projectName: "Shop" };
  const calls = [["user", "joe", "Shop"], ["user", "joe", { projectName: "Shop" }], ["user", { principalName: "joe", projectName: "Shop" }], [entry]];
  for (const call of calls) {
    const last = call.at(-1);
    const given = typeof last === "object" ? [...call.slice(0, -1), { ...last, readPrivilege: "deny" }] : [...call, { readPrivilege: "deny" }];
    assert.equal(engine.createAclEntry(...given).aclEntry.readPrivilege, "deny");
    assert.equal(engine.getAclEntry(...call).aclEntry.principalName, "joe");
    assert.deepEqual(engine.deleteAclEntry(...call), {});
  }
});

test("an argument too many, or given twice, is refused", async () => {
  const engine = await shop();
  assert.throws(() => engine.createGroup("A", "B"), { code: "InvalidArgument", message: /`B` is one too many/ });
  assert.throws(() => engine.createGroup("A", { groupName: "B" }), { code: "InvalidArgument", message: /`groupName` twice/ });
  assert.throws(() => engine.createGroup(), { code: "MissingArgument", command: 0 });
  assert.throws(() => engine.createGroup("A", { colour: "red" }), { code: "InvalidArgument", message: /`colour`/ });
});

test("every command of the engine's table is a method, or its name is the package's own", async () => {
  const engine = await shop();
  const { COMMANDS } = await import("./support/commands.mjs");
  const own = Object.keys(COMMANDS).filter((name) => engine[name].name !== name || !Object.hasOwn(Portcullis.prototype, name));
  assert.deepEqual(own, []);
  assert.ok(Object.keys(COMMANDS).length > 70);
  const shadowed = ["check", "explain", "tree"];
  for (const command of shadowed) {
    const { decision, object } = engine.ask(command, { path: "/projects/Shop", ...(command === "tree" ? {} : { privilege: "read" }) });
    assert.ok(decision || object, command);
  }
});

test("dates in arguments are dates, texts or milliseconds", async () => {
  const engine = await shop();
  const ends = [new Date(NOON), "2026-11-22T13:00:00+01:00", NOON];
  for (const notAfter of ends) {
    const { aclEntry } = engine.createAclEntry("user", "joe", "Shop", { readPrivilege: "allow", notAfter });
    assert.equal(aclEntry.notAfter, "2026-11-22T12:00:00.000Z");
    engine.deleteAclEntry("user", "joe", "Shop");
  }
});

test("what is left out as `undefined` is left out", async () => {
  const engine = await shop();
  engine.createGroup("Dev", undefined);
  assert.equal(engine.createAclEntry("user", "joe", { projectName: "Shop", readPrivilege: undefined }).aclEntry.readPrivilege, "inherit");
});

test("a list of commands is done as a whole or not at all", async () => {
  const engine = await shop();
  const before = engine.snapshot();
  const commands = [{ command: "createGroup", arguments: { groupName: "Dev" } }, { command: "createGroup", arguments: { groupName: "QA" } }];
  assert.throws(() => engine.propose(commands), { code: "DuplicateGroupName", command: 1 });
  const proposal = engine.propose(commands.slice(0, 1));
  assert.deepEqual(engine.snapshot(), before, "to propose changes nothing");
  engine.apply(proposal);
  assert.equal(engine.revision, proposal.revision + 1);
  assert.throws(() => engine.apply(proposal), { code: "StaleProposal" });
  assert.throws(() => engine.apply(proposal.changes), { code: "Damaged" });
});

test("a proposal is for one policy and no other, though both are at the same revision", async () => {
  const [one, other] = [await shop(), await shop()];
  const proposal = one.propose([{ command: "createGroup", arguments: { groupName: "Dev" } }]);
  assert.equal(other.revision, one.revision);
  assert.throws(() => other.apply(proposal), { code: "ForeignProposal" });
  assert.equal(other.revision, proposal.revision);
});

test("change sets carry a policy to another engine, private values beside them", async () => {
  const one = await shop();
  const other = await Portcullis.load(one.snapshot());
  const proposal = one.propose([{ command: "modifyUser", arguments: { userName: "dora", email: "dora@example.org" } }]);
  one.apply(proposal);
  other.apply(proposal);
  assert.deepEqual(other.snapshot(), one.snapshot());
  assert.equal(other.getUser("dora").userInfo.email, "dora@example.org");
  assert.equal((await Portcullis.load(one.snapshot())).getUser("dora").userInfo.email, undefined);
});

test("what changes nothing has no change set, and is no revision", async () => {
  const engine = await shop();
  const { revision } = engine;
  const proposal = engine.propose([]);
  assert.equal(proposal.changes, undefined);
  engine.apply(proposal);
  assert.equal(engine.revision, revision);
});

test("what issues a secret records the hash that it is given, or one that nobody has", async () => {
  const engine = await shop({ clock: () => NOON });
  const secretHash = "5e".repeat(32);
  engine.createUserAccessToken({ userAccessTokenName: "known", secretHash });
  engine.createUserAccessToken({ userAccessTokenName: "unknown" });
  assert.deepEqual(engine.getUserAccessTokens().userAccessToken.map((row) => row.userAccessTokenName).sort(), ["known", "unknown"]);
  const [snapshot, digits] = [Buffer.from(engine.snapshot()), Buffer.from(secretHash, "hex")];
  assert.equal(snapshot.includes(digits) || snapshot.includes(secretHash), false, "snapshots hold no hash of a secret");
  for (const secretHash of ["", "zz".repeat(32), "5e", 5, null, {}]) {
    assert.throws(() => engine.createUserAccessToken({ userAccessTokenName: "x", secretHash }), { code: "InvalidArgument" });
  }
});

test("another caller commands the same engine with its own rights", async () => {
  const engine = await shop();
  const dora = engine.as("user:dora");
  assert.throws(() => dora.createAclEntry("user", "dora", "Shop", { readPrivilege: "allow" }), { code: "AccessDenied" });
  engine.createAclEntry("user", "dora", "Shop", { changePermissionsPrivilege: "allow" });
  dora.createAclEntry("user", "joe", "Shop", { readPrivilege: "allow" });
  assert.equal(engine.revision, dora.revision);
  assert.equal(dora.checkAccess("Shop").access.modifyPrivilege, "allow");
  assert.equal(engine.ask("checkAccess", { projectName: "Shop" }, { as: "user:joe" }).access.modifyPrivilege, "deny");
  dora.dispose();
  assert.throws(() => engine.checkAccess("Shop"), { code: "Disposed" });
});

test("the same bytes by chance give the same policy", async () => {
  const policy = async () => (await shop({ clock: () => NOON, random: (bytes) => bytes.fill(7) })).snapshot();
  assert.deepEqual(await policy(), await policy());
});

test("listeners hear of every change and of nothing else, whatever one of them throws", async (t) => {
  const engine = await shop();
  const heard = [];
  const { mock } = t.mock.method(globalThis, "queueMicrotask", () => {});
  const stops = [
    engine.subscribe(() => {
      throw new Error("mine");
    }),
    engine.subscribe(({ revision }) => heard.push(revision)),
  ];
  engine.createGroup("Dev");
  assert.throws(() => engine.createGroup("Dev"));
  engine.getGroups();
  engine.propose([{ command: "createGroup", arguments: { groupName: "Ops" } }]);
  stops.forEach((stop) => stop());
  engine.createGroup("Ops");
  assert.deepEqual(heard, [engine.revision - 1]);
  assert.equal(mock.callCount(), 1);
  assert.throws(mock.calls[0].arguments[0], { message: "mine" }, "it is thrown later, where nobody waits for it");
});

test("a listener that makes a change lets everybody hear of the changes in their order", async () => {
  const engine = await shop();
  const { revision } = engine;
  const heard = [];
  engine.subscribe((changed) => {
    if (changed.revision === revision + 1) engine.createGroup("Ops");
  });
  engine.subscribe((changed) => heard.push(changed.revision));
  engine.createGroup("Dev");
  assert.deepEqual(heard, [revision + 1, revision + 2]);
});

test("who stops listening, or whose engine is let go, hears nothing from that moment", async () => {
  const engine = await shop();
  const heard = [];
  engine.subscribe(() => stop());
  const stop = engine.subscribe(() => heard.push("stopped"));
  engine.createGroup("Dev");
  engine.subscribe(() => engine.dispose());
  engine.subscribe(() => heard.push("disposed"));
  engine.createGroup("Ops");
  assert.deepEqual(heard, []);
});

test("lists come in parts", async () => {
  const engine = await shop();
  const all = engine.tree().map(({ path }) => path);
  const parts = [];
  for (let after; ; ) {
    const part = engine.tree({ limit: 7, ...(after === undefined ? {} : { after }) });
    parts.push(...part.map(({ path }) => path));
    if (part.length < 7) break;
    after = part.at(-1).path;
  }
  assert.deepEqual(parts, all);
});
