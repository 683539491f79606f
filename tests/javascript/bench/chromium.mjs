/** The benchmark in headless Chromium: `node chromium.mjs ESTATE FIGURES`. */

import { chromium } from "playwright-core";

import { chromium as program } from "../places.mjs";
import { medians, write } from "./figures.mjs";
import { serve } from "./server.mjs";
import { STARTS } from "./start.mjs";

/** How many new pages are opened for each start, each with a cache of its own. */
const PAGES = 7;

const [estate, figures] = process.argv.slice(2);
const server = await serve(estate);
const browser = await chromium.launch({ executablePath: program(), args: ["--no-sandbox"] });
try {
  for (const name of Object.keys(STARTS)) {
    const runs = [];
    while (runs.length < PAGES) runs.push(await inNewPage((name) => globalThis.measureStart(name), name));
    await write(figures, "chromium", medians(runs));
  }
  await write(figures, "chromium", await inNewPage(() => globalThis.measureAll()));
} finally {
  await browser.close();
  server.close();
}

/** What a function gives in a page that shares nothing with any other. */
async function inNewPage(run, argument) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(server.url);
    if (!(await page.evaluate(() => globalThis.crossOriginIsolated))) {
      throw new Error("the page is not isolated, so that its clock is too coarse");
    }
    return await page.evaluate(run, argument);
  } finally {
    await context.close();
  }
}
