/** The whole measurement: the same in Node and in a browser. */

import { Portcullis } from "portcullis";

import { Sheet } from "./measure.mjs";
import { measurePackage } from "./portcullis.mjs";
import { readQuestions } from "./questions.mjs";

/**
 * Measures the package.
 *
 * @param {(file: string) => Promise<Uint8Array>} read Reads a file of the estate.
 * @returns {Promise<Record<string, number>>} Figures by name: times in nanoseconds, and `wrong`, how many answers were
 *     not the native engine's.
 */
export async function measureAll(read) {
  const sheet = new Sheet();
  const asked = readQuestions(new TextDecoder().decode(await read("questions.json")));
  const files = { snapshot: await read("policy.snapshot"), projection: await read("reader.projection") };
  await measurePackage(sheet, asked, files, Portcullis);
  sheet.figures.wrong = sheet.wrong;
  return sheet.figures;
}
