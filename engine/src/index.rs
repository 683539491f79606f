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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_seed_key_or_text_has_another_hash() {
        let keys = [(0, 0, "a"), (1, 0, "a"), (0, 1, "a"), (0, 0, "b"), (0, 0, "ab"), (0, 0, "")];
        let hashes = keys.map(|(seed, key, text)| hash(seed, key, text.as_bytes()));
        assert!((1..keys.len()).all(|at| !hashes.iter().take(at).any(|other| Some(other) == hashes.get(at))));
    }

    #[test]
    fn an_index_finds_what_is_in_it_and_nothing_that_has_been_removed() {
        let hash_of = |id| u64::from(id % 7);
        let find = |index: &Index, id| index.find(hash_of(id), |other| other == id);
        let mut index = Index::default();
        (0..100).for_each(|id| index.insert(hash_of(id), id, &hash_of));
        assert!((0..100).all(|id| find(&index, id) == Some(id)));
        (0..100).step_by(2).for_each(|id| index.remove(hash_of(id), id));
        assert!((0..200).all(|id| find(&index, id) == Some(id).filter(|id| *id < 100 && id % 2 == 1)));
        index.clear();
        assert!((0..100).all(|id| find(&index, id).is_none()));
    }

    #[test]
    fn an_index_that_is_made_for_many_need_not_grow() {
        let mut index = Index::with_capacity(100);
        let before = index.heap_bytes();
        (0..100).for_each(|id| index.insert(u64::from(id), id, &|id| u64::from(id)));
        assert_eq!(index.heap_bytes(), before);
    }
}
