//! What the workspace depends on, as cargo tells it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// Every package that any target of the workspace may use, and its own.
///
/// # Errors
///
/// Cargo cannot tell, or cannot fetch them.
pub(crate) fn packages(workspace: &Workspace) -> Result<Vec<Value>> {
    packages_of(workspace, "Cargo.toml")
}

/// The same of the workspace with that manifest, a file of the sources.
///
/// # Errors
///
/// Those of [`packages`].
pub(crate) fn packages_of(workspace: &Workspace, manifest: &str) -> Result<Vec<Value>> {
    let mut cargo = workspace.cargo();
    cargo.args(["metadata", "--quiet", "--format-version", "1", "--manifest-path"]).arg(workspace.source(manifest));
    let metadata = process::text(&mut cargo)?;
    let mut metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata.get_mut("packages").and_then(Value::as_array_mut);
    packages.map(std::mem::take).context("cargo metadata names no packages")
}

/// The version of a package that the lock file holds.
///
/// # Errors
///
/// The workspace does not depend on it, and those of [`packages`].
pub(crate) fn locked_version(workspace: &Workspace, name: &str) -> Result<String> {
    let packages = packages(workspace)?;
    let package = packages.iter().find(|package| text(package, "name") == name);
    package.map(|package| text(package, "version").to_owned()).with_context(|| format!("nothing uses {name}"))
}

/// Flags that make the compiler forget where this machine keeps the sources of dependencies. A panic names its place:
/// without them a module would have another digest on each machine.
///
/// # Errors
///
/// Those of [`packages`].
pub(crate) fn nameless(workspace: &Workspace) -> Result<Vec<String>> {
    let packages = packages(workspace)?;
    Ok(folders(&packages).iter().map(|folder| format!("--remap-path-prefix={}=crates", folder.display())).collect())
}

/// The folders that hold dependencies, each in its own folder.
fn folders(packages: &[Value]) -> BTreeSet<PathBuf> {
    let foreign = packages.iter().filter(|package| !text(package, "source").is_empty());
    foreign
        .filter_map(|package| Path::new(text(package, "manifest_path")).ancestors().nth(2))
        .map(Path::to_owned)
        .collect()
}

/// A package's field; empty where it has none.
pub(crate) fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package.get(field).and_then(Value::as_str).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packages_of_one_registry_share_a_folder_and_the_workspaces_own_have_none() {
        let packages = [
            json!({"source": "registry", "manifest_path": "/elsewhere/one-1.0.0/Cargo.toml"}),
            json!({"source": "registry", "manifest_path": "/elsewhere/two-2.0.0/Cargo.toml"}),
            json!({"source": null, "manifest_path": "/house/engine/Cargo.toml"}),
        ];
        assert_eq!(folders(&packages), BTreeSet::from(["/elsewhere".into()]));
    }
}
