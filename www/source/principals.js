/**
 * Principals as `TYPE:NAME` texts, the way the engine takes them.
 *
 * @typedef {{ type: string, name: string, id: string, registered: boolean }} Principal
 */

const TYPE_WORDS = new Map([
  ["user", "user"],
  ["group", "group"],
  ["serviceAccount", "service account"],
]);

/**
 * @param {string} type
 * @param {string} name
 */
export function principalId(type, name) {
  return `${type}:${name}`;
}

/**
 * @param {string} id
 * @returns {{ type: string, name: string }}
 */
export function parsePrincipal(id) {
  const colon = id.indexOf(":");
  return { type: id.slice(0, colon), name: id.slice(colon + 1) };
}

/**
 * `user`, `group`, `service account`.
 * @param {string} type
 */
export function typeInWords(type) {
  return TYPE_WORDS.get(type) ?? inWords(type);
}

/**
 * `changePermissions` → `change permissions`: names of types and privileges as they are spoken.
 * @param {string} name
 */
export function inWords(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * By type (users first), then by name without case.
 * @param {Principal} a
 * @param {Principal} b
 */
export function comparePrincipals(a, b) {
  const order = ["user", "group", "serviceAccount"];
  return order.indexOf(a.type) - order.indexOf(b.type) || a.name.localeCompare(b.name, "en");
}

/**
 * `changePermissions` → `perms`, where there is little room.
 * @param {string} privilege
 */
export function abbreviated(privilege) {
  return privilege === "changePermissions" ? "perms" : inWords(privilege);
}

/**
 * One letter, the command line's where it has one: `r`, `m`, `x`, `p`.
 * @param {string} privilege
 */
export function initial(privilege) {
  return (
    new Map([
      ["execute", "x"],
      ["changePermissions", "p"],
    ]).get(privilege) ?? privilege.charAt(0)
  );
}
