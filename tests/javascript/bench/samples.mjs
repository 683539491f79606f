/**
 * Times, by figure: each sample is one operation, or a batch of those that take about as long as reading the clock. The
 * same as the benchmark of the native engine, in Node, whose clock counts nanoseconds.
 */

/** How many quick operations are timed together. */
const BATCH = 32;

/** How many samples a 99th percentile needs to mean something. */
const LEAST_FOR_P99 = 200;

/** The samples of everything that is measured, in nanoseconds. */
export class Samples {
  /** @type {Map<string, {batches: number[], singles: number[]}>} */
  #samples = new Map();
  /** What reading the clock adds to a sample. */
  #clock = clockCost();

  /**
   * Times one operation by itself.
   *
   * @template T
   * @param {string} id
   * @param {() => T} operation
   * @returns {T}
   */
  time(id, operation) {
    const start = performance.now();
    const result = operation();
    this.#add(id, since(start));
    return result;
  }

  /**
   * The same for one of several kinds, whose samples are also those of their kind.
   *
   * @template T
   * @param {string} id
   * @param {string} kind
   * @param {() => T} operation
   * @returns {T}
   */
  timeKind(id, kind, operation) {
    const result = this.time(id, operation);
    this.#of(`${id} ${kind}`).singles.push(this.#of(id).singles.at(-1));
    return result;
  }

  /**
   * The same for what gives a promise.
   *
   * @template T
   * @param {string} id
   * @param {() => Promise<T>} operation
   * @returns {Promise<T>}
   */
  async timeAwaited(id, operation) {
    const start = performance.now();
    const result = await operation();
    this.#add(id, since(start));
    return result;
  }

  /**
   * Times a quick operation on each of many items: in batches, then each by itself.
   *
   * @param {string} id
   * @param {number} count
   * @param {(from: number, to: number) => number} wrongIn Does it to those items, and counts what it gave wrong.
   */
  timeEach(id, count, wrongIn) {
    // All of it once beforehand, so that what others have left in the caches is not measured.
    if (wrongIn(0, count) > 0) throw new Error(`wrong answers: ${id}`);
    this.#timeSplit(id, [[0, count], [0, count]], wrongIn);
  }

  /**
   * The same of what is done for the first time: one half of the items in batches, the other each by itself, and nothing
   * beforehand.
   *
   * @param {string} id
   * @param {number} from
   * @param {number} to
   * @param {(from: number, to: number) => number} wrongIn
   */
  timeFirst(id, from, to, wrongIn) {
    const middle = (from + to) >> 1;
    this.#timeSplit(id, [[from, middle], [middle, to]], wrongIn);
  }

  /** Times a quick operation on each of some items together and of others alone. */
  #timeSplit(id, [together, alone], wrongIn) {
    const { batches, singles } = this.#of(id);
    let wrong = 0;
    for (const [[from, to], size, times] of [[together, BATCH, batches], [alone, 1, singles]]) {
      for (let at = from; at + size <= to; at += size) {
        const start = performance.now();
        wrong += wrongIn(at, at + size);
        times.push(this.#net(since(start)) / size);
      }
    }
    if (wrong > 0) throw new Error(`${wrong} wrong answers: ${id}`);
  }

  /** The medians under the ids, and where there are samples enough the 99th percentiles with ` p99` behind. */
  figures() {
    /** @type {Record<string, number>} */
    const figures = {};
    for (const [id, { batches, singles }] of this.#samples) {
      figures[id] = percentile(batches.length > 0 ? batches : singles, 0.5);
      if (singles.length >= LEAST_FOR_P99) figures[`${id} p99`] = percentile(singles, 0.99);
    }
    return figures;
  }

  #add(id, time) {
    this.#of(id).singles.push(this.#net(time));
  }

  #net(time) {
    return Math.max(0, time - this.#clock);
  }

  #of(id) {
    let samples = this.#samples.get(id);
    if (samples === undefined) this.#samples.set(id, (samples = { batches: [], singles: [] }));
    return samples;
  }
}

/** What reading the clock twice takes by itself, in nanoseconds. */
export function clockCost() {
  return percentile(Array.from({ length: 10_000 }, () => since(performance.now())), 0.5);
}

/** Nanoseconds. */
function since(start) {
  return (performance.now() - start) * 1e6;
}

/** The least sample that so great a share of all does not exceed. */
export function percentile(samples, share) {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
