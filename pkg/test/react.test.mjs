import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { Window } from "happy-dom";
import { shop } from "./support/policies.mjs";

const window = new Window();
const { document, navigator } = window;
Object.assign(globalThis, { window, document, navigator, IS_REACT_ACT_ENVIRONMENT: true });

const { act, createElement, Component, StrictMode } = await import("react");
const { createRoot, hydrateRoot } = await import("react-dom/client");
const { renderToString } = await import("react-dom/server");
const { Can, PortcullisProvider, useCan, usePortcullis } = await import("portcullis/react");

const roots = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await act(() => root.unmount());
  mock.timers.reset();
});

/** A component that counts how often it renders. */
function counted(useAnswer) {
  function Counted() {
    Counted.renders++;
    return createElement("b", null, String(useAnswer()));
  }
  Counted.renders = 0;
  return Counted;
}

function within(engine, principal, ...children) {
  return createElement(PortcullisProvider, { engine, principal }, ...children);
}

async function rendered(element) {
  const place = document.createElement("div");
  const root = createRoot(place);
  roots.push(root);
  await act(() => root.render(element));
  return { place, render: (element) => act(() => root.render(element)), unmount: () => act(() => root.unmount()) };
}

/** An engine that says how many listen. */
function listened(engine) {
  const listening = { now: 0 };
  const { subscribe } = engine;
  engine.subscribe = function (listener) {
    listening.now++;
    const stop = subscribe.call(this, listener);
    return () => {
      listening.now--;
      stop();
    };
  };
  return listening;
}

test("a change renders those again whose answer it changes, and nobody else", async () => {
  const engine = await shop();
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const Read = counted(() => useCan("changePermissions", "/projects/Shop"));
  const { place } = await rendered(within(engine, "user:dora", createElement(Edit), createElement(Read)));
  assert.equal(place.textContent, "truefalse");
  const before = Edit.renders;
  await act(() => engine.createGroup("Dev"));
  await act(() => engine.createAclEntry("user", "joe", "Shop", { readPrivilege: "deny" }));
  assert.deepEqual([Edit.renders, Read.renders], [before, before], "unrelated changes");
  await act(() => engine.createAclEntry("user", "dora", "Shop", { modifyPrivilege: "deny" }));
  assert.equal(place.textContent, "falsefalse");
  assert.deepEqual([Edit.renders, Read.renders], [before + 1, before]);
});

test("`<Can>` shows its children or the fallback, for whoever it is asked", async () => {
  const engine = await shop();
  const can = (props) => createElement(Can, { do: "modify", on: "/projects/Shop", fallback: "no", ...props }, "yes");
  const { place, render } = await rendered(within(engine, "user:dora", can({}), can({ principal: "user:joe" })));
  assert.equal(place.textContent, "yesno");
  await render(within(engine, "user:joe", can({}), can({ principal: "user:dora" })));
  assert.equal(place.textContent, "noyes");
  await render(within(engine, "user:joe", createElement(Can, { do: "modify", on: "/projects/Shop" }, "yes")));
  assert.equal(place.textContent, "");
});

test("another engine answers from then on, and the first has no listener left", async () => {
  const [first, second] = [await shop(), await shop()];
  const [listeningFirst, listeningSecond] = [listened(first), listened(second)];
  second.createAclEntry("user", "dora", "Shop", { modifyPrivilege: "deny" });
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const { place, render, unmount } = await rendered(within(first, "user:dora", createElement(Edit)));
  assert.deepEqual([place.textContent, listeningFirst.now], ["true", 1]);
  await render(within(second, "user:dora", createElement(Edit)));
  assert.deepEqual([place.textContent, listeningFirst.now, listeningSecond.now], ["false", 0, 1]);
  await unmount();
  assert.equal(listeningSecond.now, 0);
});

test("while there is no engine, and after it is disposed, nothing is allowed", async () => {
  const engine = await shop();
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const { place, render } = await rendered(within(undefined, "user:dora", createElement(Edit)));
  assert.equal(place.textContent, "false");
  await render(within(engine, "user:dora", createElement(Edit)));
  assert.equal(place.textContent, "true");
  engine.dispose();
  await render(within(engine, "user:dora", createElement(Edit), "more"));
  assert.equal(place.textContent, "falsemore");
});

