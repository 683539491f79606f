/**
 * What a page or a process pays once: importing the package, and its first policy, with no code warm. To be measured in
 * a new one each time.
 */

/** What is loaded first, by the name of its figure. */
export const STARTS = { "load snapshot first": "policy.snapshot", "load projection first": "reader.projection" };

/**
 * @param {(file: string) => Promise<Uint8Array>} read Reads a file of the estate.
 * @param {keyof typeof STARTS} name
 * @returns {Promise<Record<string, number>>} Nanoseconds by name.
 */
export async function measureStart(read, name) {
  const bytes = await read(STARTS[name]);
  const start = performance.now();
  const { Portcullis } = await import("portcullis");
  const imported = performance.now();
  await Portcullis.load(bytes);
  const loaded = performance.now();
  return { import: (imported - start) * 1e6, [name]: (loaded - imported) * 1e6 };
}
