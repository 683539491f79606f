/**
 * Measuring: medians of batches. A browser's clock ticks every 5 µs at best, so that a batch must take milliseconds.
 *
 * Every batch counts the answers that are not the native engine's: a figure of wrong answers means nothing.
 */

/** How long a measurement warms up, and then goes on, in milliseconds; and how many batches it takes at least. */
const WARM_UP_MS = 400;
const MEASURED_MS = 1500;
const LEAST_BATCHES = 9;

/**
 * One measurement.
 *
 * @typedef {object} Measurement
 * @property {() => unknown} [prepare] Makes what a batch needs; not measured.
 * @property {(prepared: any) => unknown} run The batch; what it returns is given to `wrong`.
 * @property {number} [operations] How many operations a batch is: the figure is the time of one. Default: 1.
 * @property {(result: any) => number | Promise<number>} [wrong] Counts the wrong answers; not measured. Default: the
 *     batch has counted them itself, and returns the number.
 * @property {number} [batches] How many batches, neither more nor fewer and without warming up, for what is slow or
 *     must be measured cold.
 */

/** Figures by name, and how many answers were wrong. */
export class Sheet {
  /** Times in nanoseconds, and whatever else the measurements say. @type {Record<string, number>} */
  figures = {};
  /** How many answers of all were not the native engine's. */
  wrong = 0;

  /**
   * Measures, and writes the median of one operation in nanoseconds.
   *
   * @param {string} name
   * @param {Measurement} measurement
   * @returns {Promise<number>} How many answers were wrong.
   */
  async measure(name, measurement) {
    const { times, wrong } = await sample(measurement);
    this.figures[name] = (median(times) * 1e6) / (measurement.operations ?? 1);
    this.wrong += wrong;
    return wrong;
  }
}

/** @param {Measurement} measurement */
async function sample(measurement) {
  const { batches } = measurement;
  let wrong = 0;
  if (batches === undefined) {
    for (const start = performance.now(); performance.now() - start < WARM_UP_MS; ) {
      wrong += (await batch(measurement)).wrong;
    }
  }
  const times = [];
  const start = performance.now();
  const isEnough = () =>
    times.length >= (batches ?? LEAST_BATCHES) && (batches !== undefined || performance.now() - start >= MEASURED_MS);
  while (!isEnough()) {
    const taken = await batch(measurement);
    times.push(taken.time);
    wrong += taken.wrong;
  }
  return { times, wrong };
}

/** @param {Measurement} measurement */
async function batch({ prepare, run, wrong }) {
  const prepared = prepare?.();
  const given = prepared instanceof Promise ? await prepared : prepared;
  const start = performance.now();
  let result = run(given);
  // Awaiting what is no promise would give the time of a turn of the event loop to everything that is measured.
  if (result instanceof Promise) result = await result;
  const time = performance.now() - start;
  return { time, wrong: wrong === undefined ? Number(result) : await wrong(result) };
}

/** @param {number[]} times */
export function median(times) {
  const sorted = [...times].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Counts the places where two lists differ, and where one is longer.
 *
 * @param {ArrayLike<unknown>} given
 * @param {ArrayLike<unknown>} expected
 */
export function differences(given, expected) {
  let count = Math.abs(given.length - expected.length);
  for (let at = 0; at < Math.min(given.length, expected.length); at++) {
    if (given[at] !== expected[at]) count++;
  }
  return count;
}
