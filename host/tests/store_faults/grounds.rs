//! What the stores stand on: a file on a disk that fails, and memory behind calls that fail.

use std::io;
use std::path::{Path, PathBuf};

use portcullis_host::store::{MemoryStore, SqliteOptions, SqliteStore, Store, StoreError};
use tempfile::TempDir;

use crate::disk::{self, Flushes, Left, Plan};
use crate::failing::{Demand, FailingStore, Failure};
use crate::recovery::{Ground, View};
use crate::store_values;

/// Nobody else has the file, so nobody is waited for.
const AT_ONCE: SqliteOptions = SqliteOptions { busy_timeout_ms: 0, create: true };

/// A store file on the disk of this thread.
pub(crate) struct OnDisk {
    _folder: TempDir,
    path: PathBuf,
}

impl OnDisk {
    pub(crate) fn new(plan: Plan, flushes: Flushes) -> Self {
        let folder = in_memory().unwrap_or_else(|_| tempfile::tempdir().unwrap());
        let place = folder.path().canonicalize().unwrap();
        disk::insert(&place, plan, flushes);
        Self { _folder: folder, path: place.join("policy.db") }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap()
    }
}

/// A folder in memory: what outlives a power cut is for the simulated disk to say, and waiting for a real one takes ten
/// times as long.
fn in_memory() -> io::Result<TempDir> {
    tempfile::tempdir_in("/dev/shm")
}

impl Ground for OnDisk {
    fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        SqliteStore::open(&self.path, &AT_ONCE).map(|store| Box::new(store) as Box<dyn Store>)
    }

    fn is_dead(&self) -> bool {
        disk::is_dead()
    }

    fn restart(&self) {
        disk::restart();
    }

    /// No file may hold a piece of a value that the store does not.
    fn check(&self, view: &View) {
        let digests = view.digests();
        let found = store_values::found(self.folder());
        let erased = found.into_iter().find(|number| !digests.contains(&store_values::digest(*number)));
        assert_eq!(erased, None, "a value that was erased is in a file");
    }

    fn cut_power(&self) {
        disk::cut_power(Left::Nothing);
    }
}

/// A store in memory, at which a call fails.
pub(crate) struct InMemory {
    store: MemoryStore,
    demand: Demand,
}

impl InMemory {
    /// The call of that number that changes something fails, and no other.
    pub(crate) fn new(plan: Option<(u32, Failure)>) -> Self {
        let demand = Demand::default();
        if let Some((calls, failure)) = plan {
            demand.demand(calls, failure);
        }
        Self { store: MemoryStore::new(), demand }
    }

    /// What counts the calls, and outlives the store.
    pub(crate) fn demand(&self) -> Demand {
        self.demand.clone()
    }
}

impl Ground for InMemory {
    fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(FailingStore::new(self.store.clone(), &self.demand)))
    }

    /// A fault at this height leaves the process alive.
    fn is_dead(&self) -> bool {
        false
    }

    fn restart(&self) {}

    fn check(&self, _: &View) {}

    fn cut_power(&self) {}
}
