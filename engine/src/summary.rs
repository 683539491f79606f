//! What a list and those above it say in short, so that most walks end at the first list.
//!
//! Most entries are about somebody else. A summary tells of a list and all that count above it which principals are
//! named there, as a few bits each, and what the entries for Everyone come to. Where none of those is meant whose entries
//! match, only the entries for Everyone decide, and what they come to is there already. The bits may say that somebody is
//! named who is not; then the list is read. So a summary spares reading and never decides otherwise than the entries do.
//!
//! A profile of walks without summaries had them read every list up to the root, as nearly all do: two in three questions
//! are denied because nobody who is meant is named. With summaries and a table of paths, measured in turns on one idle
//! machine, a check on handles fell from 50 to 21 ns with 1,000 entries, from 94 to 32 ns with 100,000, and from 420 to
//! 135 ns with 1,000,000 (uniform questions). Remembering decisions was faster still for questions asked twice, slower for
//! all others, and against the design.

use crate::acl::Acl;
use crate::principals::EVERYONE;
use std::sync::atomic::{AtomicU64, Ordering};

/// A set of principals that may seem to hold more than it does: a Bloom filter of 192 bits, one of which is set for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Marks([u64; 3]);

impl Marks {
    /// Names anybody who may ask.
    const ALL: Self = Self([u64::MAX; 3]);
    /// In the marks of all who ask, so that a list that must be read is read even for Everyone alone.
    const ASKING: Self = Self([1 << 63, 0, 0]);

    /// Of those whose entries match somebody who asks.
    #[inline]
    pub(crate) fn asking(closure: &[u32]) -> Self {
        Self::of(Self::ASKING, closure.iter().copied())
    }

    /// Of all but Everyone, whom summaries know apart.
    #[inline]
    fn of(mut marks: Self, principals: impl Iterator<Item = u32>) -> Self {
        principals.filter(|id| *id != EVERYONE).for_each(|id| marks.add(id));
        marks
    }

    #[inline(always)]
    fn add(&mut self, id: u32) {
        // Numbers that follow each other come to lie far apart.
        let hash = u64::from(id).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let word = (hash >> 32).wrapping_mul(3) >> 32;
        if let Some(word) = self.0.get_mut(word as usize) {
            *word |= 1 << (hash & 63);
        }
    }
}

/// The summary of one list, at the list's place: half a cache line.
#[repr(align(32))]
#[derive(Default)]
pub(crate) struct Summary {
    /// For how many changes of lists it holds in the upper half, and in the lower what the entries for Everyone allow.
    said: AtomicU64,
    named: [AtomicU64; 3],
}

/// What a summary says, as it is made from the root down.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said {
    /// What the entries for Everyone allow.
    pub(crate) everyone: u32,
    named: Marks,
}

/// A list this long is always read.
const LONG_LIST: usize = 32;

impl Said {
    /// What the list says on top of those above it.
    pub(crate) fn and(self, acl: &Acl) -> Self {
        let above = if acl.inheriting { self } else { Self::default() };
        let own = acl.entries.first().filter(|entry| entry.principal == EVERYONE);
        let (allow, deny) = own.map_or((0, 0), |entry| (entry.allow, entry.deny));
        // What is dated depends on the time.
        let is_plain = acl.windows.is_none() && acl.entries.len() <= LONG_LIST;
        let own = if is_plain {
            Marks::of(Marks::default(), acl.entries.iter().map(|entry| entry.principal))
        } else {
            Marks::ALL
        };
        let [Marks([a, b, c]), Marks([d, e, f])] = [above.named, own];
        Self { everyone: allow | above.everyone & !(allow | deny), named: Marks([a | d, b | e, c | f]) }
    }

    /// Whether none of the marked is named.
    pub(crate) fn is_silent_about(&self, marks: &Marks) -> bool {
        self.named.0.iter().zip(&marks.0).all(|(named, mark)| named & mark == 0)
    }
}

impl Summary {
    /// What Everyone's entries allow, if nobody else of the marked is named; `Err` where it is out of date.
    #[inline(always)]
    pub(crate) fn silent_about(&self, Marks([a, b, c]): &Marks, now: u32) -> Result<Option<u32>, Stale> {
        // Whoever sees what is said sees all of what is named.
        let said = self.said.load(Ordering::Acquire);
        if (said >> 32) as u32 != now {
            return Err(Stale);
        }
        let [d, e, f] = &self.named;
        let [d, e, f] = [d, e, f].map(|word| word.load(Ordering::Relaxed));
        Ok(if a & d | b & e | c & f == 0 { Some(said as u32) } else { None })
    }

    /// All that it says, unless it is out of date.
    pub(crate) fn read(&self, now: u32) -> Option<Said> {
        let said = self.said.load(Ordering::Acquire);
        let named = self.named.each_ref().map(|word| word.load(Ordering::Relaxed));
        ((said >> 32) as u32 == now).then_some(Said { everyone: said as u32, named: Marks(named) })
    }

    /// Writes it. Whoever does so at the same time writes the same.
    pub(crate) fn write(&self, said: Said, now: u32) {
        for (word, named) in self.named.iter().zip(said.named.0) {
            word.store(named, Ordering::Relaxed);
        }
        self.said.store(u64::from(now) << 32 | u64::from(said.everyone), Ordering::Release);
    }

    /// Makes it out of date for ever.
    pub(crate) fn clear(&mut self) {
        *self.said.get_mut() = 0;
    }
}

