// What a program's types must make of the package's. Each `expect-error` is an error where it is none.
import { Portcullis, PortcullisError, type Proposal } from "portcullis";
import { Portcullis as Checker } from "portcullis/check";
import { Can, useCan } from "portcullis/react";
import { initialize } from "portcullis/slim";

export async function story(snapshot: Uint8Array): Promise<boolean> {
  const engine = await Portcullis.load(snapshot, { as: "user:dora" });
  const proposal: Proposal = engine.propose([{ command: "createObject", arguments: { projectName: "Shop" } }]);
  engine.apply(proposal);
  engine.createAclEntry("user", "j smith", { projectName: "Default", readPrivilege: "allow" });
  const until: Date | undefined = engine.validUntil("user:dora", "read", "/projects/Shop");
  // @ts-expect-error: a principal is named by a text
  engine.check(7, "read", "/projects/Shop");
  // @ts-expect-error: there is no such command
  engine.createNothing();
  // @ts-expect-error: an answer is no text
  const text: string = engine.check("user:dora", "read", "/projects/Shop");
  return text !== "" && until !== undefined && useCan("read", "/projects/Shop");
}

export async function checker(projection: ArrayBuffer): Promise<readonly unknown[]> {
  const engine = await Checker.load(projection);
  // @ts-expect-error: a projection knows no command
  engine.createObject({ projectName: "Shop" });
  return [engine.filter("user:dora", "read", ["/projects/Shop"]), Can, initialize];
}

export const code = (error: unknown): string => (error instanceof PortcullisError ? error.code : "");
