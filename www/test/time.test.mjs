import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerOf, begin, setField, show, textOf, untilText } from "./browser.mjs";

let site;
let page;
before(async () => {
  site = await begin();
});
after(() => site.end());
beforeEach(async () => {
  page = await site.open();
  await page.select("#who", "user:cora");
});

const STAGING = "/projects/Shop/pipelines/Release/stages/Staging";

test("a dated answer is another when the clock has gone on", async () => {
  await page.click(`[data-path="${STAGING}"] .name b`);
  await untilText(page, "#verdict", "Yes The entry for cora on stage Staging allows it. Valid until 6 Apr 2026.");
  await setField(page, "#clock", String(Date.UTC(2026, 3, 10)));
  await untilText(page, "#verdict", "No The entry for group contractors on project Shop denies it.");
  assert.equal(await answerOf(page, STAGING, "modify"), "deny");
  assert.match(await textOf(page, `[data-path="${STAGING}"] .entries`), /not in effect/);
});

test("the arrow keys move the clock", async () => {
  await page.focus("#clock");
  const before = await page.$eval("#clock", (clock) => clock.getAttribute("aria-valuetext"));
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(
    (before) => document.querySelector("#clock").getAttribute("aria-valuetext") !== before,
    {},
    before,
  );
  assert.equal(before, "16 Mar 2026, 12:00");
});

test("the clock goes on to what begins or ends next, at its very instant", async () => {
  await page.click(`[data-path="${STAGING}"] .name b`);
  const next = '[aria-label^="On to what"]';
  for (let step = 0; step < 20 && !(await textOf(page, "#verdict")).startsWith("No"); step += 1) {
    await page.click(next);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  assert.equal(await page.$eval("#instant", (field) => field.value), "2026-04-06T00:00");
});

test("tokens, sessions and dated entries are bars that hold or do not", async () => {
  await show(page, "time");
  const states = () =>
    page.$$eval(".lane", (lanes) =>
      Object.fromEntries(
        lanes.map((lane) => [
          lane.querySelector(".label").textContent.trim().split(/\s+/).slice(0, 3).join(" "),
          lane.dataset.state,
        ]),
      ),
    );
  const now = await states();
  assert.equal(now["laptop of rita"], "holds");
  assert.equal(now["editor of dora"], "holds");
  assert.ok(Object.values(now).includes("ahead"));
  await setField(page, "#clock", String(Date.UTC(2026, 4, 1)));
  await page.waitForFunction(() => document.querySelectorAll(".lane[data-state=holds]").length === 0);
  assert.equal((await states())["laptop of rita"], "over");
});

test("the hand is dragged in the chart", async () => {
  await show(page, "time");
  const track = await page.$eval(".hand-track", (element) => element.getBoundingClientRect().toJSON());
  await page.mouse.move(track.left + track.width * 0.5, track.top + 60);
  await page.mouse.down();
  await page.mouse.move(track.left + track.width * 0.9, track.top + 60, { steps: 4 });
  await page.mouse.up();
  const at = Number(await page.$eval("#clock", (clock) => clock.value));
  const [from, to] = await page.$eval("#clock", (clock) => [Number(clock.min), Number(clock.max)]);
  assert.ok(Math.abs((at - from) / (to - from) - 0.9) < 0.02, `the clock stands at ${(at - from) / (to - from)}`);
});

test("the sessions that a token was exchanged for stand below it", async () => {
  await show(page, "cases");
  await page.waitForSelector("[data-case]");
  await page.type('[aria-label="Find a case"]', "ends-with-the-token-at-the-latest");
  await page.click('[data-case="tokens/a-tokens-session-ends-with-the-token-at-the-latest"]');
  await untilText(page, ".brand .title", "A session that was exchanged for a token");
  await show(page, "time");
  const lanes = await page.$$eval(".lane .bar", (bars) => bars.map((bar) => bar.className.match(/token|session/)[0]));
  assert.deepEqual(lanes, ["token", "session"]);
});

test("a session of a service account is made", async () => {
  await show(page, "time");
  const before = (await page.$$(".bar.session")).length;
  await page.$eval("#session-account", (select) => select.form.requestSubmit());
  await page.waitForFunction((count) => document.querySelectorAll(".bar.session").length === count, {}, before + 1);
});

test("a token is made and revoked", async () => {
  await show(page, "time");
  const before = (await page.$$(".bar.token")).length;
  await page.select("#token-user", "tim");
  await page.type(".time-panel input[name=name]", "phone");
  await page.keyboard.press("Enter");
  await page.waitForFunction((count) => document.querySelectorAll(".bar.token").length === count, {}, before + 1);
  await page.click('[aria-label="Revoke phone of tim"]');
  await page.waitForFunction((count) => document.querySelectorAll(".bar.token").length === count, {}, before);
  assert.deepEqual(page.complaints, []);
});
