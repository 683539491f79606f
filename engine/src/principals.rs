//! Users, groups, service accounts and project principals, and who belongs to what.

use crate::arena::{Arena, Slot};
use crate::change::PrincipalType;
use crate::index::{Index, hash};
use crate::names::{NameId, Names};
use crate::order;
use crate::refusal::Refusal;
use crate::remembered::Texts;
use crate::schema::Everyone;
use crate::summary::Marks;
use smallvec::SmallVec;
use std::sync::OnceLock;

/// The group of all users; the first principal of every policy.
pub(crate) const EVERYONE: u32 = 1;
/// The built-in user who may everything; the second.
pub(crate) const ADMIN: u32 = 2;
/// The built-in user `default`; the third.
pub(crate) const DEFAULT_USER: u32 = 3;

/// The handle of a user whom nobody knows: in Everyone where the schema says `everyone: any`.
pub(crate) const STRANGER: u32 = u32::MAX;

/// The principals that every policy has, in the order of their ids from 1 on. Their names are no other principal's.
pub const BUILT_IN: [(PrincipalType, &str); 3] =
    [(PrincipalType::Group, "Everyone"), (PrincipalType::User, "admin"), (PrincipalType::User, "default")];

/// How the name of every project principal begins.
pub(crate) const PROJECT_PREFIX: &str = "project: ";

/// The closure lies first and with it whether the record is live, so that a check reads one cache line for a principal
/// in few groups.
#[repr(C, align(64))]
pub(crate) struct Principal {
    /// What entries match it: itself, every group that holds it, Everyone; sorted. Made when first asked for.
    closure: OnceLock<(Marks, Closure)>,
    live: bool,
    /// Whether its object stands in the directory.
    pub(crate) registered: bool,
    pub(crate) kind: PrincipalType,
    name: NameId,
    /// How many entries name it.
    pub(crate) entries: u32,
    /// The groups that hold it directly, sorted.
    pub(crate) groups: Vec<u32>,
    /// A group's direct members, sorted.
    pub(crate) members: Vec<u32>,
}

/// Ids of principals, in place while they are few.
pub(crate) type Closure = SmallVec<[u32; 10]>;

/// Those whose entries match somebody, as the walk takes them.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    /// Sorted.
    pub(crate) closure: &'a [u32],
    pub(crate) marks: Marks,
}

impl<'a> Party<'a> {
    pub(crate) fn new(closure: &'a [u32]) -> Self {
        Self { closure, marks: Marks::asking(closure) }
    }
}

impl Default for Principal {
    fn default() -> Self {
        Self {
            closure: OnceLock::new(),
            live: false,
            registered: false,
            kind: PrincipalType::User,
            name: NameId::default(),
            entries: 0,
            groups: Vec::new(),
            members: Vec::new(),
        }
    }
}

impl Slot for Principal {
    #[inline(always)]
    fn is_live(&self) -> bool {
        self.live
    }
}

pub(crate) struct Principals {
    arena: Arena<Principal>,
    names: Names,
    index: Index,
    everyone: Everyone,
    /// Principals by their texts, such as `user:dora`.
    texts: Texts,
    /// How often a principal has lost its name.
    renamed: u64,
}

impl Default for Principals {
    fn default() -> Self {
        Self {
            arena: Arena::default(),
            names: Names::default(),
            index: Index::default(),
            everyone: Everyone::Registered,
            texts: Texts::default(),
            renamed: 0,
        }
    }
}

impl Principals {
    pub(crate) fn len(&self) -> usize {
        self.arena.len()
    }

    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&Principal> {
        self.arena.get(id)
    }

