/** Tells the story on a page of plain files, to the entry that the address names. Nothing is bundled. */

import { faultsOf, faultsOfCheck, projectionBy } from "./story.mjs";

const dist = new URL("node_modules/portcullis/dist/", import.meta.url);

globalThis.story = async (name) => {
  const entry = await import(new URL(`${name}.js`, dist));
  if (name === "check-browser") return faultsOfCheck(entry, await projectionBy(await import(new URL("browser.js", dist))));
  if (name === "slim") await entry.initialize(fetch(new URL("portcullis.wasm", dist)));
  return faultsOf(entry);
};
