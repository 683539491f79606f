//! The state as the change sets tell it, and `domain.md` §1, "Evaluation", on it. No code of the engine's is shared.

use portcullis_engine::{Change, Key, Particulars, PrincipalType, PrivateField, Record, Session, Token};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const READ: u32 = 1;
pub(super) const MODIFY: u32 = 2;
pub(super) const CHANGE: u32 = 8;
pub(super) const ALL: u32 = 15;

/// “The built-in user `admin` is allowed everything.” It and Everyone are the same principals in every policy.
pub(super) const EVERYONE: u32 = 1;
pub(super) const ADMIN: u32 = 2;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) parent: u32,
    pub(super) name: String,
    pub(super) inheriting: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) allow: u32,
    pub(super) deny: u32,
    pub(super) not_before: Option<i64>,
    pub(super) not_after: Option<i64>,
}

#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) objects: BTreeMap<u32, Object>,
    /// What lies right under an object, by that and its own name.
    places: BTreeMap<(u32, String), BTreeSet<u32>>,
    pub(super) principals: BTreeMap<u32, (PrincipalType, String)>,
    /// (group, member)
    pub(super) members: BTreeSet<(u32, u32)>,
    /// By object and principal.
    pub(super) entries: BTreeMap<(u32, u32), Entry>,
    pub(super) particulars: BTreeMap<u32, Particulars>,
    pub(super) secrets: BTreeSet<(u32, PrivateField)>,
    pub(super) tokens: BTreeMap<u32, Token>,
    pub(super) sessions: BTreeMap<u32, Session>,
    /// (principal, persona)
    pub(super) assignments: BTreeSet<(u32, u32)>,
}

