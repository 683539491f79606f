/**
 * The package in Node on estates of every size, as the native engine is measured: `node sizes.mjs ESTATES FIGURES`. With
 * the name of an estate as third argument it is one new process that loads that and prints what memory it takes.
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Portcullis } from "portcullis";

import { writeAll } from "./figures.mjs";
import { differences } from "./measure.mjs";
import { readQuestions } from "./questions.mjs";
import { Samples } from "./samples.mjs";

/** The estates, from small to large. In the last there are few lists in a large tree. */
const ESTATES = ["1k", "100k", "1M", "sparse"];

/** How often everything is measured in turn. */
const ROUNDS = 4;

/** How many checks are timed together after a change is taken back, each of something else. */
const AFTER = 64;

/**
 * @typedef {import("./portcullis.mjs").Asked} Asked
 * @typedef {import("./questions.mjs").Questions} Questions
 * @typedef {{name: string, asked: Asked, snapshot: Uint8Array, engine: Portcullis}} Subject
 */

const [estates, folder, only] = process.argv.slice(2);
const samples = new Samples();

if (only === undefined) {
  await measureAll();
} else {
  const before = moduleBytes();
  const engine = await Portcullis.load(await readSnapshot(only));
  console.log(moduleBytes() - before);
  engine.dispose();
}

async function measureAll() {
  const subjects = [];
  for (const name of ESTATES) subjects.push(await loaded(name));
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) await measure(subject);
  }
  const memory = ESTATES.map((name) => [`node ${name} memory`, memoryInNewProcess(name)]);
  await writeAll(folder, { ...samples.figures(), ...Object.fromEntries(memory) });
}

/** The engines of one process share a memory. */
function memoryInNewProcess(name) {
  const words = [fileURLToPath(import.meta.url), estates, folder, name];
  return Number(execFileSync(process.execPath, words, { encoding: "utf8" }));
}

async function readSnapshot(name) {
  return new Uint8Array(await readFile(join(estates, name, "policy.snapshot")));
}

/** @returns {Promise<Subject>} */
async function loaded(name) {
  const snapshot = await readSnapshot(name);
  const engine = await Portcullis.load(snapshot);
  const asked = readQuestions(await readFile(join(estates, name, "questions.json"), "utf8"));
  return { name, asked, snapshot, engine };
}

/** What the memories of modules take. */
function moduleBytes() {
  const { external, arrayBuffers } = process.memoryUsage();
  return external - arrayBuffers;
}

/** @param {Subject} subject */
async function measure(subject) {
  for (const mix of ["skewed", "uniform"]) {
    measureHandles(subject, mix);
    measureNames(subject, mix);
  }
  measureFilter(subject);
  measureQuestions(subject);
  measureChanges(subject);
  const restored = await samples.timeAwaited(id(subject, "restore"), () => Portcullis.load(subject.snapshot));
  measureFirst(subject, restored);
  restored.dispose();
}

/**
 * Checks that nobody has asked before, of an engine that was just loaded: half of them on names, half on handles.
 *
 * @param {Subject} subject
 * @param {Portcullis} engine
 */
function measureFirst(subject, engine) {
  const { uniform } = subject.asked;
  const [count, middle] = [uniform.path.length, uniform.path.length >> 1];
  samples.timeFirst(id(subject, "check names first"), 0, middle, checkingNames(engine, uniform));
  samples.timeFirst(id(subject, "check handle first"), middle, count, checkingHandles(engine, uniform));
}

/** @param {Subject} subject */
function id({ name }, what) {
  return `node ${name} ${what}`;
}

/** @param {Subject} subject */
function measureHandles(subject, mix) {
  const wrongIn = checkingHandles(subject.engine, subject.asked[mix]);
  samples.timeEach(id(subject, `check handle ${mix}`), subject.asked[mix].path.length, wrongIn);
}

