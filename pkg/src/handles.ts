import type { Core } from "./core.js";

/** What of the engine a handle asks. */
interface Answering {
  free(): void;
  isStale(object: number, stamp: number): boolean;
}

/**
 * An object, found once for many checks. It stays right when the object is renamed or moved; once it is deleted, checks on it
 * are denied. That of an object that is not registered holds until one is created, moved or renamed: then it is stale, and
 * checks on it are denied, never allowed by accident.
 */
export class ObjectHandle {
  /** No other object is one. */
  protected declare readonly handle: "object";

  /** @internal */
  constructor(
    /** @internal */ readonly core: Core<Answering>,
    /** @internal */ readonly id: number,
    /** @internal */ readonly stamp: number,
    /** The path that was resolved. */
    readonly path: string,
  ) {}

  /** Whether it stands for nothing any more. */
  get stale(): boolean {
    return this.core.use((engine) => engine.isStale(this.id, this.stamp));
  }
}

/**
 * A principal, found once for many checks. It stays right through renames; that of a principal whom nobody knew is looked up
 * by its name each time.
 */
export class PrincipalHandle {
  /** No other object is one. */
  protected declare readonly handle: "principal";

  /** @internal */
  constructor(
    /** @internal */ readonly core: Core<Answering>,
    /** @internal */ readonly id: number,
    /** The principal that was resolved. */
    readonly principal: string,
  ) {}
}

/** A privilege, found once for many checks. */
export class PrivilegeHandle {
  /** No other object is one. */
  protected declare readonly handle: "privilege";

  /** @internal */
  constructor(
    /** @internal */ readonly core: Core<Answering>,
    /** @internal */ readonly bit: number,
    /** The privilege's name. */
    readonly privilege: string,
  ) {}
}

// One function for each kind, so that the engine of JavaScript sees one class in each. A proxy that fails to say what it is, is
// no handle.

/** Whether it is the handle of an object. */
export function isObjectHandle(value: unknown): value is ObjectHandle {
  try {
    return typeof value === "object" && value instanceof ObjectHandle;
  } catch {
    return false;
  }
}

/** Whether it is the handle of a principal. */
export function isPrincipalHandle(value: unknown): value is PrincipalHandle {
  try {
    return typeof value === "object" && value instanceof PrincipalHandle;
  } catch {
    return false;
  }
}

/** Whether it is the handle of a privilege. */
export function isPrivilegeHandle(value: unknown): value is PrivilegeHandle {
  try {
    return typeof value === "object" && value instanceof PrivilegeHandle;
  } catch {
    return false;
  }
}
