//! Commands on sessions and user access tokens (`seeds/000…`, `001…`, `domain.md` §3).
//!
//! The secrets are the host's: it makes them, verifies passwords, and calls these commands as whom it has let in.

use super::Reply;
use crate::address::{check_length, shorten};
use crate::arguments::Arguments;
use crate::change::{Key, PrincipalType, Record};
use crate::fields::{Fields, Json};
use crate::instant::{is_writable, to_iso};
use crate::objects::ROOT;
use crate::order;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::schema::DIRECTORY;
use crate::sessions::{ACCOUNT_SESSION_MS, Session, Token, USER_ACCESS_TOKEN, Via};
use crate::state::State;
use crate::transaction::{Transaction, take_id};
use crate::view::{Registered, View};

const DAY_MS: i64 = 86_400_000;

/// Makes a session for the caller, whom the host has let in by a password or a token.
pub(super) fn login(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let issue = tx.issue()?;
    let view = tx.view();
    let user = view.own_user()?;
    if let Via::Session(_) = view.via {
        return Err(Refusal::told(
            Refusal::InvalidCredentials,
            format_args!("a session is no credential to log in with"),
        ));
    }
    let name = tx.state.principals.name(user.id);
    if arguments.text("userName")?.is_some_and(|given| given != name) {
        let text = format!("the credentials are those of `{}`, and not of whom `userName` names", shorten(name));
        return Err(Refusal::InvalidCredentials(text).into());
    }
    require_enabled(tx, user)?;
    let token = match view.via {
        Via::Token(token) => Some((token.id, token.expires_ms)),
        _ => None,
    };
    let (token, limit_ms) = token.unwrap_or_default();
    start_session(tx, user.id, |session| Session { token, idle_ms: issue.idle_ms, limit_ms, ..session })
}

/// Refuses a disabled user, for whom nothing is issued.
fn require_enabled(tx: &Transaction, user: Registered) -> Result<(), Box<Refusal>> {
    if !tx.state.account(user.object).disabled {
        return Ok(());
    }
    let name = tx.state.principals.name(user.id);
    Err(Refusal::told(Refusal::LoginDisabled, format_args!("the user `{}` is disabled", shorten(name))))
}

/// The same by a token; the other ways need a server.
pub(super) fn login_sso(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    for name in ["code", "samlResponse", "state"] {
        if arguments.text(name)?.is_some() {
            return Err(Refusal::told(
                Refusal::NotConfigured,
                format_args!(
                    "single sign-on by `{name}` needs an identity provider, and none is set up: `token` works"
                ),
            ));
        }
    }
    if !matches!(tx.view().via, Via::Token(_)) {
        return Err(Refusal::told(Refusal::MissingArgument, format_args!("`loginSso` needs `token`")));
    }
    login(tx, arguments)
}

/// Makes a session for a service account, which lasts until a date whether it is used or not.
pub(super) fn create_session(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let account = tx.view().modifiable(PrincipalType::ServiceAccount, arguments.required("serviceAccountName")?)?;
    let limit_ms = Some(expiration(tx, arguments)?.unwrap_or(tx.now.saturating_add(ACCOUNT_SESSION_MS)));
    start_session(tx, account.id, |session| Session { limit_ms, ..session })
}

/// The date that `expirationDate` says, which must be ahead.
fn expiration(tx: &Transaction, arguments: &Arguments) -> Result<Option<i64>, Box<Refusal>> {
    let date = arguments.instant("expirationDate")?;
    match date.filter(|date| *date <= tx.now) {
        None => Ok(date),
        Some(date) => {
            let (date, now) = (to_iso(date), to_iso(tx.now));
            Err(Refusal::invalid(format_args!("`expirationDate` is {date}, which is not after now, {now}")))
        }
    }
}

/// Puts a new session, and takes away those of the same principal that have ended.
fn start_session(tx: &mut Transaction, principal: u32, make: impl Fn(Session) -> Session) -> Reply {
    let now = tx.now;
    let issue = tx.issue()?;
    let ended: Vec<u32> =
        tx.state.sessions_of(principal).filter(|known| !known.is_valid(now)).map(|known| known.id).collect();
    ended.into_iter().try_for_each(|id| end_session(tx, principal, id))?;
    let id = take_id(tx.state.next.credential, "sessions and tokens")?;
    let plain = Session { principal, id, token: 0, created_ms: now, extended_ms: now, idle_ms: 0, limit_ms: None };
    tx.put(Record::Session(make(plain)))?;
    tx.put_private(id, PrivateField::SecretHash, Some(&issue.hash))?;
    Ok(Fields::default().text("sessionId", &tx.state.public_id(principal, id)))
}

