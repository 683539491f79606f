// What the types let through and what they do not; nobody runs this.
import { type CommandCall, type ObjectHandle, Portcullis, PortcullisError, initialize } from "portcullis";
import { Portcullis as Projection } from "portcullis/check";
import { loadExports } from "portcullis/exports";
import exportsModule from "portcullis/exports.wasm";
import { initialize as initializeInline } from "portcullis/inline";
import module from "portcullis/portcullis.wasm";
import { initialize as initializeSlim } from "portcullis/slim";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T => true as T;

export async function use(engine: Portcullis, bytes: Uint8Array): Promise<void> {
  engine.createAclEntry("user", "j smith", { projectName: "Default", readPrivilege: "allow" });
  engine.createAclEntry("user", "j smith", "Default", { readPrivilege: "allow", notAfter: new Date() });
  engine.createAclEntry({ principalType: "group", principalName: "QA", path: "/projects/Default" });
  engine.createAclEntry("user", "j smith", { departmentName: "Surgery", viewPrivilege: "deny" });
  // @ts-expect-error -- no such type of principal
  engine.createAclEntry("robot", "j smith", { projectName: "Default" });
  // @ts-expect-error -- no such word
  engine.createAclEntry("user", "j smith", { projectName: "Default", readPrivilege: "maybe" });
  // @ts-expect-error -- the name is missing
  engine.createAclEntry("user");
  // @ts-expect-error -- no such argument
  engine.createGroup("QA", { colour: "red" });
  // @ts-expect-error -- one too many
  engine.createGroup("QA", "Dev");
  // @ts-expect-error -- no such command
  engine.createEverything();

  const { personaName, homePageName } = engine.getPersonas({ userName: "dora", merged: true }).persona[0]!;
  is<Same<typeof personaName, string>>();
  is<Same<typeof homePageName, string | undefined>>();
  const { aclEntry } = engine.getAclEntry("user", "dora", { projectName: "Shop" });
  is<Same<(typeof aclEntry)["readPrivilege"], "allow" | "deny" | "inherit">>();
  is<Same<ReturnType<typeof engine.createGroup>, Readonly<Record<string, never>>>>();

  const answer = engine.ask("check", { path: "/projects/Shop", privilege: "read" });
  is<Same<typeof answer.decision, "allow" | "deny">>();
  engine.ask("getUsers");
  engine.ask("getUsers", { pattern: "d*" }, { as: "user:dora", at: "2026-01-01T00:00:00Z" });
  // @ts-expect-error -- it changes something
  engine.ask("createGroup", { groupName: "QA" });
  // @ts-expect-error -- the privilege is missing
  engine.ask("check", { path: "/projects/Shop" });

  const { replies } = engine.propose([
    { command: "createGroup", arguments: { groupName: "QA" } },
    { command: "createObject", arguments: { projectName: "Shop" } },
  ]);
  is<Same<(typeof replies)[1]["object"]["objectId"], string>>();
  const commands: CommandCall[] = [{ command: "createPolicy" }];
  engine.apply(engine.propose(commands));
  engine.apply(bytes);
  // @ts-expect-error -- the arguments are missing
  engine.propose([{ command: "createGroup" }]);

  const handle: ObjectHandle = engine.resolve("/projects/Shop");
  engine.check(engine.resolvePrincipal("user:dora"), engine.resolvePrivilege("read"), handle, { at: 0 });
  // @ts-expect-error -- a principal's handle is no object's
  engine.check("user:dora", "read", engine.resolvePrincipal("user:dora"));
  // @ts-expect-error -- nobody makes handles
  engine.check("user:dora", "read", { path: "/projects/Shop", stale: false });
  // @ts-expect-error -- nobody but `load` and `create` makes engines
  new Portcullis();

  const rows = engine.filter("user:dora", "read", [{ id: 1 }], { path: ({ id }) => `/projects/${id}` });
  is<Same<typeof rows, { id: number }[]>>();
  // @ts-expect-error -- what the path of a number is has to be said
  engine.filter("user:dora", "read", [1]);

  const projection = await Projection.load(bytes, { clock: () => Date.UTC(2026, 0) });
  projection.check("user:dora", "read", "/projects/Shop");
  // @ts-expect-error -- a projection alone knows no commands
  projection.getUsers();

  const exports = await loadExports(exportsModule);
  const { objects, summary } = exports.read([{ path: "projects/Shop/project.dsl", bytes }, { path: "logo.png" }]);
  is<Same<typeof summary.skipped[number]["first"]["line"], number>>();
  engine.import({ objects });
  // @ts-expect-error -- a file has a path
  exports.read([{ bytes }]);

  await initialize(bytes);
  await Promise.all([initializeSlim(module), initializeInline("https://example.org/portcullis.wasm")]);
  const error: Error = new PortcullisError("InvalidArgument", "`x` is wrong");
  is<Same<PortcullisError["code"], string>>();
  engine.dispose();
  throw error;
}
