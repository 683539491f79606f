/**
 * Serves the page, the scripts, the packages and the estate on this machine alone, in isolation from other origins:
 * only then does a page's clock tick every 5 µs.
 */

import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const SCRIPTS = fileURLToPath(new URL(".", import.meta.url));
const PACKAGES = dirname(dirname(createRequire(import.meta.url).resolve("playwright-core/package.json")));

/** What the scripts import. */
const IMPORTED = ["portcullis"];

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @param {string} estate The estate's folder.
 * @returns {Promise<{url: string, close: () => void}>} The page's address, and what ends the server.
 */
export async function serve(estate) {
  const folders = { bench: SCRIPTS, packages: PACKAGES, estate };
  const page = await pageWithImports();
  const server = createServer((request, response) => {
    answer(folders, page, new URL(request.url, "http://localhost").pathname, response).catch(() => {
      response.writeHead(404).end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function answer(folders, page, path, response) {
  const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  if (path === "/") {
    response.writeHead(200, { ...headers, "Content-Type": "text/html" }).end(page);
    return;
  }
  const [, folder, ...rest] = decodeURIComponent(path).split("/");
  const file = await within(folders[folder], rest);
  const size = (await stat(file)).size;
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": size });
  createReadStream(file).pipe(response);
}

/** The file, which must lie in the folder. */
async function within(folder, parts) {
  const file = join(folder, ...parts);
  if (relative(folder, file).startsWith(`..${sep}`)) throw new Error("outside");
  return realpath(file);
}

/** The page, which tells the browser what the packages' names stand for. */
async function pageWithImports() {
  const page = await readFile(join(SCRIPTS, "page.html"), "utf8");
  const imports = Object.fromEntries(await Promise.all(IMPORTED.map(async (name) => [name, await address(name)])));
  return page.replace("<script", `<script type="importmap">${JSON.stringify({ imports })}</script>\n  <script`);
}

/** Where the module lies that a browser imports by this name. */
async function address(specifier) {
  const parts = specifier.split("/");
  const name = parts.splice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const { exports } = JSON.parse(await readFile(join(PACKAGES, name, "package.json"), "utf8"));
  return `/packages/${name}/${target(exports[["."].concat(parts).join("/")])}`;
}

/** The first condition that holds in a browser, in the order in which the package has them. */
function target(entry) {
  if (typeof entry === "string") return entry.replace("./", "");
  const held = Object.keys(entry).find((condition) => ["browser", "import", "default"].includes(condition));
  return target(entry[held]);
}
