/** Tells the story to the entries that need no file beside the bundle, or are handed it. */

import { readFile } from "node:fs/promises";

import * as inline from "portcullis/inline";
import * as slim from "portcullis/slim";

import { faultsOf } from "./story.mjs";

await slim.initialize(await readFile(process.argv[2]));
console.log(JSON.stringify([...(await faultsOf(inline)), ...(await faultsOf(slim))]));
