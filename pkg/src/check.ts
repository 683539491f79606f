import { type CheckOptions, Checks, clockOf } from "./checks.js";
import { Core, thrown } from "./core.js";
import { Projection, initSync } from "./generated/check.js";
import { arriving, options as optionsOf } from "./input.js";
import { start } from "./module.js";
import type { Source } from "./values.js";

/** @internal */
export const { provide, initialize: begin } = start((module) => initSync({ module }));

/**
 * Answers what may be done from a projection: what decides for one principal, and nothing else.
 *
 * It is for the interface, which shows what can be done; the server's own check protects the data. `portcullis` answers from
 * projections too: this entry is smaller, and answers from nothing else.
 */
export class Portcullis extends Checks {
  /** @internal Bundled, the class has another. */
  static override readonly name = "Portcullis";

  private constructor(core: Core<Projection>) {
    super(core);
  }

  /**
   * Loads a projection.
   *
   * @throws {@link PortcullisError} `Damaged` for what is no projection, or not a whole one.
   */
  static async load(source: Source, given?: CheckOptions): Promise<Portcullis> {
    const clock = clockOf(optionsOf(given));
    const [bytes] = await Promise.all([arriving(source, "source"), begin()]);
    try {
      return new Portcullis(new Core(Projection.load(bytes), clock));
    } catch (error) {
      throw thrown(error);
    }
  }

  readonly kind = "projection";
}
