//! An index from keys to ids: a hash table that holds the ids alone and looks at the records for the keys.

use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Hashes `bytes` under `key`; every index uses it. The same on every target, so that a run can be repeated, and never
/// written anywhere.
#[inline]
pub(crate) fn hash(seed: u64, key: u64, bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write_u64(key);
    hasher.write(bytes);
    hasher.finish()
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index(HashTable<u32>);

impl Index {
    pub(crate) fn with_capacity(ids: usize) -> Self {
        Self(HashTable::with_capacity(ids))
    }

    /// The id whose key has this hash and is meant.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_meant: impl FnMut(u32) -> bool) -> Option<u32> {
        self.0.find(hash, |&id| is_meant(id)).copied()
    }

    /// Adds an id that is not there yet. `hash_of` gives the hashes of the others, should the table have to grow.
    pub(crate) fn insert(&mut self, hash: u64, id: u32, hash_of: &dyn Fn(u32) -> u64) {
        self.0.insert_unique(hash, id, |&id| hash_of(id));
    }

    pub(crate) fn remove(&mut self, hash: u64, id: u32) {
        if let Ok(found) = self.0.find_entry(hash, |&other| other == id) {
            found.remove();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.allocation_size()
    }
}
