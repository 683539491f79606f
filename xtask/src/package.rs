//! The npm package `portcullis`: `pkg/` around the engine's modules for JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{cache, javascript, npm, process};

/// How large a module may be, gzipped, in bytes. One that is larger is said to be so, and shipped.
const GOALS: [(&str, usize); 2] = [("engine", 120_000), ("check", 60_000)];

/// Writes the types of all commands.
const COMMANDS: [&str; 8] =
    ["run", "--quiet", "--package", "portcullis-engine", "--features", "prose", "--example", "typescript"];

/// Builds and packs the package, and returns the archive. The engine's modules must be there: see
/// [`javascript::build`].
///
/// # Errors
///
/// What it is built with cannot be had, or it cannot be built.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let (folder, modules) = (folder(workspace), javascript::folder(workspace));
    npm::stage(&workspace.source("pkg"), &folder)?;
    let commands = modules.join("commands.ts");
    fs::write(&commands, process::text(workspace.cargo().args(COMMANDS))?)?;
    let mut node = process::command("node");
    node.arg("build.mjs").current_dir(&folder);
    for name in ["engine", "check", "exports"] {
        node.arg(format!("--{name}")).arg(modules.join(name));
    }
    process::run(node.arg("--commands").arg(&commands))?;
    let archive = pack(&folder)?;
    report_sizes(workspace)?;
    Ok(archive)
}

/// Puts the package where programs in `folder` import it from. npm would take one of the same version for the same.
///
/// # Errors
///
/// The archive is not one.
pub(crate) fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    let place = folder.join("node_modules/portcullis");
    cache::remove(&place)?;
    fs::create_dir_all(&place)?;
    let mut tar = process::command("tar");
    process::run(tar.args(["--extract", "--strip-components=1", "--file"]).arg(archive).arg("--directory").arg(&place))
}

/// The package's own tests; it must have been built.
pub(crate) fn tests(workspace: &Workspace) -> Command {
    let mut npm = process::command("npm");
    npm.args(["test", "--silent"]).current_dir(folder(workspace));
    npm
}

/// Where it is built, beside the packages that this takes.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("package")
}

/// Packs what the manifest says belongs into the package.
fn pack(folder: &Path) -> Result<PathBuf> {
    let mut npm = process::command("npm");
    let name = process::text(npm.args(["pack", "--silent", "--ignore-scripts"]).current_dir(folder))?;
    Ok(folder.join(name.lines().last().context("npm does not say what it has packed")?))
}

/// Prints how large the modules are, and what they should be.
fn report_sizes(workspace: &Workspace) -> Result<()> {
    for (name, size) in javascript::gzipped_sizes(workspace)? {
        let goal = GOALS.iter().find(|(goal, _)| *goal == name).map(|(_, goal)| *goal);
        println!(
            "{name}: {:.1} KB gzipped{}",
            kilobytes(size),
            goal.map_or_else(String::new, |goal| verdict(size, goal))
        );
    }
    Ok(())
}

fn verdict(size: usize, goal: usize) -> String {
    format!(", {} the goal of {} KB", if size <= goal { "within" } else { "more than" }, kilobytes(goal))
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}
