/**
 * A policy and a question as a link. The snapshot lies compressed behind the `#`, which browsers send to no server.
 *
 * @typedef {{ who: string, privilege: string, path: string }} Question
 * @typedef {{ snapshot: Uint8Array, question: Question, at: number, title: string }} Shared
 */

/** Longer links are cut by too many programs on their way. */
export const LONGEST_LINK = 16_000;

/**
 * @param {Shared} shared
 * @param {string} address the page's address
 */
export async function toLink(shared, address) {
  const compressed = await through(shared.snapshot, new CompressionStream("deflate-raw"));
  const fields = new URLSearchParams({
    who: shared.question.who,
    may: shared.question.privilege,
    on: shared.question.path,
    at: new Date(shared.at).toISOString(),
    title: shared.title,
    policy: toBase64(compressed),
  });
  return `${address.replace(/#.*$/, "")}#${fields}`;
}

/**
 * What a link's fragment holds; nothing where it holds no policy.
 * @param {string} fragment
 * @returns {Promise<Shared | undefined>}
 */
export async function fromFragment(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const policy = fields.get("policy");
  if (!policy) return undefined;
  return {
    snapshot: await through(fromBase64(policy), new DecompressionStream("deflate-raw")),
    question: { who: fields.get("who") ?? "", privilege: fields.get("may") ?? "", path: fields.get("on") ?? "" },
    at: Date.parse(fields.get("at") ?? "") || Date.now(),
    title: fields.get("title") ?? "A shared policy",
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {CompressionStream | DecompressionStream} stream
 */
async function through(bytes, stream) {
  const piped = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(/** @type {any} */ (stream));
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64(text) {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
}
