// What happens when the engine runs into a fault, and when its module is not to be had.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const folder = new URL("..", import.meta.url);

/** Runs a module in a process of its own, because a process gets the WebAssembly module ready once. */
async function run(code) {
  const script = `import assert from "node:assert/strict"; import { readFileSync } from "node:fs";
    const bytes = readFileSync("dist/portcullis.wasm"); ${code}; console.log("done");`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
  assert.equal(stdout, "done\n");
}

const SLIM = 'import { Portcullis, initialize } from "portcullis/slim";';

/** Makes an export of the module trap while `trap.on` is set. */
const TRAP = (name) => `
  const trap = { on: false };
  WebAssembly.Instance = class extends WebAssembly.Instance {
    get exports() {
      const real = super.exports;
      return { ...real, ${name}: (...given) => {
        if (trap.on) throw new WebAssembly.RuntimeError("unreachable");
        return real.${name}(...given);
      } };
    }
  };
  Object.defineProperty(WebAssembly.Instance.prototype, "exports", Object.getOwnPropertyDescriptor(WebAssembly.Instance.prototype, "exports"));
`;

for (const [name, ask] of [
  ["engine_checkHandle", 'engine.check("user:dora", "read", "/projects/Shop")'],
  ["engine_call", 'engine.decide("user:dora", "read", "/projects/Shop")'],
  ["engine_apply", 'engine.createGroup("QA")'],
  ["engine_filter", 'engine.filter("user:dora", "read", ["/projects/Shop"])'],
  ["engine_resolveObject", 'engine.check("user:dora", "read", "/projects/Shop")'],
]) {
  test(`after a trap in ${name} the engine answers nothing more, and a new one does`, () =>
    run(`${TRAP(name)}
      const { Portcullis } = await import("portcullis");
      const engine = await Portcullis.create();
      const view = engine.as("user:joe");
      trap.on = true;
      assert.throws(() => ${ask}, { name: "PortcullisError", code: "EngineFailed" });
      trap.on = false;
      for (const one of [engine, view]) {
        assert.throws(() => one.check("user:admin", "read", "/projects/Shop"), { name: "PortcullisError", code: "EngineFailed" });
        assert.throws(() => one.snapshot(), { code: "EngineFailed" });
      }
      engine.dispose();
      const next = await Portcullis.create();
      assert.equal(next.check("user:admin", "read", "/projects/Shop"), true)`));
}

test("`portcullis/slim` says that it needs `initialize` first", () =>
  run(`${SLIM}
    await assert.rejects(Portcullis.create(), { name: "PortcullisError", code: "NotInitialized" });
    await initialize(bytes);
    assert.equal((await Portcullis.create()).revision, 1)`));

for (const [name, source] of Object.entries({
  "a buffer": "bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)",
  "a compiled module": "new WebAssembly.Module(bytes)",
  "a response": 'new Response(bytes, { headers: { "content-type": "application/wasm" } })',
  "a response with another type": 'new Response(bytes, { headers: { "content-type": "text/html" } })',
  "a response without a type": "new Response(bytes)",
  "a promise": "Promise.resolve(bytes)",
  "an address": '`data:application/wasm;base64,${bytes.toString("base64")}`',
  "an URL": 'new URL(`data:application/wasm;base64,${bytes.toString("base64")}`)',
})) {
  test(`\`initialize\` takes ${name}`, () => run(`${SLIM} await initialize(${source}); await Portcullis.create()`));
}

test("what is no module is refused, and one may try again", () =>
  run(`${SLIM}
    for (const bad of [new Uint8Array([1, 2, 3]), new Response("", { status: 404 }), 7, null, {}, "http://127.0.0.1:1/", (async () => { throw new Error("no"); })]) {
      await assert.rejects(initialize(typeof bad === "function" ? bad() : bad), (error) => error.name === "PortcullisError" && /ModuleNotLoaded|InvalidArgument|NotInitialized/.test(error.code));
    }
    await Promise.all([initialize(bytes), initialize(), Portcullis.create()])`));

test("`portcullis/inline` reads no file and fetches nothing", () =>
  run(`globalThis.fetch = () => assert.fail("fetched");
    const { Portcullis } = await import("portcullis/inline");
    assert.equal((await Portcullis.create()).revision, 1)`));

test("CommonJS has the same", () =>
  run(`const { createRequire } = await import("node:module");
    const require = createRequire(process.cwd() + "/");
    const { Portcullis, PortcullisError, initialize } = require("./dist/node.cjs");
    const engine = await Portcullis.create();
    assert.throws(() => engine.getUser("nobody"), PortcullisError);
    assert.equal(typeof initialize, "function");
    assert.equal(typeof require("./dist/react.cjs").useCan, "function");
    assert.equal(typeof require("./dist/check-node.cjs").Portcullis.load, "function");
    const exports = await require("./dist/exports-node.cjs").loadExports();
    assert.equal(exports.isRead("project.dsl"), true)`));

test("nothing is made of text at run time", () => {
  for (const file of ["node.cjs", "check-node.cjs", "exports-node.cjs", "react.cjs"]) {
    const text = readFileSync(new URL(`dist/${file}`, folder), "utf8");
    assert.doesNotMatch(text, /\beval\(|new Function\(/, file);
  }
});

const REQUIRED = { absWorkingDir: fileURLToPath(folder), bundle: true, platform: "node", write: false };

/** Runs what is required from one script, in an empty folder: on a Node, or by a bundler, that knows no `module-sync`. */
async function bundled(contents) {
  const { outputFiles } = await build({ ...REQUIRED, stdin: { contents, resolveDir: REQUIRED.absWorkingDir } });
  const [{ text }] = outputFiles;
  const empty = mkdtempSync(join(tmpdir(), "portcullis-required-"));
  try {
    const script = join(empty, "script.cjs");
    writeFileSync(script, text);
    return (await promisify(execFile)(process.execPath, [script], { cwd: empty })).stdout.trim();
  } finally {
    rmSync(empty, { recursive: true });
  }
}

test("`portcullis/inline` that is required and bundled needs no file either", async () => {
  const script = 'require("portcullis/inline").Portcullis.create().then(({ kind }) => console.log(kind));';
  assert.equal(await bundled(script), "policy");
});

test("`portcullis/slim` that is required waits for its module too", async () => {
  const script = 'require("portcullis/slim").Portcullis.create().catch(({ code }) => console.log(code));';
  assert.equal(await bundled(script), "NotInitialized");
});
