/** A page that replays the transcript of the case that it is asked for. */

import init, { Engine } from "/engine/portcullis_engine.js";
import { replay } from "/replay/replay.mjs";

await init();

/** @returns {string[]} the faults */
globalThis.replayTranscript = (transcript) => replay(Engine, transcript);
