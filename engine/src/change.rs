//! Changes: what `propose` makes, the log keeps and `apply` replays.
//!
//! A change puts or deletes one record under its key. What version 1 of the binary form means is frozen for ever,
//! because logs of it exist.

mod form;

use crate::bytes::{Reader, put_text, put_u32, put_u64};
use crate::particulars::Particulars;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::sessions::{Session, Token};

/// The version of the binary form that [`ChangeSet::encode`] writes.
const VERSION: u8 = 1;

pub(crate) use form::{put_record, read_change};

/// What kind of principal a name belongs to. The order is that of lists (`domain.md` §1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PrincipalType {
    /// A group of users, groups and service accounts.
    Group,
    /// An account of a program.
    ServiceAccount,
    /// A person, or the `project: NAME` of a project.
    User,
}

impl PrincipalType {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 3] = [Self::Group, Self::ServiceAccount, Self::User];

    /// The word for it, which is also its object type's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::ServiceAccount => "serviceAccount",
            Self::User => "user",
        }
    }

    /// The kind that the word means.
    ///
    /// # Errors
    ///
    /// `InvalidPrincipalType` for any other word.
    pub fn parse(word: &str) -> Result<Self, Box<Refusal>> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| {
            let given = crate::address::shorten(word);
            Refusal::told(
                Refusal::InvalidPrincipalType,
                format_args!("`{given}` is not a principal type: it is `user`, `group` or `serviceAccount`"),
            )
        })
    }
}

/// One record of the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// The policy itself: its identity and its schema's JSON.
    Policy {
        /// A UUID's bytes, from the first request's seed.
        id: [u8; 16],
        /// The schema.
        schema: String,
    },
    /// An object.
    Object {
        /// Its id, never used again.
        id: u32,
        /// Its type's name.
        kind: String,
        /// The id of the object that it lies under; 0 for the root.
        parent: u32,
        /// Its name.
        name: String,
        /// Whether its access control list inherits.
        inheriting: bool,
    },
    /// A principal that is registered or that an entry names.
    Principal {
        /// Its id, never used again.
        id: u32,
        /// Its type.
        kind: PrincipalType,
        /// Its name.
        name: String,
    },
    /// A group's direct member.
    Member {
        /// The group's principal id.
        group: u32,
        /// The member's principal id.
        member: u32,
    },
    /// One line of an access control list.
    Entry {
        /// The object whose list it is in.
        object: u32,
        /// Whom it is for.
        principal: u32,
        /// Empty; room for conditions.
        qualifier: String,
        /// Its id, never used again.
        id: u32,
        /// The privileges that it allows.
        allow: u32,
        /// The privileges that it denies.
        deny: u32,
        /// When it holds.
        window: Window,
    },
    /// What there is to an object beyond its place and its list.
    Particulars {
        /// The object's id.
        object: u32,
        /// As its type has them.
        particulars: Particulars,
    },
    /// That a private value is kept. The value itself is no part of the record, and so of no log and no snapshot.
    Private {
        /// The id of what it belongs to: an object, or a session or token.
        owner: u32,
        /// Which value it is.
        field: PrivateField,
        /// The salted digest of the value; see [`PrivateValue`](crate::PrivateValue).
        digest: [u8; 32],
    },
    /// A user access token.
    Token(Token),
    /// A session.
    Session(Session),
    /// That a persona is assigned to a user or a group.
    Assignment {
        /// The persona's object id.
        persona: u32,
        /// The principal id of the user or group.
        principal: u32,
        /// When it was assigned; milliseconds since 1970, UTC.
        at_ms: i64,
    },
}

/// The half-open interval of time `[not_before, not_after)` in which an entry holds; milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    /// Its first instant, or the beginning of time.
    pub not_before: Option<i64>,
    /// The first instant after it, or never.
    pub not_after: Option<i64>,
}

impl Window {
    /// Whether the entry holds at `now`.
    ///
    /// ```
    /// # use portcullis_engine::Window;
    /// let window = Window { not_before: Some(10), not_after: Some(20) };
    /// assert!(!window.holds(9) && window.holds(10) && window.holds(19) && !window.holds(20));
    /// ```
    #[must_use]
    pub fn holds(self, now: i64) -> bool {
        self.not_before.is_none_or(|first| first <= now) && self.not_after.is_none_or(|end| now < end)
    }

    /// The first of its boundaries after `now`.
    pub(crate) fn next_boundary(self, now: i64) -> Option<i64> {
        [self.not_before, self.not_after].into_iter().flatten().filter(|&instant| instant > now).min()
    }

