/** Throw-away projects that use the package as everybody does: installed from its archive. */

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { archive } from "../places.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));

/** What `portcullis/react` wants beside it, in the versions that the tests' own manifest names. */
const REACT = ["react", "react-dom", "@types/react"];

/**
 * Makes a folder in which the package is installed, and nothing else but React; projects are copies of it.
 *
 * @returns {Promise<{project(): Promise<Project>, remove(): Promise<void>}>}
 */
export async function installPackage() {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-package-"));
  const template = join(folder, "template");
  await cp(join(here, "projects"), template, { recursive: true });
  await writeFile(join(template, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const quietly = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...quietly, "--loglevel", "error", archive(), ...(await pinned(REACT))], { cwd: template });
  let made = 0;
  return {
    async project() {
      const place = join(folder, `project-${(made += 1)}`);
      await cp(template, place, { recursive: true });
      return new Project(place);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Packages with their versions, for npm. */
async function pinned(names) {
  const { dependencies } = JSON.parse(await readFile(join(here, "../package.json"), "utf8"));
  return names.map((name) => `${name}@${dependencies[name]}`);
}

/** One of these folders. */
export class Project {
  constructor(folder) {
    this.folder = folder;
  }

  /** The path of a file in it. */
  path(...names) {
    return join(this.folder, ...names);
  }

  /** Writes a file into it. */
  write(name, content) {
    return writeFile(this.path(name), content);
  }

  /** Runs a program in it, and returns what it prints. */
  async run(program, ...words) {
    // Without colours, which some would print around the answer.
    const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" };
    try {
      return (await run(program, words, { cwd: this.folder, env, timeout: 120_000 })).stdout;
    } catch (error) {
      throw new Error(`${error.message}\n${error.stdout}`);
    }
  }

  /** Runs a program in it, and returns what it prints as JSON. */
  async ask(program, ...words) {
    return JSON.parse(await this.run(program, ...words));
  }
}
