import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { begin, FOLDER, show, textOf, untilText } from "./browser.mjs";

let site;
before(async () => {
  site = await begin();
});
after(() => site.end());

const CASE = "evaluation/deny-beats-allow-within-one-level";

async function gallery(how) {
  const page = await site.open(how);
  await show(page, "cases");
  await page.waitForSelector(`[data-case="${CASE}"]`);
  return page;
}

async function run(page) {
  await page.click("#run-all");
  await page.waitForFunction(() => document.querySelector("#run-result b"), { timeout: 120_000 });
  return textOf(page, "#run-result b");
}

test("a case shows its sentence and opens its policy", async () => {
  const page = await gallery();
  await page.click(`[data-case="${CASE}"]`);
  await untilText(page, "#case-title", "Any matching deny denies");
  await page.click(".check");
  await page.waitForSelector("[role=treegrid]");
  assert.match(await textOf(page, ".brand .title"), /^Any matching deny denies/);
  assert.deepEqual(page.complaints, []);
});

test("in every case with questions, the playground answers as the case says", async () => {
  const page = await gallery();
  const all = JSON.parse(await readFile(join(FOLDER, "cases/cases.json"), "utf8"));
  const wanted = all.filter((each) =>
    /^(evaluation|nested-groups|inheritance|dated-entries|own-schema)\//.test(each.name),
  );
  let asked = 0;
  for (const each of wanted) {
    const stage = each.stages.findLastIndex((one) => one.check);
    const check = each.stages[stage]?.check?.[0];
    if (!check || Array.isArray(check.who)) continue;
    await page.type('[aria-label="Find a case"]', each.name);
    await page.click(`[data-case="${each.name}"]`);
    await untilText(page, ".brand .title", each.title.slice(0, 30));
    await untilText(page, "#verdict strong", check.answer === "allow" ? "Yes" : "No");
    await page.$eval('[aria-label="Find a case"]', (field) => {
      field.value = "";
      field.dispatchEvent(new Event("input"));
    });
    asked += 1;
  }
  assert.ok(asked >= 20, `${asked} were asked`);
});

test("all cases are green in this browser", async () => {
  const page = await gallery();
  const all = JSON.parse(await readFile(join(FOLDER, "cases/cases.json"), "utf8")).length;
  assert.ok(all > 250, `${all} cases`);
  assert.equal(await run(page), `${all} passed, 0 failed`);
});

test("a case that the engine answers otherwise is red", async () => {
  const recorded = JSON.parse(inflateRawSync(await readFile(join(FOLDER, "cases/transcripts.deflated"))));
  const step = recorded[3].steps.findLast((each) => each.answer);
  step.answer = step.answer.replace(/\d/, "7777");
  const changed = deflateRawSync(JSON.stringify(recorded));
  const page = await gallery({
    prepare: async (page) => {
      await page.setRequestInterception(true);
      page.on("request", (request) =>
        request.url().endsWith("transcripts.deflated") ? request.respond({ body: changed }) : request.continue(),
      );
    },
  });
  assert.equal(await run(page), `${recorded.length - 1} passed, 1 failed`);
  assert.match(await textOf(page, "#run-result"), new RegExp(recorded[3].name));
});
