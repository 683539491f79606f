/** A worker that replays the transcript which it is sent, and answers with the faults. */

import { Engine, initSync } from "engine/portcullis_engine.js";
import module from "engine/portcullis_engine_bg.wasm";
import { replay } from "replay.mjs";

initSync({ module });

export default {
  async fetch(request) {
    return Response.json(replay(Engine, await request.json()));
  },
};
