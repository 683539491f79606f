//! What is made once and outlives `cargo clean` and a new clone.

use std::env;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// Where a folder of the cache is, whether it exists or not.
///
/// # Errors
///
/// The environment names no home.
pub(crate) fn place(name: &str) -> Result<PathBuf> {
    Ok(folder()?.join(name))
}

/// The folder of that name, made by `make` if it is not there. It is made apart and named last, so that it is there
/// whole or not at all, whenever an earlier run was interrupted; another run at the same time waits.
///
/// # Errors
///
/// Those of `make`.
pub(crate) fn provide(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let place = place(name)?;
    if place.is_dir() {
        return Ok(place);
    }
    let cache = folder()?;
    fs::create_dir_all(&cache)?;
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    if !place.is_dir() {
        let unfinished = cache.join("unfinished");
        remove(&unfinished)?;
        fs::create_dir(&unfinished)?;
        make(&unfinished)?;
        fs::rename(&unfinished, &place)?;
    }
    Ok(place)
}

/// Installs programs into a folder that [`provide`] has made, from the registry, as `cargo install` takes the words. Little
/// optimised: what they work on is small, and compiling them is what takes time.
///
/// # Errors
///
/// They cannot be installed.
pub(crate) fn install<'a>(folder: &Path, words: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let target = folder.join("target");
    let mut cargo = process::command("cargo");
    cargo.args(["install", "--no-track", "--root"]).arg(folder).args(words);
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    process::run(&mut cargo)?;
    remove(&target)
}

/// Removes a folder if it is there.
///
/// # Errors
///
/// It is there and stays.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn folder() -> Result<PathBuf> {
    let folder = match env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?).join(".cache"),
    };
    Ok(folder.join("portcullis"))
}
