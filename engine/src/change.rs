//! Changes: what `propose` makes, the log keeps and `apply` replays.
//!
//! A change puts or deletes one record under its key. What version 1 of the binary form means is frozen for ever,
//! because logs of it exist.

use crate::bytes::{Reader, put_instant, put_text, put_u32, put_u64};
use crate::refusal::Refusal;

/// The version of the binary form that [`ChangeSet::encode`] writes.
const VERSION: u8 = 1;

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
        known.ok_or_else(|| Box::new(Refusal::InvalidPrincipalType(crate::address::shorten(word).into_owned())))
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
                Change::Put(record) => put_record(&mut out, record),
                Change::Delete(key) => put_key(&mut out, key),
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
            changes.push(read_change(&mut input)?);
        }
        input.end()?;
        Ok(Self { revision, at_ms, caller, commands, changes })
    }
}

/// What begins a record of each kind; a key begins with the same and [`DELETE`].
const POLICY: u8 = 1;
const OBJECT: u8 = 2;
const PRINCIPAL: u8 = 3;
const MEMBER: u8 = 4;
const ENTRY: u8 = 5;
const DELETE: u8 = 0x80;

fn put_record(out: &mut Vec<u8>, record: &Record) {
    match record {
        Record::Policy { id, schema } => {
            out.push(POLICY);
            out.extend_from_slice(id);
            put_text(out, schema);
        }
        Record::Object { id, kind, parent, name, inheriting } => {
            out.push(OBJECT);
            put_u32(out, *id);
            put_text(out, kind);
            put_u32(out, *parent);
            put_text(out, name);
            out.push(u8::from(*inheriting));
        }
        Record::Principal { id, kind, name } => {
            out.push(PRINCIPAL);
            put_u32(out, *id);
            out.push(*kind as u8);
            put_text(out, name);
        }
        Record::Member { group, member } => {
            out.push(MEMBER);
            put_u32(out, *group);
            put_u32(out, *member);
        }
        Record::Entry { object, principal, qualifier, id, allow, deny, window } => {
            out.push(ENTRY);
            put_u32(out, *object);
            put_u32(out, *principal);
            put_text(out, qualifier);
            [*id, *allow, *deny].into_iter().for_each(|number| put_u32(out, number));
            put_instant(out, window.not_before);
            put_instant(out, window.not_after);
        }
    }
}

fn put_key(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::Policy => out.push(DELETE | POLICY),
        Key::Object(id) => {
            out.push(DELETE | OBJECT);
            put_u32(out, *id);
        }
        Key::Principal(id) => {
            out.push(DELETE | PRINCIPAL);
            put_u32(out, *id);
        }
        Key::Member { group, member } => {
            out.push(DELETE | MEMBER);
            put_u32(out, *group);
            put_u32(out, *member);
        }
        Key::Entry { object, principal, qualifier } => {
            out.push(DELETE | ENTRY);
            put_u32(out, *object);
            put_u32(out, *principal);
            put_text(out, qualifier);
        }
    }
}

fn read_change(input: &mut Reader) -> Result<Change, Box<Refusal>> {
    let tag = input.u8()?;
    if tag & DELETE != 0 {
        return read_key(input, tag & !DELETE).map(Change::Delete);
    }
    let record = match tag {
        POLICY => Record::Policy { id: input.take()?, schema: input.text()?.to_owned() },
        OBJECT => Record::Object {
            id: input.u32()?,
            kind: input.text()?.to_owned(),
            parent: input.u32()?,
            name: input.text()?.to_owned(),
            inheriting: input.u8()? == 1,
        },
        PRINCIPAL => Record::Principal { id: input.u32()?, kind: read_kind(input)?, name: input.text()?.to_owned() },
        MEMBER => Record::Member { group: input.u32()?, member: input.u32()? },
        ENTRY => Record::Entry {
            object: input.u32()?,
            principal: input.u32()?,
            qualifier: input.text()?.to_owned(),
            id: input.u32()?,
            allow: input.u32()?,
            deny: input.u32()?,
            window: Window { not_before: input.instant()?, not_after: input.instant()? },
        },
        _ => return Err(input.damaged("has a change of a kind that nobody knows")),
    };
    Ok(Change::Put(record))
}

fn read_kind(input: &mut Reader) -> Result<PrincipalType, Box<Refusal>> {
    let number = input.u8()?;
    let kind = PrincipalType::ALL.into_iter().find(|kind| *kind as u8 == number);
    kind.ok_or_else(|| input.damaged("has a principal of a kind that nobody knows"))
}

fn read_key(input: &mut Reader, tag: u8) -> Result<Key, Box<Refusal>> {
    Ok(match tag {
        POLICY => Key::Policy,
        OBJECT => Key::Object(input.u32()?),
        PRINCIPAL => Key::Principal(input.u32()?),
        MEMBER => Key::Member { group: input.u32()?, member: input.u32()? },
        ENTRY => {
            let (object, principal) = (input.u32()?, input.u32()?);
            Key::Entry { object, principal, qualifier: input.text()?.to_owned() }
        }
        _ => return Err(input.damaged("has a change of a kind that nobody knows")),
    })
}
