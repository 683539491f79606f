/** Every case in Node. */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { moduleFile } from "../places.mjs";
import { replay } from "../replay.mjs";
import { declareCases } from "./suite.mjs";

declareCases("node", async () => {
  const { Engine, initSync } = await import(pathToFileURL(moduleFile("engine", "portcullis_engine.js")));
  initSync({ module: readFileSync(moduleFile("engine", "portcullis_engine_bg.wasm")) });
  return { replay: async (transcript) => replay(Engine, transcript), close: async () => {} };
});
