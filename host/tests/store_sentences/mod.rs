//! The contract of `Store`, sentence by sentence, for any store that can be opened again and again.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use portcullis_host::store::chain::link_hash;
use portcullis_host::store::{
    ChainError, Hash, Head, MAX_BYTES, Mark, NewSet, Outcome, PolicyId, PrivateRow, Store, StoreError, StoredSet,
    verify, walk,
};

/// Opens the same store again and again, once the handle before is dropped.
pub(crate) type Open<'a> = &'a dyn Fn() -> Box<dyn Store>;

pub(crate) const POLICY: PolicyId = PolicyId(1);
pub(crate) const OTHER: PolicyId = PolicyId(u32::MAX);

/// Every sentence, by its name.
macro_rules! sentences {
    ($use:ident!) => {
        $use! {
            an_empty_log_has_the_empty_head_and_nothing_to_read
            append_takes_the_expected_head_and_answers_the_new_one
            an_append_of_several_gives_each_its_own_revision
            an_append_of_none_confirms_the_head
            a_conflict_changes_nothing_and_tells_the_head
            the_instant_of_the_expected_head_is_not_compared
            the_head_keeps_the_greatest_instant
            sets_come_back_in_order_each_with_the_hash_of_the_one_before
            reading_keeps_to_its_beginning_and_its_limit
            reading_the_newest_keeps_to_its_beginning_and_its_limit
            what_is_done_is_there_when_the_store_is_opened_again
            bodies_come_back_byte_for_byte
            what_is_too_large_is_refused_and_nothing_is_changed
            private_values_come_with_their_change_set_and_go_with_another
            private_values_come_in_the_order_of_their_digests_and_keep_to_the_limit
            private_values_come_back_byte_for_byte
            what_change_sets_bring_and_erase_is_done_in_their_order
            what_is_not_there_is_erased_already
            a_conflict_brings_and_erases_no_private_value
            private_values_are_no_part_of_the_chain
            an_instant_that_is_kept_raises_the_heads_and_nothing_else
            an_instant_never_goes_back
            an_empty_log_keeps_no_instant
            a_head_with_a_kept_instant_is_sound_and_a_walk_reaches_it
            policies_do_not_see_each_other
            a_snapshot_comes_back_as_it_was_put
            a_snapshot_takes_the_place_of_the_one_before
            a_snapshot_of_a_head_that_is_not_in_the_log_is_refused
            a_sound_log_passes_with_any_of_its_marks
            a_mark_that_is_not_in_the_log_is_found_out
            a_walk_from_a_snapshot_reads_what_came_after
        }
    };
}
pub(crate) use sentences;

fn set(at_ms: i64, body: &[u8]) -> NewSet {
    NewSet::new(at_ms, body.to_vec())
}

/// `count` change sets that differ from each other.
fn sets(count: u8) -> Vec<NewSet> {
    (1..=count).map(|number| set(i64::from(number) * 1000, &[number, 0, 0xff])).collect()
}

fn append(store: &mut dyn Store, policy: PolicyId, sets: &[NewSet]) -> Head {
    let expected = store.head(policy).unwrap();
    match store.append(policy, &expected, sets).unwrap() {
        Outcome::Done(head) => head,
        other => panic!("{other:?}"),
    }
}

fn all(store: &dyn Store, policy: PolicyId) -> Vec<StoredSet> {
    store.read(policy, 0, u32::MAX).unwrap()
}

/// A change set that brings the values of these numbers and erases those of the others.
fn private_set(put: &[u8], gone: &[u8]) -> NewSet {
    let private = put.iter().map(|number| row(*number)).collect();
    NewSet { private, gone: gone.iter().map(|number| digest(*number)).collect(), ..set(1, b"") }
}

fn digest(number: u8) -> Hash {
    let mut digest = [0xa5; 32];
    // The last byte decides the order where the first ones are equal.
    (digest[0], digest[31]) = (number & 0xf0, number);
    digest
}

fn row(number: u8) -> PrivateRow {
    PrivateRow { digest: digest(number), value: format!("value {number}").into_bytes() }
}

fn rows(numbers: &[u8]) -> Vec<PrivateRow> {
    numbers.iter().map(|number| row(*number)).collect()
}

fn all_private(store: &dyn Store, policy: PolicyId) -> Vec<PrivateRow> {
    store.read_private(policy, None, u32::MAX).unwrap()
}

fn revisions(sets: &[StoredSet]) -> Vec<u64> {
    sets.iter().map(|set| set.revision).collect()
}

