//! `cargo xtask nightly`: the tests whose long form takes minutes. Their short form is in `cargo xtask test`.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// One long run: what it is, and how it is started.
type Run = (&'static str, fn(&Workspace) -> Command);

/// The long runs. Each shows by itself what it did.
const RUNS: [Run; 3] = [
    ("every small policy, engine against oracle", exhaustive),
    ("properties of random policies", properties),
    ("random sequences, native and under wasmtime", sequences),
];

/// How many steps [`run`] shows.
pub(crate) const STEPS: usize = RUNS.len();

/// Takes the long runs one after the other. The engine must be built.
///
/// # Errors
///
/// The first that fails.
pub(crate) fn run(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    RUNS.iter().try_for_each(|(title, command)| progress.step(title, || process::run(&mut command(workspace))))
}

fn exhaustive(workspace: &Workspace) -> Command {
    let mut cargo = test(workspace, "exhaustive");
    cargo.args(["--", "--ignored"]);
    cargo
}

fn properties(workspace: &Workspace) -> Command {
    let mut cargo = test(workspace, "properties");
    cargo.env("PROPTEST_CASES", "2000");
    cargo
}

/// Others each night, unless the environment has a seed; a run tells its own.
fn sequences(workspace: &Workspace) -> Command {
    let mut cargo = test(workspace, "differential");
    let day = std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_secs() / 86_400);
    let seed = std::env::var("PORTCULLIS_SEED").unwrap_or_else(|_| day.to_string());
    cargo.env("PORTCULLIS_SEED", seed).env("PORTCULLIS_SEQUENCES", "1000");
    cargo
}

fn test(workspace: &Workspace, name: &str) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--release", "--package", "conformance", "--test", name]);
    cargo
}
