/**
 * What the package is told in every environment, and what it must answer: a policy is made, asked, changed, saved and
 * loaded again, and shown to a browser as a projection. It needs nothing but the package.
 */

const NOW = "2026-03-01T00:00:00Z";
const [STAGE, SHOP, OTHER] = ["/projects/Shop/pipelines/Release", "/projects/Shop", "/projects/Other"];

/**
 * Tells the story to an entry with everything in it.
 *
 * @param {typeof import("portcullis")} portcullis
 * @returns {Promise<string[]>} where the answer is another than it must be
 */
export async function faultsOf(portcullis) {
  return differences(await story(portcullis), EXPECTED);
}

/**
 * Tells the part about projections to an entry that knows nothing else.
 *
 * @param {typeof import("portcullis/check")} check
 * @param {Uint8Array} projection
 * @returns {Promise<string[]>} where the answer is another than it must be
 */
export async function faultsOfCheck(check, projection) {
  return differences(await projectionStory(check, projection), EXPECTED.projection);
}

/** A projection for the user whom the story is about, made by an entry with everything in it. */
export async function projectionBy({ Portcullis }) {
  return (await policy(Portcullis)).project("user:dora");
}

async function story({ Portcullis, PortcullisError }) {
  const engine = await policy(Portcullis);
  const seen = questions(engine);
  seen.loaded = (await Portcullis.load(engine.snapshot())).check("user:dora", "modify", STAGE);
  seen.projection = await projectionStory({ Portcullis, PortcullisError }, engine.project("user:dora"));
  seen.refusal = refusal(PortcullisError, () => engine.createObject({ projectName: "Shop" }));
  seen.misuse = refusal(PortcullisError, () => engine.check("user:dora", "modify", "\ud800"));
  seen.damage = await Portcullis.load(engine.snapshot().subarray(0, 40)).catch((error) => error.code);
  seen.after = engine.check("user:dora", "modify", STAGE);
  engine.dispose();
  seen.disposed = refusal(PortcullisError, () => engine.check("user:dora", "modify", STAGE));
  return seen;
}

async function policy(Portcullis) {
  const engine = await Portcullis.create({ clock: () => NOW });
  engine.createObject({ projectName: "Shop" });
  engine.createObject({ projectName: "Shop", pipelineName: "Release" });
  engine.createObject({ projectName: "Other" });
  engine.createAclEntry("user", "dora", { projectName: "Shop", readPrivilege: "allow", modifyPrivilege: "allow" });
  return engine;
}

function questions(engine) {
  const explanation = engine.explain("user:dora", "execute", STAGE);
  let told = 0;
  const stop = engine.subscribe(() => (told += 1));
  engine.createAclEntry("user", "eve", { path: OTHER, readPrivilege: "deny", notAfter: "2027-01-01T00:00:00Z" });
  stop();
  return {
    told,
    allow: engine.check("user:dora", "modify", STAGE),
    deny: engine.check("user:eve", "modify", STAGE),
    handles: engine.check(engine.resolvePrincipal("user:dora"), engine.resolvePrivilege("modify"), engine.resolve(STAGE)),
    until: engine.validUntil("user:eve", "read", OTHER)?.toISOString(),
    decision: engine.decide("user:dora", "modify", STAGE).reason.code,
    explanation: [explanation.decision, explanation.reason.code, explanation.fix?.[0]?.command],
    filter: engine.filter("user:dora", "modify", [SHOP, OTHER, STAGE]),
    who: engine.whoCan("modify", SHOP).includes("user:dora"),
  };
}

async function projectionStory({ Portcullis, PortcullisError }, projection) {
  const engine = await Portcullis.load(projection, { clock: () => NOW });
  const seen = {
    kind: engine.kind,
    allow: engine.check("user:dora", "modify", STAGE),
    deny: engine.check("user:dora", "changePermissions", STAGE),
    filter: engine.filter("user:dora", "modify", [OTHER, STAGE]),
    others: refusal(PortcullisError, () => engine.check("user:eve", "modify", STAGE)),
  };
  engine.dispose();
  return seen;
}

const EXPECTED = {
  told: 1,
  allow: true,
  deny: false,
  handles: true,
  until: "2027-01-01T00:00:00.000Z",
  decision: "EntryAllows",
  explanation: ["deny", "NoEntryMatches", "createAclEntry"],
  filter: [SHOP, STAGE],
  who: true,
  loaded: true,
  projection: { kind: "projection", allow: true, deny: false, filter: [STAGE], others: "NotInProjection" },
  refusal: "DuplicateProject",
  misuse: "InvalidArgument",
  damage: "Damaged",
  after: true,
  disposed: "Disposed",
};

/** The code of what the call throws, if it is the package's own error. */
function refusal(PortcullisError, call) {
  try {
    call();
  } catch (error) {
    return error instanceof PortcullisError ? error.code : String(error);
  }
  return "nothing thrown";
}

function differences(seen, expected) {
  const wrong = Object.keys(expected).filter((name) => JSON.stringify(seen[name]) !== JSON.stringify(expected[name]));
  return wrong.map((name) => `${name}: ${JSON.stringify(seen[name])}, not ${JSON.stringify(expected[name])}`);
}
