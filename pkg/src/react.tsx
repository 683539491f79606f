"use client";
import { type ReactNode, createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";

/** What of an engine is used here; every `Portcullis` has it, that of `portcullis/check` as well. */
export interface Checking {
  readonly disposed: boolean;
  now(): number;
  check(principal: string, privilege: string, object: string): boolean;
  validUntil(principal: string, privilege: string, object: string): Date | undefined;
  subscribe(listener: () => void): () => void;
}

/** Who is asked, and about whom. */
export interface PortcullisContext<Engine extends Checking = Checking> {
  /** The engine; while it is still loading there is none, and nothing is allowed. */
  readonly engine: Engine | undefined;
  /** The principal who uses the interface, as `user:NAME`. */
  readonly principal: string;
}

const Context = createContext<PortcullisContext | undefined>(undefined);

/**
 * Says which engine answers within, and for whom.
 *
 * @example
 * ```tsx
 * <PortcullisProvider engine={engine} principal="user:dora">
 *   <Can do="modify" on="/projects/Shop" fallback="Only to look at.">
 *     <button>Edit</button>
 *   </Can>
 * </PortcullisProvider>
 * ```
 */
export function PortcullisProvider(props: PortcullisContext & { readonly children?: ReactNode }): ReactNode {
  const { engine, principal, children } = props;
  // Not a new object at each rendering: whoever looks at the context would render again.
  const value = useMemo(() => ({ engine, principal }), [engine, principal]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** The engine and the principal of the nearest provider above. */
export function usePortcullis<Engine extends Checking = Checking>(): PortcullisContext<Engine> {
  const context = useContext(Context);
  if (!context) throw new Error("there is no `PortcullisProvider` above");
  return context as PortcullisContext<Engine>;
}

/**
 * Whether the principal may do that to the object. Renders again only when the answer changes: because the policy does, or
 * because the date of an entry has come. Without an engine nothing is allowed, nor, from the next rendering on, with one that
 * is disposed.
 *
 * @example
 * ```tsx
 * const mayEdit = useCan("modify", "/projects/Shop");
 * ```
 */
export function useCan(privilege: string, object: string, given: { readonly principal?: string } = {}): boolean {
  const { engine, principal: own } = usePortcullis();
  const principal = given.principal ?? own;
  const check = useCallback(
    () => engine !== undefined && !engine.disposed && engine.check(principal, privilege, object),
    [engine, principal, privilege, object],
  );
  const listen = useCallback(
    (changed: () => void) => (engine ? watch(engine, [principal, privilege, object], changed) : () => {}),
    [engine, principal, privilege, object],
  );
  return useSyncExternalStore(listen, check, check);
}

/** What `<Can>` takes. */
export interface CanProps {
  /** The privilege, such as `modify`. */
  readonly do: string;
  /** The object's path. */
  readonly on: string;
  /** Who, if not the provider's principal. */
  readonly principal?: string;
  /** What is there instead where it is denied. */
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
}

/** Shows its children where the principal may do that to the object. */
export function Can({ do: privilege, on, principal, fallback = null, children }: CanProps): ReactNode {
  return useCan(privilege, on, principal === undefined ? {} : { principal }) ? children : fallback;
}

/** The longest that a timer of JavaScript waits; one that is told more goes off at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Calls `changed` after each change of the policy, and whenever the date of an entry comes that is about the question. */
function watch(engine: Checking, question: readonly [string, string, string], changed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const until = engine.disposed ? undefined : engine.validUntil(...question);
    if (until === undefined) return;
    // A timer may go off a little early; the answer is not asked for before its time.
    const wait = Math.min(Math.max(until.getTime() - engine.now(), 1), LONGEST_WAIT_MS);
    timer = setTimeout(again, wait);
  };
  const again = (): void => {
    changed();
    arm();
  };
  const stop = engine.disposed ? () => {} : engine.subscribe(again);
  arm();
  return () => {
    clearTimeout(timer);
    stop();
  };
}