/// Gives a service account's session another end; what has ended stays so. That the session is the caller's own is not
/// enough: it would never end.
pub(super) fn modify_session(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let session = session_of(tx, arguments.required("sessionId")?)?;
    if !session.is_valid(tx.now) {
        let ended = to_iso(session.ends_ms());
        return Err(Refusal::told(
            Refusal::ExpiredSession,
            format_args!("the session ended at {ended}, and nothing revives it"),
        ));
    }
    if session.idle_ms > 0 {
        return Err(Refusal::invalid(format_args!(
            "a login session ends by itself when it is not used; `deleteSession` ends it"
        )));
    }
    let account = tx.state.principal_object(PrincipalType::ServiceAccount, tx.state.principals.name(session.principal));
    tx.view().require(tx.state.schema.roles().modify, account.unwrap_or(ROOT))?;
    let Some(limit) = expiration(tx, arguments)? else {
        return Err(Refusal::told(Refusal::MissingArgument, format_args!("`modifySession` needs `expirationDate`")));
    };
    tx.put(Record::Session(Session { limit_ms: Some(limit), ..session }))?;
    Ok(Fields::default())
}

/// Ends a session: the caller's own, if none is named.
pub(super) fn delete_session(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let own = tx.view().via.session().cloned();
    let session = match (arguments.text("sessionId")?, own) {
        (Some(id), _) => session_of(tx, id)?,
        (None, Some(own)) => own,
        (None, None) => {
            let name = arguments.command().name;
            return Err(Refusal::told(
                Refusal::MissingArgument,
                format_args!("`{name}` needs `sessionId`: the caller has no session"),
            ));
        }
    };
    end_session(tx, session.principal, session.id)?;
    Ok(Fields::default())
}

/// Ends the caller's session, or the one that is named.
pub(super) fn logout(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let unlike = arguments.text("jwtToken")?.map(|_| "jwtToken");
    if let Some(name) = unlike.or(arguments.flag("uiLogout")?.then_some("uiLogout")) {
        return Err(Refusal::told(
            Refusal::NotConfigured,
            format_args!("`{name}` needs an identity provider, and none is set up"),
        ));
    }
    delete_session(tx, arguments)
}

/// The sessions of a service account; without one, those of every account that the caller may modify.
pub(super) fn get_sessions(view: &View, arguments: &Arguments) -> Reply {
    let modify = view.state.schema.roles().modify;
    let accounts = match arguments.text("serviceAccountName")? {
        Some(name) => vec![view.modifiable(PrincipalType::ServiceAccount, name)?.id],
        None => {
            let directory = view.state.objects.system_object(DIRECTORY).unwrap_or(ROOT);
            let all = view.state.objects.children(directory).into_iter();
            let accounts = all.filter(|&object| view.state.kind_name(object) == PrincipalType::ServiceAccount.as_str());
            let accounts = accounts.filter(|&object| view.may(modify, object));
            let accounts = accounts.filter_map(|object| view.state.principal_of(object)).collect();
            order::by_text(accounts, |id| view.state.principal_sort_key(*id))
        }
    };
    let sessions = accounts.into_iter().flat_map(|account| view.state.sessions_of(account));
    Ok(list_sessions(view, sessions))
}

/// Sessions that have not ended.
fn list_sessions<'a>(view: &View<'a>, sessions: impl Iterator<Item = &'a Session>) -> Fields {
    let now = view.now.max(view.state.at_ms);
    let rows = sessions.filter(|session| session.is_valid(now)).map(|session| view.state.render_session(session));
    Fields::default().list("session", rows.collect())
}

