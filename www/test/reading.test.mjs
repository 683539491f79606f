/** What must hold for readers with any screen, and with none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, show } from "./browser.mjs";

let site;
before(async () => {
  site = await begin();
});
after(() => site.end());

const TABS = ["access", "people", "personas", "time", "cases"];

/** Does something with the page in each panel, with edits in the dock. */
async function inEachPanel(how, look) {
  const page = await site.open(how);
  await page.click("#inheritance");
  await page.waitForSelector(".effects");
  await page.select("#privilege", "execute");
  await page.waitForSelector(".card .asleep");
  for (const tab of TABS) {
    await show(page, tab);
    if (tab === "cases") {
      await page.waitForSelector("details[open] [data-case]");
      await page.click("details[open] [data-case]");
      await page.waitForSelector("#case-title");
    }
    await look(page, tab);
  }
}

for (const width of [360, 768, 1440]) {
  test(`nothing is wider than a screen of ${width} pixels`, async () => {
    await inEachPanel({ width, height: 780 }, async (page, tab) => {
      const found = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(found <= width, `${tab}: ${found} pixels`);
    });
  });
}

for (const dark of [false, true]) {
  test(`every text has a contrast of 4.5 or more, ${dark ? "dark" : "light"}`, async () => {
    await inEachPanel({ dark }, async (page, tab) => {
      assert.deepEqual(await page.evaluate(pale), [], tab);
    });
  });
}

test("every control has a name", async () => {
  await inEachPanel({}, async (page, tab) => {
    assert.deepEqual(await page.evaluate(nameless), [], tab);
  });
});

test("identifiers are there once, and what refers to one finds it", async () => {
  await inEachPanel({}, async (page, tab) => {
    assert.deepEqual(await page.evaluate(lostReferences), [], tab);
  });
});

test("the headings go down by one step at a time, from one first heading", async () => {
  await inEachPanel({}, async (page, tab) => {
    const levels = await page.$$eval("h1, h2, h3, h4", (headings) =>
      headings.filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1])),
    );
    assert.equal(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, index) => assert.ok(level <= (levels[index - 1] ?? 0) + 1, `${tab}: ${levels}`));
  });
});

test("rows of the tree say their level, whether they are open, and which is chosen", async () => {
  const page = await site.open();
  const rows = await page.$$eval("[role=treegrid] .row", (rows) =>
    rows.map((row) => ({
      role: row.getAttribute("role"),
      level: row.getAttribute("aria-level"),
      selected: row.getAttribute("aria-selected"),
      expanded: row.getAttribute("aria-expanded"),
      cells: row.querySelectorAll("[role=gridcell], [role=rowheader]").length,
    })),
  );
  assert.ok(rows.every((row) => row.role === "row" && Number(row.level) > 0 && row.cells === 5));
  assert.equal(rows.filter((row) => row.selected === "true").length, 1);
  assert.ok(rows.some((row) => row.expanded === "true") && rows.some((row) => row.expanded === null));
});

test("where the focus is can be seen", async () => {
  const page = await site.open();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const focused = document.activeElement;
      const ringed = [focused, focused?.closest("label")].filter(Boolean);
      return (
        focused === document.body ||
        ringed.some(
          (element) =>
            getComputedStyle(element).outlineStyle !== "none" &&
            parseFloat(getComputedStyle(element).outlineWidth) >= 2,
        )
      );
    });
    assert.ok(seen, await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200)));
  }
});

test("nothing moves for who does not want it", async () => {
  const page = await site.open({
    prepare: (page) => page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]),
  });
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  const moving = await page.$$eval(
    "*",
    (all) =>
      all.filter((element) => {
        const style = getComputedStyle(element);
        return (
          style.animationName !== "none" || style.transitionDuration.split(",").some((time) => parseFloat(time) > 0)
        );
      }).length,
  );
  assert.equal(moving, 0);
});

test("what can be pressed is no smaller than 24 pixels, or stands in a line of text", async () => {
  await inEachPanel({ width: 360, height: 780 }, async (page, tab) => {
    const small = await page.$$eval("button, select, input:not([type=radio])", (controls) =>
      controls
        .filter((control) => control.checkVisibility() && !control.matches(".linked, .object, [type=checkbox]"))
        .filter(
          (control) => Math.min(control.getBoundingClientRect().width, control.getBoundingClientRect().height) < 23.5,
        )
        .map((control) => control.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(small, [], tab);
  });
});

/** In the page: texts whose colour is too near that of their ground. */
function pale() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parsed = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const wayUp = (element) => (element ? [element, ...wayUp(element.parentElement)] : []);
  const ground = (element) =>
    wayUp(element)
      .reverse()
      .reduce((below, each) => over(parsed(getComputedStyle(each).backgroundColor), below), [255, 255, 255, 1]);
  const opacity = (element) => wayUp(element).reduce((all, each) => all * Number(getComputedStyle(each).opacity), 1);
  const light = (color) =>
    color
      .slice(0, 3)
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (
      !walker.currentNode.textContent.trim() ||
      !element.checkVisibility() ||
      element.closest("option, .unseen, .skip, datalist, :disabled")
    )
      continue;
    const below = ground(element);
    const [r, g, b, a] = parsed(getComputedStyle(element).color);
    const shown = over([r, g, b, a * opacity(element)], below);
    const [one, other] = [light(shown), light(below)].sort((x, y) => y - x);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5)
      found.push(
        `${ratio.toFixed(2)} ${element.className || element.tagName}: ${walker.currentNode.textContent.trim().slice(0, 40)}`,
      );
  }
  return [...new Set(found)];
}

/** In the page: controls that a screen reader could not name. */
function nameless() {
  const named = (id) => document.getElementById(id)?.textContent.trim();
  const nameOf = (control) =>
    control.getAttribute("aria-label") ||
    (control.getAttribute("aria-labelledby") ?? "").split(" ").map(named).join("") ||
    [...(control.labels ?? [])].map((label) => label.textContent.trim()).join("") ||
    (control.matches("input, select") ? "" : control.textContent.trim());
  const controls = [
    ...document.querySelectorAll(
      "button, summary, input, select, [role=gridcell], [role=treegrid], [role=region], section, nav, dialog",
    ),
  ];
  return controls.filter((control) => !nameOf(control)).map((control) => control.outerHTML.slice(0, 120));
}

/** In the page: identifiers that are there twice, and references to none. */
function lostReferences() {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const references = [...document.querySelectorAll("[aria-labelledby], [for], [list]")].flatMap((element) =>
    [element.getAttribute("aria-labelledby"), element.getAttribute("for"), element.getAttribute("list")]
      .filter(Boolean)
      .flatMap((text) => text.split(" ")),
  );
  return [...twice, ...references.filter((id) => !ids.includes(id))];
}
