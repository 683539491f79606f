//! Fuzzing: the targets of `tests/fuzz`, built with cargo-fuzz and run on what libFuzzer makes up.
//!
//! The compiler is rustup's nightly where there is one, with the address sanitizer. Anywhere else it is the active one,
//! without: what watches which code is reached is in every compiler. None is fetched.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{cache, process};

/// The manifest of the targets.
pub(crate) const MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// cargo-fuzz. Raised by hand, with the lock file that it comes with.
const VERSION: &str = "0.13.2";

/// As `conformance::fuzzing` has them.
const TARGETS: [&str; 4] = ["call", "restore", "import", "sequences"];

/// How many run at a time.
const AT_A_TIME: usize = 2;

/// How long each target runs in `cargo xtask test`, in seconds.
pub(crate) const SHORT_SECONDS: u64 = 30;
/// How long each runs in `cargo xtask fuzz`, if nothing else is said.
pub(crate) const LONG_SECONDS: u64 = 600;

/// What one input may take, in seconds: more is as wrong as a panic.
const SLOW_SECONDS: u64 = 10;
/// How much memory a target may take, in MiB.
const MEMORY_MIB: u64 = 2048;

/// Runs every target for so many seconds. What was learnt stays in `target/fuzz`, and the next run goes on from there.
///
/// # Errors
///
/// An input breaks something: the text names the file that holds it. Or a target cannot be built.
pub(crate) fn run(workspace: &Workspace, seconds: u64) -> Result<()> {
    let compiler = Compiler::find();
    println!("fuzzing with {}, {seconds} s for each of {} targets", compiler.told(), TARGETS.len());
    let fuzz = Fuzz { workspace, seconds, compiler };
    fuzz.write_seeds()?;
    fuzz.build()?;
    let mut found = Vec::new();
    for targets in TARGETS.chunks(AT_A_TIME) {
        thread::scope(|scope| {
            let running: Vec<_> = targets.iter().map(|target| scope.spawn(|| fuzz.run(target))).collect();
            let ended = running.into_iter().map(|run| run.join().unwrap_or_else(|_| bail!("a target was lost")));
            found.extend(ended.filter_map(Result::err));
        });
    }
    match found.as_slice() {
        [] => Ok(()),
        found => bail!("{}", found.iter().map(|error| format!("{error:#}")).collect::<Vec<_>>().join("\n")),
    }
}

/// What compiles the targets.
#[derive(Clone, Copy)]
enum Compiler {
    Nightly,
    Active,
}

impl Compiler {
    fn find() -> Self {
        let list = process::find("rustup")
            .and_then(|rustup| process::text(process::command(rustup).args(["toolchain", "list"])).ok());
        let has_nightly = list.is_some_and(|list| list.lines().any(|line| line.starts_with("nightly-")));
        if has_nightly { Self::Nightly } else { Self::Active }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Nightly => "rustup's nightly and the address sanitizer",
            Self::Active => "the active compiler, since there is no nightly, and without a sanitizer",
        }
    }
}

struct Fuzz<'w> {
    workspace: &'w Workspace,
    seconds: u64,
    compiler: Compiler,
}

impl Fuzz<'_> {
    /// A folder of this tool's own, below `target/fuzz`.
    fn folder(&self, path: &str) -> Result<PathBuf> {
        let folder = self.workspace.target("fuzz").join(path);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Makes anew what the targets begin with.
    fn write_seeds(&self) -> Result<()> {
        let seeds = self.folder("seeds")?;
        cache::remove(&seeds)?;
        let mut cargo = self.workspace.cargo();
        cargo.args(["run", "--quiet", "--package", "conformance", "--example", "seeds", "--"]).arg(seeds);
        process::run(&mut cargo)
    }

    fn build(&self) -> Result<()> {
        let tool = find_tool()?;
        let mut cargo = process::command(tool.join("bin/cargo-fuzz"));
        cargo.current_dir(self.workspace.source("")).args(["fuzz", "build", "--fuzz-dir"]);
        cargo.arg(self.workspace.source("tests/fuzz")).arg("--target-dir").arg(self.folder("build")?);
        cargo.env("PORTCULLIS_ENGINE_DIR", self.workspace.target("engine"));
        match self.compiler {
            Compiler::Nightly => cargo.env("RUSTUP_TOOLCHAIN", "nightly"),
            Compiler::Active => cargo.args(["--sanitizer", "none"]),
        };
        process::run(&mut cargo)
    }

    /// Runs one target. What it says is in a file, and its last line of figures is shown.
    fn run(&self, target: &str) -> Result<()> {
        let log = self.folder("logs")?.join(format!("{target}.txt"));
        let succeeded = self.command(target)?.stderr(File::create(&log)?).stdout(Stdio::null()).status()?.success();
        let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let figures = said.lines().rev().find(|line| line.contains(" cov: ")).unwrap_or("no figures");
        println!("fuzzing {target}: {figures}");
        if succeeded {
            return Ok(());
        }
        match said.lines().find_map(|line| line.split_once("Test unit written to ")) {
            Some((_, file)) => bail!("fuzzing `{target}` found {file}; what it says is in {}", log.display()),
            None => bail!("fuzzing `{target}` failed; what it says is in {}", log.display()),
        }
    }

    fn command(&self, target: &str) -> Result<Command> {
        let built = self.folder("build")?.join(host_triple()?).join("release").join(target);
        let mut command = process::command(built);
        // SQLite has two constants of one name, which the sanitizer takes for a mistake.
        command.env("ASAN_OPTIONS", "detect_odr_violation=0");
        command.arg(format!("-max_total_time={}", self.seconds));
        command.arg(format!("-timeout={SLOW_SECONDS}")).arg(format!("-rss_limit_mb={MEMORY_MIB}"));
        command.arg(format!("-dict={}", self.folder("seeds")?.join("words.dict").display()));
        command.arg(format!("-artifact_prefix={}/", self.folder("found")?.join(target).display()));
        self.folder(&format!("found/{target}"))?;
        // The first is where it keeps what is new to it.
        command.arg(self.folder(&format!("corpus/{target}"))?).arg(self.folder(&format!("seeds/{target}"))?);
        let known = self.workspace.source("tests/fuzz/found").join(target);
        if known.is_dir() {
            command.arg(known);
        }
        Ok(command)
    }
}

/// The kind of machine that this is, by the compiler's name for it: cargo-fuzz always builds for a named one.
fn host_triple() -> Result<String> {
    let text = process::text(process::command("rustc").arg("-vV"))?;
    let triple = text.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(str::to_owned).context("rustc does not say what machine this is")
}

/// cargo-fuzz, installed if it is not there yet.
fn find_tool() -> Result<PathBuf> {
    cache::provide(&format!("cargo-fuzz-{VERSION}"), install)
}

fn install(folder: &Path) -> Result<()> {
    eprintln!("installing cargo-fuzz {VERSION}: about a minute, once");
    cache::install(folder, ["cargo-fuzz", "--version", VERSION, "--locked"])
}