/// Makes a token for the user who calls.
pub(super) fn create_token(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let issue = tx.issue()?;
    tx.view().require_no_token("create user access tokens")?;
    let user = tx.view().own_user()?;
    require_enabled(tx, user)?;
    let user = user.id;
    let id = take_id(tx.state.next.credential, "sessions and tokens")?;
    let public_id = tx.state.public_id(user, id);
    let name = match arguments.text("userAccessTokenName")? {
        Some(name) => name.to_owned(),
        None => public_id.clone(),
    };
    check_token_name(tx, user, &name)?;
    let description = arguments.value_text("description")?.unwrap_or_default().to_owned();
    let token = Token { user, id, name, description, created_ms: tx.now, expires_ms: token_expiry(tx.now, arguments)? };
    tx.put(Record::Token(token.clone()))?;
    tx.put_private(id, PrivateField::SecretHash, Some(&issue.hash))?;
    Ok(Fields::default().value("userAccessToken", tx.state.render_token(&token)).text("token", &public_id))
}

/// Whole days of 24 hours from now; none, or never, for 0.
fn token_expiry(now: i64, arguments: &Arguments) -> Result<Option<i64>, Box<Refusal>> {
    let Some(days) = arguments.count("expirationDays")?.filter(|days| *days > 0) else { return Ok(None) };
    let end = (days as i64).saturating_mul(DAY_MS).saturating_add(now);
    if is_writable(end) {
        return Ok(Some(end));
    }
    Err(Refusal::invalid(format_args!(
        "`expirationDays` is more days than there are until the year 9999; 0 is for ever"
    )))
}

fn check_token_name(tx: &Transaction, user: u32, name: &str) -> Result<(), Box<Refusal>> {
    if name.is_empty() {
        return Err(Refusal::invalid(format_args!("a user access token's name is empty")));
    }
    check_length(name)?;
    if tx.state.tokens_of(user).any(|token| token.name == name) {
        return Err(Refusal::DuplicateObject { kind: USER_ACCESS_TOKEN.into(), name: shorten(name).to_string() }.into());
    }
    Ok(())
}

/// Gives the caller's own token another name or description.
pub(super) fn modify_token(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    tx.view().require_no_token("modify user access tokens")?;
    let user = tx.view().own_user()?.id;
    let token = find_token(tx.state, user, arguments.required("userAccessTokenName")?)?;
    let name = match arguments.text("newName")?.filter(|name| *name != token.name) {
        Some(name) => {
            check_token_name(tx, user, name)?;
            name.to_owned()
        }
        None => token.name.clone(),
    };
    let description = arguments.value_text("description")?.map_or(token.description.clone(), str::to_owned);
    let token = Token { name, description, ..token };
    tx.put(Record::Token(token.clone()))?;
    Ok(Fields::default().value("userAccessToken", tx.state.render_token(&token)))
}

pub(super) fn get_token(view: &View, arguments: &Arguments) -> Reply {
    let user = token_user(view, arguments)?;
    let token = find_token(view.state, user.id, arguments.required("userAccessTokenName")?)?;
    Ok(Fields::default().value("userAccessToken", view.state.render_token(&token)))
}

pub(super) fn get_tokens(view: &View, arguments: &Arguments) -> Reply {
    let user = token_user(view, arguments)?;
    let tokens = order::by_text(view.state.tokens_of(user.id).collect(), |token| token.name.clone());
    let rows = tokens.into_iter().map(|token| view.state.render_token(token)).collect();
    Ok(Fields::default().list("userAccessToken", rows))
}

pub(super) fn get_token_sessions(view: &View, arguments: &Arguments) -> Reply {
    let user = token_user(view, arguments)?;
    let token = find_token(view.state, user.id, arguments.required("userAccessTokenName")?)?;
    Ok(list_sessions(view, view.state.sessions_of(user.id).filter(|session| session.token == token.id)))
}

/// Revokes a token, and ends the sessions that were exchanged for it.
pub(super) fn revoke_token(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let user = token_user(&tx.view(), arguments)?.id;
    let token = find_token(tx.state, user, arguments.required("userAccessTokenName")?)?;
    revoke(tx, user, token.id)?;
    Ok(Fields::default())
}

pub(super) fn revoke_tokens(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let user = token_user(&tx.view(), arguments)?.id;
    let all: Vec<u32> = tx.state.tokens_of(user).map(|token| token.id).collect();
    all.into_iter().try_for_each(|token| revoke(tx, user, token))?;
    Ok(Fields::default())
}

/// Whose tokens: the caller's own, or those of a user whom the caller may modify.
fn token_user(view: &View, arguments: &Arguments) -> Result<Registered, Box<Refusal>> {
    let Some(name) = arguments.text("userName")? else { return view.own_user() };
    let user = view.registered(PrincipalType::User, name, view.state.schema.roles().modify)?;
    if view.is_caller(user.id) { Ok(user) } else { view.modifiable(PrincipalType::User, name) }
}

