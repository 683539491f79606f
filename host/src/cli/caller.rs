//! Who asks: `--as`, else `PORTCULLIS_AS`, else whoever the session is of that `PORTCULLIS_SESSION` or the session file
//! holds, else `admin`, whose file a local store is.

use super::failure::{Failure, UsageError};
use super::place::Place;
use super::session_file::SessionFile;
use crate::credentials::{Credential, CredentialError, SecretKind};
use crate::service::{Caller, ServiceError};
use portcullis_engine::{Identity, PrincipalType, Refusal};
use std::env;

/// The caller, from `--as` if it is given.
///
/// # Errors
/// `InvalidArgument` for an empty name: a variable that was forgotten must not make anybody `admin`.
/// `InvalidSessionId` for a cookie that is none. What is wrong with the file that keeps the sessions, for then nobody knows
/// whether there is one: whoever is logged in must not become `admin` by that.
pub(super) fn find(given: Option<&str>, place: &Place) -> Result<Caller, Failure> {
    if let Some(name) = given {
        return named("--as", name);
    }
    if let Some(name) = environment("PORTCULLIS_AS")? {
        return named("PORTCULLIS_AS", &name);
    }
    if let Some(cookie) = environment("PORTCULLIS_SESSION")? {
        return Ok(by_session(&cookie).map_err(ServiceError::from)?);
    }
    let kept = SessionFile::find().map(|sessions| sessions.read(&place.path)).transpose()?.flatten();
    let Some(cookie) = kept else { return Ok(Caller::user("admin")) };
    by_session(cookie.secret()).map_err(|error| {
        let text = format!("the session that is kept for this store cannot be used: {error}; log in again");
        Box::new(Refusal::InvalidSessionId(text)).into()
    })
}

/// The variable that says who asks, whoever is logged in.
pub(super) fn of_environment() -> Option<&'static str> {
    ["PORTCULLIS_AS", "PORTCULLIS_SESSION"].into_iter().find(|name| env::var_os(name).is_some())
}

fn by_session(cookie: &str) -> Result<Caller, CredentialError> {
    Credential::parse(SecretKind::Session, cookie).map(Caller::Session)
}

/// Refuses all but the one whose file a local store is, where there is no policy yet that could know anybody.
///
/// # Errors
/// `AccessDenied`.
pub(super) fn require_owner(caller: &Caller, what: &str) -> Result<(), Failure> {
    if caller.is_admin() {
        return Ok(());
    }
    let refusal = Refusal::AdminOnly { principal: format!("{caller:?}"), what: what.into() };
    Err(ServiceError::from(refusal).into())
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
        return Ok(Caller::Principal { kind, name });
    }
    if name.is_empty() {
        let error = UsageError::InvalidValue { option, given: String::new(), expected: "the caller's name" };
        return Err(error.into());
    }
    Ok(Caller::user(name))
}
