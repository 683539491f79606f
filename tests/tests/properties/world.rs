//! What the log of a policy says, as the oracle takes it.

use crate::policy::Policy;
use conformance::chance::{PRINCIPALS, STRANGERS, directory_path, split};
use conformance::oracle::{Effect, Entry, Oracle, Principal};
use portcullis_engine::{Change, ChangeSet, Key, Record, State};
use std::collections::{BTreeMap, BTreeSet};

/// A policy in the oracle's eyes, and what there is to ask about it.
pub(crate) struct World {
    pub(crate) oracle: Oracle,
    /// Objects that are registered, as far as entries are drawn for them, and objects that are not.
    pub(crate) paths: BTreeSet<String>,
    /// Of these, what is registered.
    pub(crate) registered: BTreeSet<String>,
}

/// Everybody to ask about, as `TYPE:NAME`.
pub(crate) fn everybody() -> impl Iterator<Item = &'static str> + Clone {
    PRINCIPALS.into_iter().chain(STRANGERS)
}

/// A principal as the oracle has it.
pub(crate) fn principal(text: &str) -> Principal {
    let (kind, name) = split(text);
    Principal::new(kind, name)
}

impl World {
    /// The world that the change sets lead to.
    pub(crate) fn of(policy: &Policy) -> Self {
        let records = records(&policy.log);
        let names = names(&records);
        let mut world = Self { oracle: Oracle::default(), paths: BTreeSet::new(), registered: BTreeSet::new() };
        world.oracle.everyone_any = policy.state.schema().json().replace(' ', "").contains(r#""everyone":"any""#);
        records.values().for_each(|record| world.add(record, &policy.state, &names));
        world.paths.clone_from(&world.registered);
        let others = policy.realm.objects.iter().chain(policy.realm.strays).map(|path| (*path).to_owned());
        world.paths.extend(others.chain(PRINCIPALS.iter().take(4).map(|one| directory_path(one))));
        world.add_parents(policy);
        world
    }

    fn add(&mut self, record: &Record, state: &State, names: &BTreeMap<u32, Principal>) {
        match record {
            Record::Object { id, kind, name, inheriting, .. } => self.add_object(*id, kind, name, *inheriting, state),
            Record::Member { group, member } => {
                self.oracle.members.insert((names[member].clone(), names[group].clone()));
            }
            Record::Entry { object, principal, allow, deny, window, .. } => {
                let said = |(bit, name): (usize, &String)| match (allow >> bit & 1, deny >> bit & 1) {
                    (0, 0) => None,
                    (1, 0) => Some((name.clone(), Effect::Allow)),
                    _ => Some((name.clone(), Effect::Deny)),
                };
                let effects = state.schema().privileges().iter().enumerate().filter_map(said).collect();
                let entry = Entry { effects, not_before: window.not_before, not_after: window.not_after };
                self.oracle.acl(&state.path(*object)).entries.insert(names[principal].clone(), entry);
            }
            _ => {}
        }
    }

    fn add_object(&mut self, id: u32, kind: &str, name: &str, inheriting: bool, state: &State) {
        let path = state.path(id);
        if !inheriting {
            self.oracle.acl(&path).broken = true;
        }
        if kind == "user" {
            self.oracle.registered.insert(name.to_owned());
        }
        // The system objects that no entry is drawn for are many, and alike; so are personas.
        let is_alike = kind.starts_with("persona") || (kind == "systemObject" && path != "/systemObjects/directory");
        if !is_alike || path == "/systemObjects/server" {
            self.registered.insert(path);
        }
    }

    /// An address has a parent, and so has that, up to `server`.
    fn add_parents(&mut self, policy: &Policy) {
        let mut todo: Vec<String> = self.paths.iter().cloned().collect();
        while let Some(path) = todo.pop() {
            if let Some(parent) = policy.realm.parent(&path) {
                todo.push(parent.clone());
                self.oracle.parents.insert(path, parent);
            }
        }
    }

    /// The objects from this one up to `server`.
    pub(crate) fn chain(&self, path: &str) -> Vec<String> {
        std::iter::successors(Some(path.to_owned()), |at| self.oracle.parents.get(at).cloned()).collect()
    }

    /// The decision of the oracle on one principal, and until when it stands.
    pub(crate) fn decide(&self, who: &str, privilege: &str, path: &str, now: i64) -> (bool, Option<i64>) {
        self.oracle.decide(&[principal(who)], privilege, path, now)
    }
}

/// The records that the sets leave.
fn records(log: &[ChangeSet]) -> BTreeMap<Key, Record> {
    let mut records = BTreeMap::new();
    for change in log.iter().flat_map(|set| &set.changes) {
        match change {
            Change::Put(record) => records.insert(record.key(), record.clone()),
            Change::Delete(key) => records.remove(key),
        };
    }
    records
}

fn names(records: &BTreeMap<Key, Record>) -> BTreeMap<u32, Principal> {
    let named = |record: &Record| match record {
        Record::Principal { id, kind, name } => Some((*id, Principal::new(kind.as_str(), name))),
        _ => None,
    };
    records.values().filter_map(named).collect()
}