fn find_token(state: &State, user: u32, name: &str) -> Result<Token, Box<Refusal>> {
    let found = state.tokens_of(user).find(|token| token.name == name).cloned();
    found.ok_or_else(|| {
        Box::new(Refusal::NoSuchObject { kind: USER_ACCESS_TOKEN.into(), name: shorten(name).to_string() })
    })
}

/// The session of an id that the caller may do away with: the one that it came with, any of a user's own, or one of a
/// principal that it may modify. To anybody else, there is none.
fn session_of(tx: &Transaction, id: &str) -> Result<Session, Box<Refusal>> {
    let view = tx.view();
    let modify = tx.state.schema.roles().modify;
    let missing = || Box::new(Refusal::NoSuchObject { kind: "session".into(), name: shorten(id).to_string() });
    let session = tx.state.session_by_id(id).ok_or_else(missing)?;
    let known = tx.state.principals.get(session.principal).ok_or_else(missing)?;
    let object = tx.state.principal_object(known.kind, tx.state.principals.name(session.principal));
    let is_own = match known.kind {
        PrincipalType::User => view.is_caller(session.principal),
        _ => view.via.session().is_some_and(|own| own.id == session.id),
    };
    if is_own || object.is_some_and(|object| view.may(modify, object)) {
        return Ok(session.clone());
    }
    match object.filter(|&object| view.may_read(object)) {
        Some(object) => Err(view.require(modify, object).err().unwrap_or_else(missing)),
        None => Err(missing()),
    }
}

fn end_session(tx: &mut Transaction, principal: u32, id: u32) -> Result<(), Box<Refusal>> {
    tx.put_private(id, PrivateField::SecretHash, None)?;
    tx.remove(Key::Session { principal, id })
}

fn revoke(tx: &mut Transaction, user: u32, token: u32) -> Result<(), Box<Refusal>> {
    end_sessions(tx, user, |session| session.token == token)?;
    tx.put_private(token, PrivateField::SecretHash, None)?;
    tx.remove(Key::Token { user, id: token })
}

/// Ends all sessions of a principal but the one that the caller came with: for a password that was changed.
pub(super) fn end_other_sessions(tx: &mut Transaction, principal: u32) -> Result<(), Box<Refusal>> {
    let own = tx.view().via.session().map_or(0, |session| session.id);
    end_sessions(tx, principal, |session| session.id != own)
}

/// Ends all sessions and revokes all tokens of a principal: for one that is deleted or disabled.
pub(super) fn end_all(tx: &mut Transaction, principal: u32) -> Result<(), Box<Refusal>> {
    end_sessions(tx, principal, |_| true)?;
    let tokens: Vec<u32> = tx.state.tokens_of(principal).map(|token| token.id).collect();
    tokens.into_iter().try_for_each(|token| revoke(tx, principal, token))
}

fn end_sessions(tx: &mut Transaction, principal: u32, which: impl Fn(&Session) -> bool) -> Result<(), Box<Refusal>> {
    let sessions: Vec<u32> =
        tx.state.sessions_of(principal).filter(|session| which(session)).map(|session| session.id).collect();
    sessions.into_iter().try_for_each(|id| end_session(tx, principal, id))
}

impl State {
    fn render_session(&self, session: &Session) -> Json {
        let kind = self.principals.get(session.principal).map_or("", |known| known.kind.as_str());
        Fields::default()
            .text("sessionId", &self.public_id(session.principal, session.id))
            .text(&format!("{kind}Name"), self.principals.name(session.principal))
            .text("createTime", &to_iso(session.created_ms))
            .text("expirationDate", &to_iso(session.ends_ms()))
            .done()
    }

    fn render_token(&self, token: &Token) -> Json {
        Fields::default()
            .text("userAccessTokenId", &self.public_id(token.user, token.id))
            .text("userAccessTokenName", &token.name)
            .text("userName", self.principals.name(token.user))
            .maybe("description", Some(token.description.clone()).filter(|text| !text.is_empty()))
            .text("createTime", &to_iso(token.created_ms))
            .maybe("expirationDate", token.expires_ms.map(to_iso))
            .done()
    }
}
