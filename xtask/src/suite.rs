//! `cargo xtask test`: everything that must hold before a change goes in. A step that fails does not keep the others
//! from running, except those that need what it makes; these count as failed too, so that nothing silently vanishes.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::bench::peers;
use crate::browser::Browser;
use crate::face::Face;
use crate::progress::Progress;
use crate::runtimes::Runtimes;
use crate::tally::Tally;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{
    bindgen, borders, browser, demo, engine, face, fuzz, javascript, licences, package, playground, process, runtimes,
    toolchain,
};

/// All crates but the ahead-of-time compiler: debug builds of that would take minutes, and it has no tests.
const ALL: [&str; 3] = ["--workspace", "--exclude", "precompile"];

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
    check_javascript(&mut suite, workspace, wasm.as_ref(), embedded.as_ref());
    Ok(suite.tally.report())
}

/// How many steps the five functions take together.
const STEPS: usize = 30;

/// What needs nothing built.
fn check_sources(suite: &mut Suite, workspace: &Workspace) {
    suite.step("formatting", || {
        process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
        [peers::MANIFEST, fuzz::MANIFEST].iter().try_for_each(|manifest| {
            let mut cargo = workspace.cargo();
            process::run(cargo.args(["fmt", "--check", "--manifest-path"]).arg(workspace.source(manifest)))
        })
    });
    suite.step("borders between modules", || borders::check(workspace));
    suite.step("licences", || licences::check(workspace));
    suite.step("lints of the peers' crate", || peers::lint(workspace));
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
    suite.after(embedded, "fuzzing", |()| fuzz::run(workspace, fuzz::SHORT_SECONDS));
}

/// What concerns the engine as WebAssembly.
fn check_wasm(suite: &mut Suite, workspace: &Workspace, wasm: Option<&Toolchain>) {
    suite.after(wasm, "lints of the WebAssembly faces", |wasm| {
        Face::ALL.iter().try_for_each(|face| face.lint(workspace, wasm))
    });
    suite.tests(wasm, "faces for JavaScript, in Node", |wasm| javascript_suites(workspace, wasm));
}

/// A run of the crates' own suites for JavaScript: in Node, if nothing else is said.
fn javascript_suites(workspace: &Workspace, wasm: &Toolchain) -> Result<Command> {
    let bindgen = bindgen::find(workspace)?;
    Ok(face::javascript_suites(workspace, wasm, &bindgen.runner()))
}

/// What concerns the engine where JavaScript runs: the npm package, and every case in every kind of environment.
fn check_javascript(suite: &mut Suite, workspace: &Workspace, wasm: Option<&Toolchain>, embedded: Option<&()>) {
    let modules = suite.after(wasm, "modules for JavaScript", |wasm| javascript::build(workspace, wasm));
    let package = suite.after(modules.as_ref(), "npm package", |()| package::build(workspace));
    suite.tests(package.as_ref(), "tests of the npm package", |_| Ok(package::tests(workspace)));
    let browser = suite.step("browser", browser::find);
    suite.tests(wasm.zip(browser.as_ref()).as_ref(), "faces for JavaScript, in Chromium", |(wasm, browser)| {
        let mut cargo = javascript_suites(workspace, wasm)?;
        browser.run_suite(&mut cargo, &workspace.target("webdriver.json"))?;
        Ok(cargo)
    });
    let transcripts = suite.after(embedded, "transcripts of the cases", |()| javascript::transcribe(workspace));
    let package = transcripts.and(package);
    let site = suite.after(package.as_ref(), "playground", |package| playground::build(workspace, package));
    suite.tests(site.as_ref().zip(browser.as_ref()).as_ref(), "tests of the playground", |(site, browser)| {
        Ok(playground::tests(workspace, site, &browser.program))
    });
    let runtimes = suite.step("runtimes for JavaScript", || runtimes::provide(workspace));
    suite.after(runtimes.as_ref(), "licences of npm packages", |runtimes| {
        licences::check_npm(&[runtimes.folder(), &package::folder(workspace), &playground::stage(workspace)])
    });
    let stand = || Some(Stand { runtimes: runtimes?, browser: browser?, package: package? });
    let stand = stand();
    for (title, file) in JAVASCRIPT_TESTS {
        suite.tests(stand.as_ref(), title, |stand| Ok(stand.test(file)));
    }
}

/// What is tested where JavaScript runs: a title, and the file in `tests/javascript`.
const JAVASCRIPT_TESTS: [(&str, &str); 5] = [
    ("cases in Node", "cases/node.test.mjs"),
    ("cases in workerd", "cases/workerd.test.mjs"),
    ("cases in Chromium", "cases/chromium.test.mjs"),
    ("npm package in every environment", "packaging/packaging.test.mjs"),
    ("memory in Node", "memory.test.mjs"),
];

/// All that these tests need.
struct Stand {
    runtimes: Runtimes,
    browser: Browser,
    package: PathBuf,
}

impl Stand {
    fn test(&self, file: &str) -> Command {
        let mut test = self.runtimes.test(file);
        test.env("PORTCULLIS_PACKAGE", &self.package).env("PORTCULLIS_CHROMIUM", &self.browser.program);
        test
    }
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
