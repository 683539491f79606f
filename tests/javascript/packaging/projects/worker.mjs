/** Tells the story in a worker of workerd. */

import * as portcullis from "portcullis";
import * as check from "portcullis/check";

import { faultsOf, faultsOfCheck, projectionBy } from "./story.mjs";

export default {
  async fetch() {
    const faults = await faultsOf(portcullis);
    return Response.json(faults.concat(await faultsOfCheck(check, await projectionBy(portcullis))));
  },
};
