/** The packed package in every environment that it promises, each time in a project of its own, with the real programs. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { EdgeVM } from "@edge-runtime/vm";
import * as esbuild from "esbuild";
import * as vite from "vite";

import { STRICT, openPage, serve } from "../chromium.mjs";
import { moduleFile } from "../places.mjs";
import { startWorker } from "../workerd.mjs";
import { installPackage } from "./project.mjs";
import { faultsOf } from "./projects/story.mjs";

const ENTRIES = ["portcullis", "portcullis/slim", "portcullis/inline", "portcullis/check"];

describe("the package", () => {
  let installed;
  before(async () => (installed = await installPackage()));
  after(() => installed?.remove());

  for (const entry of ENTRIES) {
    test(`in Node, imported: ${entry}`, async () => {
      const project = await installed.project();
      assert.deepEqual(await project.ask(process.execPath, "main.mjs", entry), []);
    });
    test(`in Node, required: ${entry}`, async () => {
      const project = await installed.project();
      assert.deepEqual(await project.ask(process.execPath, "main.cjs", entry), []);
    });
    test(`in Node without \`require\` of modules, required: ${entry}`, async () => {
      const project = await installed.project();
      assert.deepEqual(await project.ask(process.execPath, "--no-experimental-require-module", "main.cjs", entry), []);
    });
    test(`in Deno: ${entry}`, async () => {
      const project = await installed.project();
      const words = ["run", "--cached-only", "--no-lock", `--allow-read=${project.folder}`, "main.mjs", entry];
      assert.deepEqual(await project.ask(deno(), ...words), []);
    });
    test(`in Bun: ${entry}`, async () => {
      const project = await installed.project();
      assert.deepEqual(await project.ask(bun(), "--no-install", "main.mjs", entry), []);
    });
  }

  test("in workerd", async () => {
    const project = await installed.project();
    const bundle = project.path("bundle.mjs");
    await esbuild.build({ ...bundling(project, "worker.mjs", bundle), conditions: ["workerd"], external: ["*.wasm"] });
    const worker = await startWorker({ "worker.mjs": bundle, ...modules(project) });
    try {
      assert.deepEqual(await (await fetch(worker.url)).json(), []);
    } finally {
      await worker.close();
    }
  });

  test("in Vercel's edge runtime", async () => {
    const project = await installed.project();
    const bundle = project.path("bundle.js");
    const edge = { conditions: ["edge-light"], format: "iife", plugins: [bindings] };
    await esbuild.build({ ...bundling(project, "edge.mjs", bundle), ...edge });
    const compiled = Object.entries(modules(project)).map(async ([name, file]) => {
      return [binding(name), await WebAssembly.compile(await readFile(file))];
    });
    const given = Object.fromEntries(await Promise.all(compiled));
    const extend = (context) => Object.assign(context, given);
    const vm = new EdgeVM({ initialCode: await readFile(bundle, "utf8"), extend });
    assert.equal(await vm.evaluate("story()"), "[]");
  });

  for (const entry of ["browser", "slim", "inline", "check-browser"]) {
    test(`in Chromium, from plain files under a strict policy: ${entry}`, async () => {
      const project = await installed.project();
      const server = await serve({ "/": project.folder });
      try {
        const tell = (page) => page.evaluate((name) => globalThis.story(name), entry);
        assert.deepEqual(await storyOnPage(`${server.url}plain.html`, tell), []);
      } finally {
        await server.close();
      }
    });
  }

  test("with Vite, in Chromium", async () => {
    const project = await installed.project();
    const server = await viteSite(project);
    try {
      const faults = await storyOnPage(server.resolvedUrls.local[0], async (page) => {
        const shows = (text) => page.waitForFunction((text) => document.querySelector("#root").textContent === text, text);
        await shows("may not");
        await page.evaluate(() => void globalThis.allow());
        await shows("may");
        return page.evaluate(() => globalThis.story());
      });
      assert.deepEqual(faults, []);
    } finally {
      await server.close();
    }
  });

  test("with esbuild: inline, and slim that is handed its module", async () => {
    const project = await installed.project();
    const bundle = project.path("alone.mjs");
    await esbuild.build({ ...bundling(project, "bundled.mjs", bundle), external: ["node:*"] });
    // The bundle stands by itself: another folder has no package.
    const folder = await installed.project();
    await folder.write("alone.mjs", await readFile(bundle));
    assert.deepEqual(await folder.ask(process.execPath, "alone.mjs", modules(project)["portcullis.wasm"]), []);
  });

  test("with React on a server", async () => {
    const project = await installed.project();
    assert.deepEqual(await project.ask(process.execPath, "react.mjs"), ["may", "may not"]);
  });

  for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    test(`types, with moduleResolution ${moduleResolution}`, async () => {
      const project = await installed.project();
      const language = { target: "es2022", lib: ["es2023", "dom", "esnext.disposable"], strict: true };
      const compilerOptions = { ...language, module, moduleResolution, types: [], noEmit: true };
      await project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["types.ts"] }));
      assert.equal(await project.run(process.execPath, beside("typescript", "bin/tsc")), "");
    });
  }

  test("holds the very modules that were built and that play the cases", async () => {
    const { "portcullis.wasm": engine, "check.wasm": check } = modules(await installed.project());
    assert.deepEqual(await readFile(engine), await readFile(moduleFile("engine", "portcullis_engine_bg.wasm")));
    assert.deepEqual(await readFile(check), await readFile(moduleFile("check", "portcullis_engine_bg.wasm")));
  });

  test("a wrong answer is found", async () => {
    const project = await installed.project();
    const portcullis = await import(project.path("node_modules/portcullis/dist/node.js"));
    const original = portcullis.Portcullis.prototype.check;
    portcullis.Portcullis.prototype.check = () => true;
    const faults = await faultsOf(portcullis).finally(() => (portcullis.Portcullis.prototype.check = original));
    const wrong = faults.map((fault) => fault.split(":")[0]);
    assert.deepEqual(wrong, ["deny", "projection", "misuse", "disposed"]);
  });
});

/** The modules in an installed package. */
function modules(project) {
  const names = ["portcullis.wasm", "check.wasm"];
  return Object.fromEntries(names.map((name) => [name, project.path("node_modules/portcullis/dist", name)]));
}

