//! The licences of what the workspace depends on: of crates, and of the npm packages that are shipped or that tests use.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::bench::peers;
use crate::dependencies::{packages, packages_of, text};
use crate::fuzz;
use crate::workspace::Workspace;

/// Licences that ask for no more than a notice; a dependency must be available under one of them. MIT-0 and 0BSD are MIT
/// and BSD that do not even ask for that.
const PERMISSIVE: [&str; 9] =
    ["MIT", "MIT-0", "Apache-2.0", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unicode-3.0", "Zlib"];

/// What one package may be under besides: NCSA, which is MIT and BSD in one, is LLVM's licence of libFuzzer, and there is
/// no other. Only the fuzzer's targets are linked with it, and nobody gets these.
const ALSO: [(&str, &str); 1] = [("libfuzzer-sys", "NCSA")];

/// Checks every package that any target of the workspace may use, every one that the peers are compared by, and those of
/// the fuzzer.
///
/// # Errors
///
/// One names no licence, or only ones that are not permissive.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    judge(&packages(workspace)?)?;
    judge(&packages_of(workspace, peers::MANIFEST)?)?;
    judge(&packages_of(workspace, fuzz::MANIFEST)?)
}

/// Checks every npm package that is installed below these folders.
///
/// # Errors
///
/// As [`check`]; or there is not one package.
pub(crate) fn check_npm(folders: &[&Path]) -> Result<()> {
    let mut manifests = Vec::new();
    for folder in folders {
        collect_manifests(&folder.join("node_modules"), &mut manifests)?;
    }
    if manifests.is_empty() {
        bail!("no npm package is installed");
    }
    let packages: Result<Vec<Value>> = manifests.iter().map(|path| manifest(path)).collect();
    judge(&packages?)
}

/// Finds the manifest of every package in a folder `node_modules`, of those in a scope, and of those that a package
/// keeps for itself.
fn collect_manifests(modules: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !modules.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(modules).with_context(|| format!("cannot read {}", modules.display()))? {
        let package = entry?.path();
        if package.file_name().is_some_and(|name| name.to_string_lossy().starts_with('@')) {
            collect_manifests(&package, found)?;
            continue;
        }
        let manifest = package.join("package.json");
        if manifest.is_file() {
            found.push(manifest);
            collect_manifests(&package.join("node_modules"), found)?;
        }
    }
    Ok(())
}

fn manifest(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
}

fn judge(packages: &[Value]) -> Result<()> {
    let refused: Vec<String> = packages.iter().filter_map(refusal).collect();
    if refused.is_empty() {
        println!("licences: {} packages, all permissive", packages.len());
        return Ok(());
    }
    bail!("not under a permissive licence: {}", refused.join(", "))
}

/// The package and its licence, where that is not permissive.
fn refusal(package: &Value) -> Option<String> {
    let (name, licence) = (text(package, "name"), text(package, "license"));
    let expression = Expression::parse_mode(licence, ParseMode::LAX);
    let may_be = |one: &str| is_permissive(one) || ALSO.contains(&(name, one));
    let accepted = expression.is_ok_and(|expression| expression.evaluate(|one| may_be(&one.to_string())));
    (!accepted).then(|| format!("{name} {} ({licence})", text(package, "version")))
}

/// One licence of an expression; an exception to it only permits more.
fn is_permissive(licence: &str) -> bool {
    let name = licence.split(" WITH ").next().unwrap_or(licence);
    PERMISSIVE.contains(&name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn is_refused(licence: Value) -> bool {
        refusal(&json!({"name": "a", "version": "1.0.0", "license": licence})).is_some()
    }

    #[test]
    fn a_licence_that_one_package_may_have_is_for_no_other() {
        let [licence, wider] = ["(MIT OR Apache-2.0) AND NCSA", "MIT AND NCSA AND GPL-3.0-only"];
        let is_refused = |name: &str, licence: &str| {
            refusal(&json!({"name": name, "version": "1.0.0", "license": licence})).is_some()
        };
        assert!(!is_refused("libfuzzer-sys", licence));
        assert!(is_refused("another", licence) && is_refused("libfuzzer-sys", wider));
    }

    #[test]
    fn one_permissive_licence_of_several_to_choose_from_is_enough() {
        assert!(!is_refused(json!("GPL-3.0-only OR MIT")));
        assert!(!is_refused(json!("Unlicense/MIT")));
    }

    #[test]
    fn all_licences_that_hold_together_must_be_permissive() {
        assert!(is_refused(json!("GPL-3.0-only AND MIT")));
        assert!(!is_refused(json!("(MIT OR Apache-2.0) AND Unicode-3.0")));
    }

    #[test]
    fn an_exception_to_a_permissive_licence_is_accepted() {
        assert!(!is_refused(json!("Apache-2.0 WITH LLVM-exception")));
        assert!(is_refused(json!("GPL-2.0-only WITH Classpath-exception-2.0")));
    }

    #[test]
    fn packages_of_a_scope_and_those_that_a_package_keeps_are_found() {
        let folder = std::env::temp_dir().join(format!("xtask-licences-{}", std::process::id()));
        let bad = folder.join("node_modules/@scope/one/node_modules/two");
        fs::create_dir_all(&bad).unwrap();
        let one = folder.join("node_modules/@scope/one/package.json");
        fs::write(one, r#"{"name":"@scope/one","version":"1.0.0","license":"MIT"}"#).unwrap();
        assert!(check_npm(&[&folder]).is_ok());
        fs::write(bad.join("package.json"), r#"{"name":"two","version":"1.0.0","license":"GPL-3.0-only"}"#).unwrap();
        let refused = check_npm(&[&folder]).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(refused.contains("two 1.0.0 (GPL-3.0-only)"), "{refused}");
        assert!(check_npm(&[&folder]).is_err(), "nothing is installed, and nothing was judged");
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        assert!(is_refused(Value::Null));
        assert!(is_refused(json!("my own words")));
    }
}
