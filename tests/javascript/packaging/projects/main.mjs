/** Tells the story where there are files: to the entry that is named, in Node, Deno and Bun. */

import { readFile } from "node:fs/promises";

import { faultsOf, faultsOfCheck, projectionBy } from "./story.mjs";

console.log(JSON.stringify(await faults(process.argv[2])));

async function faults(name) {
  const entry = await import(name);
  if (name === "portcullis/check") return faultsOfCheck(entry, await projectionBy(await import("portcullis")));
  if (name === "portcullis/slim") await entry.initialize(await moduleBytes());
  return faultsOf(entry);
}

function moduleBytes() {
  return readFile(new URL(import.meta.resolve("portcullis/portcullis.wasm")));
}
