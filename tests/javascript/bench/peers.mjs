/** The measurements of the peers, on the same questions. Each has the encoding that is best for it. */

import { differences } from "./measure.mjs";
import { withAnswers, withConditions, withTypes } from "./peers/casl.mjs";
import { withLevels } from "./peers/cedar.mjs";
import { readRecords } from "./peers/records.mjs";
import { walkByHand } from "./peers/walk.mjs";
import { ask, first } from "./questions.mjs";

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {import("./questions.mjs").Questions} questions Fewer for whoever is slow.
 * @property {() => (principal: string, privilege: string, path: string) => boolean} build Makes it ready to be asked.
 * @property {string[]} [list] What is filtered; without it, nothing is.
 */

/**
 * Times of a check, of filtering 10,000 paths, and of making ready what is asked, each with its wrong answers.
 *
 * @param {import("./measure.mjs").Sheet} sheet
 * @param {import("./portcullis.mjs").Asked} asked
 * @param {string} recordsText
 * @param {typeof import("@cedar-policy/cedar-wasm/web")} cedar
 */
export async function measurePeers(sheet, asked, recordsText, cedar) {
  const records = readRecords(recordsText, asked.privileges);
  const byHand = walkByHand(records);
  const [{ path: list }] = asked.ordered;
  const { reader, readers, uniform } = asked;
  const few = { cedar: first(uniform, 2048), conditions: first(readers, 2048) };
  const reading = () => walkByHand(readRecords(recordsText, asked.privileges));
  /** @type {Peer[]} */
  const peers = [
    { name: "walk by hand", questions: uniform, list, build: reading },
    { name: "casl answers", questions: readers, list, build: () => withAnswers(records, reader, byHand) },
    { name: "casl types", questions: readers, list, build: () => withTypes(records, reader) },
    { name: "casl conditions", questions: few.conditions, build: () => withConditions(records, reader) },
    { name: "cedar levels", questions: few.cedar, build: () => withLevels(records, few.cedar, cedar) },
  ];
  for (const peer of peers) await measurePeer(sheet, asked, peer);
}

async function measurePeer(sheet, { reader, shown: privilege, ordered }, { name, questions, list, build }) {
  const before = sheet.wrong;
  const check = build();
  await sheet.measure(`${name} ready`, { run: build, batches: 5, wrong: () => 0 });
  await sheet.measure(`${name} check`, { run: () => ask(questions, check), operations: questions.path.length });
  sheet.figures[`${name} questions`] = questions.path.length;
  if (list !== undefined) {
    const run = () => list.filter((path) => check(reader, privilege, path));
    await sheet.measure(`${name} filter`, { run, wrong: (kept) => differences(kept, ordered[0].shown) });
  }
  sheet.figures[`${name} wrong`] = sheet.wrong - before;
}
