import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

test("the types that the sources state are right, and those of the package", () => {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const { status, stdout } = spawnSync("node_modules/.bin/tsc", ["--noEmit"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
