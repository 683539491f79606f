/** The measurements of the package, as a page or a process uses it. */

import { differences } from "./measure.mjs";
import { ask, first, fresh } from "./questions.mjs";

/** How many questions go into one crossing. */
const AT_ONCE = 10_000;

/** How many checks make a batch at least: it must take milliseconds. */
const LEAST_CHECKS = 65_536;

/**
 * @typedef {ReturnType<typeof import("./questions.mjs").readQuestions>} Asked
 * @typedef {import("./questions.mjs").Questions} Questions
 * @typedef {import("./measure.mjs").Sheet} Sheet
 * @typedef {typeof import("portcullis").Portcullis} Package
 * @typedef {import("portcullis").Portcullis} Engine
 */

/**
 * Everything that the package has a goal for, and what stands beside it.
 *
 * @param {Sheet} sheet
 * @param {Asked} asked
 * @param {{snapshot: Uint8Array, projection: Uint8Array}} files As the native engine has written them.
 * @param {Package} Portcullis
 */
export async function measurePackage(sheet, asked, { snapshot, projection }, Portcullis) {
  const load = () => Portcullis.load(snapshot);
  await sheet.measure("load snapshot", loading(load, asked.uniform));
  for (const order of ["ordered", "mixed"]) await filteringCold(sheet, asked, order, load);
  const engine = await load();
  for (const mix of ["page", "skewed", "uniform"]) {
    await sheet.measure(`check strings ${mix}`, checking(engine, asked[mix]));
    await sheet.measure(`check handles ${mix}`, checkingHandles(engine, asked[mix]));
  }
  await sheet.measure("check strings new", checkingNew(engine, asked.uniform));
  await sheet.measure("checkMany", checkingMany(engine, asked.uniform));
  for (const order of ["ordered", "mixed"]) {
    await sheet.measure(`filter ${order}`, filtering(engine, asked, asked[order][0]));
  }
  await sheet.measure("explain", explaining(engine, asked));
  await sheet.measure("whoCan", findingWho(engine, asked));
  await sheet.measure("whatCan", findingWhat(engine, asked));
  await sheet.measure("preview", previewing(engine, asked));
  await sheet.measure("project", projecting(engine, asked, projection));
  engine.dispose();
  sheet.figures["projection bytes"] = projection.length;
  await measureProjection(sheet, asked, () => Portcullis.load(projection));
}

/**
 * @param {Sheet} sheet
 * @param {Asked} asked
 * @param {() => Promise<Engine>} load
 */
async function measureProjection(sheet, asked, load) {
  await sheet.measure("load projection", loading(load, asked.readers));
  const projection = await load();
  await sheet.measure("projection check strings", checking(projection, asked.readers));
  for (const order of ["ordered", "mixed"]) {
    await sheet.measure(`projection filter ${order}`, filtering(projection, asked, asked[order][0]));
  }
  projection.dispose();
}

/** The first answers are compared: a policy that is not all there would be quick to load. */
function loading(load, questions) {
  const some = first(questions, 100);
  return {
    run: load,
    wrong: (engine) => {
      const wrong = ask(some, (...question) => engine.check(...question));
      engine.dispose();
      return wrong;
    },
  };
}

/** @returns {import("./measure.mjs").Measurement} */
function checking(engine, questions) {
  const check = (principal, privilege, path) => engine.check(principal, privilege, path);
  return inRounds(questions, () => ask(questions, check));
}

/** All the questions so many times that they make a batch. */
function inRounds({ path }, run) {
  const rounds = Math.ceil(LEAST_CHECKS / path.length);
  const all = () => {
    let wrong = 0;
    for (let round = 0; round < rounds; round++) wrong += run();
    return wrong;
  };
  return { run: all, operations: rounds * path.length };
}

/** With texts that were made just now, as most are: JavaScript has not met these strings, whatever it has met that reads the same. */
function checkingNew(engine, questions) {
  return { ...checking(engine, questions), prepare: () => fresh(questions), run: (asked) => checking(engine, asked).run() };
}

