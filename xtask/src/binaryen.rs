//! The optimiser for WebAssembly: `wasm-opt`, from the npm package `binaryen`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{cache, npm, process};

/// Pinned, since another version gives the module another digest; from npm, since Debian's is too old for what the
/// compiler emits.
const VERSION: &str = "132.0.0";

/// What of WebAssembly the compiler uses; and to keep nothing but what runs.
const FLAGS: [&str; 11] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// What the optimiser is to do with a module.
pub(crate) struct Pass(&'static [&'static str]);

impl Pass {
    /// For the module that hosts run: as fast as can be.
    pub(crate) const HOST: Self = Self(&["-O3", "--converge"]);
    /// For the modules that travel to browsers.
    pub(crate) const JAVASCRIPT: Self = Self(&["-O3", "--converge"]);

    /// What the optimised module depends on besides the module: the optimiser's version, and how it is called.
    pub(crate) fn recipe(&self) -> String {
        format!("binaryen {VERSION} {} {}", FLAGS.join(" "), self.0.join(" "))
    }

    /// Optimises one module, with the optimiser installed if it is not there yet.
    ///
    /// # Errors
    ///
    /// The optimiser cannot be installed; the text says what is missing. Or it refuses the module.
    pub(crate) fn optimise(&self, module: &Path, output: &Path) -> Result<()> {
        let mut node = process::command("node");
        node.arg(program()?).arg(module).args(FLAGS).args(self.0).arg("--output").arg(output);
        process::run(&mut node)
    }
}

fn program() -> Result<PathBuf> {
    let folder = cache::provide(&format!("binaryen-{VERSION}"), install)?;
    Ok(folder.join("node_modules/binaryen/bin/wasm-opt"))
}

fn install(folder: &Path) -> Result<()> {
    eprintln!("installing wasm-opt: npm package binaryen {VERSION}");
    npm::install(folder, "binaryen", VERSION).context("wasm-opt, which optimises modules, is missing")
}
