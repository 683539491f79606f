/** Cloudflare's `workerd` with one worker in it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";

const program = createRequire(import.meta.url)("workerd").default;

/**
 * Starts a worker.
 *
 * @param {Record<string, string>} modules its modules by name, each with the file that it is in; the first is the worker
 * @returns {Promise<{url: string, close(): Promise<void>}>}
 */
export async function startWorker(modules) {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-workerd-"));
  const config = join(folder, "config.capnp");
  // A configuration reaches only what is beside it.
  const files = Object.entries(modules).map(([name, file], at) => ({ name, file, copy: `${at}${extname(file)}` }));
  for (const { file, copy } of files) await copyFile(file, join(folder, copy));
  await writeFile(config, configuration(files));
  // A free port, and word of which it is.
  const words = ["serve", config, "--socket-addr", "http=127.0.0.1:0", "--control-fd=3"];
  const child = spawn(program, words, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const close = async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await rm(folder, { recursive: true });
  };
  const port = await Promise.race([listeningPort(child.stdio[3]), once(child, "exit").then(() => undefined)]);
  if (port === undefined) {
    await close();
    throw new Error("workerd has not started");
  }
  return { url: `http://127.0.0.1:${port}/`, close };
}

async function listeningPort(control) {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  return undefined;
}

const configuration = (files) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const main :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [${files.map(embedded).join(", ")}],
);
`;

function embedded({ name, copy }) {
  const kind = copy.endsWith(".wasm") ? "wasm" : "esModule";
  return `(name = ${JSON.stringify(name)}, ${kind} = embed ${JSON.stringify(copy)})`;
}
