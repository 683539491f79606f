/** Measuring, side by side: everybody takes a turn in each round, so that whatever else the machine does hits all alike. */

import { clockCost, percentile } from "../samples.mjs";

/** How many turns everybody takes, and for how many milliseconds in all. */
const ROUNDS = 12;
const LONGEST_MS = 8000;

/**
 * How many questions are timed together for a median: as many as take so many milliseconds, but no more than so many.
 * Longer ones would tell of what else the machine does.
 */
const BATCH_MS = 0.1;
const LARGEST_BATCH = 256;

/**
 * Somebody who is asked.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {import("../questions.mjs").Questions} questions Fewer for whoever is slow.
 * @property {() => any} make Makes it ready, which is timed.
 * @property {(made: any) => (at: number) => boolean} put How the question of a number is put to what was made.
 */

/**
 * Makes all of them ready, has them answer in turn, and tells what came of it: for each name the figures `check p50`,
 * `check p99` and `ready` in nanoseconds, and `questions` and `wrong`.
 *
 * @param {Contestant[]} contestants
 * @returns {Promise<Record<string, number>>}
 */
export async function compete(contestants) {
  const clock = clockCost();
  const cards = [];
  for (const contestant of contestants) cards.push(await enter(contestant));
  for (let round = 0; round < ROUNDS; round++) cards.filter(({ spent }) => spent < LONGEST_MS).forEach(takeTurn);
  return Object.assign({}, ...cards.map((card) => figures(card, clock)));
}

/** Makes somebody ready, and puts every question twice to warm up. */
async function enter({ name, questions: { allowed }, make, put }) {
  console.log(`node: ${name} is made ready`);
  const start = performance.now();
  const made = await make();
  const ready = performance.now() - start;
  const check = put(made);
  ask(check, allowed, 0, allowed.length);
  const again = performance.now();
  const wrong = ask(check, allowed, 0, allowed.length);
  const one = (performance.now() - again) / allowed.length;
  const batch = Math.min(Math.max(Math.floor(BATCH_MS / one), 1), LARGEST_BATCH);
  return { name, ready, check, allowed, wrong, batch, batches: [], singles: [], spent: 0 };
}

/**
 * Every question three times: untimed, since the others have filled the processor's caches with what is theirs; in
 * batches; and each alone.
 */
function takeTurn(card) {
  const start = performance.now();
  ask(card.check, card.allowed, 0, card.allowed.length);
  time(card, card.batch, card.batches);
  time(card, 1, card.singles);
  card.spent += performance.now() - start;
}

function time(card, size, times) {
  const { check, allowed } = card;
  for (let from = 0; from < allowed.length; from += size) {
    const to = Math.min(from + size, allowed.length);
    const start = performance.now();
    const wrong = ask(check, allowed, from, to);
    times.push(((performance.now() - start) * 1e6) / (to - from));
    card.wrong = Math.max(card.wrong, wrong);
  }
}

/** How many answers are not the native engine's. */
function ask(check, allowed, from, to) {
  let wrong = 0;
  for (let at = from; at < to; at++) {
    if (check(at) !== allowed[at]) wrong++;
  }
  return wrong;
}

function figures({ name, ready, allowed, wrong, batches, singles }, clock) {
  return {
    [`${name} check p50`]: percentile(batches, 0.5),
    [`${name} check p99`]: Math.max(percentile(singles, 0.99) - clock, 0),
    [`${name} ready`]: ready * 1e6,
    [`${name} wrong`]: wrong,
    [`${name} questions`]: allowed.length,
  };
}
