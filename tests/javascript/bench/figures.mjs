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
  const ids = Object.entries(figures).map(([name, value]) => [`javascript ${name} ${where}`, value]);
  await writeAll(folder, Object.fromEntries(ids));
}

/**
 * @param {string} folder
 * @param {Record<string, number>} figures By their whole ids.
 */
export async function writeAll(folder, figures) {
  await mkdir(folder, { recursive: true });
  for (const [id, value] of Object.entries(figures)) {
    await writeFile(join(folder, id), String(value));
    console.log(`${id}: ${value.toLocaleString("en", { maximumFractionDigits: 1 })}`);
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
