//! Where things are: the sources, what is built from them, and what outlives both.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The folders that the build reads and writes.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that this tool was built from.
    pub(crate) fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no folder above it")?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => env::current_dir()?.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root: root.to_owned(), target })
    }

    /// A file or folder of the sources.
    pub(crate) fn source(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A file or folder that the build makes.
    pub(crate) fn target(&self, path: &str) -> PathBuf {
        self.target.join(path)
    }

    /// The command line program, as built with that profile: `debug` or `release`.
    pub(crate) fn program(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("portcullis{}", env::consts::EXE_SUFFIX))
    }

    /// The active toolchain's cargo, in the workspace's folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = process::command("cargo");
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}