    /// Every principal in the order of the ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Principal)> {
        self.arena.iter()
    }

    pub(crate) fn name(&self, id: u32) -> &str {
        self.arena.get(id).map_or("", |principal| self.names.text(principal.name))
    }

    #[inline]
    pub(crate) fn find(&self, kind: PrincipalType, name: &str) -> Option<u32> {
        let is_it = |id| {
            let found = self.arena.find(id);
            found.is_some_and(|known| known.kind == kind && self.names.bytes(known.name) == name.as_bytes())
        };
        self.index.find(principal_hash(kind, name.as_bytes()), is_it)
    }

    /// The principal of a text such as `user:dora`.
    #[inline(always)]
    pub(crate) fn find_text(&self, text: &str) -> Option<u32> {
        let hash = hash(0, 0, text.as_bytes());
        match self.texts.find(hash, text.as_bytes(), self.renamed) {
            Some(id) => Some(id),
            None => self.find_new_text(hash, text),
        }
    }

    #[inline(never)]
    fn find_new_text(&self, hash: u64, text: &str) -> Option<u32> {
        let (kind, name) = text.split_once(':')?;
        let id = self.find(PrincipalType::parse(kind).ok()?, name)?;
        self.texts.keep(hash, text.as_bytes(), id, self.renamed, self.arena.len(), false);
        Some(id)
    }

    /// What entries match the principal; nothing where no such principal is known.
    #[inline(always)]
    pub(crate) fn closure(&self, id: u32) -> &[u32] {
        self.party(id).closure
    }

    /// The same with their marks.
    #[inline(always)]
    pub(crate) fn party(&self, id: u32) -> Party<'_> {
        match self.arena.find(id).and_then(|principal| principal.closure.get()) {
            Some((marks, closure)) => Party { closure, marks: *marks },
            None => self.new_party(id),
        }
    }

    /// The same where it is not kept yet.
    #[cold]
    #[inline(never)]
    fn new_party(&self, id: u32) -> Party<'_> {
        let Some(principal) = self.arena.get(id) else {
            let is_anybody = id == STRANGER && self.everyone == Everyone::Any;
            return if is_anybody { self.party(EVERYONE) } else { Party::new(&[]) };
        };
        let (marks, closure) = principal.closure.get_or_init(|| {
            let closure = self.make_closure(&[id], self.is_in_everyone(id));
            (Party::new(&closure).marks, closure)
        });
        Party { closure, marks: *marks }
    }

    /// What entries match an identity that has no record, or whose groups the request itself vouches for.
    pub(crate) fn closure_from(&self, start: &[u32], kind: PrincipalType, name: &str, vouched: bool) -> Closure {
        self.make_closure(start, self.belongs_to_everyone(kind, name, vouched))
    }

    fn is_in_everyone(&self, id: u32) -> bool {
        let known = self.arena.get(id);
        known.is_some_and(|known| self.belongs_to_everyone(known.kind, self.name(id), known.registered))
    }

    /// `Everyone` holds users only, a project's principal is none of them, and whoever nobody knows only where the
    /// schema says so.
    pub(crate) fn belongs_to_everyone(&self, kind: PrincipalType, name: &str, known: bool) -> bool {
        let known = known || self.everyone == Everyone::Any;
        known && kind == PrincipalType::User && !name.starts_with(PROJECT_PREFIX)
    }

    fn make_closure(&self, start: &[u32], in_everyone: bool) -> Closure {
        let mut found = Vec::new();
        let mut todo: Vec<u32> = start.iter().copied().chain(in_everyone.then_some(EVERYONE)).collect();
        while let Some(id) = todo.pop() {
            if order::insert(&mut found, id) {
                todo.extend(self.arena.get(id).map(|principal| principal.groups.as_slice()).unwrap_or_default());
            }
        }
        found.into()
    }

    /// Every group that holds one of `start`, and through which others.
    pub(crate) fn ways(&self, start: &[u32]) -> Ways {
        let mut ways = Ways { steps: Vec::new(), places: Vec::new() };
        start.iter().for_each(|&id| ways.add(id, None));
        let mut at = 0;
        while let Some(&(id, _)) = ways.steps.get(at) {
            let everyone = self.is_in_everyone(id).then_some(EVERYONE);
            let groups = self.arena.get(id).map(|principal| principal.groups.as_slice()).unwrap_or_default();
            groups.iter().copied().chain(everyone).for_each(|group| ways.add(group, Some(at)));
            at += 1;
        }
        ways
    }

    /// Whether `inner` is `group` or in it, however deep.
    pub(crate) fn holds(&self, group: u32, inner: u32) -> bool {
        self.make_closure(&[inner], false).binary_search(&group).is_ok()
    }

    pub(crate) fn set_everyone(&mut self, everyone: Everyone) {
        self.everyone = everyone;
        self.forget_all();
    }

    /// Puts a new principal, or gives a known one another name.
    pub(crate) fn put(
        &mut self,
        id: u32,
        kind: PrincipalType,
        name: &str,
        registered: bool,
    ) -> Result<(), Box<Refusal>> {
        let misfit = |what: &str| Refusal::told(Refusal::Damaged, format_args!("principal {id} {what}"));
        match self.find(kind, name) {
            Some(same) if same == id => return Ok(()),
            Some(_) => return Err(misfit("has a name that another has")),
            None => {}
        }
        if self.arena.get(id).is_some_and(|known| known.kind != kind) {
            return Err(misfit("may not change its type"));
        }
        let name_id = self.names.keep(name)?;
        self.unindex(id);
        match self.arena.get_mut(id) {
            Some(known) => {
                self.renamed += 1;
                self.names.release(std::mem::replace(&mut known.name, name_id));
            }
            None => {
                self.arena.put(id, Principal { kind, name: name_id, live: true, ..Principal::default() });
                self.texts.fit(self.arena.len());
            }
        }
        let Self { index, arena, names, .. } = self;
        let hash_of = |id| {
            let known = arena.get(id);
            known.map_or(0, |known| principal_hash(known.kind, names.bytes(known.name)))
        };
        index.insert(hash_of(id), id, &hash_of);
        self.set_registered(id, registered);
        Ok(())
    }

    fn unindex(&mut self, id: u32) {
        let Some(known) = self.arena.get(id) else { return };
        self.index.remove(principal_hash(known.kind, self.names.bytes(known.name)), id);
    }

    /// Removes a principal that no entry, group or member refers to.
    pub(crate) fn delete(&mut self, id: u32) -> Result<(), Box<Refusal>> {
        let Some(known) = self.arena.get(id) else { return Ok(()) };
        if known.entries > 0 || !known.groups.is_empty() || !known.members.is_empty() {
            return Err(Refusal::told(Refusal::Damaged, format_args!("principal {id} is still referred to")));
        }
        self.unindex(id);
        self.renamed += 1;
        if let Some(old) = self.arena.remove(id) {
            self.names.release(old.name);
        }
        Ok(())
    }

    pub(crate) fn set_registered(&mut self, id: u32, registered: bool) {
        if let Some(principal) = self.arena.get_mut(id) {
            principal.registered = registered;
        }
        self.forget(id);
    }

    pub(crate) fn put_member(&mut self, group: u32, member: u32) -> Result<(), Box<Refusal>> {
        let is_group = self.arena.get(group).is_some_and(|known| known.kind == PrincipalType::Group);
        let is_cycle =
            self.arena.get(member).is_some_and(|known| known.kind == PrincipalType::Group) && self.holds(member, group);
        if !is_group || is_cycle || self.arena.get(member).is_none() {
            return Err(Refusal::told(Refusal::Damaged, format_args!("{member} cannot be a member of {group}")));
        }
        let ends = [(group, member, true), (member, group, false)];
        for (id, other, members) in ends {
            let list = self.arena.get_mut(id).map(|p| if members { &mut p.members } else { &mut p.groups });
            if let Some(list) = list {
                order::insert(list, other);
            }
        }
        self.forget(member);
        Ok(())
    }

    pub(crate) fn delete_member(&mut self, group: u32, member: u32) {
        if let Some(principal) = self.arena.get_mut(group) {
            order::remove(&mut principal.members, member);
        }
        if let Some(principal) = self.arena.get_mut(member) {
            order::remove(&mut principal.groups, group);
        }
        self.forget(member);
    }

    pub(crate) fn count_entry(&mut self, id: u32, by: i32) {
        if let Some(principal) = self.arena.get_mut(id) {
            principal.entries = principal.entries.saturating_add_signed(by);
        }
    }

    /// Forgets what was made for a principal and for all whom it holds: nobody else's closure has changed.
    fn forget(&mut self, id: u32) {
        let mut todo = vec![id];
        let mut seen = Vec::new();
        while let Some(id) = todo.pop() {
            if id == EVERYONE {
                return self.forget_all();
            }
            if !order::insert(&mut seen, id) {
                continue;
            }
            if let Some(principal) = self.arena.get_mut(id) {
                principal.closure = OnceLock::new();
                todo.extend(&principal.members);
            }
        }
    }

    fn forget_all(&mut self) {
        self.arena.iter_mut().for_each(|principal| principal.closure = OnceLock::new());
    }
}

