//! Changes: what `propose` makes, the log keeps and `apply` replays.
//!
//! A change puts or deletes one record under its key. The binary form is a version byte and then postcard's wire
//! format; what version 1 means is frozen for ever, because logs of it exist.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// The version of the binary form that [`ChangeSet::encode`] writes.
const VERSION: u8 = 1;

/// What kind of principal a name belongs to. The order is that of lists (`domain.md` §1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
        known.ok_or_else(|| Box::new(Refusal::InvalidPrincipalType(word.into())))
    }
}

/// One record of the state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Record {
    /// The policy itself: its identity and its schema's JSON.
    #[serde(rename_all = "camelCase")]
    Policy {
        /// A UUID's bytes, from the first request's seed.
        id: [u8; 16],
        /// The schema.
        schema: String,
    },
    /// An object.
    #[serde(rename_all = "camelCase")]
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
    #[serde(rename_all = "camelCase")]
    Principal {
        /// Its id, never used again.
        id: u32,
        /// Its type.
        kind: PrincipalType,
        /// Its name.
        name: String,
    },
    /// A group's direct member.
    #[serde(rename_all = "camelCase")]
    Member {
        /// The group's principal id.
        group: u32,
        /// The member's principal id.
        member: u32,
    },
    /// One line of an access control list.
    #[serde(rename_all = "camelCase")]
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
}

/// The half-open interval of time `[not_before, not_after)` in which an entry holds; milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Key {
    /// The one policy record.
    Policy,
    /// An object's id.
    Object(u32),
    /// A principal's id.
    Principal(u32),
    /// A group's and its member's ids.
    #[serde(rename_all = "camelCase")]
    Member {
        /// The group's principal id.
        group: u32,
        /// The member's principal id.
        member: u32,
    },
    /// An entry's object, principal and qualifier.
    #[serde(rename_all = "camelCase")]
    Entry {
        /// The object whose list it is in.
        object: u32,
        /// Whom it is for.
        principal: u32,
        /// Empty; room for conditions.
        qualifier: String,
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
        }
    }
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// Puts a record in the place of what stood under its key.
    Put(Record),
    /// Removes what stands under the key.
    Delete(Key),
}

/// What one request changes: one revision, one row of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
        // Writing to a growing vector cannot fail; were it to, the empty answer would not decode.
        postcard::to_extend(self, vec![VERSION]).unwrap_or_default()
    }

    /// Reads the binary form.
    ///
    /// # Errors
    ///
    /// `Damaged` where the bytes are cut short, of a newer version, followed by others, or no change set.
    pub fn decode(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let damaged = |what: &str| Box::new(Refusal::Damaged(format!("the change set {what}")));
        match bytes.split_first() {
            Some((&VERSION, body)) => match postcard::take_from_bytes(body) {
                Ok((set, [])) => Ok(set),
                Ok(_) => Err(damaged("is followed by other bytes")),
                Err(_) => Err(damaged("is damaged or cut short")),
            },
            Some((version, _)) => Err(damaged(&format!("has version {version}, and {VERSION} is the newest known"))),
            None => Err(damaged("is empty")),
        }
    }
}
