//! The playground: `www/` around the npm package, as a folder that any static server can publish.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{javascript, npm, package, process};

/// Builds the site, and returns its folder. The npm package and the transcripts of the cases must be there: see
/// [`package::build`] and [`javascript::transcribe`].
///
/// # Errors
///
/// What it is built with cannot be had, or a part is missing.
pub(crate) fn build(workspace: &Workspace, archive: &Path) -> Result<PathBuf> {
    let (stage, site) = (stage(workspace), workspace.target("www"));
    npm::stage(&workspace.source("www"), &stage)?;
    package::unpack(archive, &stage)?;
    let mut node = process::command("node");
    node.arg("build.mjs").arg(&site).current_dir(&stage);
    node.arg("--engine").arg(javascript::folder(workspace).join("engine"));
    node.arg("--cases").arg(workspace.source("tests/cases"));
    node.arg("--transcripts").arg(javascript::transcripts(workspace));
    process::run(node.arg("--replay").arg(workspace.source("tests/javascript/replay.mjs")))?;
    Ok(site)
}

/// The site's own tests, in that browser; it must have been built.
pub(crate) fn tests(workspace: &Workspace, site: &Path, browser: &Path) -> Command {
    let mut npm = process::command("npm");
    npm.args(["test", "--silent"]).current_dir(stage(workspace));
    npm.env("PORTCULLIS_WWW", site).env("CHROMIUM", browser);
    npm
}

/// Where it is built, beside the packages that this takes.
pub(crate) fn stage(workspace: &Workspace) -> PathBuf {
    workspace.target("playground")
}
