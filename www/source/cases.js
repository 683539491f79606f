/**
 * The cases: the rules as data, the same files that every target is tested by.
 *
 * @typedef {{ who: string | string[], may: string | string[], on: string | string[], at?: string, answer: string, reason?: string }} Check
 * @typedef {{ given?: any[], as?: any, at?: string, when?: any, then?: any, check?: Check[], ask?: any[] }} Stage
 * @typedef {{ name: string, title: string, source: string, notFor?: Record<string, string>, schema?: any, stages: Stage[], applied: number[] }} Case
 * @typedef {{ name: string, title: string, steps: any[], snapshot: string }} Transcript
 */
import { replaying } from "./replaying.js";

/** @type {Promise<Case[]> | undefined} */
let cases;
/** @type {Promise<Transcript[]> | undefined} */
let transcripts;

/** All cases, fetched once. */
export function allCases() {
  cases ??= fetched("cases/cases.json");
  return cases;
}

function allTranscripts() {
  transcripts ??= inflated("cases/transcripts.deflated");
  return transcripts;
}

/**
 * The snapshot of the policy as a case has it at one of its stages.
 * @param {Case} example
 * @param {number} stage
 */
export async function policyOf(example, stage) {
  const { Engine } = await replaying();
  const transcript = (await allTranscripts()).find((each) => each.name === example.name);
  const engine = new Engine();
  const applied = example.applied[stage] ?? 0;
  for (const step of (transcript?.steps ?? []).slice(0, applied).filter((each) => each.changes))
    engine.apply(fromHex(step.changes));
  const snapshot = engine.snapshot();
  engine.free();
  return snapshot;
}

/**
 * Puts every case to this browser's engine.
 * @param {(done: number, all: number, faults: Map<string, string[]>) => void} tell
 */
export async function runAll(tell) {
  /** @type {Map<string, string[]>} */
  const faults = new Map();
  const [{ Engine, replay }, all] = await Promise.all([replaying(), allTranscripts()]);
  for (const [index, transcript] of all.entries()) {
    const found = replay(Engine, transcript);
    if (found.length) faults.set(transcript.name, found);
    if (index % 8 === 7 || index === all.length - 1) {
      tell(index + 1, all.length, faults);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  return { all: all.length, faults };
}

/** @param {string} address */
async function fetched(address) {
  return (await answered(address)).json();
}

/**
 * Ten megabytes of JSON that any server sends as a twentieth of it.
 * @param {string} address
 */
async function inflated(address) {
  const { body } = await answered(address);
  return new Response(body?.pipeThrough(new DecompressionStream("deflate-raw"))).json();
}

/** @param {string} address */
async function answered(address) {
  const answer = await fetch(new URL(address, import.meta.url));
  if (!answer.ok) throw new Error(`\`${address}\` is not there`);
  return answer;
}

/** @param {string} text */
function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