pub(crate) fn an_empty_log_has_the_empty_head_and_nothing_to_read(open: Open<'_>) {
    let store = open();
    assert_eq!(store.head(POLICY), Ok(Head::EMPTY));
    assert_eq!(Head::EMPTY, Head { revision: 0, hash: [0; 32], at_ms: 0 });
    assert_eq!(store.read(POLICY, 0, 10), Ok(vec![]));
    assert_eq!(store.read_newest(POLICY, u64::MAX, 10), Ok(vec![]));
    assert_eq!(store.read_private(POLICY, None, 10), Ok(vec![]));
    assert_eq!(store.snapshot(POLICY), Ok(None));
    assert_eq!(verify(&*store, POLICY, None), Ok(Head::EMPTY));
}

pub(crate) fn append_takes_the_expected_head_and_answers_the_new_one(open: Open<'_>) {
    let mut store = open();
    let hash = link_hash(POLICY, &[0; 32], 1, 1000, b"one");
    let first = Head { revision: 1, hash, at_ms: 1000 };
    assert_eq!(store.append(POLICY, &Head::EMPTY, &[set(1000, b"one")]), Ok(Outcome::Done(first)));
    assert_eq!(store.head(POLICY), Ok(first));
    let hash = link_hash(POLICY, &hash, 2, 2000, b"two");
    let second = Head { revision: 2, hash, at_ms: 2000 };
    assert_eq!(store.append(POLICY, &first, &[set(2000, b"two")]), Ok(Outcome::Done(second)));
    assert_eq!(store.head(POLICY), Ok(second));
}

pub(crate) fn an_append_of_several_gives_each_its_own_revision(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(1));
    let head = append(&mut *store, POLICY, &sets(3));
    assert_eq!(head.revision, 4);
    assert_eq!(revisions(&all(&*store, POLICY)), [1, 2, 3, 4]);
}

pub(crate) fn an_append_of_none_confirms_the_head(open: Open<'_>) {
    let mut store = open();
    assert_eq!(store.append(POLICY, &Head::EMPTY, &[]), Ok(Outcome::Done(Head::EMPTY)));
    let head = append(&mut *store, POLICY, &sets(2));
    assert_eq!(store.append(POLICY, &head, &[]), Ok(Outcome::Done(head)));
    assert_eq!(store.append(POLICY, &Head::EMPTY, &[]), Ok(Outcome::Conflict(head)));
    assert_eq!(all(&*store, POLICY).len(), 2);
}

pub(crate) fn a_conflict_changes_nothing_and_tells_the_head(open: Open<'_>) {
    let mut store = open();
    let old = append(&mut *store, POLICY, &sets(2));
    let head = append(&mut *store, POLICY, &sets(1));
    let before = all(&*store, POLICY);
    let wrong_hash = Head { hash: old.hash, ..head };
    let wrong_revision = Head { revision: 4, ..head };
    for expected in [Head::EMPTY, old, wrong_hash, wrong_revision] {
        assert_eq!(store.append(POLICY, &expected, &sets(2)), Ok(Outcome::Conflict(head)), "{expected:?}");
    }
    assert_eq!(store.head(POLICY), Ok(head));
    assert_eq!(all(&*store, POLICY), before);
    drop(store);
    assert_eq!(all(&*open(), POLICY), before);
}

pub(crate) fn the_instant_of_the_expected_head_is_not_compared(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(1));
    let expected = Head { at_ms: 5, ..head };
    let Ok(Outcome::Done(next)) = store.append(POLICY, &expected, &[set(7, b"")]) else { panic!("a conflict") };
    assert_eq!(next.at_ms, head.at_ms, "the stored instant counts, not the expected head's");
}

pub(crate) fn the_head_keeps_the_greatest_instant(open: Open<'_>) {
    let mut store = open();
    assert_eq!(append(&mut *store, POLICY, &[set(-5, b"")]).at_ms, 0);
    assert_eq!(append(&mut *store, POLICY, &[set(5000, b""), set(900, b"")]).at_ms, 5000);
    assert_eq!(append(&mut *store, POLICY, &[set(i64::MIN, b"")]).at_ms, 5000);
    assert_eq!(append(&mut *store, POLICY, &[set(i64::MAX, b"")]).at_ms, i64::MAX);
    let instants: Vec<i64> = all(&*store, POLICY).iter().map(|set| set.at_ms).collect();
    assert_eq!(instants, [-5, 5000, 900, i64::MIN, i64::MAX], "each keeps its own");
}

