// The same package, as CommonJS sees it.
import portcullis = require("portcullis");
import check = require("portcullis/check");

export async function use(bytes: Uint8Array): Promise<boolean> {
  const engine: portcullis.Portcullis = await portcullis.Portcullis.load(bytes);
  const projection: check.Portcullis = await check.Portcullis.load(engine.project("user:dora"));
  return projection.check("user:dora", "read", "/projects/Shop");
}
