//! A store in memory, for tests and for programs that keep their policy elsewhere.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chain::Chain;
use super::{
    Hash, Head, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, Store, StoreError, StoredSet, check_set, check_size,
};

/// A store in memory. A clone is another handle on the same logs, as a second opening of a file would be; what they hold
/// lives as long as one of them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    logs: Arc<Mutex<BTreeMap<PolicyId, Log>>>,
}

#[derive(Clone, Debug)]
struct Log {
    head: Head,
    /// The change set of revision `n` is at `n - 1`.
    sets: Vec<StoredSet>,
    private: BTreeMap<Hash, PrivateRow>,
    snapshot: Option<Snapshot>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every method leaves the logs whole at every step, so one that panicked in a thread of its own spoils nothing.
    fn logs(&self) -> MutexGuard<'_, BTreeMap<PolicyId, Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_log<T>(&self, policy: PolicyId, ask: impl FnOnce(&Log) -> T) -> T {
        ask(self.logs().get(&policy).unwrap_or(&Log::EMPTY))
    }
}

impl Log {
    const EMPTY: Self = Self { head: Head::EMPTY, sets: Vec::new(), private: BTreeMap::new(), snapshot: None };

    fn extend(&mut self, policy: PolicyId, sets: &[NewSet]) {
        let mut chain = Chain::at(policy, self.head);
        for set in sets {
            let previous = chain.head().hash;
            let Head { revision, hash, .. } = chain.extend(set);
            self.sets.push(StoredSet { revision, at_ms: set.at_ms, previous, hash, body: set.body.clone() });
        }
        self.head = chain.head();
    }

    fn update_private(&mut self, set: &NewSet) {
        self.private.extend(set.private.iter().map(|row| (row.digest, row.clone())));
        for digest in &set.gone {
            self.private.remove(digest);
        }
    }

    fn holds(&self, at: &Head) -> bool {
        let set = index(at.revision.saturating_sub(1)).and_then(|place| self.sets.get(place));
        set.is_some_and(|set| set.revision == at.revision && set.hash == at.hash)
    }
}

fn index(revision: u64) -> Option<usize> {
    usize::try_from(revision).ok()
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl Store for MemoryStore {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        Ok(self.with_log(policy, |log| log.head))
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        sets.iter().try_for_each(check_set)?;
        let mut logs = self.logs();
        let log = logs.entry(policy).or_insert(Log::EMPTY);
        if log.head.mark() != expected.mark() {
            return Ok(Outcome::Conflict(log.head));
        }
        log.extend(policy, sets);
        sets.iter().for_each(|set| log.update_private(set));
        Ok(Outcome::Done(log.head))
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        let first = index(after).unwrap_or(usize::MAX);
        Ok(self.with_log(policy, |log| log.sets.iter().skip(first).take(count(limit)).cloned().collect()))
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        let end = index(before.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(self.with_log(policy, |log| {
            let older = log.sets.get(..end).unwrap_or(&log.sets);
            older.iter().rev().take(count(limit)).cloned().collect()
        }))
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        Ok(self.with_log(policy, |log| {
            log.private.range::<Hash, _>(range).take(count(limit)).map(|(_, row)| row.clone()).collect()
        }))
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        let mut logs = self.logs();
        let Some(log) = logs.get_mut(&policy).filter(|log| log.head.revision > 0) else {
            return Ok(Head::EMPTY);
        };
        log.head.at_ms = log.head.at_ms.max(at_ms);
        Ok(log.head)
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.with_log(policy, |log| log.snapshot.clone()))
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        check_size(bytes)?;
        let mut logs = self.logs();
        match logs.get_mut(&policy).filter(|log| log.holds(at)) {
            None => Err(StoreError::NotInLog { revision: at.revision }),
            Some(log) => {
                log.snapshot = Some(Snapshot { at: *at, bytes: bytes.to_vec() });
                Ok(())
            }
        }
    }
}