pub(crate) fn sets_come_back_in_order_each_with_the_hash_of_the_one_before(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(120));
    let head = append(&mut *store, POLICY, &sets(80));
    let stored = all(&*store, POLICY);
    assert_eq!(revisions(&stored), (1..=200).collect::<Vec<_>>());
    let mut previous = [0; 32];
    for set in &stored {
        assert_eq!(set.previous, previous, "revision {}", set.revision);
        assert_eq!(set.hash, link_hash(POLICY, &previous, set.revision, set.at_ms, &set.body));
        previous = set.hash;
    }
    assert_eq!(previous, head.hash);
}

pub(crate) fn reading_keeps_to_its_beginning_and_its_limit(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(5));
    let read = |after, limit| revisions(&store.read(POLICY, after, limit).unwrap());
    assert_eq!(read(0, 2), [1, 2]);
    assert_eq!(read(3, 1), [4]);
    assert_eq!(read(3, 100), [4, 5]);
    assert_eq!(read(0, u32::MAX), [1, 2, 3, 4, 5]);
    for (after, limit) in [(5, 10), (6, 10), (u64::MAX, 10), (i64::MAX as u64, 10), (0, 0)] {
        assert_eq!(read(after, limit), Vec::<u64>::new(), "after {after}, limit {limit}");
    }
}

pub(crate) fn reading_the_newest_keeps_to_its_beginning_and_its_limit(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(5));
    let read = |before, limit| revisions(&store.read_newest(POLICY, before, limit).unwrap());
    assert_eq!(read(u64::MAX, 2), [5, 4]);
    assert_eq!(read(4, 2), [3, 2]);
    assert_eq!(read(6, 100), [5, 4, 3, 2, 1]);
    assert_eq!(read(2, 100), [1]);
    for (before, limit) in [(0, 10), (1, 10), (u64::MAX, 0)] {
        assert_eq!(read(before, limit), Vec::<u64>::new(), "before {before}, limit {limit}");
    }
    let mut oldest_first = store.read_newest(POLICY, u64::MAX, 5).unwrap();
    oldest_first.reverse();
    assert_eq!(oldest_first, all(&*store, POLICY));
}

pub(crate) fn what_is_done_is_there_when_the_store_is_opened_again(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(3));
    store.put_snapshot(POLICY, &head, b"state").unwrap();
    let before = all(&*store, POLICY);
    drop(store);
    let mut store = open();
    assert_eq!(store.head(POLICY), Ok(head));
    assert_eq!(all(&*store, POLICY), before);
    assert_eq!(store.snapshot(POLICY).unwrap().unwrap().bytes, b"state");
    assert_eq!(append(&mut *store, POLICY, &sets(1)).revision, 4);
    drop(store);
    assert_eq!(verify(&*open(), POLICY, Some(&head.mark())).unwrap().revision, 4);
}

pub(crate) fn bodies_come_back_byte_for_byte(open: Open<'_>) {
    let mut store = open();
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let large: Vec<u8> = every_byte.iter().copied().cycle().take(1 << 20).collect();
    let bodies = [b"".to_vec(), every_byte, large, b"text with \0 and '; DROP TABLE log; --".to_vec(), Vec::new()];
    let sets: Vec<NewSet> = bodies.iter().map(|body| set(1, body)).collect();
    append(&mut *store, POLICY, &sets);
    drop(store);
    let store = open();
    let stored: Vec<Vec<u8>> = all(&*store, POLICY).into_iter().map(|set| set.body).collect();
    assert!(stored == bodies);
    assert_eq!(verify(&*store, POLICY, None).unwrap().revision, 5);
}

pub(crate) fn what_is_too_large_is_refused_and_nothing_is_changed(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(1));
    let too_large = vec![0; MAX_BYTES + 1];
    let refused = StoreError::TooLarge { bytes: MAX_BYTES + 1, limit: MAX_BYTES };
    assert_eq!(store.put_snapshot(POLICY, &head, &too_large), Err(refused.clone()));
    let sets = [set(1, b"small"), NewSet::new(2, too_large.clone())];
    assert_eq!(store.append(POLICY, &head, &sets), Err(refused.clone()));
    let private = vec![row(1), PrivateRow { digest: digest(2), value: too_large }];
    let sets = [private_set(&[3], &[]), NewSet { private, ..set(2, b"") }];
    assert_eq!(store.append(POLICY, &head, &sets), Err(refused));
    assert_eq!(store.head(POLICY), Ok(head));
    assert_eq!(all_private(&*store, POLICY), []);
    assert_eq!(all(&*store, POLICY).len(), 1);
    assert_eq!(store.snapshot(POLICY), Ok(None));
}

