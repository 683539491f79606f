//! The engine and the oracle, altered in step and asked the same.

use crate::policies::{LEVELS, LISTS, Line, Mark, PRINCIPALS, Policy};
use crate::surroundings::{OTHER, PRIVILEGE, Surroundings, apply};
use conformance::oracle::{Effect, Entry, Oracle, Principal};
use portcullis_engine::{Change, Handle, Identity, Key, Record, State, Window};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::slice;

/// Both sides.
pub(crate) struct Pair {
    state: State,
    oracle: Oracle,
    /// What both of them hold.
    pub(crate) policy: Policy,
    /// Those of [`PRINCIPALS`] and their handles, and then the crowd.
    principals: Vec<(Principal, u32)>,
    objects: Vec<Handle>,
    mask: u32,
    other: u32,
    entry_ids: BTreeMap<(usize, usize), u32>,
    next_entry: u32,
    /// How many questions have been asked.
    pub(crate) decisions: u64,
}

impl Pair {
    pub(crate) fn new(surroundings: &Surroundings) -> Self {
        let state = surroundings.state();
        let named = PRINCIPALS.iter().map(|(kind, name)| Principal::new(kind, name));
        let crowd = surroundings.crowd().map(|name| Principal::new("user", &name));
        let handle = |principal: &Principal| state.principal(&Identity::parse(&text(principal)).unwrap());
        let mut pair = Self {
            policy: Policy::default(),
            principals: named.chain(crowd).map(|principal| (principal.clone(), handle(&principal))).collect(),
            objects: LEVELS.iter().map(|path| state.resolve(path).unwrap()).collect(),
            mask: state.schema().privilege(PRIVILEGE).unwrap(),
            other: state.schema().privilege(OTHER).unwrap(),
            entry_ids: BTreeMap::new(),
            next_entry: 1,
            decisions: 0,
            oracle: surroundings.oracle(),
            state,
        };
        pair.name_the_crowd();
        pair
    }

    /// Entries on every list that allow and deny those whom nobody asks about.
    fn name_the_crowd(&mut self) {
        for principal in PRINCIPALS.len()..self.principals.len() {
            let effect = Some(if principal % 2 == 0 { Effect::Allow } else { Effect::Deny });
            let line = Line { effect, not_before: None, not_after: None };
            (0..LISTS).for_each(|level| self.put_entry((level, principal), line));
        }
    }

    /// The first half of the way to another policy: all goes that is not in it, each by a change set of its own.
    pub(crate) fn drop_what_is_not_in(&mut self, next: &Policy) {
        let mut kept = self.policy.clone();
        kept.marks.retain(|mark| next.marks.contains(mark));
        kept.entries.retain(|slot, _| next.entries.contains_key(slot));
        let old = std::mem::replace(&mut self.policy, kept.clone());
        old.marks.difference(&kept.marks).for_each(|mark| self.set_mark(*mark, false));
        let gone = old.entries.keys().filter(|slot| !kept.entries.contains_key(slot));
        gone.for_each(|slot| self.delete_entry(*slot));
    }

    /// The second half: what is missing comes, and what is different is put.
    pub(crate) fn put_what_is_in(&mut self, next: &Policy) {
        let old = std::mem::replace(&mut self.policy, next.clone());
        next.marks.difference(&old.marks).for_each(|mark| self.set_mark(*mark, true));
        let new = next.entries.iter().filter(|(slot, line)| old.entries.get(slot) != Some(line));
        new.for_each(|(slot, line)| self.put_entry(*slot, *line));
    }

    fn set_mark(&mut self, mark: Mark, holds: bool) {
        match mark {
            Mark::Member { member, group } => self.set_member(member, group, holds),
            Mark::Broken(level) => {
                self.oracle.acl(LEVELS[level]).broken = holds;
                self.apply(Change::Put(self.object(level, !holds)));
            }
        }
    }

    fn object(&self, level: usize, inheriting: bool) -> Record {
        let (above, name) = LEVELS[level].rsplit_once('/').unwrap();
        let kind = if above == "/systemObjects" { "systemObject" } else { "folder" }.to_owned();
        let parent = level.checked_sub(1).map_or(0, |above| self.objects[above].object);
        Record::Object { id: self.objects[level].object, kind, parent, name: name.into(), inheriting }
    }

