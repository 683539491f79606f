// What the tests are about.
import { Portcullis } from "portcullis";

/** An instant at which nothing dated has begun. */
export const NOON = Date.parse("2026-11-22T12:00:00Z");

/** A policy with a project, two users, a group and an entry with an end. */
export async function shop(options = {}) {
  const engine = await Portcullis.create(options);
  engine.createObject({ projectName: "Shop" });
  engine.createObject({ projectName: "Shop", pipelineName: "Release" });
  for (const userName of ["dora", "joe"]) engine.createObject({ userName });
  engine.createGroup("QA");
  engine.addGroupMember("QA", "dora");
  engine.createAclEntry("group", "QA", { projectName: "Shop", modifyPrivilege: "allow" });
  return engine;
}

/** Numbers by chance that are the same every time. */
export function chance(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
