//! What was found before: tables of a limited size in which asking again is one probe.
//!
//! Nothing depends on them: a policy answers the same when they are empty, only later. What a slot says is believed only
//! while nothing has changed since, so that no change need find what it makes wrong; it costs the same however much is
//! remembered. A walk reads a list for each level, and a path compared name by name reads an object for each: with a
//! million of both, every one of these waits for memory. Remembered, either is one or two waits.

use bytemuck::zeroed_slice_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// What principals may do where, for decisions that hold until something is changed: one number each, which tells whose
/// it is, so that it is read and written whole.
///
/// | 8 bits | 24 bits | 24 bits | 8 bits |
/// |---|---|---|---|
/// | stamp | principal | list | what is allowed |
///
/// A change makes the next stamp the current one, of which there are 255; and it empties a 255th of the table, so that
/// nothing is left of a stamp when its turn comes again.
#[derive(Default)]
pub(crate) struct Decisions {
    slots: OnceLock<Box<[AtomicU64]>>,
    /// One less than the current stamp.
    turn: u8,
    /// Where the next change goes on emptying.
    hand: usize,
}

impl Decisions {
    /// Slots that share a hash.
    const BUCKET: usize = 2;
    /// How many stamps there are; an empty slot has none of them.
    const STAMPS: usize = 255;
    /// Two megabytes in all.
    const MOST: usize = 1 << 18;

    /// The mask of what the principal is allowed at the list, if that was decided since the last change.
    #[inline(always)]
    pub(crate) fn find(&self, principal: u32, list: u32) -> Option<u32> {
        let key = self.key(principal, list)?;
        for slot in self.bucket(key) {
            let known = slot.load(Ordering::Relaxed);
            if known >> 8 == key {
                return Some(known as u32 & 0xFF);
            }
        }
        None
    }

    /// Remembers what of all privileges is allowed. `lists`: how many there are.
    #[inline]
    pub(crate) fn keep(&self, principal: u32, list: u32, allowed: u32, lists: usize) {
        let Some(key) = self.key(principal, list).filter(|_| allowed <= 0xFF) else { return };
        let size = (lists * 32).next_power_of_two().clamp(1 << 10, Self::MOST);
        self.slots.get_or_init(|| zeroed_slice_box(size));
        let bucket = self.bucket(key);
        let old = |slot: &&AtomicU64| slot.load(Ordering::Relaxed) >> 56 != key >> 48;
        // Which one goes is decided by bits that decide nothing else.
        let slot = bucket.iter().find(old).or_else(|| bucket.get(spread(key) as usize % Self::BUCKET));
        if let Some(slot) = slot {
            slot.store(key << 8 | u64::from(allowed), Ordering::Relaxed);
        }
    }

    /// Forgets everything.
    #[inline]
    pub(crate) fn forget(&mut self) {
        self.turn = (self.turn + 1) % Self::STAMPS as u8;
        let Some(slots) = self.slots.get_mut() else { return };
        let part = slots.len().div_ceil(Self::STAMPS);
        let end = self.hand + part;
        slots.iter_mut().skip(self.hand).take(part).for_each(|slot| *slot.get_mut() = 0);
        self.hand = if end < slots.len() { end } else { 0 };
    }

    /// The stamp, the principal and the list, where they have room.
    #[inline(always)]
    fn key(&self, principal: u32, list: u32) -> Option<u64> {
        if (principal | list) >> 24 != 0 {
            return None;
        }
        Some((u64::from(self.turn) + 1) << 48 | u64::from(principal) << 24 | u64::from(list))
    }

    #[inline(always)]
    fn bucket(&self, key: u64) -> &[AtomicU64] {
        let Some(slots) = self.slots.get() else { return &[] };
        let start = (spread(key) >> 32) as usize & (slots.len() - Self::BUCKET);
        slots.get(start..start + Self::BUCKET).unwrap_or_default()
    }
}

/// All bits of the number decide the upper half of this.
#[inline(always)]
fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Ids by the texts that name them.
#[derive(Default)]
pub(crate) struct Texts(OnceLock<Box<[Slot]>>);

/// A text and what it means, written together and read together, by many threads without a lock: whoever reads while
/// somebody writes reads nothing. The words are: a number that is odd while somebody writes; one more than how many
/// changes there had been; the text's length and the id; the text.
type Slot = [AtomicU64; 16];