pub(crate) fn private_values_come_with_their_change_set_and_go_with_another(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &[private_set(&[1, 2, 3], &[])]);
    append(&mut *store, POLICY, &sets(1));
    assert_eq!(all_private(&*store, POLICY), rows(&[1, 2, 3]));
    let head = append(&mut *store, POLICY, &[private_set(&[4], &[2])]);
    assert_eq!(all_private(&*store, POLICY), rows(&[1, 3, 4]));
    drop(store);
    let mut store = open();
    assert_eq!(all_private(&*store, POLICY), rows(&[1, 3, 4]));
    append(&mut *store, POLICY, &[private_set(&[], &[1, 3, 4])]);
    assert_eq!(all_private(&*store, POLICY), []);
    assert_eq!(verify(&*store, POLICY, Some(&head.mark())).unwrap().revision, 4, "the log is all there");
}

pub(crate) fn private_values_come_in_the_order_of_their_digests_and_keep_to_the_limit(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &[private_set(&[0xff, 0x10, 0], &[]), private_set(&[0x11, 1, 0x80], &[])]);
    let read = |after: Option<u8>, limit| store.read_private(POLICY, after.map(digest).as_ref(), limit).unwrap();
    assert_eq!(read(None, u32::MAX), rows(&[0, 1, 0x10, 0x11, 0x80, 0xff]));
    assert_eq!(read(None, 2), rows(&[0, 1]));
    assert_eq!(read(Some(1), 2), rows(&[0x10, 0x11]));
    assert_eq!(read(Some(0x12), 10), rows(&[0x80, 0xff]), "of a digest that is not there, too");
    for (after, limit) in [(Some(0xff), 10), (Some(0), 0), (None, 0)] {
        assert_eq!(read(after, limit), [], "after {after:?}, limit {limit}");
    }
}

pub(crate) fn private_values_come_back_byte_for_byte(open: Open<'_>) {
    let mut store = open();
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let large: Vec<u8> = every_byte.iter().copied().cycle().take(1 << 20).collect();
    let values = [b"".to_vec(), every_byte, large, "ünï\0'; DROP TABLE private; --".into()];
    let private =
        values.iter().zip(1..).map(|(value, number)| PrivateRow { digest: digest(number), value: value.clone() });
    append(&mut *store, POLICY, &[NewSet { private: private.collect(), ..set(1, b"") }]);
    drop(store);
    let stored: Vec<Vec<u8>> = all_private(&*open(), POLICY).into_iter().map(|row| row.value).collect();
    assert!(stored == values);
}

pub(crate) fn what_change_sets_bring_and_erase_is_done_in_their_order(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &[private_set(&[1, 2], &[2])]);
    assert_eq!(all_private(&*store, POLICY), rows(&[1]), "a set erases what it brings itself");
    append(&mut *store, POLICY, &[private_set(&[3], &[]), private_set(&[], &[1, 3])]);
    assert_eq!(all_private(&*store, POLICY), [], "and what a set before it brought");
    append(&mut *store, POLICY, &[private_set(&[4], &[4]), private_set(&[4], &[]), private_set(&[5], &[])]);
    assert_eq!(all_private(&*store, POLICY), rows(&[4, 5]), "but not what a set behind it brings");
    let other = |value: &[u8]| PrivateRow { digest: digest(4), value: value.to_vec() };
    let private = vec![other(b"one"), other(b"other")];
    append(&mut *store, POLICY, &[NewSet { private, ..set(1, b"") }]);
    assert_eq!(all_private(&*store, POLICY), [other(b"other"), row(5)], "the last one stays");
}

pub(crate) fn what_is_not_there_is_erased_already(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &[private_set(&[1], &[9])]);
    assert_eq!(append(&mut *store, POLICY, &[private_set(&[], &[9, 9, 1, 1])]).revision, 2);
    assert_eq!(all_private(&*store, POLICY), []);
}

pub(crate) fn a_conflict_brings_and_erases_no_private_value(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &[private_set(&[1, 2], &[])]);
    let conflict = Ok(Outcome::Conflict(head));
    assert_eq!(store.append(POLICY, &Head::EMPTY, &[private_set(&[3], &[1])]), conflict);
    assert_eq!(all_private(&*store, POLICY), rows(&[1, 2]));
    drop(store);
    assert_eq!(all_private(&*open(), POLICY), rows(&[1, 2]));
}

