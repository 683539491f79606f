import { PortcullisError } from "./error.js";
import { bytes, isResponse } from "./input.js";
import type { ModuleSource, ResponseLike } from "./values.js";

/** How a module is got ready: once, before the first use. */
export interface Start {
  /** Says where to find the module if nobody hands one over. */
  provide(source: () => ModuleSource | Promise<ModuleSource>): void;
  /** Gets the module ready; without `source`, from where it is provided. */
  initialize(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;
}

/** The start of one module, which `instantiate` makes the glue's. */
export function start(instantiate: (module: WebAssembly.Module) => unknown): Start {
  let provided: (() => ModuleSource | Promise<ModuleSource>) | undefined;
  let ready: Promise<void> | undefined;
  const begin = async (source: ModuleSource | Promise<ModuleSource>): Promise<void> => {
    try {
      instantiate(await compile(await source));
    } catch (error) {
      ready = undefined;
      if (error instanceof PortcullisError) throw error;
      throw new PortcullisError("ModuleNotLoaded", `the WebAssembly module cannot be loaded: ${error}`, { cause: error });
    }
  };
  return {
    provide: (source) => void (provided = source),
    initialize(source) {
      if (ready) return ready;
      const from = source ?? provided;
      if (!from) return Promise.reject(new PortcullisError("NotInitialized", "`initialize` has to bring the module first"));
      ready = begin(typeof from === "function" ? (async () => (from as () => ModuleSource)())() : from);
      return ready;
    },
  };
}

async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]") return source as WebAssembly.Module;
  if (typeof source === "string" || "href" in source) return download(await fetch(source as string | URL));
  return isResponse(source) ? download(source) : WebAssembly.compile(bytes(source, "module") as Uint8Array<ArrayBuffer>);
}

/** Compiles while it arrives where the server names the type, as streaming demands; else when all is there. */
async function download(response: ResponseLike): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`the server answers with the status ${response.status}`);
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/wasm" && typeof WebAssembly.compileStreaming === "function") {
    return WebAssembly.compileStreaming(response as Response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
