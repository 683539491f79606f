//! `cargo xtask test`: everything that must hold before a change goes in. A step that fails does not keep the others
//! from running, except those that need what it makes; these count as failed too, so that nothing silently vanishes.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::progress::Progress;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{bindgen, borders, demo, engine, licences, process, toolchain};

/// All crates but the ahead-of-time compiler: debug builds of that would take minutes, and it has no tests.
const ALL: [&str; 3] = ["--workspace", "--exclude", "precompile"];

/// The engine's test of its JavaScript face, that runs in Node: `engine/tests/face_js.rs`.
const JAVASCRIPT_SUITE: &str = "face_js";

const WASM: [&str; 4] = ["--target", "wasm32-unknown-unknown", "--package", "portcullis-engine"];

/// Runs the whole suite. The last line on standard output is `N passed, N failed`.
///
/// # Errors
///
/// None today: what goes wrong in a step is shown and counted.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut suite = Suite { progress: Progress::new(STEPS), tally: Tally::default() };
    check_sources(&mut suite, workspace);
    let wasm = suite.step("toolchain for WebAssembly", || toolchain::find(workspace));
    let embedded = suite.after(wasm.as_ref(), "engine as WebAssembly, without imports", |wasm| {
        engine::build(workspace, wasm)?;
        engine::precompile(workspace)
    });
    check_native(&mut suite, workspace, embedded.as_ref());
    check_wasm(&mut suite, workspace, wasm.as_ref());
    Ok(suite.tally.report())
}

/// How many steps the four functions take together.
const STEPS: usize = 14;

/// What needs nothing built.
fn check_sources(suite: &mut Suite, workspace: &Workspace) {
    suite.step("formatting", || process::run(workspace.cargo().args(["fmt", "--all", "--check"])));
    suite.step("borders between modules", || borders::check(workspace));
    suite.step("licences", || licences::check(workspace));
}

/// What runs on this machine. The host embeds the engine, so all of it comes after that.
fn check_native(suite: &mut Suite, workspace: &Workspace, embedded: Option<&()>) {
    suite.after(embedded, "lints", |()| {
        process::run(workspace.cargo().arg("clippy").args(ALL).args(["--all-targets", "--", "--deny", "warnings"]))
    });
    suite.after(embedded, "lints of the compiler's crate", |()| {
        let precompile = ["clippy", "--profile", "precompile", "--package", "precompile", "--", "--deny", "warnings"];
        process::run(workspace.cargo().args(precompile))
    });
    suite.after(embedded, "documentation", |()| {
        let doc = ["doc", "--no-deps", "--document-private-items"];
        process::run(workspace.cargo().args(doc).args(ALL).env("RUSTDOCFLAGS", "--deny warnings"))
    });
    // The tests of the command line start the program itself.
    let program =
        suite.after(embedded, "program for the tests", |()| process::run(workspace.cargo().arg("build").args(ALL)));
    suite.after(program.as_ref(), "demonstration", |()| {
        demo::run(&workspace.program("debug"), &workspace.target("tmp/demo"))
    });
    suite.tests(program.as_ref(), "tests", |()| {
        let mut cargo = workspace.cargo();
        cargo.arg("test").args(ALL).arg("--no-fail-fast");
        Ok(cargo)
    });
}

/// What concerns the engine as WebAssembly.
fn check_wasm(suite: &mut Suite, workspace: &Workspace, wasm: Option<&Toolchain>) {
    suite.after(wasm, "lints of the WebAssembly faces", |wasm| {
        for face in ["face-host", "face-js"] {
            let mut cargo = wasm.cargo(workspace);
            cargo.arg("clippy").args(WASM).args(["--features", face]);
            process::run(cargo.args(["--", "--deny", "warnings"]))?;
        }
        Ok(())
    });
    suite.after(wasm, "engine for JavaScript", |wasm| engine::build_javascript(workspace, wasm));
    suite.tests(wasm, "tests in Node", |wasm| {
        let runner = bindgen::runner(workspace)?;
        let mut cargo = wasm.cargo(workspace);
        cargo.arg("test").args(WASM).args(["--features", "face-js", "--test", JAVASCRIPT_SUITE]);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
        Ok(cargo)
    });
}

/// A run of steps and what came of them.
struct Suite {
    progress: Progress,
    tally: Tally,
}

impl Suite {
    /// One step, that counts as one passed or one failed. Nothing where it failed.
    fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let result = self.progress.step(title, work);
        self.tally.add(&result);
        result.ok()
    }

    /// A step that needs what an earlier one made.
    fn after<N, T>(&mut self, needed: Option<&N>, title: &str, work: impl FnOnce(&N) -> Result<T>) -> Option<T> {
        self.step(title, || match needed {
            Some(needed) => work(needed),
            None => bail!("left out: it needs what failed before"),
        })
    }

    /// A step that runs tests, each of which counts.
    fn tests<N>(&mut self, needed: Option<&N>, title: &str, command: impl FnOnce(&N) -> Result<Command>) {
        let Some(needed) = needed else {
            self.after(None::<&()>, title, |()| Ok(()));
            return;
        };
        let mut tally = Tally::default();
        let result = self.progress.step(title, || {
            let succeeded = process::watch(&mut command(needed)?, |line| tally.read(line))?;
            tally.check(succeeded)
        });
        // Where a test failed, it has been counted; anything else that went wrong is one failure.
        match result {
            Err(_) if tally.failed == 0 => self.tally.add(&result),
            _ => {}
        }
        self.tally.passed += tally.passed;
        self.tally.failed += tally.failed;
    }
}

/// How many passed and how many failed.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts one step, and shows why it failed.
    fn add<T>(&mut self, result: &Result<T>) {
        match result {
            Ok(_) => self.passed += 1,
            Err(error) => {
                eprintln!("{error:#}");
                self.failed += 1;
            }
        }
    }

    /// Adds up the lines `test result: ok. 3 passed; 0 failed; …`.
    fn read(&mut self, line: &str) {
        let Some(counts) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        self.passed += count(counts, "passed");
        self.failed += count(counts, "failed");
    }

    /// What a run of tests comes to: it must have run some, and all must have passed.
    fn check(&self, succeeded: bool) -> Result<()> {
        match (succeeded, self.passed + self.failed) {
            (true, 0) => bail!("no test has run"),
            (true, _) => Ok(()),
            (false, _) => bail!("{} tests failed, or did not compile, or stopped half-way", self.failed),
        }
    }

    /// Prints the last line of the suite.
    fn report(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The number before a word.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
    let pair = words.windows(2).find(|pair| pair.last() == Some(&word));
    pair.and_then(|pair| pair.first()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn results_of_several_test_programs_add_up() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.31s";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(tally(&["running 13 tests", ok, "", bad]), (15, 2));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(tally(&["test a ... ok", "9 passed; 9 failed", "test b ... FAILED"]), (0, 0));
    }

    #[test]
    fn a_run_that_runs_nothing_fails() {
        assert!(Tally::default().check(true).is_err());
    }

    #[test]
    fn a_run_that_stops_half_way_fails_though_no_test_did() {
        assert!(Tally { passed: 5, failed: 0 }.check(false).is_err());
        assert!(Tally { passed: 5, failed: 0 }.check(true).is_ok());
    }
}
