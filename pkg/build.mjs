// Builds the package from the engine's glue, which wasm-bindgen has written with `--target web`:
//
//   node build.mjs --engine DIR --check DIR --exports DIR [--commands FILE]
//
// `--engine` holds the glue of the whole engine, `--check` that of projections alone, `--exports` that of the reader of
// exports; each one `NAME.js`, `NAME.d.ts` and `NAME_bg.wasm`. `--commands` holds what the engine's example `typescript` writes; without it, cargo is asked for it.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [src, dist, generated] = [join(here, "src"), join(here, "dist"), join(here, "src", "generated")];
const types = join(dist, "types");

const { values: given } = parseArgs({
  options: { engine: { type: "string" }, check: { type: "string" }, exports: { type: "string" }, commands: { type: "string" } },
});
if (!given.engine || !given.check || !given.exports) {
  throw new Error("use: node build.mjs --engine DIR --check DIR --exports DIR [--commands FILE]");
}

const PLATFORMS = ["node", "browser", "workerd", "edge-light"];
const ENTRIES = [...PLATFORMS, "inline", "slim"].concat(["check", "exports"].flatMap((entry) => PLATFORMS.map((platform) => `${entry}-${platform}`)));

/** The path of another file of the package, in a declaration. */
const IMPORT = /(?:from |import\()"(\.[^"]*)\.js"/g;

/** What an import of one of the modules gives where the platform or the bundler compiles it. */
const WASM = 'import type { CompiledModule } from "./values.js";\ndeclare const module: CompiledModule;\nexport default module;\n';

/** Imports of modules are left to the platform, but for the one that becomes text. */
const wasm = {
  name: "wasm",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /^inline:/ }, () => ({ path: join(dist, "portcullis.wasm") }));
  },
};

for (const folder of [dist, generated]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
takeGlue(given.engine, "engine", "portcullis.wasm");
takeGlue(given.check, "check", "check.wasm");
takeGlue(given.exports, "exports", "exports.wasm");
writeFileSync(join(generated, "commands.ts"), commands());
declare();
await modules();
await commonModules();

/** Copies glue under a name of its own, and its module to where the entries expect it. */
function takeGlue(folder, name, module) {
  const glue = readdirSync(folder).find((file) => existsSync(join(folder, file.replace(/\.js$/, "_bg.wasm"))) && file.endsWith(".js"));
  if (!glue) throw new Error(`there is no glue in ${folder}`);
  const base = join(folder, glue.slice(0, -".js".length));
  writeFileSync(join(generated, `${name}.js`), withoutClassCheck(readFileSync(`${base}.js`, "utf8")));
  cpSync(`${base}.d.ts`, join(generated, `${name}.d.ts`));
  cpSync(`${base}_bg.wasm`, join(dist, module));
}

/**
 * The glue takes a module for bytes that is no instance of `WebAssembly.Module` of its own realm: that which Vercel's tool
 * chain hands to an edge function is not. What `src/module.ts` gives to the glue always is compiled.
 */
function withoutClassCheck(glue) {
  const [before, after, ...more] = glue.split(/ *if \(!\(module instanceof WebAssembly\.Module\)\) \{\n.*\n *\}\n/);
  if (after === undefined || more.length > 0) throw new Error("wasm-bindgen's glue is not what it was: see `withoutClassCheck`");
  return before + after;
}

/** The types of the commands, from the engine's table. */
function commands() {
  if (given.commands) return readFileSync(given.commands, "utf8");
  const example = ["run", "--quiet", "-p", "portcullis-engine", "--features", "prose", "--example", "typescript"];
  return execFileSync("cargo", example, { cwd: resolve(here, ".."), encoding: "utf8", maxBuffer: 2 ** 26 });
}

/** Checks all types, and writes the declarations: those that the entries lead to, for both kinds of modules. */
function declare() {
  execFileSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), "-p", here], { stdio: "inherit" });
  const reached = new Map();
  for (const entry of ["index", "check-index", "exports-index", "react"]) reach(`${entry}.d.ts`, reached);
  rmSync(types, { recursive: true });
  reached.set("wasm.d.ts", WASM);
  for (const [file, text] of reached) {
    mkdirSync(dirname(join(types, file)), { recursive: true });
    writeFileSync(join(types, file), text);
    writeFileSync(join(types, file.replace(/\.d\.ts$/, ".d.cts")), text.replace(IMPORT, (all, path) => all.replace(`${path}.js`, `${path}.cjs`)));
  }
}

function reach(file, reached) {
  if (reached.has(file)) return;
  const text = readFileSync(join(types, file), "utf8");
  reached.set(file, text);
  for (const [, path] of text.matchAll(IMPORT)) reach(join(dirname(file), `${path}.d.ts`), reached);
}

/** The modules for everyone: what several entries need lies in shared files, once. */
async function modules() {
  await build({
    ...common(),
    entryPoints: [...ENTRIES.map((entry) => join(src, "entries", `${entry}.ts`)), join(src, "react.tsx")],
    outdir: dist,
    entryNames: "[name]",
    chunkNames: "shared/[name]-[hash]",
    format: "esm",
    splitting: true,
  });
}

/** The same for `require` in Node, each in one file. */
async function commonModules() {
  const entries = ["node", "inline", "slim", "check-node", "exports-node"].map((entry) => `entries/${entry}.ts`);
  for (const entry of [...entries, "react.tsx"]) {
    await build({
      ...common(),
      entryPoints: [join(src, entry)],
      outfile: join(dist, `${entry.replace(/^.*\/|\.tsx?$/g, "")}.cjs`),
      format: "cjs",
      platform: "node",
      define: { "import.meta.url": "__file" },
      banner: entry === "react.tsx" ? {} : { js: 'const __file = require("node:url").pathToFileURL(__filename).href;' },
    });
  }
}

function common() {
  return {
    bundle: true,
    target: "es2022",
    charset: "utf8",
    jsx: "automatic",
    minifySyntax: true,
    logLevel: "warning",
    external: ["react", "react/jsx-runtime", "node:*"],
    plugins: [wasm],
    loader: { ".wasm": "base64" },
  };
}
