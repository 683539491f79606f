//! What principals may be called, so that a name which the engine would refuse is found where it stands.
//!
//! The rules are those of `domain.md` §1, "Names that grant". A test puts what passes here to the engine.

use crate::source::shown;
use crate::summary::SkipReason;
use portcullis_engine::{BUILT_IN_PRINCIPALS, MAX_NAME_CHARS, PrincipalType};

/// Why a name is not one for an object or a principal.
pub(crate) enum Unfit {
    /// What bears it is left out.
    LeftOut(SkipReason),
    /// The export cannot be imported.
    Refused(Wrong),
}

/// What stands in an export and what would be right there.
pub(crate) struct Wrong {
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl From<Wrong> for Unfit {
    fn from(wrong: Wrong) -> Self {
        Self::Refused(wrong)
    }
}

/// Whether a user, group or service account of this name can be registered, or is there from the beginning.
pub(crate) fn check_registered(kind: PrincipalType, name: &str) -> Result<(), Unfit> {
    if BUILT_IN_PRINCIPALS.contains(&(kind, name)) {
        return Ok(());
    }
    if BUILT_IN_PRINCIPALS.iter().any(|(_, built_in)| *built_in == name) {
        return Err(Unfit::LeftOut(SkipReason::BuiltInName));
    }
    if kind == PrincipalType::User && name.starts_with("project:") {
        let expected = "a user's name, which does not begin with `project:`".into();
        return Err(Wrong { expected, found: shown(name) }.into());
    }
    Ok(check_length(name)?)
}

/// Whether an entry may name this principal, which need not exist.
pub(crate) fn check_named(kind: &str, name: &str) -> Result<(), Wrong> {
    let of_project = kind == PrincipalType::User.as_str() && name.starts_with("project:");
    if of_project && name.strip_prefix("project: ").is_none_or(str::is_empty) {
        let expected = "`project: NAME`, with one space after the colon, for a project's principal".into();
        return Err(Wrong { expected, found: shown(name) });
    }
    // What follows `project: ` is a project's name, which may be as long as any.
    check_length(name.strip_prefix("project: ").filter(|_| of_project).unwrap_or(name))
}

/// Whether a name is short enough.
pub(crate) fn check_length(name: &str) -> Result<(), Wrong> {
    match name.chars().count() {
        0..=MAX_NAME_CHARS => Ok(()),
        chars => {
            let expected = format!("a name of at most {MAX_NAME_CHARS} characters");
            Err(Wrong { expected, found: format!("one of {chars}, {}", shown(name)) })
        }
    }
}
