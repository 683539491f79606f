/** Every case in headless Chromium, on a page with a strict Content-Security-Policy. */

import { fileURLToPath } from "node:url";

import { openPage, serve } from "../chromium.mjs";
import { moduleFile } from "../places.mjs";
import { declareCases } from "./suite.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

declareCases("chromium", async () => {
  const server = await serve({ "/": here("page/"), "/replay/": here("../"), "/engine/": moduleFile("engine") });
  const { page, close } = await openPage(`${server.url}index.html`);
  await page.waitForFunction(() => "replayTranscript" in globalThis);
  return {
    replay: (transcript) => page.evaluate((transcript) => globalThis.replayTranscript(transcript), transcript),
    close: async () => {
      await close();
      await server.close();
    },
  };
});
