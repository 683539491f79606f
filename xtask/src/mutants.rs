//! `cargo xtask mutants`: plants faults into the decision path, one at a time, and says which of them no test finds.
//! `.cargo/mutants.toml` says what is altered and what need not be found, and why.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{cache, process};

const PROGRAM: &str = "cargo-mutants";
const VERSION: &str = "27.1.0";

/// Tries every mutant, or with arguments those that they choose, such as `--shard 1/8`. The engine must be
/// built: the tests are linked with the host, which embeds it. What came of it is written to `target/mutants.out`.
///
/// # Errors
///
/// A mutant survives, or the tests fail without any.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let mut mutants = process::command(provide()?);
    mutants.args(["mutants", "--workspace", "--output"]).arg(workspace.target("")).current_dir(workspace.source(""));
    // Each mutant is a copy of the sources at another place, where no engine lies.
    mutants.env("PORTCULLIS_ENGINE_DIR", workspace.target("engine"));
    // A mutant's counterexample, once kept, would fail every later one.
    mutants.env("PROPTEST_FAILURE_PERSISTENCE", "off");
    mutants.env("CARGO_TARGET_DIR", workspace.target("mutants")).env("CARGO_PROFILE_DEV_DEBUG", "0");
    process::run(mutants.args(arguments))
}

/// The program, installed once.
fn provide() -> Result<PathBuf> {
    let folder = cache::provide(&format!("{PROGRAM}-{VERSION}"), install)?;
    Ok(folder.join("bin").join(PROGRAM))
}

fn install(folder: &Path) -> Result<()> {
    eprintln!("installing {PROGRAM} {VERSION}: some minutes, once");
    cache::install(folder, [PROGRAM, "--version", VERSION, "--locked"])
}
