/** Every case in workerd. */

import { fileURLToPath } from "node:url";

import { moduleFile } from "../places.mjs";
import { startWorker } from "../workerd.mjs";
import { declareCases } from "./suite.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

declareCases("workerd", async () => {
  const worker = await startWorker({
    "worker.mjs": here("worker.mjs"),
    "replay.mjs": here("../replay.mjs"),
    "engine/portcullis_engine.js": moduleFile("engine", "portcullis_engine.js"),
    "engine/portcullis_engine_bg.wasm": moduleFile("engine", "portcullis_engine_bg.wasm"),
  });
  const replay = async (transcript) => {
    const answer = await fetch(worker.url, { method: "POST", body: JSON.stringify(transcript) });
    return answer.json();
  };
  return { replay, close: worker.close };
});