/// A summary was made before the last change.
pub(crate) struct Stale;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::Entry;
    use crate::change::Window;

    fn list(entries: &[(u32, u32, u32)]) -> Acl {
        let mut acl = Acl::new(1);
        let entry = |(at, &(principal, allow, deny)): (usize, &(u32, u32, u32))| Entry {
            principal,
            id: at as u32,
            allow,
            deny,
        };
        acl.entries = entries.iter().enumerate().map(entry).collect();
        acl
    }

    fn is_silent(said: &Said, closure: &[u32]) -> bool {
        said.is_silent_about(&Marks::asking(closure))
    }

    #[test]
    fn whoever_is_named_is_never_passed_over() {
        for named in 2..5000 {
            let said = Said::default().and(&list(&[(named, 1, 0)])).and(&list(&[]));
            assert!(!is_silent(&said, &[EVERYONE, named]), "{named}");
        }
    }

    #[test]
    fn whoever_is_named_at_two_levels_is_never_passed_over() {
        for named in 2..1000 {
            let said = Said::default().and(&list(&[(named, 1, 0)])).and(&list(&[(named, 0, 1)]));
            assert!(!is_silent(&said, &[EVERYONE, named]), "{named}");
        }
    }

    /// The first principal whose mark is that bit of that word.
    fn marked(word: usize, bit: u32) -> Option<u32> {
        (2..100_000).find(|id| Marks::of(Marks::default(), [*id].into_iter()).0.get(word) == Some(&(1 << bit)))
    }

    #[test]
    fn a_summary_passes_over_whom_what_it_says_passes_over() {
        let summary = Summary::default();
        let agrees = |said: Said, closure: &[u32]| {
            summary.write(said, 3);
            let asking = Marks::asking(closure);
            let silent = summary.silent_about(&asking, 3).ok().map(|everyone| everyone.is_some());
            assert_eq!(silent, Some(said.is_silent_about(&asking)), "{closure:?}");
            silent == Some(true)
        };
        let named = |ids: &[u32]| {
            let entries: Vec<(u32, u32, u32)> = ids.iter().map(|id| (*id, 1, 0)).collect();
            Said::default().and(&list(&entries))
        };
        let silent = (2..400).filter(|id| agrees(named(&[id + 1000, id + 2000]), &[*id])).count();
        assert!(silent > 380, "{silent}");
        assert!(!(2..400).any(|id| agrees(named(&[id]), &[id])));
        // Two whose marks are the same bit of different words do not hide each other.
        for words in [[0, 1], [0, 2], [1, 2]] {
            let both: Vec<u32> = words.iter().filter_map(|word| marked(*word, 5)).collect();
            assert!(both.len() == 2 && !agrees(named(&both), &both), "{words:?}");
        }
    }

    #[test]
    fn most_who_are_not_named_are_passed_over() {
        let said = Said::default().and(&list(&[(7, 1, 0), (8, 1, 0), (9, 0, 1)]));
        let passed_over = (100..1100).filter(|id| is_silent(&said, &[EVERYONE, *id])).count();
        assert!(passed_over > 950, "{passed_over} of 1000");
    }

    #[test]
    fn everyones_own_entries_come_to_what_the_nearest_says() {
        let root = Said::default().and(&list(&[(EVERYONE, 0b0011, 0b0100)]));
        assert_eq!(root.everyone, 0b0011);
        let below = root.and(&list(&[(EVERYONE, 0b1100, 0b0001), (7, 0b1111, 0)]));
        assert_eq!(below.everyone, 0b1110);
        assert!(is_silent(&below, &[EVERYONE]) && !is_silent(&below, &[EVERYONE, 7]));
        let mut broken = list(&[(EVERYONE, 0b1000, 0)]);
        broken.inheriting = false;
        let cut = below.and(&broken);
        assert_eq!(cut.everyone, 0b1000);
        assert!(is_silent(&cut, &[EVERYONE, 7]), "what is above broken inheritance does not count");
    }

    #[test]
    fn a_list_with_dated_entries_and_a_long_one_are_always_read() {
        let mut dated = list(&[(EVERYONE, 1, 0)]);
        dated.windows = Some(Box::new(vec![(0, Window::default())]));
        let long: Vec<(u32, u32, u32)> = (2..40).map(|id| (id, 1, 0)).collect();
        for said in [Said::default().and(&dated), Said::default().and(&list(&long))] {
            for closure in [&[][..], &[EVERYONE], &[EVERYONE, 1000]] {
                assert!(!is_silent(&said, closure), "{closure:?}");
            }
        }
    }

    #[test]
    fn a_summary_says_what_was_written_until_it_is_out_of_date() {
        let summary = Summary::default();
        let said = Said::default().and(&list(&[(EVERYONE, 0b101, 0), (7, 1, 0)]));
        let ask = |closure: &[u32], now| summary.silent_about(&Marks::asking(closure), now).ok();
        assert!(ask(&[EVERYONE], 1).is_none() && summary.read(1).is_none());
        summary.write(said, 1);
        assert_eq!((ask(&[EVERYONE], 1), ask(&[EVERYONE, 7], 1)), (Some(Some(0b101)), Some(None)));
        assert_eq!(summary.read(1).map(|said| said.everyone), Some(0b101));
        assert!(ask(&[EVERYONE], 2).is_none() && summary.read(2).is_none());
    }
}
