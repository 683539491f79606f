//! What is made of a command before the engine sees it, by what the table says of its arguments: a password becomes its
//! hash, a date an instant, a cookie its id; and for what the command issues, a secret is made.

use super::Caller;
use super::error::ServiceError;
use crate::credentials::{Credential, CredentialError, Fault, Password, Secret, SecretKind, expiry, session_id};
use crate::runtime::Instance;
use chrono::{DateTime, SecondsFormat};
use portcullis_engine::{Argument, ArgumentKind, Command, Issues, Refusal, command};
use serde_json::{Map, Value, json};

/// A command as the engine takes it, and the secret of which the engine knows only the hash.
pub(super) struct Prepared {
    pub(super) call: Value,
    issued: Option<(Secret, &'static str)>,
}

impl Prepared {
    /// `idle_ms` is how long a login session lasts without being used.
    ///
    /// # Errors
    /// A password, date or cookie that is none; no entropy.
    pub(super) fn new(name: &str, arguments: &Map<String, Value>, idle_ms: i64) -> Result<Self, ServiceError> {
        // The engine refuses what is no command.
        let Ok(known) = command(name) else {
            return Ok(Self { call: json!({ "command": name, "arguments": arguments }), issued: None });
        };
        let mut arguments = arguments.clone();
        let zone = arguments.get("timeZone").and_then(Value::as_str).map(str::to_owned);
        for argument in known.arguments {
            if let Some(Value::String(text)) = arguments.get_mut(argument.name) {
                prepare(known, argument, text, zone.as_deref())?;
            }
        }
        let mut call = json!({ "command": name, "arguments": arguments });
        let issued = new_secret(known.issues)?;
        if let (Some((secret, _)), Some(call)) = (&issued, call.as_object_mut()) {
            call.insert("issue".into(), json!({ "hash": secret.hash(), "idleMs": idle_ms }));
        }
        Ok(Self { call, issued })
    }

    /// The engine's reply with the secret in the place of the id: the only time that it is shown.
    pub(super) fn finish(self, mut reply: Value) -> Value {
        if let Some((secret, field)) = self.issued
            && let Some(id) = reply.get_mut(field)
        {
            *id = secret.with_id(id.as_str().unwrap_or_default()).into();
        }
        reply
    }
}

fn new_secret(issues: Issues) -> Result<Option<(Secret, &'static str)>, ServiceError> {
    let kind = match issues {
        Issues::Nothing => return Ok(None),
        Issues::Session => SecretKind::Session,
        Issues::Token => SecretKind::Token,
    };
    Ok(Some(Secret::new(kind)?).zip(issues.field()))
}

fn prepare(command: &Command, argument: &Argument, text: &mut String, zone: Option<&str>) -> Result<(), ServiceError> {
    match (argument.kind, argument.name) {
        (ArgumentKind::Password, _) => *text = Password::new(text)?.hash()?,
        (ArgumentKind::Date, name) if !text.is_empty() => {
            let instant = expiry::resolve(text, zone).map_err(|error| {
                let place = format!("`{name}` of `{}`", command.name);
                ServiceError::refused(error.code(), format!("{place}: {error}"))
            })?;
            let instant = DateTime::from_timestamp_millis(instant).unwrap_or_default();
            *text = instant.to_rfc3339_opts(SecondsFormat::Millis, true);
        }
        (_, "sessionId") => *text = session_id(text)?.to_owned(),
        (_, "userAccessTokenName") if is_secret(text) => {
            let text = "`userAccessTokenName` is the name that a token has, and not the token itself";
            return Err(Refusal::InvalidArgument(text.into()).into());
        }
        _ => {}
    }
    Ok(())
}

/// Whether it is a token or a cookie, or most of one: as a name, it would be in errors and in the log.
fn is_secret(text: &str) -> bool {
    use Fault::{Character, Checksum, OtherKind, Range, TooShort};
    match Credential::parse(SecretKind::Token, text) {
        Ok(_) => true,
        Err(CredentialError::Malformed { fault, .. }) => {
            matches!(fault, Character | Checksum | OtherKind(_) | Range | TooShort)
        }
        Err(_) => false,
    }
}

/// Whoever logs in: by a token, or with `login` by a user name and its password. What proves it is taken out of the
/// arguments. `None` where single sign-on is by anything else, which is for the engine to refuse.
///
/// # Errors
/// `MissingArgument`; `InvalidCredentials`, in the same words and after the same work whether the user does not exist or the password is
/// wrong.
pub(super) fn let_in(
    command: &str,
    arguments: &mut Map<String, Value>,
    engine: &mut Instance,
) -> Result<Option<Caller>, ServiceError> {
    let mut take = |name: &str| match arguments.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let by_password = command == "login";
    match (take("token"), by_password.then(|| take("password")).flatten()) {
        (Some(_), Some(_)) => {
            Err(Refusal::InvalidArgument("`token` and `password` both say who logs in: give one of them".into()).into())
        }
        (Some(token), None) => Ok(Some(Caller::Token(Credential::parse(SecretKind::Token, &token)?))),
        (None, Some(password)) => {
            let user = arguments.get("userName").and_then(Value::as_str);
            let user = user.ok_or_else(|| missing("userName"))?;
            verify(user, &Password::new(&password)?, engine).map(Some)
        }
        (None, None) if by_password => Err(missing("password")),
        (None, None) => Ok(None),
    }
}

fn missing(name: &str) -> ServiceError {
    Refusal::MissingArgument(format!("`login` needs `userName` and `password`, or `token`; `{name}` is not given"))
        .into()
}

fn verify(user: &str, password: &Password, engine: &mut Instance) -> Result<Caller, ServiceError> {
    let is_right = match engine.password_of(user)? {
        Some(kept) => password.verify(&kept),
        None => {
            password.verify_nothing();
            false
        }
    };
    if is_right {
        return Ok(Caller::user(user));
    }
    Err(Refusal::InvalidCredentials("the user name or the password is wrong".into()).into())
}
