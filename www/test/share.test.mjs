import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerOf, begin, dropFile, textOf, untilText } from "./browser.mjs";

let site;
before(async () => {
  site = await begin();
});
after(() => site.end());

const PRODUCTION = "/projects/Shop/pipelines/Release/stages/Production";

async function linkOf(page) {
  await page.click("#tool-link");
  await page.waitForFunction(() => location.hash.includes("policy="));
  return page.evaluate(() => location.hash);
}

test("a link brings the policy, the question and the time to somebody else", async () => {
  const page = await site.open();
  await page.click("#inheritance");
  await page.waitForSelector("#apply");
  await page.click("#apply");
  await untilText(page, "#verdict", "Yes");
  await page.select("#who", "user:tim");
  const fragment = await linkOf(page);
  const other = await site.open({ fragment });
  await untilText(other, "#verdict", "Yes The entry for group developers on project Shop allows it.");
  assert.equal(await other.$eval("#who", (select) => select.value), "user:tim");
  assert.equal(await answerOf(other, PRODUCTION, "modify"), "allow");
  assert.ok(fragment.length < 8000, `${fragment.length} characters`);
  assert.deepEqual(other.complaints, []);
});

test("a link that was cut is told of, and the sample stays", async () => {
  const page = await site.open();
  const fragment = await linkOf(page);
  const other = await site.open({ fragment: fragment.slice(0, -200) });
  await other.waitForSelector(".notice.bad");
  assert.match(await textOf(other, ".notice"), /^The link holds no policy that can be read/);
  assert.match(await textOf(other, "#verdict"), /^No/);
});

test("a policy too big for a link is saved to a file, which others open", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-www-"));
  try {
    const page = await site.open();
    await dropFile(page, await bigPolicy(page, folder));
    await untilText(page, ".brand .title", "big.portcullis");
    await page.click("#tool-link");
    await untilText(page, ".notice.bad", "too big for a link: save it to a file");
    const client = await page.createCDPSession();
    await client.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: folder,
      browserContextId: page.browserContext().id,
    });
    await page.click(".menu summary");
    await page.$$eval(".menu button", (items) => items.find((item) => item.textContent.trim() === "Save to a file").click());
    const other = await site.open();
    await dropFile(other, await appeared(join(folder, "policy.portcullis")));
    await other.waitForSelector('[data-path="/projects/P0"]');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Has the page write a policy of many users that no compression makes small. */
async function bigPolicy(page, folder) {
  const numbers = await page.evaluate(async () => {
    const { emptyPolicy } = await import(new URL("sample.js", document.baseURI));
    const engine = await emptyPolicy({ at: Date.UTC(2026, 0, 1) });
    const objects = Array.from({ length: 900 }, () => ({ path: `/users/${crypto.randomUUID()}` }));
    engine.apply(
      engine.propose([{ command: "import", arguments: { objects: [...objects, { path: "/projects/P0" }] } }]),
    );
    return [...engine.snapshot()];
  });
  const file = join(folder, "big.portcullis");
  await writeFile(file, Uint8Array.from(numbers));
  return file;
}

/** The file, when it is there. */
async function appeared(file) {
  for (let left = 50; left > 0 && !existsSync(file); left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return file;
}
