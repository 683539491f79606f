/** Figures as `cargo xtask bench` reads them: one file each, its name the figure's, its text the number. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { median } from "./measure.mjs";

/**
 * @param {string} folder
 * @param {string} where `node` or `chromium`.
 * @param {Record<string, number>} figures
 */
export async function write(folder, where, figures) {
  await mkdir(folder, { recursive: true });
  for (const [name, value] of Object.entries(figures)) {
    await writeFile(join(folder, `javascript ${name} ${where}`), String(value));
    console.log(`${where}: ${name}: ${value.toLocaleString("en", { maximumFractionDigits: 1 })}`);
  }
}

/**
 * The median of each figure.
 *
 * @param {Record<string, number>[]} runs
 * @returns {Record<string, number>}
 */
export function medians(runs) {
  const names = Object.keys(runs[0]);
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name]))]));
}
