import { text } from "./input.js";

/** Many texts as the engine takes them in one crossing. */
export interface Texts {
  /** UTF-8, one after the other. */
  readonly bytes: Uint8Array;
  /** Where in the bytes each ends. */
  readonly ends: Uint32Array;
}

const encoder = new TextEncoder();
let buffer = new Uint8Array(16_384);

/** Larger ones are made anew each time, so that one long list does not keep its memory for ever. */
const LARGEST_KEPT = 4_194_304;

/**
 * So many texts are joined and encoded at once. Measured on 10,000 paths: a quarter of the time of encoding one by one, and
 * half of that of joining all.
 */
const JOINED = 64;

/**
 * Packs texts; what is no text is refused by `name` and its place. The bytes stand until the next call.
 *
 * Where there is a byte for each character, the ends are known from the lengths.
 */
export function pack(texts: readonly unknown[], name: (place: number) => string): Texts {
  const ends = new Uint32Array(texts.length);
  let length = 0;
  for (let place = 0; place < texts.length; place++) {
    const item = texts[place];
    length += typeof item === "string" ? item.length : text(item, name(place)).length;
    ends[place] = length;
  }
  const room = reserve(length * 3);
  let end = 0;
  for (let place = 0; place < texts.length; place += JOINED) {
    end += encoder.encodeInto(texts.slice(place, place + JOINED).join(""), room.subarray(end)).written;
    if (end !== ends[Math.min(place + JOINED, texts.length) - 1]) return packEach(texts, name, room, ends);
  }
  return { bytes: room.subarray(0, end), ends };
}

/** Texts with characters of several bytes. */
function packEach(texts: readonly unknown[], name: (place: number) => string, room: Uint8Array, ends: Uint32Array): Texts {
  let end = 0;
  for (let place = 0; place < texts.length; place++) {
    end += encoder.encodeInto(text(texts[place], name(place)), room.subarray(end)).written;
    ends[place] = end;
  }
  return { bytes: room.subarray(0, end), ends };
}

function reserve(length: number): Uint8Array {
  if (length <= buffer.length) return buffer;
  const larger = new Uint8Array(length);
  if (length <= LARGEST_KEPT) buffer = larger;
  return larger;
}
