/**
 * What is done over and over takes no more memory: checks, loads and disposals, a million of each or as many as there is
 * time for; and engines that are forgotten. Node must be run with `--expose-gc`.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate as tick } from "node:timers/promises";

import { installPackage } from "./packaging/project.mjs";

const MILLION = 1_000_000;

/** How long one of these may take: on a slow machine there are fewer than a million, though at least a tenth. */
const PATIENCE_MS = 90_000;

/** What the heap may have grown by: the collector leaves some behind, though not in proportion. */
const SLACK_BYTES = 2 << 20;

const [PRINCIPAL, PRIVILEGE, PATH] = ["user:dora", "edit", "/records/r"];

/** A schema of one type, so that a million loads are a matter of a minute: that of CD/RO takes ten times as long to read. */
const SCHEMA = {
  name: "records",
  privileges: ["view", "edit"],
  roles: { read: "view", modify: "edit", changePermissions: "edit" },
  types: [{ name: "record" }],
};

describe("memory", () => {
  let installed, Portcullis, snapshot, projection;
  const memories = watchMemories();

  before(async () => {
    installed = await installPackage();
    const project = await installed.project();
    ({ Portcullis } = await import(project.path("node_modules/portcullis/dist/node.js")));
    using(await Portcullis.create({ schema: SCHEMA }), (engine) => {
      engine.createObject({ path: PATH });
      engine.createAclEntry("user", "dora", { path: PATH, editPrivilege: "allow" });
      [snapshot, projection] = [engine.snapshot(), engine.project(PRINCIPAL)];
    });
  });
  after(() => installed?.remove());

  test("is the same after a million checks", async (context) => {
    const engine = await Portcullis.load(snapshot);
    const check = () => assert(engine.check(PRINCIPAL, PRIVILEGE, PATH));
    await staysFlat(context, "checks", check);
    engine.dispose();
  });

  for (const kind of ["snapshot", "projection"]) {
    test(`is the same after loads and disposals of a ${kind}`, async (context) => {
      const bytes = { snapshot, projection }[kind];
      const load = async () => using(await Portcullis.load(bytes), (engine) => engine.check(PRINCIPAL, PRIVILEGE, PATH));
      await staysFlat(context, "loads and disposals", load);
    });
  }

  test("is the same after engines that were forgotten", async (context) => {
    const forget = async (number) => {
      await Portcullis.load(snapshot);
      // The collector sees no hurry: what it could free is not on its own heap. When it comes is its own affair, so that
      // a hundred engines more may wait for it; all of them would take a gigabyte.
      if (number % 100 === 0) await collect();
    };
    await staysFlat(context, "engines forgotten", forget, { first: 500, most: 5_000, slack: 20 << 20 });
  });

  test("is seen to grow by engines that are kept", async () => {
    const before = await used();
    const kept = [];
    for (let each = 0; each < 1000; each += 1) kept.push(await Portcullis.load(snapshot));
    const grown = (await used()).wasm - before.wasm;
    assert(grown > 1 << 20, `a thousand engines take ${grown} bytes`);
    for (const engine of kept) engine.dispose();
  });

  /** Does it a little first, so that everything finds its size; what follows must then change nothing. */
  async function staysFlat(context, what, work, { first = 10_000, most = MILLION, slack = 0 } = {}) {
    await repeat(work, first);
    const before = await used();
    const times = await repeat(work, most);
    const after = await used();
    const figures = `WebAssembly ${before.wasm} → ${after.wasm} bytes, heap ${before.heap} → ${after.heap} bytes`;
    context.diagnostic(`${times} ${what}: ${figures}`);
    assert(times * 10 >= most, `there was time for ${times} only`);
    assert(after.wasm - before.wasm <= slack, `WebAssembly's memory has grown by ${after.wasm - before.wasm} bytes`);
    assert(after.heap - before.heap < SLACK_BYTES, `the heap has grown by ${after.heap - before.heap} bytes`);
  }

  /** What is in use now. */
  async function used() {
    await collect();
    const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    return { wasm, heap: process.memoryUsage().heapUsed };
  }
});

/** The memories of all modules that are instantiated from now on; the package shows them to nobody. */
function watchMemories() {
  const memories = [];
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(...given) {
      super(...given);
      memories.push(this.exports.memory);
    }
  };
  return memories;
}

/** Does it so many times, or as often as there is time for; returns how often. */
async function repeat(work, most) {
  const end = performance.now() + PATIENCE_MS;
  for (let number = 1; number <= most; number += 1) {
    const waiting = work(number);
    if (waiting) await waiting;
    if (number % 1000 === 0 && performance.now() > end) return number;
  }
  return most;
}

/** Lets the collector go over everything, and those hear of it who wait for it. */
async function collect() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await tick();
  }
}

function using(engine, work) {
  try {
    work(engine);
  } finally {
    engine.dispose();
  }
}
