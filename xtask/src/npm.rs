//! Packages from npm, and folders that need some.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::artefact::{digest, make_folder_once, read};
use crate::{cache, process};

/// What npm keeps below a folder that needs packages.
const INSTALLED: &str = "node_modules";

/// What tells which packages a folder needs: they are named in the first, and pinned in the second.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// How npm is to install: no package runs a script of its own, and nothing but the packages is fetched.
const QUIETLY: [&str; 5] = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];

/// Installs one package of exactly that version below a folder.
///
/// # Errors
///
/// There is no npm, or the package cannot be had.
pub(crate) fn install(folder: &Path, name: &str, version: &str) -> Result<()> {
    run(folder, &["install", "--no-save", "--no-package-lock", &format!("{name}@{version}")])
        .with_context(|| format!("npm cannot install {name} {version}"))
}

/// Makes `stage` a copy of `source` in which the packages are installed that its manifests name. So nothing that comes
/// from npm, or is made there, gets among the sources. Packages are installed again only when a manifest has changed;
/// everything else is copied each time.
///
/// # Errors
///
/// There is no npm, or a package cannot be had.
pub(crate) fn stage(source: &Path, stage: &Path) -> Result<()> {
    let manifests = MANIFESTS.map(|name| source.join(name));
    let contents: Result<Vec<Vec<u8>>> = manifests.iter().map(|path| read(path)).collect();
    make_folder_once(stage, &digest(&contents?), |folder| {
        for (path, name) in manifests.iter().zip(MANIFESTS) {
            fs::copy(path, folder.join(name))?;
        }
        // Not `npm ci`: it wants the binaries of all other platforms as well, of which not each is to be had everywhere.
        run(folder, &["install", "--no-save"])
            .with_context(|| format!("npm cannot install what {} needs", source.display()))
    })?;
    clear(stage)?;
    copy(source, stage)
}

fn run(folder: &Path, words: &[&str]) -> Result<()> {
    if let Some(missing) = ["node", "npm"].into_iter().find(|program| !process::exists(program)) {
        bail!("cannot run `{missing}`: install Node 20 with npm");
    }
    let mut npm = process::command("npm");
    process::run(npm.args(words).args(QUIETLY).arg("--prefix").arg(folder).current_dir(folder))
}

/// Removes all but the packages.
fn clear(folder: &Path) -> Result<()> {
    for entry in entries(folder)? {
        match entry.is_dir() {
            true => cache::remove(&entry)?,
            false => fs::remove_file(&entry)?,
        }
    }
    Ok(())
}

/// Copies all but packages that are installed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in entries(from)? {
        let place = to.join(entry.file_name().unwrap_or(OsStr::new("")));
        match entry.is_dir() {
            true => copy(&entry, &place)?,
            false => _ = fs::copy(&entry, &place)?,
        }
    }
    Ok(())
}

/// What is in the folder, but for packages.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_name() != INSTALLED {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_stage_keeps_its_packages_and_takes_the_sources_as_they_are() {
        let folder = std::env::temp_dir().join(format!("xtask-npm-{}", std::process::id()));
        let (source, stage) = (folder.join("source"), folder.join("stage"));
        for path in ["source/test/now.mjs", "source/node_modules/foreign/file", "stage/test/gone.mjs"] {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), "").unwrap();
        }
        fs::create_dir_all(stage.join("node_modules/kept")).unwrap();
        clear(&stage).unwrap();
        copy(&source, &stage).unwrap();
        let is_there = |path: &str| stage.join(path).exists();
        assert!(is_there("test/now.mjs") && is_there("node_modules/kept"));
        assert!(!is_there("test/gone.mjs") && !is_there("node_modules/foreign"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
