//! The build's own tool, run as `cargo xtask COMMAND`. It sets up by itself whatever it needs, once, and shows how
//! far it is; a second run finds everything in place.

mod artefact;
mod bench;
mod binaryen;
mod bindgen;
mod borders;
mod browser;
mod cache;
mod debian;
mod demo;
mod dependencies;
mod engine;
mod face;
mod fuzz;
mod javascript;
mod licences;
mod mutants;
mod nightly;
mod npm;
mod package;
mod playground;
mod process;
mod progress;
mod runtimes;
mod suite;
mod tally;
mod toolchain;
mod wasm;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::workspace::Workspace;

const HELP: &str = "\
usage: cargo xtask COMMAND

  build   the engine as WebAssembly, and the host around it: target/release/portcullis
  package the npm package: target/package/portcullis-VERSION.tgz
  www     the playground, for any static server: target/www
  demo    build, then a sample policy in a new store, and a few decisions explained
  test    formatting, lints, licences, documentation, every test; ends with `N passed, N failed`
  bench   measure, and print the table of the README
  bench --peers
          the same of other engines and of hash maps, beside ours
  fuzz [SECONDS]
          make up inputs for so long (default: 600) on each target, and look what breaks
  nightly the tests in their long form: minutes
  mutants plant faults into the decision path, and name those that no test finds: hours; further arguments are
          cargo-mutants' own, such as `--shard 1/8`
  help    this text

environment

  CARGO_TARGET_DIR        where everything is built (default: target)
  WASM_TOOLCHAIN=debian   take the compiler for WebAssembly from Debian's packages, whatever else there is
  XDG_CACHE_HOME          where tools and that compiler's standard library are kept (default: ~/.cache)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match words {
        ["build"] => build(&workspace, &mut Progress::new(BUILD_STEPS))?,
        ["demo"] => {
            let mut progress = Progress::new(BUILD_STEPS + 1);
            build(&workspace, &mut progress)?;
            progress.step("a sample policy", || demo::run(&workspace.program("release"), &workspace.target("demo")))?;
        }
        ["package"] => drop(package(&workspace, &mut Progress::new(PACKAGE_STEPS))?),
        ["www"] => www(&workspace, &mut Progress::new(PACKAGE_STEPS + WWW_STEPS))?,
        ["test"] => return suite::run(&workspace),
        ["bench"] => {
            let mut progress = Progress::new(BUILD_STEPS + 1);
            build(&workspace, &mut progress)?;
            progress.step("benchmarks", || bench::run(&workspace))?;
        }
        ["bench", "--peers"] => {
            let mut progress = Progress::new(BUILD_STEPS + 1);
            build(&workspace, &mut progress)?;
            progress.step("benchmarks beside the peers", || bench::run_peers(&workspace))?;
        }
        ["fuzz"] => fuzz(&workspace, fuzz::LONG_SECONDS)?,
        ["fuzz", seconds] => {
            fuzz(&workspace, seconds.parse().with_context(|| format!("`{seconds}` is no number of seconds"))?)?;
        }
        ["nightly"] => {
            let mut progress = Progress::new(ENGINE_STEPS + nightly::STEPS);
            build_engine(&workspace, &mut progress)?;
            nightly::run(&workspace, &mut progress)?;
        }
        ["mutants", arguments @ ..] => {
            let mut progress = Progress::new(ENGINE_STEPS + 1);
            build_engine(&workspace, &mut progress)?;
            progress.step("mutants", || mutants::run(&workspace, arguments))?;
        }
        [] | ["help" | "--help" | "-h"] => println!("{HELP}"),
        others => bail!("no command `{}`\n\n{HELP}", others.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the engine that one of the fuzzer's targets embeds, and fuzzes.
fn fuzz(workspace: &Workspace, seconds: u64) -> Result<()> {
    let mut progress = Progress::new(ENGINE_STEPS + 1);
    build_engine(workspace, &mut progress)?;
    progress.step("fuzzing", || fuzz::run(workspace, seconds))
}

/// How many steps [`build_engine`] shows.
const ENGINE_STEPS: usize = 3;

/// Builds the engine as the host embeds it.
fn build_engine(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    let toolchain = progress.step("toolchain for WebAssembly", || toolchain::find(workspace))?;
    progress.step("engine as WebAssembly", || engine::build(workspace, &toolchain))?;
    progress.step("engine as machine code", || engine::precompile(workspace))
}

/// How many steps [`build`] shows.
const BUILD_STEPS: usize = ENGINE_STEPS + 1;

/// Builds the engine and the host.
fn build(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    build_engine(workspace, progress)?;
    progress
        .step("host", || process::run(workspace.cargo().args(["build", "--release", "--package", "portcullis-host"])))
}

/// How many steps [`package()`] shows.
const PACKAGE_STEPS: usize = 3;

/// Builds the modules for JavaScript and the npm package around it.
fn package(workspace: &Workspace, progress: &mut Progress) -> Result<PathBuf> {
    let toolchain = progress.step("toolchain for WebAssembly", || toolchain::find(workspace))?;
    progress.step("modules for JavaScript", || javascript::build(workspace, &toolchain))?;
    let archive = progress.step("npm package", || package::build(workspace))?;
    println!("{}", archive.display());
    Ok(archive)
}

/// How many steps [`www`] shows beyond those of [`package()`].
const WWW_STEPS: usize = 3;

/// Builds the package and the playground on top of it. The cases in its gallery come from the runner of the cases, which
/// has the host in it.
fn www(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    let archive = package(workspace, progress)?;
    progress.step("engine for the cases", || {
        let toolchain = toolchain::find(workspace)?;
        engine::build(workspace, &toolchain)?;
        engine::precompile(workspace)
    })?;
    progress.step("transcripts of the cases", || javascript::transcribe(workspace))?;
    let site = progress.step("playground", || playground::build(workspace, &archive))?;
    println!("{}", site.display());
    Ok(())
}
