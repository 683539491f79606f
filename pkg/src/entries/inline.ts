// The module within this file, for where no other can be read or fetched.
import base64 from "inline:engine.wasm";
import { provide } from "../portcullis.js";

provide(() => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
export * from "../index.js";