    pub(crate) fn is_always(self) -> bool {
        self == Self::default()
    }
}

/// What a record stands under.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// The one policy record.
    Policy,
    /// An object's id.
    Object(u32),
    /// A principal's id.
    Principal(u32),
    /// A group's and its member's ids.
    Member {
        /// The group's principal id.
        group: u32,
        /// The member's principal id.
        member: u32,
    },
    /// An entry's object, principal and qualifier.
    Entry {
        /// The object whose list it is in.
        object: u32,
        /// Whom it is for.
        principal: u32,
        /// Empty; room for conditions.
        qualifier: String,
    },
    /// An object's id.
    Particulars(u32),
    /// A private value's owner and field.
    Private {
        /// The id of what it belongs to.
        owner: u32,
        /// Which value it is.
        field: PrivateField,
    },
    /// A token's user and id.
    Token {
        /// The principal id of the user whose it is.
        user: u32,
        /// Its id.
        id: u32,
    },
    /// A session's principal and id.
    Session {
        /// The principal id of the user or service account whose it is.
        principal: u32,
        /// Its id.
        id: u32,
    },
    /// The principal and the persona that is assigned to it.
    Assignment {
        /// The principal id.
        principal: u32,
        /// The persona's object id.
        persona: u32,
    },
}

impl Record {
    /// What the record stands under.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Policy { .. } => Key::Policy,
            Self::Object { id, .. } => Key::Object(*id),
            Self::Principal { id, .. } => Key::Principal(*id),
            Self::Member { group, member } => Key::Member { group: *group, member: *member },
            Self::Entry { object, principal, qualifier, .. } => {
                Key::Entry { object: *object, principal: *principal, qualifier: qualifier.clone() }
            }
            Self::Particulars { object, .. } => Key::Particulars(*object),
            Self::Private { owner, field, .. } => Key::Private { owner: *owner, field: *field },
            Self::Token(token) => Key::Token { user: token.user, id: token.id },
            Self::Session(session) => Key::Session { principal: session.principal, id: session.id },
            Self::Assignment { persona, principal, .. } => Key::Assignment { principal: *principal, persona: *persona },
        }
    }
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Puts a record in the place of what stood under its key.
    Put(Record),
    /// Removes what stands under the key.
    Delete(Key),
}

/// What one request changes: one revision, one row of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeSet {
    /// The revision that it leads to: one more than the state's.
    pub revision: u64,
    /// The request's time; milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Who asked for it, such as `user:admin`.
    pub caller: String,
    /// The names of the commands, without their arguments.
    pub commands: Vec<String>,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// The binary form.
    ///
    /// ```
    /// use portcullis_engine::ChangeSet;
    ///
    /// let set = ChangeSet { revision: 1, at_ms: 0, caller: "user:admin".into(), commands: vec![], changes: vec![] };
    /// assert_eq!(ChangeSet::decode(&set.encode())?, set);
    /// # Ok::<(), Box<portcullis_engine::Refusal>>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_u64(&mut out, self.revision);
        put_u64(&mut out, self.at_ms.cast_unsigned());
        put_text(&mut out, &self.caller);
        put_u32(&mut out, self.commands.len() as u32);
        self.commands.iter().for_each(|command| put_text(&mut out, command));
        put_u32(&mut out, self.changes.len() as u32);
        for change in &self.changes {
            match change {
                Change::Put(record) => form::put_record(&mut out, record),
                Change::Delete(key) => form::put_key(&mut out, key),
            }
        }
        out
    }

    /// Reads the binary form.
    ///
    /// # Errors
    ///
    /// `Damaged` where the bytes are cut short, of a newer version, followed by others, or no change set.
    pub fn decode(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let mut input = Reader::new(bytes, "the change set");
        match input.u8()? {
            VERSION => {}
            newer => {
                return Err(input.damaged(&format!("has version {newer}, and {VERSION} is the newest known")));
            }
        }
        let (revision, at_ms) = (input.u64()?, input.u64()?.cast_signed());
        let caller = input.text()?.to_owned();
        let mut commands = Vec::new();
        for _ in 0..input.count(4)? {
            commands.push(input.text()?.to_owned());
        }
        let mut changes = Vec::new();
        for _ in 0..input.count(1)? {
            changes.push(form::read_change(&mut input)?);
        }
        input.end()?;
        Ok(Self { revision, at_ms, caller, commands, changes })
    }
}
