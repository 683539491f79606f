//! Sessions and user access tokens: when they hold, and who a caller is that comes with one (`domain.md` §3).
//!
//! The host makes the secrets and keeps none; the engine holds their hashes, the instants and the rules.

use crate::address::shorten;
use crate::bytes::{Reader, put_instant, put_text, put_u32, put_u64};
use crate::change::{Key, PrincipalType, Record};
use crate::decision::Identity;
use crate::instant::to_iso;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::state::State;
use uuid::Uuid;

/// What the codes of refusals call a token.
pub(crate) const USER_ACCESS_TOKEN: &str = "userAccessToken";
/// How long a login session lasts without being used, unless the host says otherwise: 3 days.
pub const SESSION_IDLE_MS: i64 = 3 * 86_400_000;
/// How long a session lasts that `createSession` makes, unless it says otherwise: 180 days.
pub(crate) const ACCOUNT_SESSION_MS: i64 = 180 * 86_400_000;
/// How long after the last extension a use extends a session again: an hour.
const EXTENSION_MS: i64 = 3_600_000;

/// A user access token: what a user may show in place of a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// The principal id of the user.
    pub user: u32,
    /// Its id, never used again; sessions and tokens have one sequence.
    pub id: u32,
    /// Its name, the only one of it that the user has.
    pub name: String,
    /// For people.
    pub description: String,
    /// When it was made; milliseconds since 1970, UTC, like all instants here.
    pub created_ms: i64,
    /// From when on it is no longer valid; never, if `None`.
    pub expires_ms: Option<i64>,
}

/// A session: what a caller comes with after having logged in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The principal id of the user or service account.
    pub principal: u32,
    /// Its id, never used again; sessions and tokens have one sequence.
    pub id: u32,
    /// The id of the token that it was exchanged for; 0 if it was not.
    pub token: u32,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last extended.
    pub extended_ms: i64,
    /// How long after that it lasts; 0 for one that is not extended by use.
    pub idle_ms: i64,
    /// When it ends in any case.
    pub limit_ms: Option<i64>,
}

impl Token {
    /// Whether it can be used at `now_ms`.
    #[must_use]
    pub fn is_valid(&self, now_ms: i64) -> bool {
        self.expires_ms.is_none_or(|end| now_ms < end)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_u32(out, self.user);
        put_u32(out, self.id);
        put_text(out, &self.name);
        put_text(out, &self.description);
        put_u64(out, self.created_ms.cast_unsigned());
        put_instant(out, self.expires_ms);
    }

    pub(crate) fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        Ok(Self {
            user: input.u32()?,
            id: input.u32()?,
            name: input.text()?.to_owned(),
            description: input.text()?.to_owned(),
            created_ms: input.u64()?.cast_signed(),
            expires_ms: input.instant()?,
        })
    }
}

impl Session {
    /// The first instant at which it is no longer valid.
    ///
    /// ```
    /// # use portcullis_engine::Session;
    /// let session = Session { principal: 4, id: 1, token: 0, created_ms: 0, extended_ms: 10, idle_ms: 100, limit_ms: Some(90) };
    /// assert_eq!(session.ends_ms(), 90, "a limit comes before the idle time");
    /// assert!(session.is_valid(89) && !session.is_valid(90));
    /// ```
    #[must_use]
    pub fn ends_ms(&self) -> i64 {
        let idle_end = if self.idle_ms == 0 { i64::MAX } else { self.extended_ms.saturating_add(self.idle_ms) };
        self.limit_ms.map_or(idle_end, |limit| limit.min(idle_end))
    }

    /// Whether it can be used at `now_ms`.
    #[must_use]
    pub fn is_valid(&self, now_ms: i64) -> bool {
        now_ms < self.ends_ms()
    }

    /// Whether a use at `now_ms` extends it: at most once an hour, because each extension is a change set; one that
    /// lasts less than two hours unused, when half of that is over, or it would end while it is used.
    pub(crate) fn is_due(&self, now_ms: i64) -> bool {
        self.idle_ms > 0 && now_ms.saturating_sub(self.extended_ms) >= EXTENSION_MS.min(self.idle_ms / 2)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        [self.principal, self.id, self.token].into_iter().for_each(|number| put_u32(out, number));
        let instants = [self.created_ms, self.extended_ms, self.idle_ms];
        instants.into_iter().for_each(|instant| put_u64(out, instant.cast_unsigned()));
        put_instant(out, self.limit_ms);
    }