/** What all bundles have in common. */
const bundling = (project, entry, outfile) => ({
  absWorkingDir: project.folder,
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  logLevel: "warning",
});

/** What Vercel's tool chain does with `….wasm?module`: it is a global of that function's context. */
const bindings = {
  name: "bindings",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "binding" }));
    onLoad({ filter: /.*/, namespace: "binding" }, ({ path }) => {
      return { contents: `export default globalThis.${binding(basename(path, "?module"))};` };
    });
  },
};

const binding = (name) => `wasm_${basename(name, ".wasm")}`;

/** Builds the page with Vite, and serves what it has built under the strict policy. */
async function viteSite(project) {
  const own = { root: project.folder, configFile: false, logLevel: "warn" };
  await vite.build(own);
  const headers = { "content-security-policy": STRICT };
  return vite.preview({ ...own, preview: { host: "127.0.0.1", port: 0, headers } });
}

/** What comes of telling the story on a page; anything that the page complains about is wrong as well. */
async function storyOnPage(url, tell) {
  const { page, complaints, close } = await openPage(url);
  try {
    await page.waitForFunction(() => "story" in globalThis);
    return [...(await tell(page)), ...complaints];
  } finally {
    await close();
  }
}

/** The programs that npm packages bring for this machine; it is they that are run, and not what looks for them. */
const deno = () => beside(`@deno/${process.platform}-${process.arch}-glibc`, "deno");
const bun = () => beside(`@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64"}`, "bin/bun");

/** A file of a package that the tests have installed. */
const beside = (name, file) => join(import.meta.dirname, "..", "node_modules", name, file);
