/**
 * Everything that this package throws.
 *
 * `code` is stable: the engine's own codes (`AccessDenied`, `NoSuchProject`, `InvalidArgument`, `MissingArgument`,
 * `Damaged`, `NotInProjection`, …) and those of this package: `Disposed`, `EngineFailed` (the engine ran into a fault and
 * answers no more), `ModuleNotLoaded` (the WebAssembly module could not be had), `NotInitialized` (`portcullis/slim`
 * without `initialize`), `StaleProposal` (the policy has changed since), `ForeignProposal` (it was made for another policy).
 *
 * @example
 * ```ts
 * const engine = await Portcullis.create();
 * try {
 *   engine.getUser("nobody");
 * } catch (error) {
 *   assert.ok(error instanceof PortcullisError);
 *   assert.equal(error.code, "NoSuchUser");
 * }
 * ```
 */
export class PortcullisError extends Error {
  override readonly name = "PortcullisError";
  /** What is wrong; the codes never change. */
  readonly code: string;
  /** Which of the proposed commands was refused, from 0. */
  readonly command?: number;

  constructor(code: string, message: string, more: { command?: number | undefined; cause?: unknown } = {}) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    this.code = code;
    if (more.command !== undefined) this.command = more.command;
  }
}

/** The refusal of an argument. */
export function invalid(message: string, cause?: unknown): PortcullisError {
  return new PortcullisError("InvalidArgument", message, cause === undefined ? {} : { cause });
}

/** Whether it is a list; a proxy that was revoked is nothing. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** A value in a message, no longer than a line. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `\`${value.length > 60 ? `${value.slice(0, 60)}…` : value}\``;
  if (typeof value === "number" || typeof value === "boolean" || value == null) return `\`${value}\``;
  return isList(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
