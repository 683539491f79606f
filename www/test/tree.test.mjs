import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerOf, begin, textOf } from "./browser.mjs";

let site;
let page;
before(async () => {
  site = await begin();
});
after(() => site.end());
beforeEach(async () => {
  page = await site.open();
  await page.focus("[role=treegrid] [tabindex='0']");
});

const SHOP = "/projects/Shop";
const RELEASE = `${SHOP}/pipelines/Release`;

async function press(...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
}

const focused = () => page.evaluate(() => document.activeElement?.dataset.path);

test("one row of the tree can be reached by Tab, and it is the one that is asked about", async () => {
  assert.equal(await focused(), `${RELEASE}/stages/Production`);
  assert.equal((await page.$$("[role=treegrid] [tabindex='0']")).length, 1);
});

test("arrows walk through the rows, and the question follows", async () => {
  await press("ArrowUp");
  assert.equal(await focused(), `${RELEASE}/stages/Commit`);
  assert.match(await textOf(page, ".sentence"), /stage Commit\?/);
  await press("ArrowDown", "ArrowDown");
  assert.equal(await focused(), `${RELEASE}/stages/Staging`);
});

test("left closes and goes up, right opens and goes down", async () => {
  await press("ArrowLeft");
  assert.equal(await focused(), RELEASE);
  await press("ArrowLeft");
  assert.equal(await page.$eval(`[data-path="${RELEASE}"]`, (row) => row.getAttribute("aria-expanded")), "false");
  assert.equal(await page.$(`[data-path="${RELEASE}/stages/Commit"]`), null);
  await press("ArrowRight", "ArrowRight");
  assert.equal(await focused(), `${RELEASE}/stages/Commit`);
});

test("Home, End and letters find rows", async () => {
  await press("Home");
  assert.equal(await focused(), "/systemObjects/server");
  await press("w");
  assert.equal(await focused(), "/projects/Wages");
  await press("End");
  assert.equal(await focused(), "/projects/Wages/procedures/Pay out");
});

test("digits ask about the privilege of that column", async () => {
  await press("1");
  assert.match(await textOf(page, "#verdict"), /^Yes The entry for group developers on stage Production/);
});

test("the matrix says for each object and privilege what the principal may do", async () => {
  assert.equal(await answerOf(page, SHOP, "modify"), "allow");
  assert.equal(await answerOf(page, SHOP, "changePermissions"), "deny");
  assert.equal(await answerOf(page, "/projects/Wages", "read"), "deny");
  assert.match(
    await page.$eval(`[data-path="${RELEASE}"] [data-privilege=modify]`, (cell) => cell.getAttribute("aria-label")),
    /^modify: allowed, from Shop$/,
  );
});

test("broken inheritance is told in words and seen as a gate", async () => {
  assert.match(await textOf(page, `[data-path="${RELEASE}/stages/Production"] .entries`), /inheritance broken/);
  assert.equal(
    await page.$eval(`[data-path="${RELEASE}/stages/Production"] [data-privilege=modify] svg`, (glyph) =>
      glyph.classList.contains("gate"),
    ),
    true,
  );
});

test("a search leaves what matches, and what it lies under", async () => {
  await page.type("#find", "staging");
  const paths = await page.$$eval(".row", (rows) => rows.map((row) => row.dataset.path));
  assert.deepEqual(paths, [
    "/systemObjects/server",
    "/systemObjects/projects",
    SHOP,
    RELEASE,
    `${RELEASE}/stages/Staging`,
  ]);
});
