/**
 * The built playground in a real Chromium. The folder is named by `PORTCULLIS_WWW`, the browser by `CHROMIUM`, else it is
 * Debian's. The page is served from a path of its own, as it would be below somebody's site.
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { extname, join, normalize } from "node:path";
import puppeteer from "puppeteer-core";

/** The folder that `build.mjs` has written. */
export const FOLDER = process.env.PORTCULLIS_WWW ?? "";
if (!FOLDER) throw new Error("`PORTCULLIS_WWW` names no folder");

const PREFIX = "/some/where/";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** Serves the folder to this machine alone. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const file = path.endsWith("/") ? `${path}index.html` : path;
    const content =
      file.startsWith(PREFIX) && (await readFile(join(FOLDER, file.slice(PREFIX.length))).catch(() => false));
    if (content === false) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/**
 * A browser with the playground behind an address, for the tests of a file.
 */
export async function begin() {
  const server = await serve();
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--lang=en-GB",
    ],
  });
  const address = `http://127.0.0.1:${server.address().port}${PREFIX}`;
  return {
    address,
    browser,
    /** @param {{ width?: number, height?: number, dark?: boolean, fragment?: string, prepare?: (page: import("puppeteer-core").Page) => Promise<void> }} [how] */
    open: (how) => openPage(browser, address, how),
    async end() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Opens the page, waits until it is drawn, and gathers what it complains about. */
async function openPage(browser, address, { width = 1440, height = 900, dark = false, fragment = "", prepare } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const complaints = [];
  const asked = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
  page.on("request", (request) => asked.push(request.url()));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  await prepare?.(page);
  await page.goto(address + fragment);
  await page.waitForSelector("[role=treegrid] .row");
  return Object.assign(page, { complaints, asked });
}

/** The text of the first element that the selector finds, on one line. */
export function textOf(page, selector) {
  return page.$eval(selector, (element) => element.textContent.replace(/\s+/g, " ").trim());
}

/** Waits until the text of that element contains this. */
export function untilText(page, selector, text) {
  return page.waitForFunction(
    (selector, text) => document.querySelector(selector)?.textContent.replace(/\s+/g, " ").includes(text),
    {},
    selector,
    text,
  );
}

/** The answer in the matrix for an object and a privilege: `allow` or `deny`. */
export function answerOf(page, path, privilege) {
  return page.$eval(`[data-path="${path}"] [data-privilege="${privilege}"]`, (cell) => cell.dataset.answer);
}

/** Sets a field as a reader would who changes it. */
export function setField(page, selector, value) {
  return page.$eval(
    selector,
    (field, value) => {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    },
    value,
  );
}

/** Opens a panel. */
export async function show(page, tab) {
  await page.click(`[data-tab=${tab}]`);
  await page.waitForSelector(`[data-tab=${tab}][aria-current=page]`);
}

/** Drops a file or a folder of this machine on the page. */
export async function dropFile(page, file) {
  const client = await page.createCDPSession();
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await client.send("Input.dispatchDragEvent", { type, x: 700, y: 500, data });
}