test("it asks again when the date of an entry comes, however far ahead", async () => {
  const engine = await shop();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse("2026-01-01T00:00:00Z") });
  const waits = mock.method(globalThis, "setTimeout");
  const days = (many) => new Date(Date.now() + many * 86_400_000);
  engine.createAclEntry("user", "joe", "Shop", { modifyPrivilege: "allow", notBefore: days(1), notAfter: days(100) });
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const { place, unmount } = await rendered(within(engine, "user:joe", createElement(Edit)));
  const after = async (ms) => {
    await act(() => mock.timers.tick(ms));
    return place.textContent;
  };
  assert.equal(await after(86_400_000 - 1), "false");
  assert.equal(await after(1), "true", "the entry begins");
  const { renders } = Edit;
  assert.equal(await after(2 ** 31 - 1), "true");
  assert.equal(Edit.renders, renders, "the end of a part of the wait renders nothing");
  assert.equal(await after(99 * 86_400_000 - 2 ** 31), "true", "a millisecond before the end");
  assert.equal(await after(1), "false", "the entry ends");
  // A timer that is told to wait longer goes off at once, again and again.
  assert.ok(waits.mock.calls.every(({ arguments: [, ms] }) => (ms ?? 0) < 2 ** 31));
  await unmount();
  waits.mock.restore();
});

test("with a clock of the engine's own it waits by that clock", async () => {
  let now = Date.parse("2030-01-01T00:00:00Z");
  const engine = await shop({ clock: () => now });
  engine.createAclEntry("user", "joe", "Shop", { modifyPrivilege: "allow", notAfter: now + 5000 });
  mock.timers.enable({ apis: ["setTimeout"] });
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const { place } = await rendered(within(engine, "user:joe", createElement(Edit)));
  await act(() => mock.timers.tick(4999));
  assert.equal(place.textContent, "true");
  now += 5000;
  await act(() => mock.timers.tick(1));
  assert.equal(place.textContent, "false");
});

test("no timer is left behind", async () => {
  const engine = await shop();
  const running = new Set();
  const { setTimeout, clearTimeout } = globalThis;
  globalThis.setTimeout = (...given) => {
    const timer = setTimeout(...given);
    if (given[1] > 1000) running.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => {
    running.delete(timer);
    clearTimeout(timer);
  };
  try {
    engine.createAclEntry("user", "joe", "Shop", { modifyPrivilege: "allow", notAfter: new Date(Date.now() + 3_600_000) });
    const Edit = counted(() => useCan("modify", "/projects/Shop"));
    const { render, unmount } = await rendered(createElement(StrictMode, null, within(engine, "user:joe", createElement(Edit))));
    assert.equal(running.size, 1, "one for one question");
    await act(() => engine.createGroup("Dev"));
    assert.equal(running.size, 1, "a change replaces it");
    await render(createElement(StrictMode, null, within(engine, "user:dora", createElement(Edit))));
    assert.equal(running.size, 0, "there is no date ahead for dora");
    await render(createElement(StrictMode, null, within(engine, "user:joe", createElement(Edit))));
    await unmount();
    assert.equal(running.size, 0);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});

test("a server renders the answer, and the browser takes it over without rendering it anew", async () => {
  const engine = await shop();
  const Edit = counted(() => useCan("modify", "/projects/Shop"));
  const element = () => within(engine, "user:dora", createElement(Edit));
  const place = document.createElement("div");
  place.innerHTML = renderToString(element());
  assert.equal(place.textContent, "true");
  const complaints = mock.method(console, "error", () => {});
  await act(() => roots.push(hydrateRoot(place, element())));
  assert.equal(place.textContent, "true");
  assert.equal(complaints.mock.callCount(), 0);
  complaints.mock.restore();
});

test("the provider's own rendering renders nobody below anew", async () => {
  const engine = await shop();
  const Look = counted(() => usePortcullis().principal);
  const look = createElement(Look);
  const { place, render } = await rendered(within(engine, "user:dora", look));
  await render(within(engine, "user:dora", look));
  assert.deepEqual([place.textContent, Look.renders], ["user:dora", 1]);
});

test("without a provider, and for a question that is none, it throws where it is rendered", async () => {
  const engine = await shop();
  const complaints = mock.method(console, "error", () => {});
  class Boundary extends Component {
    state = {};
    static getDerivedStateFromError(error) {
      return { error };
    }
    render() {
      return this.state.error ? `${this.state.error.code ?? this.state.error.message}` : this.props.children;
    }
  }
  const ask = (privilege) => createElement(Boundary, null, createElement(counted(() => useCan(privilege, "/projects/Shop"))));
  const alone = await rendered(ask("modify"));
  assert.match(alone.place.textContent, /PortcullisProvider/);
  const { place } = await rendered(within(engine, "user:dora", ask("fly")));
  assert.equal(place.textContent, "InvalidPrivilege");
  complaints.mock.restore();
});