    fn set_member(&mut self, member: usize, group: usize, holds: bool) {
        let ((member, member_id), (group, group_id)) = (&self.principals[member], &self.principals[group]);
        let (pair, record) = ((member.clone(), group.clone()), Record::Member { group: *group_id, member: *member_id });
        if holds {
            self.oracle.members.insert(pair);
            self.apply(Change::Put(record));
        } else {
            self.oracle.members.remove(&pair);
            self.apply(Change::Delete(record.key()));
        }
    }

    /// Puts an entry in the place of the principal's at that level.
    fn put_entry(&mut self, (level, principal): (usize, usize), line: Line) {
        let Line { effect, not_before, not_after } = line;
        let said = effect.map(|effect| (PRIVILEGE.to_owned(), effect)).into_iter();
        let effects = said.chain([(OTHER.to_owned(), Effect::Allow)]).collect();
        let (named, id) = self.principals[principal].clone();
        self.oracle.acl(LEVELS[level]).entries.insert(named, Entry { effects, not_before, not_after });

        let entry_id = *self.entry_ids.entry((level, principal)).or_insert(self.next_entry);
        self.next_entry = self.next_entry.max(entry_id + 1);
        let mask_if = |wanted| if effect == Some(wanted) { self.mask } else { 0 };
        self.apply(Change::Put(Record::Entry {
            object: self.objects[level].object,
            principal: id,
            qualifier: String::new(),
            id: entry_id,
            allow: mask_if(Effect::Allow) | self.other,
            deny: mask_if(Effect::Deny),
            window: Window { not_before, not_after },
        }));
    }

    fn delete_entry(&mut self, (level, principal): (usize, usize)) {
        let (named, id) = self.principals[principal].clone();
        self.oracle.acl(LEVELS[level]).entries.remove(&named);
        self.entry_ids.remove(&(level, principal));
        let object = self.objects[level].object;
        self.apply(Change::Delete(Key::Entry { object, principal: id, qualifier: String::new() }));
    }

    fn apply(&mut self, change: Change) {
        apply(&mut self.state, vec![change]);
    }

    /// Every principal on every object, by handles.
    ///
    /// # Errors
    ///
    /// The first question that is not answered alike.
    pub(crate) fn compare(&mut self, now: i64) -> Result<(), String> {
        for (principal, id) in &self.principals[..PRINCIPALS.len()] {
            for (path, handle) in LEVELS.iter().zip(&self.objects) {
                let (expected, _) = self.oracle.decide(slice::from_ref(principal), PRIVILEGE, path, now);
                let found = self.state.check(*id, *handle, self.mask, now);
                self.agree(expected, found, || format!("{} on {path} at {now}", text(principal)))?;
            }
        }
        self.decisions += (PRINCIPALS.len() * LEVELS.len()) as u64;
        Ok(())
    }

    /// The same by names, by a path, of a state from a snapshot, and until when it is certain.
    ///
    /// # Errors
    ///
    /// As [`Pair::compare`].
    pub(crate) fn compare_otherwise(&self, now: i64) -> Result<(), String> {
        let restored = State::restore(&self.state.snapshot()).map_err(|refusal| refusal.to_string())?;
        for (principal, id) in &self.principals[..PRINCIPALS.len()] {
            let name = text(principal);
            for (path, handle) in LEVELS.iter().zip(&self.objects) {
                let (allowed, until) = self.oracle.decide(slice::from_ref(principal), PRIVILEGE, path, now);
                let found = (
                    self.state.check_names(&name, PRIVILEGE, path, now).unwrap(),
                    self.state.check_path(*id, self.mask, path, now).unwrap(),
                    restored.check(*id, *handle, self.mask, now),
                    self.state.valid_until(&name, PRIVILEGE, path, now).unwrap(),
                );
                let what = || format!("{name} on {path} at {now}, by names, by a path, restored, until");
                self.agree((allowed, allowed, allowed, until), found, what)?;
            }
        }
        Ok(())
    }

    fn agree<T: PartialEq + Debug>(&self, right: T, found: T, what: impl Fn() -> String) -> Result<(), String> {
        if found == right {
            return Ok(());
        }
        Err(format!("{}: the engine says {found:?}, and {right:?} is right\nin {:?}", what(), self.policy))
    }
}

fn text(principal: &Principal) -> String {
    format!("{}:{}", principal.kind, principal.name)
}
