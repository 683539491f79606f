/** What a component shows that is rendered on a server. */

import { Portcullis } from "portcullis";
import { Can, PortcullisProvider } from "portcullis/react";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";

const engine = await Portcullis.create();
engine.createObject({ projectName: "Shop" });
engine.createAclEntry("user", "dora", { projectName: "Shop", modifyPrivilege: "allow" });
const can = createElement(Can, { do: "modify", on: "/projects/Shop", fallback: "may not" }, "may");
const shown = (principal) => renderToStaticMarkup(createElement(PortcullisProvider, { engine, principal }, can));
console.log(JSON.stringify([shown("user:dora"), shown("user:eve")]));