    pub(crate) fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        Ok(Self {
            principal: input.u32()?,
            id: input.u32()?,
            token: input.u32()?,
            created_ms: input.u64()?.cast_signed(),
            extended_ms: input.u64()?.cast_signed(),
            idle_ms: input.u64()?.cast_signed(),
            limit_ms: input.instant()?,
        })
    }
}

/// Who makes a request, as the request says it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Whom the host vouches for.
    Vouched(Vec<Identity>),
    /// Whoever knows a session's secret.
    Session(Proof),
    /// Whoever knows a token's secret.
    Token(Proof),
}

/// The id of a session or token, and the SHA-256 of its secret. Printed, it is nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) id: String,
    pub(crate) hash: String,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vouched(identities) => identities.fmt(f),
            Self::Session(_) => f.write_str("Session"),
            Self::Token(_) => f.write_str("Token"),
        }
    }
}

/// What a caller came with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Via {
    Vouched,
    Session(Session),
    Token(Token),
}

impl Via {
    /// Whether all that the caller has is a token, or what was exchanged for one.
    pub(crate) fn is_token(&self) -> bool {
        match self {
            Self::Vouched => false,
            Self::Session(session) => session.token != 0,
            Self::Token(_) => true,
        }
    }

    /// The session, if it was one.
    pub(crate) fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            _ => None,
        }
    }
}

/// A caller who may come in.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) identities: Vec<Identity>,
    pub(crate) via: Via,
}

impl State {
    /// Lets a caller in, or refuses: an ended session is refused before anything is decided. Time never runs back, so
    /// what ended by the last change has ended whatever `now` says.
    pub(crate) fn admit(&self, caller: &Caller, now: i64) -> Result<Admitted, Box<Refusal>> {
        let now = now.max(self.at_ms);
        let via = match caller {
            Caller::Vouched(identities) => {
                return Ok(Admitted { identities: identities.clone(), via: Via::Vouched });
            }
            Caller::Session(proof) => Via::Session(self.valid_session(proof, now)?),
            Caller::Token(proof) => Via::Token(self.valid_token(proof, now)?),
        };
        let principal = match &via {
            Via::Session(session) => session.principal,
            Via::Token(token) => token.user,
            Via::Vouched => 0,
        };
        let kind = self.principals.get(principal).map_or(PrincipalType::User, |known| known.kind);
        let identity = Identity { kind, name: self.principals.name(principal).to_owned(), groups: None };
        Ok(Admitted { identities: vec![identity], via })
    }

    fn valid_session(&self, proof: &Proof, now: i64) -> Result<Session, Box<Refusal>> {
        let unknown = || {
            let id = shorten(&proof.id);
            Refusal::told(
                Refusal::InvalidSessionId,
                format_args!("there is no session `{id}` with that secret: log in again"),
            )
        };
        let session = self.session_by_id(&proof.id).filter(|session| self.is_proved(session.id, proof));
        let session = session.ok_or_else(unknown)?;
        if session.is_valid(now) {
            return Ok(session.clone());
        }
        let ended = to_iso(session.ends_ms());
        Err(Refusal::told(
            Refusal::ExpiredSession,
            format_args!("the session `{}` ended at {ended}: log in again", shorten(&proof.id)),
        ))
    }

    fn valid_token(&self, proof: &Proof, now: i64) -> Result<Token, Box<Refusal>> {
        let invalid = |text: String| Box::new(Refusal::InvalidCredentials(text));
        let token = self.token_by_id(&proof.id).filter(|token| self.is_proved(token.id, proof));
        let unknown = || invalid(format!("there is no user access token `{}` with that secret", shorten(&proof.id)));
        let token = token.ok_or_else(unknown)?;
        match token.expires_ms.filter(|_| !token.is_valid(now)) {
            None => Ok(token.clone()),
            Some(end) => Err(invalid(format!("the user access token `{}` expired at {}", token.name, to_iso(end)))),
        }
    }

