//! The program that runs a WebAssembly test suite in Node.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{cache, dependencies, process};

const RUNNER: &str = "wasm-bindgen-test-runner";

/// The runner of exactly the version of wasm-bindgen that the workspace uses, installed if it is not there yet.
///
/// # Errors
///
/// It cannot be installed.
pub(crate) fn runner(workspace: &Workspace) -> Result<PathBuf> {
    let version = dependencies::locked_version(workspace, "wasm-bindgen")?;
    let folder = cache::provide(&format!("wasm-bindgen-{version}"), |folder| install(&version, folder))?;
    Ok(folder.join("bin").join(RUNNER))
}

/// Not `--locked`: the tool's own lock file names a version that is not served. Little optimised: the suite is small,
/// and compiling the tool is what takes time.
fn install(version: &str, folder: &Path) -> Result<()> {
    eprintln!("installing {RUNNER} {version}: about two minutes, once");
    let target = folder.join("target");
    process::run(
        process::command("cargo")
            .args(["install", "wasm-bindgen-cli", "--version", version, "--bin", RUNNER, "--no-track", "--root"])
            .arg(folder)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    )?;
    cache::remove(&target)
}