impl Texts {
    /// Slots that share a hash.
    const BUCKET: usize = 4;
    /// A longer text is not remembered.
    const LONGEST: usize = 8 * 13;
    /// 128 bytes each: sixteen megabytes where that many texts are asked about.
    const MOST: usize = 1 << 17;

    /// The id that the text meant after as many changes.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, text: &[u8], changes: u64) -> Option<u32> {
        for slot in self.bucket(hash) {
            if let Some(id) = read(slot, text, changes) {
                return Some(id);
            }
        }
        None
    }

    /// Remembers what a text means; `gently`: only where there is room for it. `ids`: how many it might mean.
    pub(crate) fn keep(&self, hash: u64, text: &[u8], id: u32, changes: u64, ids: usize, gently: bool) {
        if text.len() > Self::LONGEST {
            return;
        }
        let size = ids.next_power_of_two().clamp(1 << 10, Self::MOST);
        self.0.get_or_init(|| zeroed_slice_box(size));
        let bucket = self.bucket(hash);
        let is_old = |[_, then, ..]: &&Slot| then.load(Ordering::Relaxed) != changes + 1;
        // Which one goes is decided by bits that decide nothing else.
        if let Some(slot) =
            bucket.iter().find(is_old).or_else(|| bucket.get(hash as usize % Self::BUCKET).filter(|_| !gently))
        {
            write(slot, text, id, changes);
        }
    }

    #[inline(always)]
    fn bucket(&self, hash: u64) -> &[Slot] {
        let Some(slots) = self.0.get() else { return &[] };
        let start = (hash >> 32) as usize & (slots.len() - Self::BUCKET);
        slots.get(start..start + Self::BUCKET).unwrap_or_default()
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.get().map_or(0, |slots| size_of_val::<[_]>(slots))
    }
}

#[inline(always)]
fn read([turn, then, head, known @ ..]: &Slot, text: &[u8], changes: u64) -> Option<u32> {
    let before = turn.load(Ordering::Acquire);
    let head = head.load(Ordering::Relaxed);
    if then.load(Ordering::Relaxed) != changes + 1 || (head >> 32) as usize != text.len() {
        return None;
    }
    let (words, _) = text.as_chunks::<8>();
    let mut known = known.iter();
    for word in words {
        if known.next()?.load(Ordering::Relaxed) != u64::from_le_bytes(*word) {
            return None;
        }
    }
    if !text.len().is_multiple_of(8) && known.next()?.load(Ordering::Relaxed) != last_word(text) {
        return None;
    }
    fence(Ordering::Acquire);
    if before % 2 == 0 && before == turn.load(Ordering::Relaxed) { Some(head as u32) } else { None }
}

