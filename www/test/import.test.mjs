import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { answerOf, begin, dropFile, FOLDER, textOf, untilText } from "./browser.mjs";

let site;
let folder;
const canRead = !(await readFile(join(FOLDER, "portcullis/exports-entry.js"), "utf8")).includes("undefined");

const EXPORT = {
  "projects/Bakery/project.dsl": 'project "Bakery", {\n  description = "Bread"\n}\n',
  "projects/Bakery/acls/acl.dsl":
    'acl {\n  inheriting = "0"\n  aclEntry "user", principalName: "dora", {\n    readPrivilege = "allow"\n    modifyPrivilege = "deny"\n  }\n}\n',
  "projects/Bakery/procedures/Knead/procedure.dsl": 'procedure "Knead", {\n}\n',
};

before(async () => {
  site = await begin();
  folder = join(await mkdtemp(join(tmpdir(), "portcullis-www-")), "export");
  for (const [path, text] of Object.entries(EXPORT)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
after(async () => {
  await rm(dirname(folder), { recursive: true });
  await site.end();
});

async function openMenu(page) {
  await page.click(".menu summary");
  return page.$$eval(".menu button", (items) => items.map((item) => item.textContent.trim()));
}

test("the menu offers to import an export where this copy can", async () => {
  const page = await site.open();
  await page.waitForNetworkIdle({ idleTime: 100 });
  assert.equal((await openMenu(page)).includes("Import a CD/RO export …"), canRead);
  assert.deepEqual(page.complaints, []);
});

test("a dropped export’s folder is imported, where this copy can; else that is told", async () => {
  const page = await site.open();
  await dropFile(page, folder);
  if (!canRead) return untilText(page, ".notice.bad", "cannot read exports");
  await page.waitForSelector('[data-path="/projects/Bakery/procedures/Knead"]');
  assert.equal(await answerOf(page, "/projects/Bakery", "read"), "allow");
  assert.equal(await answerOf(page, "/projects/Bakery/procedures/Knead", "modify"), "deny");
  assert.match(await textOf(page, '[data-path="/projects/Bakery"] .entries'), /inheritance broken/);
  await page.click("#tool-undo");
  await page.waitForSelector('[data-path="/projects/Bakery"]', { hidden: true });
});

test("a dropped file that is no policy is told of", async () => {
  const page = await site.open();
  const file = join(folder, "broken.portcullis");
  await writeFile(file, "no policy");
  await dropFile(page, file);
  await page.waitForSelector(".notice.bad");
  assert.match(await textOf(page, "#verdict"), /^No/);
});
