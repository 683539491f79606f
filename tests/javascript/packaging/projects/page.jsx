/** Tells the story on a page that was bundled, and shows a component that follows the policy. */

import * as portcullis from "portcullis";
import * as check from "portcullis/check";
import { Can, PortcullisProvider } from "portcullis/react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

import { faultsOf, faultsOfCheck, projectionBy } from "./story.mjs";

globalThis.story = async () => {
  const faults = await faultsOf(portcullis);
  return faults.concat(await faultsOfCheck(check, await projectionBy(portcullis)));
};

const engine = await portcullis.Portcullis.create();
globalThis.allow = () => engine.createAclEntry("user", "dora", { path: "/projects/Shop", modifyPrivilege: "allow" });
engine.createObject({ projectName: "Shop" });
const can = createElement(Can, { do: "modify", on: "/projects/Shop", fallback: "may not" }, "may");
createRoot(document.querySelector("#root")).render(
  createElement(PortcullisProvider, { engine, principal: "user:dora" }, can),
);