    /// Refuses a caller whose session or token a command before has ended.
    pub(crate) fn still_holds(&self, via: &Via) -> Result<(), Box<Refusal>> {
        let is_there = match via {
            Via::Vouched => true,
            Via::Session(Session { principal, id, .. }) => self.session(*principal, *id).is_some(),
            Via::Token(Token { user, id, .. }) => self.token(*user, *id).is_some(),
        };
        let ended = "a command before has ended the session or the token by which it was asked for";
        if is_there { Ok(()) } else { Err(Refusal::ExpiredSession(ended.into()).into()) }
    }

    /// Whether the proof has the hash that is kept, compared without telling by time where they differ.
    fn is_proved(&self, id: u32, proof: &Proof) -> bool {
        let kept = self.private(id, PrivateField::SecretHash).unwrap_or_default().as_bytes();
        let given = proof.hash.as_bytes();
        let differing = kept.iter().zip(given).fold(0, |all, (kept, given)| all | (kept ^ given));
        !kept.is_empty() && kept.len() == given.len() && differing == 0
    }

    /// The session of an id that [`State::public_id`] gave.
    pub(crate) fn session_by_id(&self, text: &str) -> Option<&Session> {
        self.numbers_of(text).and_then(|(principal, id)| self.session(principal, id))
    }

    pub(crate) fn session(&self, principal: u32, id: u32) -> Option<&Session> {
        match self.shelf.get(&Key::Session { principal, id })? {
            Record::Session(session) => Some(session),
            _ => None,
        }
    }

    fn token_by_id(&self, text: &str) -> Option<&Token> {
        self.numbers_of(text).and_then(|(user, id)| self.token(user, id))
    }

    fn token(&self, user: u32, id: u32) -> Option<&Token> {
        match self.shelf.get(&Key::Token { user, id })? {
            Record::Token(token) => Some(token),
            _ => None,
        }
    }

    /// The opaque id of a session or a token: eight bytes of the policy's own, whose it is, and its number.
    pub(crate) fn public_id(&self, principal: u32, id: u32) -> String {
        self.credential_uuid(principal, id).to_string()
    }

    fn credential_uuid(&self, principal: u32, id: u32) -> Uuid {
        let mut bytes = self.policy;
        if let Some(end) = bytes.last_chunk_mut::<8>() {
            *end = (u64::from(principal) << 32 | u64::from(id)).to_be_bytes();
        }
        Uuid::from_bytes(bytes)
    }

    fn numbers_of(&self, text: &str) -> Option<(u32, u32)> {
        let given = Uuid::try_parse(text).ok()?;
        let numbers = given.as_bytes().last_chunk::<8>().map(|end| u64::from_be_bytes(*end))?;
        let (principal, id) = ((numbers >> 32) as u32, numbers as u32);
        (self.credential_uuid(principal, id) == given).then_some((principal, id))
    }

    /// The first instant after `after_ms` at which a session or a token ends, or an entry begins or ends to hold; `None`
    /// where there is none.
    ///
    /// A host whose clock passes it must remember that it has, so that nothing holds again should the clock go back.
    #[must_use]
    pub fn next_end_ms(&self, after_ms: i64) -> Option<i64> {
        let ends = self.shelf.credentials().filter_map(|record| match record {
            Record::Session(session) => Some(session.ends_ms()),
            Record::Token(token) => token.expires_ms,
            _ => None,
        });
        let windows = self.acls.iter().flat_map(|acl| acl.windows.iter().flat_map(|windows| windows.iter()));
        let boundaries = windows.flat_map(|(_, window)| [window.not_before, window.not_after]).flatten();
        ends.chain(boundaries).filter(|&end| end > after_ms).min()
    }

    /// A user's password as a PHC string, for the host to verify; `None` where there is no such user, or none is set.
    #[must_use]
    pub fn password_of(&self, user_name: &str) -> Option<&str> {
        self.private(self.principal_object(PrincipalType::User, user_name)?, PrivateField::Password)
    }
}
