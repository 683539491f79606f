//! The optimiser for WebAssembly: `wasm-opt`, from the npm package `binaryen`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{cache, process};

/// Pinned, since another version gives the module another digest; from npm, since Debian's is too old for what the
/// compiler emits.
const VERSION: &str = "132.0.0";

/// What of WebAssembly the compiler uses, and what to do: as fast as can be, and nothing kept but what runs.
const FLAGS: [&str; 13] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
    "-O3",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// What the optimised module depends on besides the module: the optimiser's version, and how it is called.
pub(crate) fn recipe() -> String {
    format!("binaryen {VERSION} {}", FLAGS.join(" "))
}

/// Optimises one module, with the optimiser installed if it is not there yet.
///
/// # Errors
///
/// The optimiser cannot be installed; the text says what is missing. Or it refuses the module.
pub(crate) fn optimise(module: &Path, output: &Path) -> Result<()> {
    let mut node = process::command("node");
    node.arg(program()?).arg(module).args(FLAGS).arg("--output").arg(output);
    process::run(&mut node)
}

fn program() -> Result<PathBuf> {
    let folder = cache::provide(&format!("binaryen-{VERSION}"), install)?;
    Ok(folder.join("node_modules/binaryen/bin/wasm-opt"))
}

fn install(folder: &Path) -> Result<()> {
    if let Some(missing) = ["node", "npm"].into_iter().find(|program| !process::exists(program)) {
        bail!("cannot run `{missing}`, which optimises the engine's module: install Node 20 with npm");
    }
    eprintln!("installing wasm-opt: npm package binaryen {VERSION}");
    process::run(
        process::command("npm")
            .args(["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(["--loglevel", "error", "--prefix"])
            .arg(folder)
            .arg(format!("binaryen@{VERSION}")),
    )
    .with_context(|| format!("wasm-opt is missing, and npm cannot install its package binaryen {VERSION}"))
}
