/**
 * What is dropped on the page, or picked: an export's folder, or a file with a policy.
 *
 * @typedef {import("../playground.js").Playground} Playground
 * @typedef {import("../files.js").FoundFile} FoundFile
 */
import { canRead, readExport } from "../exports.js";
import { bytesOf, foundDropped, foundPicked, pick } from "../files.js";
import { messageOf } from "../playground.js";
import { counted } from "./words.js";

/** @param {Playground} app */
export function listenForDrops(app) {
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.documentElement.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.documentElement.classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.documentElement.classList.remove("dragging");
    if (event.dataTransfer)
      foundDropped(event.dataTransfer).then(
        (files) => take(app, files),
        (fault) => app.say("bad", messageOf(fault)),
      );
  });
}

/**
 * Has the reader pick the folder of an export.
 * @param {Playground} app
 */
export async function pickExport(app) {
  const files = await pick({ folder: true });
  if (files.length) await take(app, foundPicked(files));
}

/**
 * Has the reader pick a policy's file.
 * @param {Playground} app
 */
export async function pickPolicy(app) {
  const files = await pick();
  if (files.length) await take(app, foundPicked(files));
}

/**
 * @param {Playground} app
 * @param {FoundFile[]} files
 */
async function take(app, files) {
  const [only] = files;
  if (!only) return;
  try {
    if (files.length === 1 && !only.path.endsWith(".dsl")) await openPolicy(app, only);
    else await importExport(app, files);
  } catch (fault) {
    app.say("bad", messageOf(fault));
  }
}

/**
 * @param {Playground} app
 * @param {FoundFile} file
 */
async function openPolicy(app, file) {
  app.replace(await app.load(await bytesOf(file)), { title: file.path, about: `opening ${file.path}` });
  app.say("good", `Opened ${file.path}`);
}

/**
 * @param {Playground} app
 * @param {FoundFile[]} files
 */
async function importExport(app, files) {
  if (!(await canRead())) return app.say("bad", "This copy of the playground cannot read exports.");
  const { objects, summary } = await readExport(files, app.policy.schema);
  const about = `the import of ${counted(objects.length, "object")}${leftOut(summary)}`;
  if (!app.command([{ command: "import", arguments: { objects } }], about)) return;
  app.openAll();
  app.ask({ path: objects.find((object) => app.policy.node(object.path))?.path ?? app.question.path });
}

/** @param {any} summary */
function leftOut({ missedAcls = [], skipped = [] }) {
  const lists = missedAcls.length ? [`${counted(missedAcls.length, "list")} not taken`] : [];
  const kinds = skipped.length ? [`${counted(skipped.length, "kind")} of statements left out`] : [];
  return [...lists, ...kinds].map((text) => `; ${text}`).join("");
}
