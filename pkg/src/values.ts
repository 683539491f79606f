/**
 * Who may do something: `user:NAME`, `group:NAME` or `serviceAccount:NAME`.
 *
 * Names are case-sensitive. A project's own principal is `user:project: NAME`.
 */
export type Principal = string;

/** A point in time: a `Date`, milliseconds since 1970, or ISO 8601 with its offset (`2026-11-21T09:30:00Z`). */
export type Instant = Date | string | number;

/** Yes or no, as the documents' clients write it. */
export type Switch = boolean | 0 | 1 | "0" | "1" | "true" | "false";

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** One, or several. */
export type Several<T> = T | readonly T[];

/** A principal in a request; with `groups` whoever asks vouches for its groups, in place of those that the policy knows. */
export type Identity =
  | Principal
  | { readonly type: "user" | "group" | "serviceAccount"; readonly name: string; readonly groups?: readonly string[] | null };

/** The answer of a command that only says that it is done. */
export type Nothing = Readonly<Record<string, never>>;

/** `T` without the fields `K`. Unlike `Omit` it keeps what patterns of names say. */
export type Without<T, K> = { [P in keyof T as Exclude<P, K>]: T[P] };

/** Bytes in memory. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** What is used of a `Response`. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Where a policy comes from: the bytes of a snapshot or a projection, or the response that brings them. */
export type Source = Bytes | ResponseLike | Promise<Bytes | ResponseLike>;

/** `WebAssembly.Module`, where the types of the platform have it. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: new (...given: never) => infer Module } }
  ? Module
  : object;

/** A WebAssembly module: compiled, its bytes, the response that brings them, or their address. */
export type ModuleSource = CompiledModule | Bytes | ResponseLike | string | { readonly href: string };

/** What the package has to know of a command. */
export interface CommandShape {
  /** The arguments that may be given by place, in their order. */
  readonly positionals: readonly string[];
  /** It changes nothing. */
  readonly asks?: true;
  /** It hands out a secret. */
  readonly issues?: true;
  /** The arguments that are instants. */
  readonly instants?: readonly string[];
}
