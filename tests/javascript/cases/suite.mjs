/** One test for every case and every random sequence, whatever plays it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { transcripts } from "../places.mjs";

/**
 * Declares the tests of one environment.
 *
 * @param {string} target the environment's name, as `notFor` of a case knows it
 * @param {() => Promise<{replay(transcript: object): Promise<string[]>, close(): Promise<void>}>} open starts it
 */
export function declareCases(target, open) {
  const all = transcripts(target);
  describe(`cases in ${target}`, () => {
    let environment;
    before(async () => (environment = await open()));
    after(() => environment?.close());

    for (const transcript of all) {
      test(transcript.name, async () => {
        assert.deepEqual(await environment.replay(transcript), [], transcript.title);
      });
    }
    const requests = all.flatMap(({ steps }) => steps).filter(({ call }) => call !== undefined).length;
    test(`they are ${requests} requests`, () => assert.ok(requests > all.length));
    declareTestsOfTheTest(all, (transcript) => environment.replay(transcript));
  });
}

/** What is not the native engine's must be seen. */
function declareTestsOfTheTest(all, replay) {
  const sample = all.find(({ steps }) => steps.some((step) => step.passwordOf && step.is));
  const alterations = {
    "another answer": ({ steps }) => (steps.at(-1).answer += " "),
    "another change set": ({ steps }) => (steps[0].changes = another(steps[0].changes)),
    "no change set": ({ steps }) => delete steps[0].changes,
    "another private part": ({ steps }) => alter(steps, "private"),
    "another password": ({ steps }) => alter(steps, "is"),
    "another snapshot on the way": ({ steps }) => steps.push({ restored: "00" }),
    "another projection": ({ steps }) => steps.push({ projectFor: "user:x", from: 0, salt: "00".repeat(16), is: "00" }),
    "another snapshot": (transcript) => (transcript.snapshot = another(transcript.snapshot)),
  };
  for (const [what, alter] of Object.entries(alterations)) {
    test(`where the transcript has ${what}, that is found`, async () => {
      const altered = structuredClone(sample);
      alter(altered);
      assert.notDeepEqual(await replay(altered), []);
    });
  }
}

function alter(steps, field) {
  const step = steps.find((step) => step[field]);
  step[field] = another(step[field]);
}

/** The text with another last character. */
const another = (text) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
