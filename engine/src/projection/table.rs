//! Keys and the timelines that belong to them, in the order of the keys.

use crate::bytes::{Reader, put_u32, put_u64};
use crate::refusal::Refusal;

/// Timelines by key. The keys are hashes and so lie evenly: their first bits lead to the few that a look-up compares.
pub(super) struct Table {
    keys: Vec<u64>,
    timelines: Vec<u32>,
    /// By the first bits of a key: where those that begin so end.
    ends: Vec<u32>,
    /// How far a key is shifted for its first bits.
    shift: u32,
}

/// About so many keys begin with the same bits.
const BUCKET: usize = 4;

impl Table {
    /// The table of rows in the order of their keys, no two of which are the same.
    pub(super) fn new(keys: Vec<u64>, timelines: Vec<u32>) -> Self {
        let bits = (keys.len() / BUCKET + 1).ilog2();
        let mut table = Self { keys, timelines, ends: vec![0; 1 << bits], shift: 64 - bits };
        for place in 0..table.keys.len() {
            let bucket = table.keys.get(place).map_or(0, |&key| table.bucket(key));
            if let Some(end) = table.ends.get_mut(bucket) {
                *end = place as u32 + 1;
            }
        }
        // A bucket without keys ends where the one before it does.
        let mut last = 0;
        for end in &mut table.ends {
            last = last.max(*end);
            *end = last;
        }
        table
    }

    #[inline]
    fn bucket(&self, key: u64) -> usize {
        key.checked_shr(self.shift).unwrap_or(0) as usize
    }

    /// The number of the key's timeline.
    #[inline]
    pub(super) fn find(&self, key: u64) -> Option<u32> {
        let bucket = self.bucket(key);
        let end = *self.ends.get(bucket)? as usize;
        let start = bucket.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end as usize);
        let place = start + self.keys.get(start..end)?.binary_search(&key).ok()?;
        self.timelines.get(place).copied()
    }

    /// Adds it in bytes. Where there are no more timelines than a byte can count, a row has one for its own.
    pub(super) fn write(&self, out: &mut Vec<u8>, timelines: usize) {
        put_u32(out, self.keys.len() as u32);
        self.keys.iter().for_each(|&key| put_u64(out, key));
        for &timeline in &self.timelines {
            let bytes = timeline.to_le_bytes();
            out.extend_from_slice(bytes.get(..width(timelines)).unwrap_or_default());
        }
    }

    /// Reads what [`Table::write`] wrote.
    pub(super) fn read(input: &mut Reader, timelines: usize) -> Result<Self, Box<Refusal>> {
        let width = width(timelines);
        let rows = input.count(8 + width)?;
        let keys: Vec<u64> = input.bytes(rows * 8)?.as_chunks().0.iter().map(|key| u64::from_le_bytes(*key)).collect();
        let numbers = input.bytes(rows * width)?;
        let numbers: Vec<u32> = match width {
            1 => numbers.iter().copied().map(u32::from).collect(),
            _ => numbers.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number)).collect(),
        };
        let in_order = keys.is_sorted_by(|before, after| before < after);
        if !in_order || numbers.iter().any(|&timeline| timeline as usize >= timelines) {
            return Err(input.damaged("has a row that does not fit"));
        }
        Ok(Self::new(keys, numbers))
    }
}

fn width(timelines: usize) -> usize {
    if timelines <= 256 { 1 } else { 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_no_other() {
        for rows in [0_u64, 1, 2, 3, 7, 8, 100, 5000] {
            let keys: Vec<u64> = (0..rows).map(|row| row.wrapping_mul(u64::MAX / rows.max(1))).collect();
            let table = Table::new(keys.clone(), (0..rows as u32).collect());
            for (key, number) in keys.iter().zip(0..) {
                assert_eq!(table.find(*key), Some(number), "{rows} rows");
                assert_eq!(table.find(key + 1), None, "{rows} rows");
            }
            assert_eq!(table.find(u64::MAX - 12345), None);
        }
    }
}