/** @param {Portcullis} engine @param {Questions} questions */
function checkingHandles(engine, { principal, privilege, path, allowed }) {
  const who = principal.map((name) => engine.resolvePrincipal(name));
  const what = privilege.map((name) => engine.resolvePrivilege(name));
  const where = path.map((name) => engine.resolve(name));
  return (from, to) => {
    let wrong = 0;
    for (let at = from; at < to; at++) {
      if (engine.check(who[at], what[at], where[at]) !== allowed[at]) wrong++;
    }
    return wrong;
  };
}

/** @param {Subject} subject */
function measureNames(subject, mix) {
  const { engine, asked } = subject;
  samples.timeEach(id(subject, `check names ${mix}`), asked[mix].path.length, checkingNames(engine, asked[mix]));
}

/** @param {Portcullis} engine @param {Questions} questions */
function checkingNames(engine, { principal, privilege, path, allowed }) {
  return (from, to) => {
    let wrong = 0;
    for (let at = from; at < to; at++) {
      if (engine.check(principal[at], privilege[at], path[at]) !== allowed[at]) wrong++;
    }
    return wrong;
  };
}

/** @param {Subject} subject */
function measureFilter(subject) {
  const { engine, asked } = subject;
  for (const order of ["ordered", "mixed"]) {
    const name = id(subject, `filter ${order}`);
    for (const { path, shown } of asked[order]) {
      compare(samples.time(name, () => engine.filter(asked.reader, asked.shown, path)), shown, name);
    }
  }
}

/** @param {Subject} subject */
function measureQuestions(subject) {
  const { engine, asked } = subject;
  const paths = (objects) => objects.map(({ path }) => path).sort();
  const each = (what, questions, run, rows = (answer) => answer) => {
    const name = id(subject, what);
    for (const question of questions) compare(rows(samples.time(name, () => run(question))), question.reply, name);
  };
  each("explain", asked.explanations, ({ principal, privilege, path }) => engine.explain(principal, privilege, path), JSON.stringify);
  each("whoCan", asked.whoCan, ({ privilege, path }) => engine.whoCan(privilege, path));
  each("whatCan", asked.whatCan, ({ principal, privilege, under }) => engine.whatCan(principal, privilege, { under }), paths);
  each("whatCan everything", asked.everything, ({ principal, privilege }) => engine.whatCan(principal, privilege), paths);
  const listing = ({ principal, under }) => engine.ask("getObjects", { path: under, recursive: true }, { as: principal });
  each("getObjects", asked.listings, listing, ({ object = [] }) => paths(object));
}

/** @param {Subject} subject */
function measureChanges(subject) {
  const { engine, asked } = subject;
  const wrongIn = checkingHandles(engine, asked.uniform);
  let from = 0;
  for (const [kind, changes] of Object.entries(asked.changes)) {
    for (const { make, undo, question } of changes) {
      measureChange(subject, kind, make, question);
      engine.apply(engine.propose([undo]));
      const name = id(subject, "checks after");
      const wrong = samples.time(name, () => wrongIn(from, from + AFTER));
      if (wrong > 0) throw new Error(`${wrong} wrong answers: ${name}`);
      from = (from + AFTER) % asked.uniform.path.length;
    }
  }
}

/** @param {Subject} subject */
function measureChange(subject, kind, make, { principal, privilege, path, allowed }) {
  const { engine } = subject;
  const timed = (what, run) => samples.timeKind(id(subject, what), kind, run);
  const proposal = timed("propose", () => engine.propose([make]));
  timed("apply", () => engine.apply(proposal));
  const answer = timed("check after", () => engine.check(principal, privilege, path));
  if (answer !== allowed) throw new Error(`a wrong answer after a change: ${kind}`);
}

/** An answer must be the native engine's. */
function compare(given, expected, name) {
  const wanted = typeof given === "string" ? JSON.stringify(expected) : expected;
  if (differences(given, wanted) > 0) throw new Error(`a wrong answer: ${name}`);
}
