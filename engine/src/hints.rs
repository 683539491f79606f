//! Hints: at which object a path was found before.
//!
//! Following a path from the root costs some cache misses a level, and a tree of a million objects does not fit into a
//! cache. Most paths are asked about again, so one probe by the hash of the whole text gives an object that it may
//! mean, and comparing the text with the names from that object upwards tells whether it does. A hint is never
//! believed without that, so none can be wrong, and none need be removed: not by a rename, a move or a deletion.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Hints that share a hash's lower bits; together half a cache line.
const BUCKET: usize = 4;
/// Few objects are found as fast from the root.
const LEAST: usize = 1 << 10;

/// A table of hints, made when first needed.
#[derive(Default)]
pub(crate) struct Hints {
    /// The hash's upper half, and an object's id.
    table: OnceLock<Box<[AtomicU64]>>,
}

impl Hints {
    /// The objects that a path with this hash may mean.
    #[inline]
    pub(crate) fn of(&self, hash: u64) -> impl Iterator<Item = u32> {
        let bucket = self.table.get().and_then(|table| table.get(bucket(hash, table.len()))).unwrap_or_default();
        let hints = bucket.iter().map(|hint| hint.load(Ordering::Relaxed));
        hints.filter(move |hint| hint >> 32 == hash >> 32 && *hint as u32 != 0).map(|hint| hint as u32)
    }

    /// Keeps a hint, in the place of another if need be.
    pub(crate) fn keep(&self, hash: u64, id: u32, objects: usize) {
        let size = (objects * 2).next_power_of_two().max(LEAST);
        let table = self.table.get_or_init(|| std::iter::repeat_with(AtomicU64::default).take(size).collect());
        let Some(bucket) = table.get(bucket(hash, table.len())) else { return };
        let free = bucket.iter().find(|hint| hint.load(Ordering::Relaxed) == 0);
        // Which one goes is decided by bits of the hash that decide nothing else.
        let place = free.or_else(|| bucket.get((hash >> 30) as usize % BUCKET));
        if let Some(place) = place {
            place.store(hash >> 32 << 32 | u64::from(id), Ordering::Relaxed);
        }
    }

    /// Lets go of a table that has become too small.
    pub(crate) fn fit(&mut self, objects: usize) {
        if self.table.get().is_some_and(|table| table.len() < objects) {
            self.table = OnceLock::new();
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.table.get().map_or(0, |table| table.len() * size_of::<AtomicU64>())
    }
}

fn bucket(hash: u64, size: usize) -> std::ops::Range<usize> {
    let start = hash as usize & (size - BUCKET);
    start..start + BUCKET
}
