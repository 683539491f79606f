//! Projections: what decides for one principal, and nothing else (`domain.md` §1, "Evaluation", asked in advance).
//!
//! A projection answers as the whole policy does, for one principal, from one instant on, until somebody changes the
//! policy. It holds how paths are read, the names of the privileges, and, by salted keys, the objects on which something
//! else is allowed than on what they lie under, with what is allowed and until when. No name, entry, group, id or
//! revision is in it, so two policies that give the principal the same answers give the same bytes.
//!
//! A key is a hash of 64 bits, and its salt is in the bytes: who holds a projection can try out whether a name that they
//! guess is one of an object on which they may do something of its own. No two objects of the policy share a key, but a
//! path made up for the purpose might, with as many attempts as that takes, have that of one: so what a projection
//! allows is for what is shown, and whoever guards the data asks the policy.

mod keys;
mod making;
mod table;
mod timeline;

use crate::address::PathSteps;
use crate::decision::Identity;
use crate::refusal::Refusal;
use crate::schema::grammar::{Grammar, read_texts};
use crate::schema::{MAX_PRIVILEGES, SERVER, SYSTEM_OBJECT, TypeId, all_masks, known_mask};
use crate::sealed::Seal;
use keys::Keys;
use smallvec::SmallVec;
use table::Table;
use timeline::{Step, Timelines};

/// How long the salt of a projection is.
pub const SALT_BYTES: usize = 16;

const SEAL: Seal = Seal { mark: b"PCLPROJ", version: 1, what: "the projection" };

/// What decides for one principal. [`State::project`](crate::State::project) makes the bytes of one.
///
/// ```
/// use portcullis_engine::{Identity, Projection, State};
///
/// # let mut state = State::new()?;
/// # let request = portcullis_engine::Request::parse(br#"{"request":"propose","now":0,
/// #     "caller":{"type":"user","name":"admin"},"seed":"00112233445566778899aabbccddeeff",
/// #     "commands":[{"command":"createPolicy"},{"command":"createObject","arguments":{"path":"/users/ann"}}]}"#)?;
/// # let proposal = state.propose(&request)?;
/// # state.apply(&proposal.changes.ok_or("no changes")?)?;
/// let ann = Identity::parse("user:ann")?;
/// let bytes = state.project(&ann, 1_700_000_000_000, &[7; 16])?;
///
/// let projection = Projection::load(&bytes)?;
/// let may_read = projection.ask(&ann, "read")?;
/// assert!(may_read.check("/projects/Default", 1_700_000_000_000)?);
/// assert_eq!(may_read.valid_until("/projects/Default", 1_700_000_000_000)?, None);
/// let bob = projection.ask(&Identity::parse("user:bob")?, "read");
/// assert_eq!(bob.err().map(|refusal| refusal.code().into_owned()).as_deref(), Some("NotInProjection"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Projection {
    from: i64,
    keys: Keys,
    principal: u64,
    privileges: Vec<String>,
    grammar: Grammar,
    /// The keys of the system objects, in the order of the grammar.
    system_objects: Vec<u64>,
    timelines: Timelines,
    /// The number of the timeline of `server`.
    root: u32,
    table: Table,
}

/// A question to a [`Projection`] about one privilege of its principal, to be asked of many paths.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    projection: &'a Projection,
    privilege: u32,
}

impl Projection {
    /// Reads a projection.
    ///
    /// # Errors
    ///
    /// `Damaged` where the bytes are no projection, of a newer version, cut short, altered, or do not fit together.
    pub fn load(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let mut input = SEAL.open(bytes)?;
        let from = input.u64()?.cast_signed();
        let salt: [u8; SALT_BYTES] = input.take()?;
        let principal = input.u64()?;
        let privileges = read_texts(&mut input)?;
        if privileges.is_empty() || privileges.len() > MAX_PRIVILEGES {
            return Err(input.damaged("has no privileges, or too many"));
        }
        let grammar = Grammar::read(&mut input)?;
        let timelines = Timelines::read(&mut input, from, all_masks(privileges.len()))?;
        let root = input.u32()?;
        if root as usize >= timelines.len() {
            return Err(input.damaged("says nothing about `server`"));
        }
        let table = Table::read(&mut input, timelines.len())?;
        input.end()?;
        let keys = Keys::new(&salt);
        let system_objects = grammar.system_objects().iter().map(|name| keys.system_object(name)).collect();
        Ok(Self { from, keys, principal, privileges, grammar, system_objects, timelines, root, table })
    }

