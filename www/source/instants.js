/**
 * Instants as people read and type them. Everything is in UTC, so that a shared policy shows the same to everybody.
 */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });

/**
 * `16 Mar 2026, 12:00`.
 * @param {number} ms
 */
export function inWords(ms) {
  return `${DAY.format(ms)}, ${new Date(ms).toISOString().slice(11, 16)}`;
}

/**
 * `16 Mar 2026`, and the time as well where it is not midnight.
 * @param {number} ms
 */
export function briefly(ms) {
  return ms % DAY_MS === 0 ? DAY.format(ms) : inWords(ms);
}

/**
 * `16 Mar`.
 * @param {number} ms
 */
export function shortDay(ms) {
  return SHORT_DAY.format(ms);
}

/**
 * `Mar`, with the year in January.
 * @param {number} ms
 */
export function monthName(ms) {
  const date = new Date(ms);
  return date.getUTCMonth() === 0 ? `${MONTH.format(ms)} ${date.getUTCFullYear()}` : MONTH.format(ms);
}

/**
 * The first instants of the months between two instants.
 * @param {number} from
 * @param {number} to
 * @returns {number[]}
 */
export function monthsBetween(from, to) {
  const months = [];
  const begin = new Date(from);
  for (let month = begin.getUTCMonth() + 1; ; month += 1) {
    const at = Date.UTC(begin.getUTCFullYear(), month, 1);
    if (at > to) return months;
    months.push(at);
  }
}

/**
 * The value of an `<input type="datetime-local">` that stands for the instant.
 * @param {number} ms
 */
export function toField(ms) {
  return new Date(ms).toISOString().slice(0, 16);
}

/**
 * The instant that stands in an `<input type="datetime-local">`; nothing if it is empty.
 * @param {string} text
 * @returns {number | undefined}
 */
export function fromField(text) {
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
