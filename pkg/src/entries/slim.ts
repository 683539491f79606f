// Without the module, which `initialize` brings.
export * from "../index.js";
