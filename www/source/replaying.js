/**
 * What puts cases to an engine: the runner that other targets are tested by, and wasm-bindgen's glue, which it speaks
 * to. The build brings them where it is given the cases.
 */

/** Where the build puts them. */
const GLUE = "./engine/portcullis_engine.js";
const REPLAY = "./cases/replay.mjs";

/** @type {Promise<{ Engine: any, replay: (engine: any, transcript: any) => string[] }> | undefined} */
let parts;

/** The engine's class and the runner, fetched when they are first needed. */
export function replaying() {
  parts ??= Promise.all([import(GLUE), import(REPLAY)]).then(async ([glue, { replay }]) => {
    await glue.default();
    return { Engine: glue.Engine, replay };
  });
  return parts;
}
