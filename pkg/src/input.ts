import { PortcullisError, invalid, isList, shown } from "./error.js";
import type { ResponseLike } from "./values.js";

/** The instants that can be given: the years 0 to 9999, as in the engine. */
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = 253_402_300_799_999;

/** A text that is one: a string without halves of characters. */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw invalid(`\`${name}\` is ${shown(value)}, and must be a string`);
  if (!isWellFormed(value)) throw invalid(`\`${name}\` has half a character in it: a surrogate without its other half`);
  return value;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function isWellFormed(value: string): boolean {
  return typeof value.isWellFormed === "function" ? value.isWellFormed() : !LONE_SURROGATE.test(value);
}

/** An instant in milliseconds since 1970. */
export function instant(value: unknown, name: string): number {
  const ms = typeof value === "number" ? value : readInstant(value);
  if (Number.isInteger(ms) && ms >= FIRST_MS && ms <= LAST_MS) return ms;
  throw invalid(
    `\`${name}\` is ${isDate(value) ? "an invalid date" : shown(value)}, and must be a \`Date\`, whole milliseconds ` +
      "since 1970, or ISO 8601 with its offset such as `2026-11-21T09:30:00Z`, in the years 0 to 9999",
  );
}

function readInstant(value: unknown): number {
  return typeof value === "string" ? readIso(value) : (timeOf(value) ?? Number.NaN);
}

/** Whether it is a date, of whatever realm. */
export function isDate(value: unknown): value is Date {
  return timeOf(value) !== undefined;
}

/** What time a date holds. Asked of it and not of its class: another realm has another, and any object may claim to be one. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    // An error for each object that is none would cost more than the rest of a command.
    return Object.prototype.toString.call(value) === "[object Date]" ? Date.prototype.getTime.call(value) : undefined;
  } catch {
    return undefined;
  }
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** `Date.parse` alone takes the 30th of February for the 2nd of March, and dates without an offset. */
function readIso(value: string): number {
  const [, year, month, day] = ISO.exec(value) ?? [];
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (midnight.getUTCDate() !== Number(day)) return Number.NaN;
  return Math.floor(Date.parse(value.toUpperCase().replace(" ", "T").replace(/(\.\d{3})\d+/, "$1")));
}

/** A whole number from 0 on. */
export function count(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid(`\`${name}\` is ${shown(value)}, and must be a whole number from 0 on`);
}

/** An object with options; what was left out has none. */
export function options<T extends object>(value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !isList(value)) return value;
  throw invalid(`the options are ${shown(value)}, and must be an object`);
}

/** What an object holds under a name, which a getter may have to say. */
export function field<T extends object, K extends keyof T & string>(object: T, name: K): T[K] {
  // Written out, because every check passes here.
  try {
    return object[name];
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Runs code of the caller's objects, such as getters and proxies; what it throws is the refusal's cause. */
export function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): PortcullisError {
  return error instanceof PortcullisError ? error : invalid(`\`${name}\` cannot be read`, error);
}

/** A list. */
export function list<T>(value: readonly T[], name: string): readonly T[] {
  if (isList(value)) return value;
  throw invalid(`\`${name}\` is ${shown(value)}, and must be a list`);
}

/** Bytes, however they are held; not copied. */
export function bytes(value: unknown, name: string): Uint8Array {
  const view = ArrayBuffer.isView(value) ? value : undefined;
  const buffer = view?.buffer ?? value;
  if (!isBuffer(buffer)) throw invalid(`\`${name}\` is ${shown(value)}, and must be bytes`);
  try {
    return view ? new Uint8Array(buffer, view.byteOffset, view.byteLength) : new Uint8Array(buffer);
  } catch (error) {
    throw invalid(`\`${name}\` are bytes that have been moved elsewhere: their buffer is detached`, error);
  }
}

/** What tells a buffer, whatever realm it is of: its length can be asked for. */
const LENGTHS = [globalThis.ArrayBuffer, globalThis.SharedArrayBuffer].flatMap(
  (buffer) => (buffer && Object.getOwnPropertyDescriptor(buffer.prototype, "byteLength")?.get) ?? [],
);

export function isBuffer(value: unknown): value is ArrayBuffer {
  return LENGTHS.some((length) => {
    try {
      return length.call(value) >= 0;
    } catch {
      return false;
    }
  });
}

/** Whether it is a response, of whatever realm. */
export function isResponse(value: unknown): value is ResponseLike {
  return typeof value === "object" && value !== null && typeof field(value as ResponseLike, "arrayBuffer") === "function";
}

/** Waits for bytes, those of a response included. That of a promise which fails is its own. */
export async function arriving(source: unknown, name: string): Promise<Uint8Array> {
  // Looked at first, because waiting looks at it too.
  if (typeof source === "object" && source !== null) field(source as PromiseLike<unknown>, "then");
  const value = await source;
  if (!isResponse(value)) return bytes(value, name);
  if (!value.ok) throw invalid(`\`${name}\` is a response with the status ${shown(value.status)}`);
  try {
    return bytes(await value.arrayBuffer(), name);
  } catch (error) {
    throw unreadable(name, error);
  }
}

const DEEPEST = 100;

/** A copy as JSON has it: dates as ISO 8601, without what is `undefined`. */
export function plain(value: unknown, name: string, depth = 0): unknown {
  if (depth > DEEPEST) throw invalid(`\`${name}\` is nested too deeply, or holds itself`);
  if (typeof value === "string") return text(value, name);
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  // `map` would leave out what a list has left out.
  if (isList(value)) return Array.from(value, (item) => plain(item, name, depth + 1));
  if (isDate(value)) return new Date(instant(value, name)).toISOString();
  if (typeof value === "object") return plainFields(value, name, depth);
  throw invalid(`\`${name}\` is ${shown(value)}, which JSON does not have`);
}

function plainFields(value: object, name: string, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // Without a prototype, so that a field `__proto__` is one like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of entries) copy[text(key, name)] = plain(inner, depth === 0 ? key : name, depth + 1);
  return copy;
}
