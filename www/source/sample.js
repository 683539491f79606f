/**
 * The policy at first sight: a small shop in which every rule of the idea is at work. It is built by the same commands
 * that any other policy is.
 */
import { Portcullis } from "portcullis";
import { DAY_MS } from "./instants.js";

/** @typedef {{ as?: string, daysBefore: number, commands: [string, Record<string, any>][] }} Step */

/** Noon of 16 March 2026, when the sample begins to be looked at. */
export const SAMPLE_AT = Date.UTC(2026, 2, 16, 12);

/** What is asked of it first: the answer is no, and one sees the gate that is the reason. */
export const QUESTION = {
  who: "user:dora",
  privilege: "modify",
  path: "/projects/Shop/pipelines/Release/stages/Production",
};

const RELEASE = "/projects/Shop/pipelines/Release";

/** @type {Step[]} */
const STEPS = [
  {
    daysBefore: 60,
    commands: [
      ...objects("/users/", ["dora", "tim", "rita", "olga", "cora"]),
      ...objects("/groups/", ["developers", "releasers", "operations", "contractors"]),
      ...objects("/serviceAccounts/", ["ci-hook"]),
      ...members("developers", ["dora", "tim", "cora"]),
      ...members("releasers", ["rita"]),
      ...members("operations", ["olga"]),
      ...members("contractors", ["cora"]),
      ["addGroupMember", { groupName: "operations", userName: "releasers", memberType: "group" }],
      ["createObject", { path: "/projects/Shop" }],
      ...objects("/projects/Shop/procedures/", ["Build", "Smoke test"]),
      ["createObject", { path: RELEASE }],
      ...objects(`${RELEASE}/stages/`, ["Commit", "Staging", "Production"]),
      ["createObject", { path: "/projects/Shop/credentials/registry key" }],
      ["createObject", { path: "/projects/Wages" }],
      ["createObject", { path: "/projects/Wages/procedures/Pay out" }],
    ],
  },
  {
    daysBefore: 60,
    commands: [
      entry("group", "developers", "/projects/Shop", { read: "allow", modify: "allow" }),
      entry("group", "contractors", "/projects/Shop", { modify: "deny" }),
      entry("group", "operations", RELEASE, { execute: "allow", changePermissions: "allow" }),
      entry(
        "user",
        "cora",
        `${RELEASE}/stages/Staging`,
        { modify: "allow" },
        { notBefore: instant(-10), notAfter: instant(21) },
      ),
      entry("group", "operations", `${RELEASE}/stages/Production`, {
        read: "allow",
        modify: "allow",
        execute: "allow",
        changePermissions: "allow",
      }),
      entry("group", "developers", `${RELEASE}/stages/Production`, { read: "allow" }),
      entry(
        "group",
        "Everyone",
        `${RELEASE}/stages/Production`,
        { execute: "deny" },
        { notBefore: instant(35), notAfter: instant(45) },
      ),
      ["breakAclInheritance", { path: `${RELEASE}/stages/Production` }],
      entry("serviceAccount", "ci-hook", "/projects/Shop/procedures/Build", { execute: "allow" }),
      entry("user", "project: Shop", "/projects/Shop/credentials/registry key", { execute: "allow" }),
      entry("user", "olga", "/projects/Wages", { read: "allow", execute: "allow" }),
      ["breakAclInheritance", { path: "/projects/Wages" }],
      ["assignPersonaToUser", { personaName: "Release Manager", userNames: ["rita", "dora"] }],
      ["assignPersonaToGroup", { personaName: "Deployment Engineer", groupNames: ["developers"] }],
      ["assignPersonaToGroup", { personaName: "System Administrator", groupNames: ["operations"] }],
    ],
  },
  {
    daysBefore: 40,
    as: "user:rita",
    commands: [["createUserAccessToken", { userAccessTokenName: "laptop", expirationDays: 60 }]],
  },
  {
    daysBefore: 12,
    as: "user:dora",
    commands: [["createUserAccessToken", { userAccessTokenName: "editor", expirationDays: 30 }]],
  },
  { daysBefore: 5, commands: [["createSession", { serviceAccountName: "ci-hook", expirationDate: instant(40) }]] },
];

/**
 * The sample's policy in an engine of its own.
 * @param {{ at: number }} clock what the engine goes by
 */
export async function samplePolicy(clock) {
  const at = clock.at;
  clock.at = at - Math.max(...STEPS.map((step) => step.daysBefore)) * DAY_MS;
  const engine = await emptyPolicy(clock);
  for (const step of STEPS) {
    const commands = step.commands.map(([command, said]) => ({ command, arguments: said }));
    clock.at = at - step.daysBefore * DAY_MS;
    engine.apply(engine.propose(/** @type {any} */ (commands), step.as ? { as: /** @type {any} */ (step.as) } : {}));
  }
  clock.at = at;
  return engine;
}

/**
 * A policy in which nothing has been said yet.
 * @param {{ at: number }} clock
 */
export function emptyPolicy(clock) {
  return Portcullis.create({ clock: () => clock.at });
}

/**
 * @param {string} collection
 * @param {string[]} names
 * @returns {[string, Record<string, any>][]}
 */
function objects(collection, names) {
  return names.map((name) => ["createObject", { path: collection + name }]);
}

/**
 * @param {string} groupName
 * @param {string[]} users
 * @returns {[string, Record<string, any>][]}
 */
function members(groupName, users) {
  return users.map((userName) => ["addGroupMember", { groupName, userName }]);
}

/**
 * @param {string} principalType
 * @param {string} principalName
 * @param {string} path
 * @param {Record<string, "allow" | "deny">} says
 * @param {{ notBefore?: string, notAfter?: string }} [dates]
 * @returns {[string, Record<string, any>]}
 */
function entry(principalType, principalName, path, says, dates = {}) {
  const privileges = Object.entries(says).map(([privilege, word]) => [`${privilege}Privilege`, word]);
  return ["createAclEntry", { principalType, principalName, path, ...Object.fromEntries(privileges), ...dates }];
}

/** @param {number} days after the sample's noon, at midnight */
function instant(days) {
  return new Date(Math.floor(SAMPLE_AT / DAY_MS) * DAY_MS + days * DAY_MS).toISOString();
}