/// Does nothing where somebody else writes.
fn write([turn, then, head, known @ ..]: &Slot, text: &[u8], id: u32, changes: u64) {
    let before = turn.load(Ordering::Relaxed);
    let ours = || turn.compare_exchange(before, before + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok();
    if before % 2 == 1 || !ours() {
        return;
    }
    fence(Ordering::Release);
    then.store(changes + 1, Ordering::Relaxed);
    head.store((text.len() as u64) << 32 | u64::from(id), Ordering::Relaxed);
    let (words, _) = text.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    for (place, word) in known.iter().zip(words.chain([last_word(text)])) {
        place.store(word, Ordering::Relaxed);
    }
    turn.store(before + 2, Ordering::Release);
}

/// The last eight bytes, or all of a shorter text.
#[inline(always)]
fn last_word(text: &[u8]) -> u64 {
    match text.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: usize = 100;

    #[test]
    fn a_decision_is_found_until_something_changes_and_never_again() {
        let mut decisions = Decisions::default();
        for round in 0..600_u32 {
            for other in 0..8 {
                decisions.keep(round, other, other % 16, LISTS);
                assert_eq!(decisions.find(round, other), Some(other % 16));
            }
            decisions.forget();
            // Not by the next stamps, nor when its own stamp comes again.
            for before in round.saturating_sub(300)..=round {
                assert!((0..8).all(|other| decisions.find(before, other).is_none()), "{before} in round {round}");
            }
        }
    }

    #[test]
    fn nothing_is_left_of_a_stamp_when_its_turn_comes_again() {
        let mut decisions = Decisions::default();
        (0..10_000).for_each(|other| decisions.keep(1, other, 5, LISTS));
        let first = decisions.find(1, 9_999);
        (0..Decisions::STAMPS).for_each(|_| decisions.forget());
        assert_eq!(first, Some(5));
        assert!((0..10_000).all(|other| decisions.find(1, other).is_none()));
    }

    #[test]
    fn a_decision_is_about_one_principal_and_one_list() {
        let decisions = Decisions::default();
        decisions.keep(3, 4, 1, LISTS);
        for (principal, list) in [(4, 3), (3, 5), (2, 4), (3 + (1 << 24), 4), (3, 4 + (1 << 24)), (0, 0)] {
            assert_eq!(decisions.find(principal, list), None, "{principal} {list}");
        }
        // What has no room in a slot is not remembered, and so is not mistaken for something else.
        decisions.keep(3, 4 + (1 << 24), 2, LISTS);
        decisions.keep(3 + (1 << 24), 4, 2, LISTS);
        decisions.keep(3, 4, 1 << 8, LISTS);
        assert_eq!(decisions.find(3, 4), Some(1));
    }

    fn hash_of(text: &str) -> u64 {
        crate::index::hash(0, 0, text.as_bytes())
    }

    /// Keeps a text among a thousand, not gently.
    fn keep(texts: &Texts, text: &str, id: u32, changes: u64) {
        texts.keep(hash_of(text), text.as_bytes(), id, changes, 1000, false);
    }

    fn find(texts: &Texts, text: &str, changes: u64) -> Option<u32> {
        texts.find(hash_of(text), text.as_bytes(), changes)
    }

    #[test]
    fn a_text_of_any_length_is_found_as_long_as_nothing_has_changed() {
        let whole = "/projects/Default/procedures/Build/steps/compile/and/more/of/it/until/it/is/as/long/as/can/be/and/longer/than/that";
        let texts = Texts::default();
        for length in 0..=whole.len() {
            let text = whole.get(..length).unwrap_or_default();
            keep(&texts, text, length as u32, 7);
            let known = (length <= Texts::LONGEST).then_some(length as u32);
            assert_eq!(find(&texts, text, 7), known, "{text}");
            assert_eq!(find(&texts, text, 8), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_differs_in_one_byte_is_another_even_where_its_hash_is_the_same() {
        let texts = Texts::default();
        for length in 1..=Texts::LONGEST {
            let text = vec![b'a'; length];
            texts.keep(1, &text, 5, 0, 1000, false);
            for place in 0..length {
                let mut other = text.clone();
                other.splice(place..=place, [b'b']);
                assert_eq!(texts.find(1, &other, 0), None, "{place} of {length}");
            }
            assert_eq!(texts.find(1, &text, 0), Some(5));
        }
    }

    #[test]
    fn what_is_kept_gently_drives_nothing_away() {
        let texts = Texts::default();
        let hard: Vec<String> = (0..4).map(|number| format!("path {number}")).collect();
        hard.iter().zip(0..).for_each(|(text, id)| texts.keep(1, text.as_bytes(), id, 0, 1000, false));
        texts.keep(1, b"gentle", 9, 0, 1000, true);
        assert_eq!(texts.find(1, b"gentle", 0), None);
        assert!(hard.iter().zip(0..).all(|(text, id)| texts.find(1, text.as_bytes(), 0) == Some(id)));
        // What is out of date makes room.
        texts.keep(1, b"gentle", 9, 1, 1000, true);
        assert_eq!(texts.find(1, b"gentle", 1), Some(9));
    }

    #[test]
    fn while_somebody_writes_nothing_is_read_and_nobody_else_writes() {
        let texts = Texts::default();
        keep(&texts, "before", 1, 0);
        let slot = texts.bucket(hash_of("before")).first();
        if let Some([turn, ..]) = slot {
            turn.fetch_add(1, Ordering::Relaxed);
        }
        assert!(slot.is_some());
        assert_eq!(find(&texts, "before", 0), None);
        slot.into_iter().for_each(|slot| write(slot, b"after", 2, 0));
        if let Some([turn, ..]) = slot {
            turn.fetch_add(1, Ordering::Relaxed);
        }
        assert_eq!(find(&texts, "before", 0), Some(1));
    }
}
