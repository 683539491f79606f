/**
 * Sentences about objects, principals and decisions.
 *
 * @typedef {import("../policy.js").Policy} Policy
 */
import { inWords, parsePrincipal, typeInWords } from "../principals.js";

/**
 * `stage Production`.
 * @param {{ type: string, name: string }} object
 */
export function objectInWords({ type, name }) {
  return type === "systemObject" ? name : `${inWords(type)} ${name}`;
}

/**
 * The object at a path, as it is spoken of.
 * @param {Policy} policy
 * @param {string | undefined} path
 */
export function pathInWords(policy, path) {
  const node = path === undefined ? undefined : policy.node(path);
  return node
    ? objectInWords(node)
    : decodeURIComponent(
        (path ?? "")
          .split("/")
          .slice(-1)[0]
          .replace(/%(?!2F|25)/g, "%25"),
      );
}

/**
 * `group developers`, `project Shop itself`, but `dora` for the user dora.
 * @param {string} type
 * @param {string} name
 */
export function principalInWords(type, name) {
  if (name.startsWith("project: ")) return `project ${name.slice(9)}’s own jobs`;
  return type === "user" ? name : `${typeInWords(type)} ${name}`;
}

/** @param {string} id */
export function whoInWords(id) {
  const { type, name } = parsePrincipal(id);
  return principalInWords(type, name);
}

/**
 * Why, in a sentence.
 * @param {Policy} policy
 * @param {any} decision
 */
export function reasonInWords(policy, decision) {
  const { code, object, aclEntry = [] } = decision.reason;
  const place = pathInWords(policy, object);
  const says = aclEntry
    .map((/** @type {any} */ entry) => principalInWords(entry.principalType, entry.principalName))
    .join(" and ");
  switch (code) {
    case "Admin":
      return "The user admin may do everything.";
    case "EntryAllows":
      return `The entry for ${says} on ${place} allows it.`;
    case "EntryDenies":
      return `The entry for ${says} on ${place} denies it.`;
    case "InheritanceBroken":
      return `No entry says anything up to ${place}, where inheritance is broken.`;
    default:
      return "No entry says anything, all the way up.";
  }
}

/**
 * `read, modify` → `read and modify`.
 * @param {readonly string[]} privileges
 */
export function listInWords(privileges) {
  const words = privileges.map(inWords);
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.slice(-1)[0]}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
