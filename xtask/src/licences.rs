//! The licences of what the workspace depends on.

use anyhow::{Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::dependencies::{packages, text};
use crate::workspace::Workspace;

/// Licences that ask for no more than a notice; a dependency must be available under one of them. MIT-0 is MIT that does
/// not even ask for that.
const PERMISSIVE: [&str; 8] =
    ["MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unicode-3.0", "Zlib"];

/// Checks every package that any target of the workspace may use.
///
/// # Errors
///
/// One names no licence, or only ones that are not permissive.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let packages = packages(workspace)?;
    let refused: Vec<String> = packages.iter().filter_map(refusal).collect();
    if refused.is_empty() {
        println!("licences: {} packages, all permissive", packages.len());
        return Ok(());
    }
    bail!("not under a permissive licence: {}", refused.join(", "))
}

/// The package and its licence, where that is not permissive.
fn refusal(package: &Value) -> Option<String> {
    let licence = text(package, "license");
    let expression = Expression::parse_mode(licence, ParseMode::LAX);
    let accepted = expression.is_ok_and(|expression| expression.evaluate(|one| is_permissive(&one.to_string())));
    (!accepted).then(|| format!("{} {} ({licence})", text(package, "name"), text(package, "version")))
}

/// One licence of an expression; an exception to it only permits more.
fn is_permissive(licence: &str) -> bool {
    let name = licence.split(" WITH ").next().unwrap_or(licence);
    PERMISSIVE.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_refused(licence: Value) -> bool {
        refusal(&json!({"name": "a", "version": "1.0.0", "license": licence})).is_some()
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
    fn a_package_without_a_licence_is_refused() {
        assert!(is_refused(Value::Null));
        assert!(is_refused(json!("my own words")));
    }
}
