/**
 * The benchmark in Node: `node node.mjs ESTATE FIGURES`. With the name of a start as third argument it is one new
 * process that measures that and prints it.
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
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
  await write(figures, "node", await measureAll(read));
}

function inNewProcess(name) {
  const words = [fileURLToPath(import.meta.url), estate, figures, name];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
}
