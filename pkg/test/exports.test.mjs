import assert from "node:assert/strict";
import { test } from "node:test";
import { PortcullisError, loadExports } from "portcullis/exports";

const LIST = "acl {\n inheriting = '0'\n aclEntry 'group', principalName: 'dev', { readPrivilege = 'allow' }\n}\n";
const exports = await loadExports();

/** What is thrown, as `code: message`. */
function thrown(run) {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PortcullisError);
    return `${error.code}: ${error.message}`;
  }
  assert.fail("nothing was thrown");
}

const read = (...files) => exports.read(files.map(([path, bytes]) => ({ path, bytes })));

test("a dropped folder is read to what the command import takes, with a summary", () => {
  const { objects, summary } = read(
    ["/my-export/projects/Shop%2E1/acls/acl.dsl", LIST],
    ["/my-export/groups/dev/group.dsl", new TextEncoder().encode("group 'dev', { userName = ['dora', x] }").buffer],
    ["/my-export/projects/Shop%2E1/logo.png"],
  );
  assert.deepEqual(objects.map((object) => object.path), ["/groups/dev", "/projects/Shop.1"]);
  assert.equal(objects[1].acl.inheriting, false);
  assert.deepEqual(summary.objects, { group: 1, project: 1 });
  assert.deepEqual([summary.files, summary.aclsFound, summary.aclsTaken, summary.members], [2, 1, 1, 1]);
  assert.deepEqual(summary.skipped[0], {
    reason: "computedValue",
    name: "userName",
    count: 1,
    why: "value computed by code",
    first: { file: "groups/dev/group.dsl", line: 1, column: 36 },
  });
});

test("what is wrong with an export is said with its place, and the reader reads on", () => {
  const message = "expected `inheriting` or `aclEntry`, found `rights`";
  assert.equal(thrown(() => read(["e/users/u/acls/acl.dsl", "acl {\n rights { }\n}"])), `InvalidExport: e/users/u/acls/acl.dsl:2:2: ${message}`);
  assert.match(thrown(() => read(["photos/a.jpg"])), /^InvalidExport: .* found none in `photos`$/);
  assert.match(thrown(() => read()), /^InvalidExport: .* found none$/);
  assert.match(thrown(() => read(["a.dsl", new Uint8Array([97, 0xff])])), /found the byte 0xFF$/);
  assert.equal(read(["users/u/user.dsl", ""]).objects.length, 1);
});

test("a schema of the user's own counts, and one that is none is refused", () => {
  const roles = { read: "view", modify: "view", changePermissions: "view" };
  const schema = { name: "hospital", privileges: ["view"], types: [{ name: "department" }], roles };
  const files = [{ path: "departments/d/department.dsl", bytes: "" }];
  assert.deepEqual(exports.read(files, { schema }).objects, [{ path: "/departments/d" }]);
  assert.match(thrown(() => exports.read(files, { schema: {} })), /^InvalidArgument: /);
});

test("wrong types are refused by their names", () => {
  const detached = new ArrayBuffer(8);
  structuredClone(detached, { transfer: [detached] });
  const wrong = [
    [null, "files"], [7, "files"], [[null], "path"], [[{}], "path"], [[{ path: "\ud800.dsl", bytes: "" }], "path"],
    [[{ path: "a.dsl" }], "bytes"], [[{ path: "a.dsl", bytes: 7 }], "bytes"], [[{ path: "a.dsl", bytes: "\udc00" }], "bytes"],
    [[{ path: "a.dsl", bytes: detached }], "bytes"],
    [(function* () { throw new RangeError("mine"); })(), "files"],
  ];
  for (const [files, name] of wrong) assert.match(thrown(() => exports.read(files)), new RegExp(`^InvalidArgument: \`${name}\` `));
  assert.match(thrown(() => exports.read([], null)), /^InvalidArgument: the options/);
  assert.match(thrown(() => exports.isRead(undefined)), /^InvalidArgument: `path`/);
  assert.match(thrown(() => read(["../a.dsl", ""])), /^InvalidExport: expected a file's path/);
});

test("only DSL files are read", () => {
  assert.deepEqual(["a/b.dsl", "B.GROOVY", "a.dsl/b", "dsl", ""].map((path) => exports.isRead(path)), [true, true, false, false, false]);
});

test("nesting too deep is refused, and the reader reads on", () => {
  for (const [opener, closer] of [["a {", "}"], ["x = [", "]"], ['"${', '}"'], ["f(", ")"]]) {
    const nested = (depth) => opener.repeat(depth) + closer.repeat(depth);
    assert.match(thrown(() => read(["a.dsl", nested(100_000)])), /at most 128 levels of nesting/);
    read(["a.dsl", nested(100)]);
  }
});
