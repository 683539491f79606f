// The engine's table, as the build has written it.
import { readFileSync } from "node:fs";
import { transform } from "esbuild";

const source = readFileSync(new URL("../../src/generated/commands.ts", import.meta.url), "utf8");
const { code } = await transform(source, { loader: "ts" });
export const { COMMANDS } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