/** @param {Engine} engine @param {Questions} questions */
function checkingHandles(engine, questions) {
  const { principal, privilege, path, allowed } = questions;
  const privileges = new Map(privilege.map((name) => [name, engine.resolvePrivilege(name)]));
  const who = principal.map((name) => engine.resolvePrincipal(name));
  const what = privilege.map((name) => privileges.get(name));
  const where = path.map((name) => engine.resolve(name));
  const run = () => {
    let wrong = 0;
    for (let at = 0; at < where.length; at++) {
      if (engine.check(who[at], what[at], where[at]) !== allowed[at]) wrong++;
    }
    return wrong;
  };
  return inRounds(questions, run);
}

/** Answers to many questions in one crossing; a time is that of all. */
function checkingMany(engine, { principal, privilege, path, allowed }) {
  const questions = path.slice(0, AT_ONCE).map((object, at) => ({
    principal: principal[at],
    privilege: privilege[at],
    object,
  }));
  const expected = allowed.slice(0, AT_ONCE);
  return { run: () => engine.checkMany(questions), wrong: (answers) => differences(answers, expected) };
}

/** @param {Engine} engine @param {Asked} asked */
function filtering(engine, { reader, shown: privilege }, { path, shown }) {
  return { run: () => engine.filter(reader, privilege, path), wrong: (kept) => differences(kept, shown) };
}

/** Neither the engine nor anybody else has seen these objects' paths before. */
async function filteringCold(sheet, asked, order, load) {
  const once = asked[order];
  const lists = [...once, ...once, ...once];
  let [engine, used] = [await load(), 0];
  const measured = {
    batches: lists.length,
    prepare: async () => {
      if (used > 0 && used % once.length === 0) {
        engine.dispose();
        engine = await load();
      }
      return fresh(lists[used++]);
    },
    run: ({ path }) => engine.filter(asked.reader, asked.shown, path),
    wrong: (kept) => differences(kept, lists[used - 1].shown),
  };
  await sheet.measure(`filter ${order} cold`, measured);
  engine.dispose();
}

/** @param {Engine} engine @param {Asked} asked */
function explaining(engine, { explanations }) {
  const expected = explanations.map(({ reply }) => JSON.stringify(reply));
  return {
    run: () => explanations.map(({ principal, privilege, path }) => engine.explain(principal, privilege, path)),
    operations: explanations.length,
    wrong: (answers) => differences(answers.map((answer) => JSON.stringify(answer)), expected),
  };
}

/** @param {Engine} engine @param {Asked} asked */
function findingWho(engine, { whoCan }) {
  return {
    run: () => whoCan.map(({ privilege, path }) => engine.whoCan(privilege, path)),
    operations: whoCan.length,
    wrong: (answers) => listsWrong(answers, whoCan),
  };
}

/** @param {Engine} engine @param {Asked} asked */
function findingWhat(engine, { whatCan }) {
  return {
    run: () => whatCan.map(({ principal, privilege, under }) => engine.whatCan(principal, privilege, { under })),
    operations: whatCan.length,
    wrong: (answers) => listsWrong(answers.map((objects) => objects.map(({ path }) => path).sort()), whatCan),
  };
}

/** @param {Engine} engine @param {Asked} asked */
function previewing(engine, { previews }) {
  const expected = previews.map(({ reply }) => JSON.stringify(reply));
  return {
    run: () => previews.map(({ commands }) => engine.preview(commands).access),
    operations: previews.length,
    wrong: (answers) => differences(answers.map((access) => JSON.stringify(access)), expected),
  };
}

/** With a salt of its own a projection has other bytes each time, but as many. */
function projecting(engine, { reader }, { length }) {
  return { run: () => engine.project(reader), wrong: (bytes) => Number(bytes.length !== length) };
}

function listsWrong(answers, questions) {
  return answers.reduce((wrong, answer, at) => wrong + differences(answer, questions[at].reply), 0);
}