/// See [`Principals::ways`]: the shortest ways, found from the inside out.
pub(crate) struct Ways {
    /// A principal, and the place of the member through which it was found.
    steps: Vec<(u32, Option<usize>)>,
    /// The principals with their places among the steps, sorted.
    places: Vec<(u32, usize)>,
}

impl Ways {
    fn add(&mut self, id: u32, from: Option<usize>) {
        if let Err(place) = self.places.binary_search_by_key(&id, |(known, _)| *known) {
            self.places.insert(place, (id, self.steps.len()));
            self.steps.push((id, from));
        }
    }

    /// The principals from the start to `group`, both included; none where there is no way.
    pub(crate) fn to(&self, group: u32) -> Vec<u32> {
        let found = self.places.binary_search_by_key(&group, |(known, _)| *known).ok();
        let end = found.and_then(|place| self.places.get(place)).map(|(_, step)| *step);
        let steps = std::iter::successors(end, |&at| self.steps.get(at).and_then(|(_, from)| *from));
        let mut way: Vec<u32> = steps.filter_map(|at| self.steps.get(at)).map(|(id, _)| *id).collect();
        way.reverse();
        way
    }
}

fn principal_hash(kind: PrincipalType, name: &[u8]) -> u64 {
    hash(0, kind as u64, name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use PrincipalType::{Group, User};

    const GROUP: u32 = 11;
    const OTHER_GROUP: u32 = 12;
    const ANN: u32 = 21;
    const BOB: u32 = 22;

    /// Two groups and two users, of whom none is in any.
    fn principals() -> Principals {
        let mut principals = Principals::default();
        for (id, kind, name) in [(GROUP, Group, "g"), (OTHER_GROUP, Group, "h"), (ANN, User, "ann"), (BOB, User, "bob")]
        {
            principals.put(id, kind, name, true).unwrap();
        }
        principals
    }

    #[test]
    fn a_text_is_kept_and_means_the_principal_until_its_name_goes() {
        let mut principals = principals();
        let kept = |principals: &Principals, text: &str| {
            principals.texts.find(hash(0, 0, text.as_bytes()), text.as_bytes(), principals.renamed)
        };
        assert_eq!((kept(&principals, "user:ann"), principals.find_text("user:ann")), (None, Some(ANN)));
        assert_eq!((kept(&principals, "user:ann"), principals.find_text("user:ann")), (Some(ANN), Some(ANN)));
        principals.put(ANN, User, "anne", true).unwrap();
        assert_eq!((principals.find_text("user:ann"), principals.find_text("user:anne")), (None, Some(ANN)));
        principals.delete(ANN).unwrap();
        assert_eq!(principals.find_text("user:anne"), None);
    }

    #[test]
    fn a_name_belongs_to_one_principal_of_its_type_and_a_type_stays() {
        let mut principals = principals();
        assert!(principals.put(ANN, User, "ann", true).is_ok(), "as it is");
        assert!(principals.put(BOB, User, "ann", true).is_err(), "another's");
        assert!(principals.put(BOB, Group, "b", true).is_err(), "another type");
        assert!(principals.put(BOB, User, "g", true).is_ok(), "a group's name");
        assert_eq!((principals.find(User, "ann"), principals.find(User, "g")), (Some(ANN), Some(BOB)));
        assert_eq!((principals.find(Group, "g"), principals.find(Group, "b")), (Some(GROUP), None));
        let [ann, user, group] =
            [(User, "ann"), (User, "g"), (Group, "g")].map(|(kind, name)| principal_hash(kind, name.as_bytes()));
        assert!(ann != user && user != group, "each is looked for at a place of its own");
    }

    #[test]
    fn a_name_that_has_gone_leaves_nothing_in_the_index() {
        let mut principals = principals();
        let is_indexed = |principals: &Principals, name: &[u8]| {
            principals.index.find(principal_hash(User, name), |id| id == ANN).is_some()
        };
        principals.put(ANN, User, "anne", true).unwrap();
        assert_eq!([&b"ann"[..], b"anne"].map(|name| is_indexed(&principals, name)), [false, true]);
        principals.delete(ANN).unwrap();
        assert!(!is_indexed(&principals, b"anne"));
    }

    #[test]
    fn what_an_entry_a_group_or_a_member_refers_to_is_not_deleted() {
        let mut principals = principals();
        principals.put_member(GROUP, ANN).unwrap();
        principals.count_entry(BOB, 1);
        assert!([GROUP, ANN, BOB].iter().all(|&id| principals.delete(id).is_err() && principals.get(id).is_some()));
        principals.delete_member(GROUP, ANN);
        principals.count_entry(BOB, -1);
        assert!([GROUP, ANN, BOB].iter().all(|&id| principals.delete(id).is_ok() && principals.get(id).is_none()));
    }

    #[test]
    fn only_groups_have_members_and_none_is_in_itself() {
        let mut principals = principals();
        assert!(principals.put_member(ANN, BOB).is_err(), "of a user");
        assert!(principals.put_member(GROUP, 99).is_err(), "nobody");
        assert!(principals.put_member(99, ANN).is_err(), "of nothing");
        assert!(principals.put_member(GROUP, GROUP).is_err(), "itself");
        principals.put_member(GROUP, OTHER_GROUP).unwrap();
        assert!(principals.put_member(OTHER_GROUP, GROUP).is_err(), "a circle");
        principals.put_member(OTHER_GROUP, ANN).unwrap();
        assert!(principals.put_member(OTHER_GROUP, ANN).is_ok(), "once more");
        assert_eq!(principals.closure(ANN), [EVERYONE, GROUP, OTHER_GROUP, ANN]);
        assert_eq!(principals.get(OTHER_GROUP).unwrap().members, [ANN]);
    }

    #[test]
    fn what_matches_is_found_anew_when_it_changes_for_everyone() {
        let mut principals = principals();
        principals.put(EVERYONE, Group, "Everyone", true).unwrap();
        principals.set_registered(BOB, false);
        let both = |principals: &Principals| [ANN, BOB].map(|id| principals.closure(id).to_vec());
        assert_eq!(both(&principals), [vec![EVERYONE, ANN], vec![BOB]]);
        principals.put_member(GROUP, EVERYONE).unwrap();
        assert_eq!(both(&principals), [vec![EVERYONE, GROUP, ANN], vec![BOB]]);
        principals.set_everyone(Everyone::Any);
        assert_eq!(both(&principals), [vec![EVERYONE, GROUP, ANN], vec![EVERYONE, GROUP, BOB]]);
        principals.delete_member(GROUP, EVERYONE);
        assert_eq!(both(&principals), [vec![EVERYONE, ANN], vec![EVERYONE, BOB]]);
    }
}
