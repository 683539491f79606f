// The declarations that are shipped, as others see them.
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

for (const [name, project] of [
  ["for modules and CommonJS in Node, with no types but JavaScript's own", "tsconfig.json"],
  ["for bundlers, with those of React", "tsconfig.react.json"],
]) {
  test(`the types let through what is right and nothing else ${name}`, async () => {
    const path = fileURLToPath(new URL(`types/${project}`, import.meta.url));
    await promisify(execFile)(process.execPath, [tsc, "-p", path]).catch(({ stdout }) => {
      throw new Error(stdout);
    });
  });
}
