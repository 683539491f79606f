/**
 * Our package and its peers in Node, on the same questions in the same run: `node peers.mjs ESTATE FIGURES`. Each has the
 * encoding that is best for it.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import cedar from "@cedar-policy/cedar-wasm/nodejs";

import { write } from "./figures.mjs";
import { enforcers } from "./peers/casbin.mjs";
import { withAnswers, withConditions, withTypes } from "./peers/casl.mjs";
import { allows, calls } from "./peers/cedar.mjs";
import { compete } from "./peers/contest.mjs";
import { byHandles, byNames } from "./peers/ours.mjs";
import { readRecords } from "./peers/records.mjs";
import { walkByIds, walkByNames } from "./peers/walk.mjs";
import { first, readQuestions } from "./questions.mjs";

/** How many questions are put to who is slow. */
const FEW = 2048;

const [estate, figures] = process.argv.slice(2);
const read = (file) => readFile(join(estate, file));
const asked = readQuestions(await read("questions.json", "utf8"));
const records = readRecords(await read("estate.json", "utf8"), asked.privileges);
const [snapshot, projection] = [new Uint8Array(await read("policy.snapshot")), new Uint8Array(await read("reader.projection"))];
const { reader, readers, uniform } = asked;
const [few, fewReaders] = [first(uniform, FEW), first(readers, FEW)];

/** How a question of a number is put to what takes three strings. */
const inWords = ({ principal, privilege, path }) => (check) => (at) => check(principal[at], privilege[at], path[at]);

/** @type {import("./peers/contest.mjs").Contestant[]} */
const contestants = [
  { name: "peers portcullis handle", questions: uniform, ...byHandles(snapshot, uniform) },
  { name: "peers portcullis names", questions: uniform, ...byNames(snapshot, uniform) },
  // As many as who is slow gets: few questions stay in the processor's caches.
  { name: "peers portcullis handle few", questions: few, ...byHandles(snapshot, few) },
  { name: "peers portcullis names few", questions: few, ...byNames(snapshot, few) },
  { name: "peers portcullis projection", questions: readers, ...byNames(projection, readers) },
  { name: "peers walk handle", questions: uniform, make: () => walkByIds(records), put: byIds },
  { name: "peers walk names", questions: uniform, make: () => walkByNames(records), put: inWords(uniform) },
  {
    name: "peers cedar slices",
    questions: few,
    make: () => calls(records, few, cedar),
    put: (calls) => (at) => allows(cedar, calls[at]),
  },
  { name: "peers casbin slices", questions: few, make: () => enforcers(records, few), put: byEnforcer },
  {
    name: "peers casl answers",
    questions: readers,
    make: () => withAnswers(records, reader, walkByNames(records)),
    put: inWords(readers),
  },
  { name: "peers casl types", questions: readers, make: () => withTypes(records, reader), put: inWords(readers) },
  {
    name: "peers casl conditions",
    questions: fewReaders,
    make: () => withConditions(records, reader),
    put: inWords(fewReaders),
  },
];

await write(figures, "node", await compete(contestants));

/** The names looked up beforehand, as for our own handles. */
function byIds(check) {
  const objects = new Map(records.nodes.map(({ path, id }) => [path, id]));
  const who = uniform.principal.map((name) => records.principals.get(name).id);
  const what = uniform.privilege.map((name) => 1 << records.privileges.indexOf(name));
  const where = uniform.path.map((path) => objects.get(path));
  return (at) => check(who[at], what[at], where[at]);
}

function byEnforcer(made) {
  const { principal, privilege, path } = few;
  return (at) => made.get(path[at]).get(privilege[at]).enforceSync(principal[at]);
}
