/**
 * Tells an engine what the native engine was told, and compares byte for byte what comes back. Needs nothing of its
 * environment, so that it runs in all of them.
 */

/**
 * Replays a transcript, as `conformance::transcript` writes it.
 *
 * @param {{new (): object, restore(snapshot: Uint8Array): object}} Engine the class of wasm-bindgen's glue
 * @param {{steps: object[], snapshot: string}} transcript
 * @returns {string[]} where the engine did otherwise; empty if it never did
 */
export function replay(Engine, transcript) {
  const faults = [];
  const compare = (what, found, expected) => {
    if (found !== expected) faults.push(`${what}: ${excerpt(found, expected)}`);
  };
  let engine = new Engine();
  try {
    for (const step of transcript.steps) {
      if (step.restored === undefined) compareStep(engine, step, compare);
      else engine = restored(Engine, engine, step, compare);
    }
    compare("snapshot", hex(engine.snapshot()), transcript.snapshot);
    compare("snapshot restored", secondLife(Engine, transcript.snapshot), transcript.snapshot);
  } catch (error) {
    faults.push(`the engine failed: ${error}`);
  } finally {
    engine.free();
  }
  return faults;
}

function compareStep(engine, step, compare) {
  if (step.call !== undefined) compareCall(engine, step, compare);
  else if (step.projectFor !== undefined) compareProjection(engine, step, compare);
  else comparePassword(engine, step, compare);
}

/** The engine that goes on from this one's snapshot. */
function restored(Engine, engine, step, compare) {
  compare("snapshot on the way", hex(engine.snapshot()), step.restored);
  const next = Engine.restore(bytes(step.restored));
  engine.free();
  return next;
}

function compareProjection(engine, step, compare) {
  const projection = engine.project(step.projectFor, step.from, bytes(step.salt));
  compare(`projection for ${step.projectFor} from ${step.from} on`, hex(projection), step.is);
}

function compareCall(engine, step, compare) {
  const before = hex(engine.snapshot());
  const answer = engine.call(step.call);
  const changes = engine.takeChanges();
  const beside = engine.takePrivate();
  compare(`answer to ${step.call}`, answer, step.answer);
  compare(`changes by ${step.call}`, changes && hex(changes), step.changes);
  compare(`private part of ${step.call}`, hex(beside), step.private);
  compare(`snapshot after asking ${step.call}`, hex(engine.snapshot()), before);
  if (changes) engine.apply(changes, beside);
}

function comparePassword(engine, step, compare) {
  compare(`password of ${step.passwordOf}`, engine.passwordOf(step.passwordOf) ?? null, step.is);
}

/** The snapshot that an engine gives which was made from that one. */
function secondLife(Engine, snapshot) {
  const engine = Engine.restore(bytes(snapshot));
  try {
    return hex(engine.snapshot());
  } finally {
    engine.free();
  }
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

function bytes(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/** The two where they begin to differ. */
function excerpt(found, expected) {
  const [one, other] = [String(found), String(expected)];
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 40);
  return `…${one.slice(from, at + 80)}… here, …${other.slice(from, at + 80)}… natively`;
}
