/** Tells the story to the entry that is named, where modules are required. */

const { readFile } = require("node:fs/promises");

faults(process.argv[2]).then((found) => console.log(JSON.stringify(found)));

async function faults(name) {
  const { faultsOf, faultsOfCheck, projectionBy } = await import("./story.mjs");
  const entry = require(name);
  if (name === "portcullis/check") return faultsOfCheck(entry, await projectionBy(require("portcullis")));
  if (name === "portcullis/slim") await entry.initialize(await readFile(require.resolve("portcullis/portcullis.wasm")));
  return faultsOf(entry);
}
