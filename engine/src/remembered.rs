//! What texts meant before: a table of a limited size, in which finding an object by its path again is one probe.
//!
//! Nothing depends on it: paths and names mean the same when it is empty, only later. What a slot says is believed only
//! while no object or principal has got another name or place since, so that none of these changes need find what it makes
//! wrong: it costs the same however much is remembered. It is about names alone. Who may do what is never remembered.
//!
//! What was here before, hints at objects whose names were then compared one by one up to the root, took longer: what a
//! check on three strings costs beyond one on handles fell from 76 to 37 ns with 1,000 entries, and from 560 to 455 ns with
//! 1,000,000 (uniform questions, in turns on one idle machine).

use bytemuck::zeroed_slice_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Ids by the texts that name them.
#[derive(Default)]
pub(crate) struct Texts(OnceLock<Box<[Slot]>>);

/// A text and what it means, written together and read together, by many threads without a lock: whoever reads while
/// somebody writes reads nothing. The words are: a number that is odd while somebody writes; one more than how many
/// changes there had been; the text's length and the id; the text.
///
/// It is a sequence lock. Who writes takes the first word for itself, and with it what others wrote (acquire), tells so
/// before the rest (the fence), and gives it back after the rest (release). Who reads looks at the first word before the
/// rest (acquire) and after it (the fence): where it is the same and even, nobody wrote in between.
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
        self.0.get_or_init(|| zeroed_slice_box(Self::size_for(ids)));
        let bucket = self.bucket(hash);
        let is_old = |[_, then, ..]: &&Slot| then.load(Ordering::Relaxed) != changes + 1;
        // Which one goes is decided by bits that decide nothing else.
        if let Some(slot) =
            bucket.iter().find(is_old).or_else(|| bucket.get(hash as usize % Self::BUCKET).filter(|_| !gently))
        {
            write(slot, text, id, changes);
        }
    }

    /// Lets go of a table that has become too small.
    pub(crate) fn fit(&mut self, ids: usize) {
        if self.0.get().is_some_and(|slots| slots.len() * 2 < Self::size_for(ids)) {
            self.0 = OnceLock::new();
        }
    }

    fn size_for(ids: usize) -> usize {
        ids.next_power_of_two().clamp(1 << 8, Self::MOST)
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
    let Some(before) = claim(turn) else { return };
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

/// Makes a slot's number odd and gives back the even one that it was, unless somebody else has.
fn claim(turn: &AtomicU64) -> Option<u64> {
    let before = turn.load(Ordering::Relaxed);
    let ours = || turn.compare_exchange(before, before + 1, Ordering::Acquire, Ordering::Relaxed).is_ok();
    (before.is_multiple_of(2) && ours()).then_some(before)
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
            let known = (length <= 104).then_some(length as u32);
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
    fn a_table_that_has_become_too_small_is_given_up_for_a_larger_one() {
        let mut texts = Texts::default();
        texts.keep(1, b"path", 5, 0, 10, false);
        let small = texts.heap_bytes();
        texts.fit(400);
        assert_eq!((texts.find(1, b"path", 0), texts.heap_bytes()), (Some(5), small), "twice as many still have room");
        texts.fit(600);
        assert_eq!((texts.find(1, b"path", 0), texts.heap_bytes()), (None, 0));
        texts.keep(1, b"path", 5, 0, 600, false);
        assert_eq!((texts.find(1, b"path", 0), texts.heap_bytes()), (Some(5), 4 * small));
        texts.fit(usize::MAX / 2);
        assert_eq!(texts.find(1, b"path", 0), None);
        texts.keep(1, b"path", 5, 0, usize::MAX / 2, false);
        texts.fit(usize::MAX / 2);
        assert_eq!(texts.find(1, b"path", 0), Some(5), "there is a limit");
    }

    #[test]
    fn while_somebody_writes_nothing_is_read_and_nobody_else_writes() {
        let slot = Slot::default();
        let [turn, ..] = &slot;
        write(&slot, b"before", 1, 0);
        assert_eq!(claim(turn), Some(2));
        assert_eq!(read(&slot, b"before", 0), None);
        assert_eq!(claim(turn), None);
        write(&slot, b"after", 2, 0);
        turn.fetch_add(1, Ordering::Relaxed);
        assert_eq!(read(&slot, b"before", 0), Some(1));
    }

    #[test]
    fn whenever_a_slot_is_written_its_number_is_one_that_it_never_was() {
        let slot = Slot::default();
        let [turn, ..] = &slot;
        let numbers = [2, 4, 6, 8].map(|_| {
            write(&slot, b"text", 1, 0);
            turn.load(Ordering::Relaxed)
        });
        assert_eq!(numbers, [2, 4, 6, 8]);
    }

    #[test]
    fn a_table_is_as_large_as_what_it_is_about_within_limits() {
        for (ids, slots) in [(0, 1 << 8), (3000, 1 << 12), (1 << 17, 1 << 17), (1 << 20, 1 << 17)] {
            let texts = Texts::default();
            texts.keep(1, b"text", 1, 0, ids, false);
            assert_eq!(texts.0.get().map(|slots| slots.len()), Some(slots), "{ids} ids");
        }
    }

    #[test]
    fn most_of_what_there_is_room_for_is_found_again() {
        let (texts, known) = (Texts::default(), (0..500).map(|number| format!("path {number}")).collect::<Vec<_>>());
        known.iter().for_each(|text| keep(&texts, text, 5, 0));
        let found = known.iter().filter(|text| find(&texts, text, 0).is_some()).count();
        assert!(found > 450, "{found} of {}", known.len());
    }

    #[test]
    fn what_comes_is_remembered_also_where_there_is_no_room_left() {
        let texts = Texts::default();
        for number in 0..10_000 {
            let text = format!("path {number}");
            keep(&texts, &text, number, 0);
            assert_eq!(find(&texts, &text, 0), Some(number), "{number}");
        }
    }
}
