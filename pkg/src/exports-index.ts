export { loadExports } from "./exports.js";
export { PortcullisError } from "./error.js";
export type {
  ExportContents,
  ExportFile,
  Exports,
  ExportSummary,
  MissedAcl,
  Place,
  ReadOptions,
  Skipped,
} from "./exports.js";
export type { Bytes, CompiledModule, Json, ModuleSource, ResponseLike } from "./values.js";