    /// The instant that it was made for, in milliseconds since 1970, UTC. What is asked about an earlier one is
    /// answered for this one.
    #[must_use]
    pub fn from_ms(&self) -> i64 {
        self.from
    }

    /// A question about what the principal may do.
    ///
    /// # Errors
    ///
    /// `NotInProjection` for another identity than the one it was made for; the groups that the request vouches for
    /// are part of who one is. `InvalidPrivilege`.
    pub fn ask(&self, principal: &Identity, privilege: &str) -> Result<Question<'_>, Box<Refusal>> {
        let hash = self.keys.identity(principal);
        self.question(hash, || principal.to_string(), privilege)
    }

    /// Like [`Projection::ask`], with the principal as `user:NAME`.
    ///
    /// # Errors
    ///
    /// As [`Projection::ask`]: a text that names nobody is not the principal either.
    pub fn ask_names(&self, principal: &str, privilege: &str) -> Result<Question<'_>, Box<Refusal>> {
        let hash = self.keys.principal(principal);
        self.question(hash, || crate::address::shorten(principal).to_string(), privilege)
    }

    fn question(&self, hash: u64, name: impl Fn() -> String, privilege: &str) -> Result<Question<'_>, Box<Refusal>> {
        if hash != self.principal {
            return Err(Refusal::NotInProjection(name()).into());
        }
        Ok(Question { projection: self, privilege: known_mask(&self.privileges, privilege)? })
    }

    /// The timeline of the nearest object at or above a path that has one of its own.
    fn timeline(&self, path: &str) -> Result<&[Step], Box<Refusal>> {
        let mut way: SmallVec<[u64; 16]> = SmallVec::new();
        let mut steps = PathSteps::new(&self.grammar, path);
        while let Some(step) = steps.next_step() {
            let (kind, name) = step?;
            let next = match way.last() {
                Some(&above) => self.keys.child(above, kind, &name),
                None => self.begin(&mut way, kind, &name),
            };
            way.push(next);
        }
        if steps.sheet {
            way.extend(way.last().map(|&object| self.keys.sheet(object)));
        }
        let number = way.iter().rev().find_map(|&key| self.table.find(key));
        Ok(self.timelines.get(number.unwrap_or(self.root)))
    }

    /// The key of what a path begins with; on the way to it lies the system object that its type implies.
    fn begin(&self, way: &mut SmallVec<[u64; 16]>, kind: TypeId, name: &str) -> u64 {
        if kind == SYSTEM_OBJECT {
            return self.keys.system_object(name);
        }
        let place = self.grammar.kind(kind).and_then(|kind| kind.system_object);
        let known = place.and_then(|place| self.system_objects.get(usize::from(place)));
        let above = known.copied().unwrap_or_else(|| self.keys.system_object(SERVER));
        way.push(above);
        self.keys.child(above, kind, name)
    }
}

impl Question<'_> {
    /// Whether it is allowed on the object at the path, registered or not, at `now_ms`.
    ///
    /// # Errors
    ///
    /// As [`crate::Address::parse`].
    pub fn check(self, path: &str, now_ms: i64) -> Result<bool, Box<Refusal>> {
        let timeline = self.projection.timeline(path)?;
        Ok(timeline::allowed(timeline, now_ms) & self.privilege != 0)
    }

    /// The instant from which the answer at `now_ms` may be another, if nobody changes the policy before; in
    /// milliseconds since 1970, UTC.
    ///
    /// # Errors
    ///
    /// As [`crate::Address::parse`].
    pub fn valid_until(self, path: &str, now_ms: i64) -> Result<Option<i64>, Box<Refusal>> {
        let timeline = self.projection.timeline(path)?;
        Ok(timeline::valid_until(timeline, self.privilege, now_ms.max(self.projection.from)))
    }
}
