//! The programs of wasm-bindgen: the one that writes the JavaScript around a module, and the one that runs a test suite
//! in Node or a browser.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{cache, dependencies, process};

const GENERATOR: &str = "wasm-bindgen";
const RUNNER: &str = "wasm-bindgen-test-runner";
const PROGRAMS: [&str; 2] = [GENERATOR, RUNNER];

/// The programs of exactly the version of wasm-bindgen that the workspace uses.
pub(crate) struct Bindgen {
    /// That version.
    pub(crate) version: String,
    folder: PathBuf,
}

impl Bindgen {
    /// Writes into a folder what makes the module a module of JavaScript: an ES module of classes that is handed the
    /// WebAssembly module in whatever way its environment has, its types, and the module that fits to it.
    ///
    /// # Errors
    ///
    /// The module was compiled with another version of wasm-bindgen, or is none.
    pub(crate) fn generate(&self, module: &Path, folder: &Path) -> Result<()> {
        let mut generator = process::command(self.program(GENERATOR));
        generator.args(["--target", "web", "--out-dir"]).arg(folder).arg(module);
        process::run(&mut generator)
    }

    /// The program that runs a test suite.
    pub(crate) fn runner(&self) -> PathBuf {
        self.program(RUNNER)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// The programs, installed if they are not there yet.
///
/// # Errors
///
/// They cannot be installed.
pub(crate) fn find(workspace: &Workspace) -> Result<Bindgen> {
    let version = dependencies::locked_version(workspace, "wasm-bindgen")?;
    // The name tells which programs are in it: with another set of them it is another folder.
    let name = format!("{}-{version}", PROGRAMS.join("+"));
    let folder = cache::provide(&name, |folder| install(&version, folder))?;
    Ok(Bindgen { version, folder })
}

/// Not `--locked`: the tool's own lock file names a version that is not served.
fn install(version: &str, folder: &Path) -> Result<()> {
    eprintln!("installing {} {version}: about two minutes, once", PROGRAMS.join(" and "));
    let programs = PROGRAMS.iter().flat_map(|program| ["--bin", program]);
    cache::install(folder, ["wasm-bindgen-cli", "--version", version].into_iter().chain(programs))
}
