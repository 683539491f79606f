//! Who asks: `--as`, else `PORTCULLIS_AS`, else `admin`, whose file a local store is. But where a session file lies, the
//! caller is said to be somebody else, and is never `admin` unasked.

use super::failure::{Failure, UsageError};
use crate::service::Caller;
use portcullis_engine::{Identity, PrincipalType};
use std::env;
use std::path::PathBuf;

/// The caller, from `--as` if it is given.
///
/// # Errors
/// `InvalidArgument` for an empty name: a variable that was forgotten must not make anybody `admin`.
/// `ExpiredSession` where there is a session: a local store has nothing by which one could be valid.
pub(super) fn find(given: Option<&str>) -> Result<Caller, Failure> {
    if let Some(name) = given {
        return named("--as", name);
    }
    if let Some(name) = environment("PORTCULLIS_AS")? {
        return named("PORTCULLIS_AS", &name);
    }
    match session_file() {
        Some(file) if may_exist(&file) => Err(Failure::ExpiredSession { file }),
        _ => Ok(Caller::user("admin")),
    }
}

/// A variable of the environment; one that is set and empty counts.
pub(super) fn environment(name: &'static str) -> Result<Option<String>, UsageError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(value)) => {
            let given = value.to_string_lossy().into_owned();
            Err(UsageError::InvalidValue { option: name, given, expected: "UTF-8 text" })
        }
    }
}

/// `TYPE:NAME` where the type is a principal's, else a user.
fn named(option: &'static str, name: &str) -> Result<Caller, Failure> {
    let typed = name.split_once(':').filter(|(kind, _)| PrincipalType::parse(kind).is_ok());
    if typed.is_some() {
        let Identity { kind, name, .. } = Identity::parse(name)?;
        return Ok(Caller { kind, name });
    }
    if name.is_empty() {
        let error = UsageError::InvalidValue { option, given: String::new(), expected: "the caller's name" };
        return Err(error.into());
    }
    Ok(Caller::user(name))
}

fn session_file() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = || folder("PORTCULLIS_HOME");
    let state = || folder("XDG_STATE_HOME").map(|path| path.join("portcullis"));
    let home = || folder("HOME").map(|path| path.join(".local/state/portcullis"));
    own().or_else(state).or_else(home).map(|path| path.join("session"))
}

/// Whether there is a session. What cannot be told is not taken for none.
fn may_exist(file: &std::path::Path) -> bool {
    match file.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
