/** Tells the story in an edge function of Vercel. */

import * as portcullis from "portcullis";
import * as check from "portcullis/check";

import { faultsOf, faultsOfCheck, projectionBy } from "./story.mjs";

globalThis.story = async () => {
  const faults = await faultsOf(portcullis);
  return JSON.stringify(faults.concat(await faultsOfCheck(check, await projectionBy(portcullis))));
};
