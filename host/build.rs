//! Tells the sources where the engine lies that they embed: as WebAssembly and as machine code made from it, by
//! `cargo xtask build`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is embedded, under the name by which the sources find it: the module, its machine code, and a module that
/// misbehaves, for the runtime's own tests.
const FILES: [(&str, &str); 3] = [
    ("PORTCULLIS_ENGINE_WASM", "engine.wasm"),
    ("PORTCULLIS_ENGINE_CODE", "engine.cwasm"),
    ("PORTCULLIS_FAULTY_CODE", "faulty.cwasm"),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=PORTCULLIS_ENGINE_DIR");
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");
    let folder = folder();
    for (variable, file) in FILES {
        let path = folder.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.is_file() {
            println!("cargo::error=no engine at {}: run `cargo xtask build`", path.display());
            return ExitCode::FAILURE;
        }
        println!("cargo::rustc-env={variable}={}", path.display());
    }
    ExitCode::SUCCESS
}

/// Where `cargo xtask` puts the engine, unless PORTCULLIS_ENGINE_DIR says otherwise.
fn folder() -> PathBuf {
    if let Some(folder) = env::var_os("PORTCULLIS_ENGINE_DIR") {
        return folder.into();
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    workspace.join(target).join("engine")
}
