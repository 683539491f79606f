/** The benchmark in a page: what the browser's driver calls. */

import { measureStart } from "./start.mjs";

async function read(file) {
  const response = await fetch(`/estate/${file}`);
  return new Uint8Array(await response.arrayBuffer());
}

globalThis.measureStart = (name) => measureStart(read, name);

globalThis.measureAll = async () => {
  const { measureAll } = await import("./bench.mjs");
  return measureAll(read);
};
