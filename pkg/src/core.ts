import { PortcullisError, invalid, shown } from "./error.js";
import { field, instant, options } from "./input.js";
import type { Instant } from "./values.js";

/** What a listener is told. */
export interface Changed {
  /** The revision that the change has made. */
  readonly revision: number;
}

/** What of a glue class can be let go. */
interface Freed {
  free(): void;
}

/** When a question is about. */
export interface At {
  /** The instant; now unless it is said. */
  readonly at?: Instant | undefined;
}

/** What to throw for what the glue threw: a refusal carries a code, anything else is a fault. */
export function thrown(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return new PortcullisError(error.code, error.message);
  }
  return new PortcullisError("EngineFailed", `the engine ran into a fault: ${error}`, { cause: error });
}

/**
 * One object of the glue, shared by all that speak to it: whether it still answers, what time it is for it, and who wants
 * to hear of changes.
 */
export class Core<Glue extends Freed> {
  /** There is none any more after `dispose` and after a fault. */
  glue: Glue | undefined;
  readonly #clock: (() => Instant) | undefined;
  readonly #listeners = new Set<(changed: Changed) => void>();
  /** What the listeners are being told, and what they are to be told next. */
  readonly #news: Changed[] = [];
  #fault: unknown;

  constructor(glue: Glue, clock?: () => Instant) {
    this.glue = glue;
    this.#clock = clock;
  }

  /** The glue's object, if it still answers. */
  open(): Glue {
    return this.glue ?? this.closed();
  }

  /** Refuses, because nobody answers any more. */
  closed(): never {
    if (this.#fault === undefined) throw new PortcullisError("Disposed", "the engine has been disposed");
    throw new PortcullisError("EngineFailed", "the engine ran into a fault and answers no more: load it again", {
      cause: this.#fault,
    });
  }

  /**
   * What to throw for what the glue threw. After a fault, a trap or an exhausted stack, nobody knows what state the engine
   * is in: it answers no more.
   */
  failure(error: unknown): PortcullisError {
    const failure = thrown(error);
    if (failure.code === "EngineFailed") {
      this.#fault = error ?? failure;
      this.glue = undefined;
    }
    return failure;
  }

  /** Asks the glue. */
  use<T>(ask: (glue: Glue) => T): T {
    const glue = this.open();
    try {
      return ask(glue);
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** The instant that a question is about. */
  at(given: At | undefined): number {
    const at = given === undefined ? undefined : field(options(given), "at");
    if (at !== undefined) return instant(at, "at");
    return this.#clock ? instant(this.#clock(), "clock") : Date.now();
  }

  /** Lets the glue's object go; once is enough. */
  dispose(): void {
    const { glue } = this;
    this.glue = undefined;
    this.#listeners.clear();
    glue?.free();
  }

  subscribe(listener: (changed: Changed) => void): () => void {
    if (typeof listener !== "function") throw invalid(`\`listener\` is ${shown(listener)}, and must be a function`);
    // A function of its own for each, so that one listener may listen twice.
    const own = (changed: Changed): void => listener(changed);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells the listeners. Where one of them makes a change itself, all hear of the changes in their order. */
  tell(changed: Changed): void {
    this.#news.push(changed);
    if (this.#news.length > 1) return;
    for (let [next] = this.#news; next; [next] = this.#news) {
      this.#tellAll(next);
      this.#news.shift();
    }
  }

  /** What one of them throws keeps nobody from hearing it; who has stopped listening meanwhile hears nothing. */
  #tellAll(changed: Changed): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(changed);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
