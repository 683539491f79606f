/**
 * Puts the playground into a folder that any static server can publish, at any path:
 *
 *     node build.mjs OUTPUT [--package FOLDER] [--engine FOLDER] [--cases FOLDER] [--transcripts FILE] [--replay FILE]
 *
 * `--package` is the unpacked npm package; that in `node_modules` unless it is said. For the gallery and for running the cases: `--engine` is wasm-bindgen's glue
 * with its module, `--cases` is `tests/cases`, `--transcripts` and `--replay` are what the cases' runner writes and is.
 * Sources are copied as they are, but for the bare names in their imports, which browsers do not know.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { deflateRaw } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ["package", "engine", "cases", "transcripts", "replay"].map((name) => [name, { type: "string" }]),
  ),
});
const output = positionals[0];
if (!output) throw new Error("name the folder to write to");
const packaged = given.package ?? join(HERE, "node_modules", "portcullis");

await clear(output);
await mkdir(output, { recursive: true });
const places = { ...(await vendor(output)), ...(await takePackage(output, packaged)) };
await copySources(join(HERE, "source"), output, places);
if (given.transcripts && given.cases && given.engine && given.replay) await takeCases(output, given);

/**
 * Removes what was built before; what else is there stays, and is told of.
 * @param {string} output
 */
async function clear(output) {
  const there = await readdir(output).catch(() => []);
  if (there.length && !there.includes("playground.js")) throw new Error(`\`${output}\` holds something else`);
  await rm(output, { recursive: true, force: true });
}

/**
 * Copies lit-html, and says where its modules are now.
 * @param {string} output
 */
async function vendor(output) {
  const from = join(HERE, "node_modules", "lit-html");
  const files = ["lit-html.js", "directive.js", "directive-helpers.js", "async-directive.js", "LICENSE"];
  for (const file of files) await cp(join(from, file), join(output, "vendor", "lit-html", file));
  for (const name of ["live", "repeat", "until", "private-async-helpers"]) {
    await cp(join(from, "directives", `${name}.js`), join(output, "vendor", "lit-html", "directives", `${name}.js`));
  }
  return { "lit-html": "vendor/lit-html/lit-html.js", "lit-html/": "vendor/lit-html/" };
}

/**
 * Copies the package's modules, and says where its entry for browsers is now.
 * @param {string} output
 * @param {string} folder
 */
async function takePackage(output, folder) {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const entry = browserEntry(manifest.exports["."]);
  const reader = manifest.exports["./exports"] && browserEntry(manifest.exports["./exports"]);
  const copied = new Set();
  for (const file of [entry, reader].filter(Boolean))
    await copyReached(folder, file, join(output, "portcullis"), copied);
  const lines = reader ? `export { loadExports } from "${reader}";\n` : "export const loadExports = undefined;\n";
  await writeFile(join(output, "portcullis", "exports-entry.js"), lines);
  return { portcullis: posix.join("portcullis", entry) };
}

/**
 * Copies a module, and whatever it imports or fetches from beside it.
 * @param {string} folder
 * @param {string} file
 * @param {string} output
 * @param {Set<string>} copied
 */
async function copyReached(folder, file, output, copied) {
  const path = posix.normalize(file);
  if (copied.has(path)) return;
  copied.add(path);
  await cp(join(folder, path), join(output, path));
  if (!path.endsWith(".js")) return;
  const text = await readFile(join(folder, path), "utf8");
  for (const [, one, other] of text.matchAll(
    /(?:from|import) ?\(?"(\.[^"]+)"|new URL\("(\.[^"]+)", import\.meta\.url\)/g,
  )) {
    await copyReached(folder, posix.join(posix.dirname(path), one ?? other), output, copied);
  }
}

/**
 * The file that browsers get, of an entry in `exports`.
 * @param {any} conditions
 * @returns {string}
 */
function browserEntry(conditions) {
  if (typeof conditions === "string") return conditions;
  return browserEntry(conditions.browser ?? conditions.import ?? conditions.default);
}

/**
 * @param {string} from
 * @param {string} output
 * @param {Record<string, string>} places where the modules of bare names are
 */
async function copySources(from, output, places) {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".d.ts")) continue;
    const path = relative(from, join(entry.parentPath, entry.name));
    const target = join(output, path);
    const text = await readFile(join(from, path), "utf8");
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, path.endsWith(".js") ? withPlaces(text, path, places) : text);
  }
}

/**
 * The module with relative addresses in the place of bare names.
 * @param {string} text
 * @param {string} path where the module is
 * @param {Record<string, string>} places
 */
function withPlaces(text, path, places) {
  const up = posix.relative(posix.dirname(path.replaceAll("\\", "/")), "") || ".";
  return text.replaceAll(/^((?:import|export) .*from )"([^."][^"]*)";$/gm, (_, before, name) => {
    const [prefix, rest] = places[name] ? [places[name], ""] : [places["lit-html/"], name.slice("lit-html/".length)];
    return `${before}"${up}/${prefix}${rest}";`;
  });
}

/**
 * The cases and their transcripts, the engine that they are put to, and what puts them.
 * @param {string} output
 * @param {Record<string, string | undefined>} given
 */
async function takeCases(output, { engine, cases, transcripts, replay }) {
  const recorded = JSON.parse(await readFile(resolve(transcripts ?? ""), "utf8"));
  const listed = await Promise.all(
    recorded.map(async (transcript) => {
      const told = JSON.parse(await readFile(join(cases ?? "", `${transcript.name}.json`), "utf8"));
      return { name: transcript.name, ...told, applied: appliedByStage(told.stages, transcript.steps) };
    }),
  );
  const folder = join(output, "cases");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "cases.json"), JSON.stringify(listed));
  await writeFile(
    join(folder, "transcripts.deflated"),
    await promisify(deflateRaw)(JSON.stringify(recorded), { level: 9 }),
  );
  await cp(replay ?? "", join(folder, "replay.mjs"));
  await cp(engine ?? "", join(output, "engine"), { recursive: true, filter: (path) => !path.endsWith(".d.ts") });
}

/**
 * For each stage, how many steps of the transcript lead to its end: its commands are the proposals, in their order.
 * @param {any[]} stages
 * @param {any[]} steps
 */
function appliedByStage(stages, steps) {
  let at = 1;
  return stages.map((stage) => {
    const wanted = [...(stage.given ?? []), ...[stage.when ?? []].flat().slice(0, 1)].map(
      (command) => Object.keys(command)[0],
    );
    for (const command of wanted) {
      const found = steps.findIndex((step, index) => index >= at && proposes(step, command));
      if (found >= 0) at = found + 1;
    }
    return at;
  });
}

/**
 * @param {any} step
 * @param {string} command
 */
function proposes(step, command) {
  if (!step.call) return false;
  const request = JSON.parse(step.call);
  return request.request === "propose" && request.commands[0]?.command === command;
}
