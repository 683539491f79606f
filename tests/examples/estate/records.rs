//! The estate's records, as the peers read them, and what the changes are chosen by.

use std::collections::{HashMap, HashSet};

use portcullis_engine::{Change, Record};
use serde_json::{Map, Value, json};

/// The records that decide, as lists of numbers: objects as `[id, parent, inheriting, path]`, the path empty outside the
/// tree; principals as `[id, name]`; members as `[group, member]`; entries as `[object, principal, allow, deny]`.
pub(crate) fn all(changes: &[&Change], tree: &[(u32, String)]) -> Value {
    let mut lists = Map::new();
    let mut paths = tree.iter().peekable();
    for record in records(changes) {
        let (list, row) = match record {
            Record::Object { id, parent, inheriting, .. } => {
                let path = paths.next_if(|(known, _)| known == id).map_or("", |(_, path)| path);
                ("objects", json!([id, parent, inheriting, path]))
            }
            Record::Principal { id, kind, name } => ("principals", json!([id, format!("{}:{name}", kind.as_str())])),
            Record::Member { group, member } => ("members", json!([group, member])),
            Record::Entry { object, principal, allow, deny, .. } => {
                ("entries", json!([object, principal, allow, deny]))
            }
            _ => continue,
        };
        let rows = lists.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        rows.as_array_mut().expect("a list").push(row);
    }
    lists.into()
}

fn records<'a>(changes: &'a [&Change]) -> impl Iterator<Item = &'a Record> {
    changes.iter().filter_map(|change| match change {
        Change::Put(record) => Some(record),
        Change::Delete(_) => None,
    })
}

/// An entry of the estate.
pub(crate) struct Entry {
    pub(crate) object: u32,
    /// Its type and its name.
    pub(crate) principal: (&'static str, String),
    pub(crate) allow: u32,
    pub(crate) deny: u32,
}

/// Which objects have a list, some of the entries, and who is in which group.
#[derive(Default)]
pub(crate) struct Lists {
    bearing: HashSet<u32>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) members: HashSet<(String, String)>,
}

/// How many entries are remembered.
const ENTRIES: usize = 4_096;

impl Lists {
    pub(crate) fn of(changes: &[&Change]) -> Self {
        let mut lists = Self::default();
        let mut names = HashMap::new();
        for record in records(changes) {
            match record {
                Record::Object { id, inheriting: false, .. } => {
                    lists.bearing.insert(*id);
                }
                Record::Principal { id, kind, name } => {
                    names.insert(*id, (kind.as_str(), name.clone()));
                }
                Record::Member { group, member } => {
                    lists.members.insert((names[group].1.clone(), names[member].1.clone()));
                }
                Record::Entry { object, principal, allow, deny, .. } => {
                    lists.bearing.insert(*object);
                    if lists.entries.len() < ENTRIES {
                        let principal = names[principal].clone();
                        lists.entries.push(Entry { object: *object, principal, allow: *allow, deny: *deny });
                    }
                }
                _ => {}
            }
        }
        lists
    }

    /// How many objects have a list: entries, or inheritance that is broken.
    pub(crate) fn count(&self) -> usize {
        self.bearing.len()
    }

    pub(crate) fn has(&self, object: u32) -> bool {
        self.bearing.contains(&object)
    }
}
