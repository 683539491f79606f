/** Our own package, asked as the peers are: by strings, by handles, and by strings on one user's projection. */

import { Portcullis } from "portcullis";

/**
 * @param {Uint8Array} bytes A snapshot, or a projection.
 * @param {import("../questions.mjs").Questions} questions
 */
export function byNames(bytes, { principal, privilege, path }) {
  return {
    make: () => Portcullis.load(bytes),
    put: (engine) => (at) => engine.check(principal[at], privilege[at], path[at]),
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {import("../questions.mjs").Questions} questions
 */
export function byHandles(bytes, { principal, privilege, path }) {
  const put = (engine) => {
    const privileges = new Map(privilege.map((name) => [name, engine.resolvePrivilege(name)]));
    const who = principal.map((name) => engine.resolvePrincipal(name));
    const what = privilege.map((name) => privileges.get(name));
    const where = path.map((name) => engine.resolve(name));
    return (at) => engine.check(who[at], what[at], where[at]);
  };
  return { make: () => Portcullis.load(bytes), put };
}