pub(crate) fn private_values_are_no_part_of_the_chain(open: Open<'_>) {
    let mut store = open();
    let with = append(&mut *store, POLICY, &[private_set(&[1, 2], &[3])]);
    assert_eq!(with.hash, link_hash(POLICY, &[0; 32], 1, 1, b""));
    append(&mut *store, POLICY, &[private_set(&[], &[1])]);
    assert_eq!(verify(&*store, POLICY, Some(&with.mark())).unwrap().revision, 2);
}

pub(crate) fn an_instant_that_is_kept_raises_the_heads_and_nothing_else(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(2));
    let before = all(&*store, POLICY);
    let later = Head { at_ms: 2500, ..head };
    assert_eq!(store.keep_instant(POLICY, 2500), Ok(later));
    assert_eq!(store.head(POLICY), Ok(later));
    drop(store);
    let mut store = open();
    assert_eq!(store.head(POLICY), Ok(later));
    assert_eq!(all(&*store, POLICY), before);
    assert_eq!(store.append(POLICY, &head, &[]), Ok(Outcome::Done(later)), "the mark is the same");
}

pub(crate) fn an_instant_never_goes_back(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(2));
    let mut kept = |at_ms| store.keep_instant(POLICY, at_ms).unwrap().at_ms;
    assert_eq!([1999, 2000, i64::MIN, 9000, 8999, -1].map(&mut kept), [2000, 2000, 2000, 9000, 9000, 9000]);
    assert_eq!(append(&mut *store, POLICY, &[set(3000, b"")]).at_ms, 9000);
    assert_eq!(store.keep_instant(POLICY, i64::MAX).unwrap().at_ms, i64::MAX);
    drop(store);
    assert_eq!(open().head(POLICY).unwrap().at_ms, i64::MAX);
}

pub(crate) fn an_empty_log_keeps_no_instant(open: Open<'_>) {
    let mut store = open();
    assert_eq!(store.keep_instant(POLICY, 5000), Ok(Head::EMPTY));
    assert_eq!(store.append(POLICY, &Head::EMPTY, &[]), Ok(Outcome::Done(Head::EMPTY)));
    assert_eq!(store.keep_instant(POLICY, 5000), Ok(Head::EMPTY));
    assert_eq!(store.head(POLICY), Ok(Head::EMPTY));
    assert_eq!(append(&mut *store, POLICY, &sets(1)).at_ms, 1000);
}

pub(crate) fn a_head_with_a_kept_instant_is_sound_and_a_walk_reaches_it(open: Open<'_>) {
    let mut store = open();
    append(&mut *store, POLICY, &sets(70));
    let kept = store.keep_instant(POLICY, 100_000).unwrap();
    assert_eq!(verify(&*store, POLICY, Some(&kept.mark())), Ok(kept));
    store.put_snapshot(POLICY, &kept, b"state").unwrap();
    let head = append(&mut *store, POLICY, &sets(1));
    assert_eq!(verify(&*store, POLICY, None), Ok(head));
    for from in [Head::EMPTY, store.snapshot(POLICY).unwrap().unwrap().at] {
        let mut walk = walk(&*store, POLICY, from);
        assert!(walk.by_ref().all(|set| set.is_ok()));
        assert_eq!((walk.head(), walk.head().at_ms), (head, 100_000));
    }
}

pub(crate) fn policies_do_not_see_each_other(open: Open<'_>) {
    let mut store = open();
    let one = append(&mut *store, POLICY, &sets(3));
    assert_eq!(store.head(OTHER), Ok(Head::EMPTY));
    let other = append(&mut *store, OTHER, &sets(3));
    assert_ne!(one.hash, other.hash, "the same change sets in another policy are another chain");
    append(&mut *store, OTHER, &sets(1));
    store.put_snapshot(POLICY, &one, b"of the one").unwrap();
    let other = store.keep_instant(OTHER, 50_000).unwrap();
    assert_eq!(store.head(POLICY), Ok(one));
    assert_eq!(store.head(OTHER), Ok(other));
    assert_eq!(revisions(&all(&*store, POLICY)), [1, 2, 3]);
    assert_eq!(revisions(&all(&*store, OTHER)), [1, 2, 3, 4]);
    assert_eq!(store.snapshot(OTHER), Ok(None));
    assert_eq!(store.append(OTHER, &one, &sets(1)).unwrap(), Outcome::Conflict(store.head(OTHER).unwrap()));
    assert!(verify(&*store, POLICY, None).is_ok() && verify(&*store, OTHER, None).is_ok());
    append(&mut *store, POLICY, &[private_set(&[1, 2], &[])]);
    assert_eq!(all_private(&*store, OTHER), []);
    append(&mut *store, OTHER, &[private_set(&[2, 3], &[1])]);
    append(&mut *store, POLICY, &[private_set(&[], &[2, 3])]);
    assert_eq!(all_private(&*store, POLICY), rows(&[1]));
    assert_eq!(all_private(&*store, OTHER), rows(&[2, 3]));
}

