// Every example in the documentation of the sources, and in the README, runs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { transform } from "esbuild";
import { Portcullis, PortcullisError } from "portcullis";
import { loadExports } from "portcullis/exports";

const folder = new URL("../src/", import.meta.url);
const sources = readdirSync(folder).filter((file) => file.endsWith(".ts"));
/** What examples have imported. */
const GIVEN = { assert, Portcullis, PortcullisError, loadExports };
const Run = Object.getPrototypeOf(async () => {}).constructor;

for (const file of sources) {
  const text = readFileSync(new URL(file, folder), "utf8");
  const examples = [...text.matchAll(/\* ```ts\n((?:\s*\*.*\n)*?)\s*\* ```/g)];
  examples.forEach(([, commented], place) => {
    test(`example ${place + 1} in ${file} is true`, () => run(commented.replace(/^\s*\* ?/gm, "")));
  });
}

for (const [, code] of readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/```ts\n([^]*?)```/g)) {
  test(`the README's example is true: ${code.trim().split("\n")[0]}`, async () => {
    assert.doesNotMatch(code, /assert/, "readers have none");
    await run(asserting(code));
  });
}

test("an answer in the README that is none is found", async () => {
  for (const wrong of ["[1, 2]; // [1]", "1; // 2", "1; // throws Any"]) {
    await assert.rejects(run(asserting(wrong)), { code: "ERR_ASSERTION" }, wrong);
  }
});

test("there are examples", () => {
  const text = sources.map((file) => readFileSync(new URL(file, folder), "utf8")).join("");
  assert.ok(text.split("@example").length > 15);
});

/** What a line answers stands behind it in a comment, words about it after a colon. */
function asserting(code) {
  return code
    .replace(/^(.+); \/\/ throws (\w+)$/gm, 'assert.throws(() => $1, { code: "$2" });')
    .replace(/^(.+); \/\/ (true|false|\d+|"[^"]*"|\[.*\])(:.*)?$/gm, "assert.deepEqual($1, $2);");
}

async function run(code) {
  const { code: script } = await transform(code.replace(/^import .*;\n/gm, ""), { loader: "ts" });
  await new Run(...Object.keys(GIVEN), script)(...Object.values(GIVEN));
}
