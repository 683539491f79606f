//! The program `portcullis`: found, or built.

use portcullis_host::runtime::Runtime;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Names the program by its absolute path, where it is not the one that cargo built.
const PROGRAM: &str = "PORTCULLIS_BIN";

/// The program, whose engine is known to be the one of the other targets.
#[derive(Debug)]
pub struct Program(PathBuf);

impl Program {
    /// The program that the variable `PORTCULLIS_BIN` names; else the one beside this test, built by the same cargo
    /// and for the same profile. That one is built first if it is missing or older than its sources, because cargo
    /// builds for a test of this package only the library of another.
    ///
    /// # Errors
    ///
    /// There is no program and none can be built, or its engine is not the one of this test.
    pub fn find() -> Result<Self, String> {
        let given = env::var_os(PROGRAM).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = given.map_or_else(built, Ok)?;
        let shown = path.display();
        let version = Command::new(&path).arg("--version").output().map_err(|error| format!("{shown}: {error}"))?;
        if String::from_utf8_lossy(&version.stdout).contains(&Runtime::digest()) {
            Ok(Self(path))
        } else {
            Err(format!("{shown} has another engine than this test, {}: build both anew", Runtime::digest()))
        }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

/// The program beside this test, as its sources are now.
fn built() -> Result<PathBuf, String> {
    let test = env::current_exe().map_err(|error| format!("this test has no file: {error}"))?;
    let profile = test.parent().and_then(Path::parent).ok_or("this test lies in no target folder")?;
    let program = profile.join("portcullis").with_extension(env::consts::EXE_EXTENSION);
    if !is_current(&program) {
        build(profile)?;
    }
    Ok(program)
}

fn is_current(program: &Path) -> bool {
    let workspace = workspace();
    let sources = ["host/src", "engine/src"].map(|folder| newest(&workspace.join(folder)));
    let built = changed(program);
    built.is_some() && sources.into_iter().all(|source| source <= built)
}

/// When the newest file below a folder was changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.filter_map(|path| if path.is_dir() { newest(&path) } else { changed(&path) }).max()
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|file| file.modified()).ok()
}

fn build(profile: &Path) -> Result<(), String> {
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--package", "portcullis-host", "--bin", "portcullis"]);
    cargo.args(["--profile", name, "--target-dir"]).arg(profile.parent().unwrap_or(profile));
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the program could not be built: cargo ended with {status}")),
        Err(error) => Err(format!("the program could not be built: no cargo: {error}")),
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
