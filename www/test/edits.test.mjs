import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerOf, begin, show, textOf, untilText } from "./browser.mjs";

let site;
let page;
before(async () => {
  site = await begin();
});
after(() => site.end());
beforeEach(async () => {
  page = await site.open();
});

const RELEASE = "/projects/Shop/pipelines/Release";
const PRODUCTION = `${RELEASE}/stages/Production`;

/** Chooses a word for a privilege in the entry of that principal. */
async function say(principal, privilege, word) {
  const way = `.edit-entry[data-principal="${principal}"] [data-privilege=${privilege}] .${word} input`;
  await page.$eval(way, (input) => input.scrollIntoView({ block: "center" }));
  await page.click(way);
  await page.waitForSelector(".effects");
}

async function choose(path) {
  await page.click(`[data-path="${path}"] .name b`);
  await page.waitForSelector(`.row.asked[data-path="${path}"]`);
}

const effects = () => textOf(page, ".effects tbody");

test("an edit is shown before it is done, then done, and the matrix is another", async () => {
  await say("group:developers", "modify", "allow");
  assert.match(await effects(), /group developers, (.*, )?dora, .*stage Production \+modify/);
  assert.equal(await answerOf(page, PRODUCTION, "modify"), "deny", "nothing is done yet");
  assert.match(
    await page.$eval(`[data-path="${PRODUCTION}"] [data-privilege=modify]`, (cell) => cell.getAttribute("aria-label")),
    /would be: allowed, here/,
  );
  await page.click("#apply");
  await page.waitForSelector(`[data-path="${PRODUCTION}"] [data-privilege=modify][data-answer=allow]`);
  assert.equal(await page.$(".effects"), null);
  assert.match(await textOf(page, "#verdict"), /^Yes/);
  assert.deepEqual(page.complaints, []);
});

test("who loses what is told too, and how many objects below are concerned", async () => {
  await choose("/projects/Shop");
  await say("group:developers", "modify", "deny");
  const told = await effects();
  assert.match(told, /dora, tim project Shop and 5 below it −modify/);
  assert.match(told, /dora, tim stage Production stays as it is/, "behind the gate nothing changes");
});

test("edits that come fast one after the other are all kept", async () => {
  await page.evaluate(() => {
    for (const privilege of ["modify", "execute", "changePermissions"]) {
      document
        .querySelector(`.edit-entry[data-principal="group:developers"] [data-privilege=${privilege}] .allow input`)
        .click();
    }
  });
  await untilText(
    page,
    ".edits",
    "modifyAclEntry group developers · stage Production · modify allow · execute allow · change permissions allow",
  );
});

test("an edit that is taken back leaves nothing to be applied", async () => {
  await say("group:developers", "execute", "allow");
  await page.click('.edit-entry[data-principal="group:developers"] [data-privilege=execute] .inherit input');
  await page.waitForSelector(".effects", { hidden: true });
});

test("edits are discarded together", async () => {
  await say("group:developers", "execute", "allow");
  await say("group:operations", "read", "deny");
  await page.waitForSelector(".edits li:nth-child(2)");
  await page.click(".effects .doing .soft");
  await page.waitForSelector(".effects", { hidden: true });
  assert.equal(await answerOf(page, PRODUCTION, "execute"), "deny");
});

test("inheritance is restored, and what comes from above counts again", async () => {
  await page.click("#inheritance");
  await page.waitForSelector(".effects");
  assert.match(await effects(), /dora, .*stage Production \+modify/);
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await page.waitForSelector(`[data-path="${PRODUCTION}"] [data-privilege=modify][data-answer=allow]`);
});

test("what was done is undone, and done again", async () => {
  await page.click("#inheritance");
  await page.waitForSelector("#apply");
  await page.click("#apply");
  await page.waitForSelector(`[data-path="${PRODUCTION}"] [data-answer=allow][data-privilege=modify]`);
  await page.click("#tool-undo");
  await page.waitForSelector(`[data-path="${PRODUCTION}"] [data-answer=deny][data-privilege=modify]`);
  await page.click("#tool-redo");
  await page.waitForSelector(`[data-path="${PRODUCTION}"] [data-answer=allow][data-privilege=modify]`);
});

test("an entry is added for somebody whom nobody knows, and removed", async () => {
  await page.type("#new-entry", "user:nadia");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.edit-entry[data-principal="user:nadia"]');
  await say("user:nadia", "read", "allow");
  await untilText(page, ".edits", "createAclEntry nadia · stage Production · read allow");
  assert.equal((await page.$$(".edits li")).length, 1, "one entry is one command");
  await page.click('.edit-entry[data-principal="user:nadia"] .remove');
  await page.waitForSelector(".effects", { hidden: true });
});

test("an entry gets dates", async () => {
  const field = '.edit-entry[data-principal="group:developers"] [data-field=notAfter]';
  await page.$eval(field, (input) => {
    input.value = "2026-03-20T00:00";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.waitForSelector("#apply");
  await page.click("#apply");
  await page.waitForSelector("#apply", { hidden: true });
  await page.click(`[data-path="${PRODUCTION}"] [data-privilege=read]`);
  await untilText(page, "#verdict", "Valid until 20 Mar 2026.");
});

test("objects are added and removed", async () => {
  await page.select("#new-type", `${PRODUCTION}/tasks/`);
  await page.type(".objects input[name=name]", "50/50 %");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#apply");
  await page.click("#apply");
  await page.waitForSelector(`[data-path="${PRODUCTION}/tasks/50%2F50 %25"]`);
  await choose(RELEASE);
  await page.click(".objects .danger");
  await page.waitForSelector("#apply");
  await page.click("#apply");
  await page.waitForSelector(`[data-path="${PRODUCTION}"]`, { hidden: true });
});

test("what the engine refuses is told in its words, and is not among the edits", async () => {
  await page.type("#new-entry", "user:project:Nowhere");
  await page.click(".adding .soft");
  await page.waitForSelector(".notice.bad, .effects");
  await page.reload();
  await page.waitForSelector(".row");
  await show(page, "people");
  await page.type(".adding input[name=name]", "dora");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice.bad");
  assert.match(await textOf(page, ".notice"), /dora/);
  assert.equal(await page.$(".effects"), null);
});

test("a group’s new member gets what the group may, and it is shown before", async () => {
  await show(page, "people");
  await page.select("[data-group=operations] select", "user:dora");
  await page.waitForSelector(".effects");
  assert.match(await effects(), /dora stage Production \+modify, execute and change permissions/);
  await page.click("#apply");
  await untilText(page, "#verdict", "Yes");
});
