//! A store that fails on demand, around any other.

use portcullis_host::store::{
    Hash, Head, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, Store, StoreError, StoredSet,
};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;

/// How a method fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// With an error, and nothing is changed.
    Error,
    /// What was to be changed is not, and the outcome is unknown where the method can say so.
    UnknownUndone,
    /// What was to be changed is, and the outcome is unknown where the method can say so.
    UnknownDone,
}

/// When the next failure comes, shared with whoever demands it.
#[derive(Clone, Default, Debug)]
pub struct Demand {
    next: Rc<Cell<Option<(u32, Failure)>>>,
    struck: Rc<Cell<bool>>,
}

impl Demand {
    /// The `calls`th call of a method that changes something fails, from 0; those before and after it do not.
    pub fn demand(&self, calls: u32, failure: Failure) {
        self.next.set(Some((calls, failure)));
    }

    /// Nothing fails any more. Whether something has.
    pub fn take_back(&self) -> bool {
        self.next.set(None);
        self.struck.replace(false)
    }

    fn strikes(&self) -> Option<Failure> {
        let (calls, failure) = self.next.get()?;
        self.next.set(calls.checked_sub(1).map(|calls| (calls, failure)));
        self.struck.set(self.struck.get() || calls == 0);
        (calls == 0).then_some(failure)
    }
}

/// A store that fails on demand. After a failure it is as the contract has it after an unknown outcome: every method
/// answers [`StoreError::Poisoned`], until somebody opens another handle.
#[derive(Debug)]
pub struct FailingStore<S> {
    inner: S,
    demand: Demand,
    is_poisoned: bool,
}

impl<S: Store> FailingStore<S> {
    /// A handle on `inner`, which fails when `demand` says.
    pub fn new(inner: S, demand: &Demand) -> Self {
        Self { inner, demand: demand.clone(), is_poisoned: false }
    }

    fn sound(&self) -> Result<&S, StoreError> {
        if self.is_poisoned { Err(StoreError::Poisoned { path: path() }) } else { Ok(&self.inner) }
    }

    /// Changes something, or fails to. An error after which the change may have been made is the inner one.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut S) -> Result<T, StoreError>,
    ) -> Result<Result<T, StoreError>, StoreError> {
        self.sound()?;
        let failure = self.demand.strikes();
        let ended = match failure {
            None => return change(&mut self.inner).map(Ok),
            Some(Failure::Error) => Err(unavailable()),
            Some(Failure::UnknownUndone) => Ok(Err(unavailable())),
            // What is refused in any case is no failure.
            Some(Failure::UnknownDone) => change(&mut self.inner).map(|_| Ok(Err(unavailable())))?,
        };
        self.is_poisoned = true;
        ended
    }
}

fn path() -> PathBuf {
    "failing".into()
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { path: path(), reason: "it was demanded".into() }
}

impl<S: Store> Store for FailingStore<S> {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        self.sound()?.head(policy)
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        let ended = self.change(|store| store.append(policy, expected, sets))?;
        Ok(ended.unwrap_or_else(Outcome::Unknown))
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.sound()?.read(policy, after, limit)
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.sound()?.read_newest(policy, before, limit)
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        self.sound()?.read_private(policy, after, limit)
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        self.change(|store| store.keep_instant(policy, at_ms))?
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        self.sound()?.snapshot(policy)
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(|store| store.put_snapshot(policy, at, bytes))?
    }
}
