/** The whole measurement: the same in Node and in a browser. */

import { Portcullis } from "portcullis";

import { Sheet } from "./measure.mjs";
import { measurePeers } from "./peers.mjs";
import { measurePackage } from "./portcullis.mjs";
import { readQuestions } from "./questions.mjs";

/**
 * Measures the package, then its peers.
 *
 * @param {(file: string) => Promise<Uint8Array>} read Reads a file of the estate.
 * @param {typeof import("@cedar-policy/cedar-wasm/web")} cedar Ready to be called.
 * @returns {Promise<Record<string, number>>} Figures by name: times in nanoseconds, and `wrong`, how many answers were
 *     not the native engine's.
 */
export async function measureAll(read, cedar) {
  const text = async (file) => new TextDecoder().decode(await read(file));
  const sheet = new Sheet();
  const asked = readQuestions(await text("questions.json"));
  const files = { snapshot: await read("policy.snapshot"), projection: await read("reader.projection") };
  await measurePackage(sheet, asked, files, Portcullis);
  sheet.figures.wrong = sheet.wrong;
  await measurePeers(sheet, asked, await text("estate.json"), cedar);
  return sheet.figures;
}
