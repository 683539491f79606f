/**
 * The benchmark in Node: `node node.mjs ESTATE FIGURES`. With the name of a start as third argument it is one new
 * process that measures that and prints it.
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { medians, write } from "./figures.mjs";
import { measureStart, STARTS } from "./start.mjs";

/** How many new processes are started for each start. */
const PROCESSES = 7;

const [estate, figures, start] = process.argv.slice(2);
const read = async (file) => new Uint8Array(await readFile(join(estate, file)));

if (start !== undefined) {
  console.log(JSON.stringify(await measureStart(read, start)));
} else {
  for (const name of Object.keys(STARTS)) {
    await write(figures, "node", medians(Array.from({ length: PROCESSES }, () => inNewProcess(name))));
  }
  const { measureAll } = await import("./bench.mjs");
  await write(figures, "node", await measureAll(read, await loadCedar()));
}

function inNewProcess(name) {
  const words = [fileURLToPath(import.meta.url), estate, figures, name];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
}

/** The build for browsers, given its module: Node and Chromium so run the same. */
async function loadCedar() {
  const cedar = await import("@cedar-policy/cedar-wasm/web");
  const entry = createRequire(import.meta.url).resolve("@cedar-policy/cedar-wasm/nodejs");
  cedar.initSync({ module: await readFile(join(entry, "../../web/cedar_wasm_bg.wasm")) });
  return cedar;
}
