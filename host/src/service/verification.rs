//! Checking a store: that nothing in it was altered, and that it leads where it says.

use super::{POLICY, ServiceError, ServiceOptions, private_differs, private_rows, private_values};
use crate::runtime::Runtime;
use crate::store::{Head, Mark, Store, verify as verify_chain, walk};
use portcullis_engine::{Change, ChangeSet, Key, Record};
use std::collections::BTreeMap;

/// Checks the log of a store from its beginning, by its hashes and by replaying it, and against a mark kept elsewhere; the
/// snapshot against what the replay gives; and that the private values are those that the log tells of, and no others.
///
/// # Errors
/// The first thing that is wrong. Whether the caller may is for [`Service::require_admin`](super::Service::require_admin).
pub fn verify(store: &dyn Store, runtime: &Runtime, kept: Option<&Mark>) -> Result<Head, ServiceError> {
    let head = verify_chain(store, POLICY, kept)?;
    let mut instance = runtime.new_instance(ServiceOptions::default().memory_cap_bytes)?;
    let snapshot = store.snapshot(POLICY)?;
    let mut digests = BTreeMap::new();
    for set in walk(store, POLICY, Head::EMPTY) {
        let set = set?;
        instance.apply(&set.body)?;
        follow(&mut digests, &ChangeSet::decode(&set.body)?);
        let here = snapshot.as_ref().filter(|snapshot| snapshot.at.revision == set.revision);
        if here.is_some_and(|snapshot| instance.snapshot().ok().as_ref() != Some(&snapshot.bytes)) {
            return Err(ServiceError::SnapshotDiffers { revision: set.revision });
        }
    }
    let rows = private_rows(store)?;
    private_values(&rows)?;
    let known: std::collections::BTreeSet<[u8; 32]> = digests.into_values().collect();
    match rows.iter().find(|row| !known.contains(&row.digest)) {
        Some(row) => Err(private_differs(&row.digest)),
        None => Ok(head),
    }
}

/// The digests of the private values that there are after a change set. One that is missing from the store was erased.
fn follow(digests: &mut BTreeMap<Key, [u8; 32]>, set: &ChangeSet) {
    for change in &set.changes {
        match change {
            Change::Put(record @ Record::Private { digest, .. }) => drop(digests.insert(record.key(), *digest)),
            Change::Delete(key @ Key::Private { .. }) => drop(digests.remove(key)),
            _ => {}
        }
    }
}
