import { thrown } from "./core.js";
import type { PortcullisError } from "./error.js";
import { ExportReader, initSync, isDslFile } from "./generated/exports.js";
import { bytes, field, options as optionsOf, plain, reading, text } from "./input.js";
import { start } from "./module.js";
import type { Bytes, Json, ModuleSource } from "./values.js";

/** @internal */
export const { provide, initialize: begin } = start((module) => initSync({ module }));

/** A file of an export. */
export interface ExportFile {
  /**
   * Where it lies, with `/` between the names: `my-export/projects/Default/project.dsl`. The export's own folder and those
   * above it may be part of it. A path that ends in `/` is a folder's.
   */
  readonly path: string;
  /** What it holds; a string stands for its UTF-8. Of files that are not read nothing is needed. */
  readonly bytes?: Bytes | string | undefined;
}

/** How an export is read. */
export interface ReadOptions {
  /** The schema of the policy that is to take it over; CD/RO's unless it is given. */
  readonly schema?: object | undefined;
}

/** A place in a file of an export. */
export interface Place {
  /** The file, by its path in the export. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1 in characters. */
  readonly column: number;
}

/** An access control list that was found and not taken. */
export interface MissedAcl {
  readonly place: Place;
  /** Why, as a clause. */
  readonly why: string;
}

/** Things of one name that were left out for one reason. */
export interface Skipped {
  /** The reason; the words never change. */
  readonly reason: string;
  /** What: a collection's name, a block's keyword, an attribute's name and so on. */
  readonly name: string;
  /** How often. */
  readonly count: number;
  /** The reason, as a clause. */
  readonly why: string;
  /** Where it was first met. */
  readonly first: Place;
}

/** What was read from an export, and what was left out. */
export interface ExportSummary {
  /** DSL files read. */
  readonly files: number;
  /** How many objects there are of each type. */
  readonly objects: Readonly<Record<string, number>>;
  /** Objects that get an access control list. */
  readonly acls: number;
  /** Entries in these lists. */
  readonly entries: number;
  /** Members of groups. */
  readonly members: number;
  /** Personas given to users and groups. */
  readonly assignments: number;
  /** Access control lists found in the files. */
  readonly aclsFound: number;
  /** How many of those were taken; the others are `missedAcls`. */
  readonly aclsTaken: number;
  readonly missedAcls: readonly MissedAcl[];
  /** Everything else that was left out, by reason and name. */
  readonly skipped: readonly Skipped[];
}

/** What an export holds. */
export interface ExportContents {
  /** The argument `objects` of the command `import`. */
  readonly objects: Json;
  readonly summary: ExportSummary;
}

/** Reads exports. */
export interface Exports {
  /**
   * Whether a file of this path, or of this name, is one that is read. The bytes of all others need not be fetched.
   *
   * @throws {@link PortcullisError} `InvalidArgument` for what is no text.
   */
  isRead(path: string): boolean;
  /**
   * Reads the export among the files. Its root, with `projects`, `users` and so on or single DSL files, is found in
   * whatever folder lies around it.
   *
   * @throws {@link PortcullisError} `InvalidExport`, with the place in the text: a file that does not parse, or says of
   * access what nobody can; or files that are no export. `InvalidArgument` for a schema that is none, or for wrong types.
   */
  read(files: Iterable<ExportFile>, given?: ReadOptions): ExportContents;
}

/**
 * Gets the reader of CD/RO's DSL exports ready: it makes of a dropped folder what the command `import` takes.
 *
 * The reader is a WebAssembly module of its own, so that whoever imports nothing does not load it.
 *
 * @param source - Where the module is, for whoever keeps it elsewhere; else it is found beside this package's files.
 * @throws {@link PortcullisError} `ModuleNotLoaded`; one may then try again.
 * @example
 * ```ts
 * const exports = await loadExports();
 * const { objects, summary } = exports.read([
 *   { path: "my-export/projects/Shop/acls/acl.dsl", bytes: "acl { inheriting = '0' }" },
 * ]);
 * assert.equal(summary.aclsTaken, 1);
 *
 * const engine = await Portcullis.create();
 * engine.import({ objects });
 * ```
 */
export async function loadExports(source?: ModuleSource | Promise<ModuleSource>): Promise<Exports> {
  await begin(source);
  return { isRead, read };
}

function isRead(path: string): boolean {
  const checked = text(path, "path");
  return use(() => isDslFile(checked));
}

function read(files: Iterable<ExportFile>, given?: ReadOptions): ExportContents {
  const schema = field(optionsOf(given), "schema");
  const json = schema === undefined ? undefined : JSON.stringify(plain(schema, "schema"));
  const reader = use(() => new ExportReader(json));
  try {
    reading("files", () => gather(reader, files));
    return JSON.parse(use(() => reader.read()));
  } finally {
    // After a fault there is nothing left to free it.
    if (!fault) reader.free();
  }
}

function gather(reader: ExportReader, files: Iterable<ExportFile>): void {
  for (const file of files) {
    const path = text(field(file, "path"), "path");
    const held = isRead(path) ? content(field(file, "bytes")) : NOTHING;
    use(() => reader.add(path, held));
  }
}

const NOTHING = new Uint8Array();
const encoder = new TextEncoder();

function content(held: unknown): Uint8Array {
  return typeof held === "string" ? encoder.encode(text(held, "bytes")) : bytes(held, "bytes");
}

/** What made the module unusable: a trap, such as for want of memory. */
let fault: PortcullisError | undefined;

/** Asks the module. */
function use<T>(ask: () => T): T {
  if (fault) throw fault;
  try {
    return ask();
  } catch (error) {
    const failure = thrown(error);
    if (failure.code === "EngineFailed") fault = failure;
    throw failure;
  }
}
