// What the builds of these platforms, and that of this package, make of a module that is imported.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "inline:engine.wasm" {
  const base64: string;
  export default base64;
}
