import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Portcullis, initialize } from "portcullis";
import { shop } from "./support/policies.mjs";

/** The engine's own memory, which only grows; seen where the module is instantiated. */
async function engineMemory() {
  let memory;
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    memory = instance.exports.memory;
    return instance;
  };
  WebAssembly.Instance.prototype = Instance.prototype;
  await initialize(readFileSync(new URL("../dist/portcullis.wasm", import.meta.url)));
  WebAssembly.Instance = Instance;
  return memory;
}

const memory = await engineMemory();

/** How many bytes of either memory a round of work leaves behind. */
async function growth(work) {
  await work();
  globalThis.gc();
  const before = { engine: memory.buffer.byteLength, heap: process.memoryUsage().heapUsed };
  await work();
  globalThis.gc();
  return {
    engine: memory.buffer.byteLength - before.engine,
    heap: process.memoryUsage().heapUsed - before.heap,
  };
}

const LITTLE = 500_000;

test("engines that are disposed leave nothing behind", async () => {
  const snapshot = (await shop()).snapshot();
  const grown = await growth(async () => {
    for (let round = 0; round < 2000; round++) (await Portcullis.load(snapshot)).dispose();
  });
  assert.equal(grown.engine, 0);
  assert.ok(grown.heap < LITTLE, `${grown.heap}`);
});

test("engines that are forgotten are collected", async () => {
  const snapshot = (await shop()).snapshot();
  const forget = async (many) => {
    for (let round = 0; round < many; round++) {
      const engine = await Portcullis.load(snapshot);
      engine.check("user:dora", "read", "/projects/Shop");
      engine.as("user:dora").resolve("/projects/Shop");
      if (round % 50 === 0) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  };
  // As many as live until the collector comes by need memory; then there are never more.
  await forget(1500);
  const before = memory.buffer.byteLength;
  await forget(1500);
  assert.ok(memory.buffer.byteLength < before * 1.1, `${before}, then ${memory.buffer.byteLength}`);
});

test("checks by names that are always new do not remember them for ever", async () => {
  const engine = await shop();
  let turn = 0;
  const grown = await growth(() => {
    // Twice as many as are remembered, so that every round ends as the one before.
    for (const end = turn + 131_072; turn < end; turn++) engine.check(`user:u${turn}`, "modify", `/projects/P${turn}`);
  });
  assert.ok(grown.engine < LITTLE, `${grown.engine}`);
  assert.ok(grown.heap < 4 * LITTLE, `${grown.heap}`);
});

test("names cut from long texts do not keep these", async () => {
  const engine = await shop();
  let turn = 0;
  const grown = await growth(() => {
    for (const end = turn + 30; turn < end; turn++) {
      // Joined, it lies in one piece, of which a part is only a view.
      const [long, path] = ["x".repeat(1_000_000), `/projects/a long name ${turn}`];
      const text = [...long, path, "user:a long name", "modify"].join("");
      const at = long.length + path.length;
      engine.check(text.slice(at, at + 16) + turn, "modify", text.slice(long.length, at));
    }
  });
  assert.ok(grown.heap < 10 * LITTLE, `${grown.heap}`);
});

test("questions, refusals, lists and proposals leave nothing behind", async () => {
  const engine = await shop();
  const paths = Array.from({ length: 2000 }, (_, place) => `/projects/P${place}`);
  const grown = await growth(() => {
    for (let round = 0; round < 300; round++) {
      engine.decide("user:dora", "modify", "/projects/Shop");
      engine.explain("user:joe", "modify", "/projects/Shop");
      engine.filter("user:dora", "modify", paths);
      assert.throws(() => engine.check("nobody", "modify", "/projects/Shop"));
      assert.throws(() => engine.getUser("nobody"));
      engine.propose([{ command: "createGroup", arguments: { groupName: "Dev" } }]);
      engine.subscribe(() => {})();
      engine.snapshot();
    }
  });
  assert.equal(grown.engine, 0);
  assert.ok(grown.heap < LITTLE, `${grown.heap}`);
});
