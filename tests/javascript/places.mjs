/** Where the build has put what the tests need. `cargo xtask test` says so in the environment. */

import { join } from "node:path";
import { readFileSync } from "node:fs";

/** A file of the engine's modules for JavaScript: `engine/…` or `check/…`. */
export const moduleFile = (...names) => join(required("PORTCULLIS_JAVASCRIPT"), ...names);

/** The npm package's archive. */
export const archive = () => required("PORTCULLIS_PACKAGE");

/** The program of the browser. */
export const chromium = () => required("PORTCULLIS_CHROMIUM");

/** The transcripts of all cases that are for that target, and of the random sequences. */
export function transcripts(target) {
  const all = ["transcripts.json", "sequences.json"].flatMap((file) => JSON.parse(readFileSync(moduleFile(file), "utf8")));
  return all.filter((transcript) => !transcript.notFor.includes(target));
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`cargo xtask test\``);
  return value;
}
