//! The JavaScript runtimes, bundlers and compilers that tests use, all from npm, and the tests themselves:
//! `tests/javascript`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{javascript, npm, process};

/// What tests use, installed, and the tests beside it.
pub(crate) struct Runtimes {
    folder: PathBuf,
    modules: PathBuf,
}

/// Puts the tests where the runtimes are installed, or will then be.
///
/// # Errors
///
/// A package cannot be had.
pub(crate) fn provide(workspace: &Workspace) -> Result<Runtimes> {
    let folder = workspace.target("javascript-tests");
    npm::stage(&workspace.source("tests/javascript"), &folder)?;
    Ok(Runtimes { folder, modules: javascript::folder(workspace) })
}

impl Runtimes {
    /// The folder where they are installed.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A run of Node's test runner over one file of the tests, which finds the engine's modules and the transcripts by
    /// `PORTCULLIS_JAVASCRIPT`.
    pub(crate) fn test(&self, file: &str) -> Command {
        let mut node = process::command("node");
        // A test could not tell otherwise what memory is still in use.
        node.args(["--expose-gc", "--test", "--test-reporter=spec", file]);
        node.current_dir(&self.folder).env("PORTCULLIS_JAVASCRIPT", &self.modules);
        node
    }
}
