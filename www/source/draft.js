/**
 * Edits that have been made and not yet applied. Several edits of one thing become one command, and an edit that is
 * taken back leaves nothing.
 *
 * @typedef {import("./policy.js").Policy} Policy
 * @typedef {import("./policy.js").Entry} Entry
 * @typedef {{ command: string, arguments: Record<string, any> }} Command
 * @typedef {{ key: string, command: Command, under?: string }} Edit
 */
import { principalId } from "./principals.js";

/** @type {readonly Edit[]} */
export const NO_EDITS = [];

/**
 * The commands, in the order in which they were first thought of.
 * @param {readonly Edit[]} edits
 * @returns {Command[]}
 */
export function commandsOf(edits) {
  return edits.map((edit) => edit.command);
}

/**
 * The edits with this one in the place of what was under its key; without it where there is no command.
 * @param {readonly Edit[]} edits
 * @param {string} key
 * @param {Command | undefined} command
 * @param {string} [under] the path of the object that the edit is about
 * @returns {Edit[]}
 */
export function put(edits, key, command, under) {
  const others = edits
    .map((edit) => (edit.key === key ? command && { ...edit, command } : edit))
    .filter((edit) => edit !== undefined);
  const isNew = command !== undefined && !edits.some((edit) => edit.key === key);
  return isNew ? [...others, { key, command, under }] : others;
}

/**
 * An entry as it shall be; `undefined` where it shall not be.
 * @param {readonly Edit[]} edits
 * @param {Policy} policy the policy without the edits
 * @param {string} path
 * @param {{ type: string, name: string }} principal
 * @param {Entry | undefined} wanted
 */
export function putEntry(edits, policy, path, principal, wanted) {
  const there = policy
    .node(path)
    ?.entries.find((entry) => entry.principalType === principal.type && entry.principalName === principal.name);
  const command = entryCommand(policy.privileges, there, wanted, {
    principalType: principal.type,
    principalName: principal.name,
    path,
  });
  return put(edits, `entry ${path} ${principalId(principal.type, principal.name)}`, command, path);
}

/**
 * Whether an object shall inherit.
 * @param {readonly Edit[]} edits
 * @param {Policy} policy
 * @param {string} path
 * @param {boolean} inherits
 */
export function putInheritance(edits, policy, path, inherits) {
  const node = policy.node(path);
  const same = node ? node.broken !== inherits : inherits;
  const command = { command: inherits ? "restoreAclInheritance" : "breakAclInheritance", arguments: { path } };
  return put(edits, `inheritance ${path}`, same ? undefined : command, path);
}

/**
 * A new object.
 * @param {readonly Edit[]} edits
 * @param {string} path
 */
export function putObject(edits, path) {
  return put(edits, `object ${path}`, { command: "createObject", arguments: { path } }, path);
}

/**
 * An object less; with it goes what the draft had for it and below it.
 * @param {readonly Edit[]} edits
 * @param {Policy} policy
 * @param {string} path
 */
export function removeObject(edits, policy, path) {
  const lies = (/** @type {string | undefined} */ under) => under === path || under?.startsWith(`${path}/`);
  const rest = edits.filter((edit) => !lies(edit.under));
  const command = { command: "deleteObject", arguments: { path } };
  return policy.node(path) ? put(rest, `object ${path}`, command, path) : rest;
}

/**
 * Somebody in a group, or no longer.
 * @param {readonly Edit[]} edits
 * @param {Policy} policy
 * @param {string} groupName
 * @param {{ type: string, name: string }} member
 * @param {boolean} belongs
 */
export function putMember(edits, policy, groupName, member, belongs) {
  const members = policy.memberships.find((each) => each.group === groupName)?.members ?? [];
  const isIn = members.some((each) => each.type === member.type && each.name === member.name);
  const command = {
    command: belongs ? "addGroupMember" : "removeGroupMember",
    arguments: { groupName, userName: member.name, ...(member.type === "user" ? {} : { memberType: member.type }) },
  };
  return put(
    edits,
    `member ${groupName} ${principalId(member.type, member.name)}`,
    isIn === belongs ? undefined : command,
    `/groups/${groupName}`,
  );
}

/**
 * @param {readonly string[]} privileges
 * @param {Entry | undefined} there
 * @param {Entry | undefined} wanted
 * @param {Record<string, string>} place
 * @returns {Command | undefined}
 */
function entryCommand(privileges, there, wanted, place) {
  if (!wanted) return there && { command: "deleteAclEntry", arguments: place };
  const fields = [...privileges.map((privilege) => `${privilege}Privilege`), "notBefore", "notAfter"];
  const before = (/** @type {string} */ field) => there?.[field] ?? (field.startsWith("not") ? "" : "inherit");
  const after = (/** @type {string} */ field) => wanted[field] ?? (field.startsWith("not") ? "" : "inherit");
  const changed = fields.filter((field) => before(field) !== after(field));
  if (there && changed.length === 0) return undefined;
  const said = Object.fromEntries(changed.map((field) => [field, after(field)]));
  return { command: there ? "modifyAclEntry" : "createAclEntry", arguments: { ...place, ...said } };
}
