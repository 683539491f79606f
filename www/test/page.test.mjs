import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, show, textOf } from "./browser.mjs";

let site;
before(async () => {
  site = await begin();
});
after(() => site.end());

const TABS = ["access", "people", "personas", "time", "cases"];

test("it begins without a complaint, under its own strict policy", async () => {
  const page = await site.open();
  for (const tab of TABS) {
    await show(page, tab);
    await page.waitForNetworkIdle({ idleTime: 100 });
  }
  assert.deepEqual(page.complaints, []);
  const policy = await page.$eval("meta[http-equiv=Content-Security-Policy]", (meta) => meta.content);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
});

test("the policy of the page is in force", async () => {
  const page = await site.open();
  const runs = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return window.ran === true;
  });
  assert.equal(runs, false);
});

test("it asks nobody but the server that it comes from", async () => {
  const page = await site.open();
  for (const tab of TABS) await show(page, tab);
  await page.waitForNetworkIdle({ idleTime: 100 });
  const elsewhere = page.asked.filter(
    (url) => !url.startsWith(site.address) && !url.startsWith("data:") && !url.startsWith("blob:"),
  );
  assert.deepEqual(
    elsewhere.filter((url) => !url.endsWith("/favicon.ico")),
    [],
  );
});

test("at first sight there is a question, its answer and the reason", async () => {
  const page = await site.open();
  assert.match(await textOf(page, ".sentence"), /^May .*stage Production\?$/);
  assert.match(
    await textOf(page, "#verdict"),
    /^No No entry says anything up to stage Production, where inheritance is broken\./,
  );
  assert.equal((await page.$$(".behind-gate")).length, 1, "the gate is drawn in the walk");
});

test("a decision is drawn with the entry that decides and the groups on the way to it", async () => {
  const page = await site.open();
  await page.select("#who", "user:rita");
  assert.match(await textOf(page, "#verdict"), /^Yes The entry for group operations on stage Production allows it/);
  assert.match(await textOf(page, ".walk .decides"), /decides/);
  assert.match(
    await textOf(page, ".walk .deciding"),
    /group operations is allowed modify rita → releasers → operations/,
  );
});

test("what would allow it can be tried out", async () => {
  const page = await site.open();
  await page.click(".fix button");
  await page.waitForSelector(".effects");
  assert.match(await textOf(page, ".effects tbody"), /dora stage Production \+modify/);
});

test("the personas of a user stand side by side with what they come to", async () => {
  const page = await site.open();
  await show(page, "personas");
  const names = await page.$$eval(".persona h3", (titles) => titles.map((title) => title.textContent));
  assert.deepEqual(names.slice(0, 2).sort(), ["Deployment Engineer", "Release Manager"]);
  const merged = await textOf(page, ".persona.merged");
  for (const pageName of ["pipeline", "release", "application", "environment"])
    assert.match(merged, new RegExp(pageName));
});

test("light and dark can be chosen, and the choice is kept", async () => {
  const page = await site.open();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.click("#tool-sun");
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  await page.waitForSelector(".row");
  assert.equal(await ground(), dark);
});