pub(crate) fn a_snapshot_comes_back_as_it_was_put(open: Open<'_>) {
    let mut store = open();
    let at = append(&mut *store, POLICY, &sets(2));
    append(&mut *store, POLICY, &sets(1));
    for bytes in [Vec::new(), vec![0xa5; 1 << 20]] {
        store.put_snapshot(POLICY, &at, &bytes).unwrap();
        drop(store);
        store = open();
        let snapshot = store.snapshot(POLICY).unwrap().unwrap();
        assert_eq!(snapshot.at, at);
        assert!(snapshot.bytes == bytes);
    }
}

pub(crate) fn a_snapshot_takes_the_place_of_the_one_before(open: Open<'_>) {
    let mut store = open();
    let old = append(&mut *store, POLICY, &sets(2));
    let new = append(&mut *store, POLICY, &sets(1));
    for (at, bytes) in [(new, "new"), (old, "old")] {
        store.put_snapshot(POLICY, &at, bytes.as_bytes()).unwrap();
        let snapshot = store.snapshot(POLICY).unwrap().unwrap();
        assert_eq!((snapshot.at, snapshot.bytes.as_slice()), (at, bytes.as_bytes()));
    }
}

pub(crate) fn a_snapshot_of_a_head_that_is_not_in_the_log_is_refused(open: Open<'_>) {
    let mut store = open();
    assert_eq!(store.put_snapshot(POLICY, &Head::EMPTY, b""), Err(StoreError::NotInLog { revision: 0 }));
    let head = append(&mut *store, POLICY, &sets(2));
    let other = append(&mut *store, OTHER, &sets(2));
    store.put_snapshot(POLICY, &head, b"good").unwrap();
    for at in [Head::EMPTY, other, Head { revision: 1, ..head }, Head { revision: 3, ..head }] {
        let refused = StoreError::NotInLog { revision: at.revision };
        assert_eq!(store.put_snapshot(POLICY, &at, b"bad"), Err(refused));
    }
    assert_eq!(store.snapshot(POLICY).unwrap().unwrap().bytes, b"good");
}

pub(crate) fn a_sound_log_passes_with_any_of_its_marks(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(150));
    assert_eq!(verify(&*store, POLICY, None), Ok(head));
    assert_eq!(verify(&*store, POLICY, Some(&Head::EMPTY.mark())), Ok(head));
    for set in all(&*store, POLICY) {
        let mark = Mark { revision: set.revision, hash: set.hash };
        assert_eq!(verify(&*store, POLICY, Some(&mark)), Ok(head));
    }
}

pub(crate) fn a_mark_that_is_not_in_the_log_is_found_out(open: Open<'_>) {
    let mut store = open();
    let head = append(&mut *store, POLICY, &sets(3));
    let with = |revision, hash| verify(&*store, POLICY, Some(&Mark { revision, hash }));
    assert_eq!(with(0, head.hash), Err(ChainError::NotInChain { revision: 0 }));
    assert_eq!(with(2, head.hash), Err(ChainError::NotInChain { revision: 2 }));
    assert_eq!(with(3, [0; 32]), Err(ChainError::NotInChain { revision: 3 }));
    assert_eq!(with(4, head.hash), Err(ChainError::Truncated { revision: 4, last: 3 }));
}

pub(crate) fn a_walk_from_a_snapshot_reads_what_came_after(open: Open<'_>) {
    let mut store = open();
    let at = append(&mut *store, POLICY, &sets(100));
    let head = append(&mut *store, POLICY, &sets(70));
    let mut tail = walk(&*store, POLICY, at);
    let read: Vec<StoredSet> = tail.by_ref().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, all(&*store, POLICY)[100..]);
    assert_eq!(tail.head(), head);
    assert!(tail.next().is_none());
    let elsewhere = Head { hash: [7; 32], ..at };
    let error = walk(&*store, POLICY, elsewhere).next().unwrap().unwrap_err();
    assert_eq!(error, ChainError::BrokenLink { revision: 101 });
}