impl Model {
    pub(super) fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put(record) => self.put(record.clone()),
                Change::Delete(key) => self.delete(key),
            }
        }
    }

    fn put(&mut self, record: Record) {
        match record {
            Record::Policy { .. } => {}
            Record::Object { id, kind, parent, name, inheriting } => {
                self.unlink(id);
                self.places.entry((parent, name.clone())).or_default().insert(id);
                self.objects.insert(id, Object { kind, parent, name, inheriting });
            }
            Record::Principal { id, kind, name } => drop(self.principals.insert(id, (kind, name))),
            Record::Member { group, member } => drop(self.members.insert((group, member))),
            Record::Entry { object, principal, allow, deny, window, .. } => {
                let (not_before, not_after) = (window.not_before, window.not_after);
                self.entries.insert((object, principal), Entry { allow, deny, not_before, not_after });
            }
            Record::Particulars { object, particulars } => drop(self.particulars.insert(object, particulars)),
            Record::Private { owner, field, .. } => drop(self.secrets.insert((owner, field))),
            Record::Token(token) => drop(self.tokens.insert(token.id, token)),
            Record::Session(session) => drop(self.sessions.insert(session.id, session)),
            Record::Assignment { persona, principal, .. } => drop(self.assignments.insert((principal, persona))),
        }
    }

    fn delete(&mut self, key: &Key) {
        match key {
            Key::Policy => {}
            Key::Object(id) => {
                self.unlink(*id);
                self.objects.remove(id);
            }
            Key::Principal(id) => drop(self.principals.remove(id)),
            Key::Member { group, member } => drop(self.members.remove(&(*group, *member))),
            Key::Entry { object, principal, .. } => drop(self.entries.remove(&(*object, *principal))),
            Key::Particulars(object) => drop(self.particulars.remove(object)),
            Key::Private { owner, field } => drop(self.secrets.remove(&(*owner, *field))),
            Key::Token { id, .. } => drop(self.tokens.remove(id)),
            Key::Session { id, .. } => drop(self.sessions.remove(id)),
            Key::Assignment { principal, persona } => drop(self.assignments.remove(&(*principal, *persona))),
        }
    }

    fn unlink(&mut self, id: u32) {
        let place = self.objects.get(&id).map(|old| (old.parent, old.name.clone()));
        if let Some(ids) = place.and_then(|place| self.places.get_mut(&place)) {
            ids.remove(&id);
        }
    }

    pub(super) fn child(&self, parent: u32, kind: &str, name: &str) -> Option<u32> {
        let is_it = |id: &u32| self.objects.get(id).is_some_and(|object| object.kind == kind);
        self.places.get(&(parent, name.to_owned()))?.iter().copied().find(is_it)
    }

    /// `server` is the one object without a parent.
    fn root(&self) -> u32 {
        self.child(0, "systemObject", "server").unwrap_or(0)
    }

    pub(super) fn system(&self, name: &str) -> u32 {
        if name == "server" { self.root() } else { self.child(self.root(), "systemObject", name).unwrap_or(0) }
    }

    pub(super) fn principal(&self, kind: PrincipalType, name: &str) -> Option<u32> {
        let is_it = |known: &(PrincipalType, String)| known.0 == kind && known.1 == name;
        self.principals.iter().find(|(_, known)| is_it(known)).map(|(id, _)| *id)
    }

    /// The object in the directory of a principal that is registered.
    pub(super) fn home(&self, principal: u32) -> Option<u32> {
        let (kind, name) = self.principals.get(&principal)?;
        self.child(self.system("directory"), kind.as_str(), name)
    }

    /// The other way round.
    pub(super) fn bearer(&self, object: u32) -> Option<u32> {
        let known = self.objects.get(&object)?;
        let kind = PrincipalType::parse(&known.kind).ok()?;
        self.principal(kind, &known.name).filter(|id| self.home(*id) == Some(object))
    }

    /// Whether it is a user like others: `Everyone` holds neither projects nor whom nobody registered.
    pub(super) fn is_in_everyone(&self, principal: u32) -> bool {
        let is_user = self.principals.get(&principal).is_some_and(|known| known.0 == PrincipalType::User);
        is_user && self.home(principal).is_some()
    }

    /// “the user's own, those of every group the user is in, those of the group `Everyone`”
    pub(super) fn matching(&self, principal: u32) -> BTreeSet<u32> {
        let start = [principal].into_iter().chain(self.is_in_everyone(principal).then_some(EVERYONE));
        self.outwards(start, |_| true)
    }

    /// Principals and the groups that hold them, as far as these are wanted.
    pub(super) fn outwards(&self, start: impl IntoIterator<Item = u32>, wanted: impl Fn(u32) -> bool) -> BTreeSet<u32> {
        let mut found: BTreeSet<u32> = start.into_iter().collect();
        loop {
            let more = self.members.iter().filter(|(group, member)| found.contains(member) && wanted(*group));
            let more: Vec<u32> = more.map(|(group, _)| *group).filter(|group| !found.contains(group)).collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    pub(super) fn list(&self, object: u32) -> impl Iterator<Item = (u32, &Entry)> {
        self.entries.range((object, 0)..=(object, u32::MAX)).map(|((_, principal), entry)| (*principal, entry))
    }

    /// From the object up to the root.
    pub(super) fn ancestry(&self, object: u32) -> impl Iterator<Item = (u32, &Object)> {
        let step = |id: u32| self.objects.get(&id).map(|object| (id, object));
        std::iter::successors(step(object), move |(_, object)| step(object.parent))
    }

    /// What somebody whom the entries of `matching` match may do.
    pub(super) fn allowed(&self, matching: &BTreeSet<u32>, object: u32, now: i64) -> u32 {
        if matching.contains(&ADMIN) {
            return ALL;
        }
        let (mut allowed, mut open) = (0, ALL);
        for (id, known) in self.ancestry(object) {
            let holds = |entry: &Entry| {
                entry.not_before.is_none_or(|first| first <= now) && entry.not_after.is_none_or(|end| now < end)
            };
            let here = self.list(id).filter(|(principal, entry)| matching.contains(principal) && holds(entry));
            let (allow, deny) = here.fold((0, 0), |(a, d), (_, entry)| (a | entry.allow, d | entry.deny));
            allowed |= open & allow & !deny;
            open &= !(allow | deny);
            if !known.inheriting {
                break;
            }
        }
        allowed
    }

    /// The object and all below it.
    pub(super) fn subtree(&self, top: u32) -> Vec<u32> {
        let below = |id: u32| self.ancestry(id).any(|(above, _)| above == top);
        self.objects.keys().copied().filter(|id| below(*id)).collect()
    }

    /// Whether it is `admin`'s, or hangs on it.
    pub(super) fn is_admins(&self, object: u32) -> bool {
        let home = self.home(ADMIN);
        self.ancestry(object).any(|(id, _)| Some(id) == home)
    }
}
