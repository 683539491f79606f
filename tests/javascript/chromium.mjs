/** Chromium, and static pages for it. */

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { extname, join, normalize } from "node:path";

import { chromium } from "playwright-core";

import { chromium as program } from "./places.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** What a careful page allows: its own scripts, and WebAssembly. Nothing inline, no `eval`. */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/**
 * Serves files on this machine alone, under a strict policy.
 *
 * @param {Record<string, string>} folders which folder is behind which prefix of the path, such as `/` or `/engine/`
 * @returns {Promise<{url: string, close(): Promise<void>}>}
 */
export async function serve(folders) {
  const prefixes = Object.keys(folders).sort((one, other) => other.length - one.length);
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const prefix = prefixes.find((prefix) => path.startsWith(prefix));
    const content = prefix && (await readFile(join(folders[prefix], path.slice(prefix.length))).catch(() => undefined));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": STRICT }).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

/**
 * Opens a page and gathers what it complains about.
 *
 * @param {string} url
 * @returns {Promise<{page: import("playwright-core").Page, complaints: string[], close(): Promise<void>}>}
 */
export async function openPage(url) {
  const browser = await chromium.launch({ executablePath: program(), args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(url);
    return { page, complaints, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
