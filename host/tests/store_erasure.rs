//! A private value that was erased is in no file of the store any more: not in a page that is in use or free, not beside it.
//!
//! Every test looks at all bytes of all files in the store's folder. What a `kill -9` leaves is in `store_kill.rs`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod store_values;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_host::store::{
    Hash, Head, NewSet, Outcome, PolicyId, PrivateRow, SqliteOptions, SqliteStore, Store, verify,
};
use rusqlite::Connection;
use store_values::{PIECE_BYTES, digest, found, row};
use tempfile::TempDir;

const POLICY: PolicyId = PolicyId(1);

/// Lengths of values, rounded down to whole pieces: within a page, about as long as one, and longer than several.
const LENGTHS: [usize; 7] = [PIECE_BYTES, 100, 1500, 4000, 4100, 9000, 300_000];

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SqliteOptions { busy_timeout_ms: 0, create: true }).unwrap()
}

fn store() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let store = open(&path);
    (folder, path, store)
}

fn append(store: &mut SqliteStore, private: Vec<PrivateRow>, gone: &[u64]) -> Head {
    let gone = gone.iter().copied().map(digest).collect();
    let set = NewSet { private, gone, ..NewSet::new(1, b"body".to_vec()) };
    let expected = store.head(POLICY).unwrap();
    match store.append(POLICY, &expected, &[set]).unwrap() {
        Outcome::Done(head) => head,
        other => panic!("{other:?}"),
    }
}

/// The values of all [`LENGTHS`], numbered from 0.
fn of_all_lengths() -> Vec<PrivateRow> {
    LENGTHS.iter().zip(0..).map(|(length, number)| row(number, *length)).collect()
}

#[test]
fn an_erased_value_is_in_no_file_while_the_store_is_open_and_after_it_is_closed() {
    for reopened in [false, true] {
        let (folder, path, mut store) = store();
        append(&mut store, of_all_lengths(), &[]);
        if reopened {
            drop(store);
            store = open(&path);
        }
        let mut left: BTreeSet<u64> = (0..7).collect();
        assert_eq!(found(folder.path()), left, "the search finds what is there");
        for number in [3, 0, 6, 1, 5, 2, 4] {
            append(&mut store, Vec::new(), &[number]);
            left.remove(&number);
            assert_eq!(found(folder.path()), left, "open, value {number}");
        }
        drop(store);
        assert_eq!(found(folder.path()), left, "closed");
    }
}

#[test]
fn a_value_erased_with_or_within_its_own_append_is_in_no_file() {
    let (folder, _path, mut store) = store();
    // More than SQLite keeps in memory during a transaction, so that a part of it was on disk.
    append(&mut store, vec![row(1, 100), row(2, 8_000_000)], &[1, 2]);
    assert_eq!(found(folder.path()), BTreeSet::new());
}

#[test]
fn a_value_in_whose_place_another_was_put_is_in_no_file() {
    let (folder, _path, mut store) = store();
    for (before, number) in [(0, 1), (1, 2), (2, 3)] {
        for length in LENGTHS {
            let value = row(number, length).value;
            append(&mut store, vec![PrivateRow { digest: digest(9), value }], &[]);
            assert_eq!(found(folder.path()), [number].into(), "after {before}, {length} bytes");
        }
    }
}

/// SQLite leaves copies of rows behind where it moves them from page to page, and a later deletion does not find those.
#[test]
fn many_values_that_come_and_go_leave_no_copy_behind() {
    for longest in [100, 1000, 1500, 6000] {
        let (folder, _path, mut store) = store();
        let (mut left, mut chance) = (BTreeSet::new(), Chance(longest));
        for first in (0..3000).step_by(10) {
            let come: Vec<u64> = (first..first + 10).collect();
            // About as many go as come, and more towards the end, so that pages become empty.
            let going = chance.below(if first < 2000 { 18 } else { 26 });
            let go: Vec<u64> =
                (0..going).filter_map(|_| left.iter().nth(chance.below(left.len() + 1)).copied()).collect();
            let rows = come.iter().map(|number| row(*number, PIECE_BYTES + chance.below(longest)));
            append(&mut store, rows.collect(), &go);
            left.extend(come);
            left.retain(|number| !go.contains(number));
        }
        append(&mut store, Vec::new(), &[2999]);
        left.remove(&2999);
        assert!(left.len() > 100, "too few to tell");
        let copies = &found(folder.path()) - &left;
        assert_eq!(copies, BTreeSet::new(), "up to {longest} bytes");
        let read: BTreeSet<Hash> =
            store.read_private(POLICY, None, u32::MAX).unwrap().iter().map(|row| row.digest).collect();
        assert_eq!(read, left.into_iter().map(digest).collect());
    }
}

#[test]
fn what_a_crash_left_between_the_change_and_the_erasing_is_erased_by_the_next_opening() {
    let (folder, path, mut store) = store();
    append(&mut store, of_all_lengths(), &[]);
    drop(store);
    // The change as the store makes it, but without what comes after it.
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA secure_delete = ON; DELETE FROM private; UPDATE value SET bytes = x''").unwrap();
    let crashed = folder.path().join("crashed");
    fs::create_dir(&crashed).unwrap();
    for name in ["policy.db", "policy.db-wal"] {
        fs::copy(folder.path().join(name), crashed.join(name)).unwrap();
    }
    assert_eq!(found(&crashed).len(), LENGTHS.len());
    let store = open(&crashed.join("policy.db"));
    assert_eq!(found(&crashed), BTreeSet::new(), "open");
    drop(store);
    assert_eq!(found(&crashed), BTreeSet::new(), "closed");
}

/// Set for the child whose files may not grow: its store file.
const FOR_FULL: &str = "PORTCULLIS_TEST_STORE_ERASURE_FOR_FULL";

/// The log has the change set beside the file, which cannot take it: its erasing fails when it is durable.
#[test]
fn an_erasing_that_fails_is_of_unknown_outcome_and_the_next_opening_finishes_it() {
    if let Some(path) = std::env::var_os(FOR_FULL) {
        return put_and_fail_to_erase(Path::new(&path));
    }
    let (folder, path, mut store) = store();
    append(&mut store, (0..20).map(|number| row(number, 9000)).collect(), &[]);
    drop(store);
    // `ulimit` counts blocks of 512 bytes: no file may be longer than this one is now.
    let blocks = fs::metadata(&path).unwrap().len() / 512;
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh");
    child.args(["-c", &limited]).arg(std::env::current_exe().unwrap());
    child.args(["--exact", "an_erasing_that_fails_is_of_unknown_outcome_and_the_next_opening_finishes_it"]);
    let output = child.arg("--nocapture").env(FOR_FULL, &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(found(folder.path()).contains(&20), "not yet erased");
    let store = open(&path);
    assert_eq!(verify(&store, POLICY, None).unwrap().revision, 3, "the change set is there all the same");
    assert_eq!(store.read_private(POLICY, None, 100).unwrap().len(), 20);
    assert_eq!(found(folder.path()), (0..20).collect());
}

/// The child: puts a value, which is then in the file beside, and erases it by an append that lengthens the file.
fn put_and_fail_to_erase(path: &Path) {
    let mut store = open(path);
    let expected = append(&mut store, vec![row(20, 100)], &[]);
    let set = NewSet { gone: vec![digest(20)], ..NewSet::new(1, vec![1; 60_000]) };
    let outcome = store.append(POLICY, &expected, &[set]).unwrap();
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!(store.head(POLICY).unwrap_err().code(), "StorePoisoned");
}

/// Choices that look random and are the same every time (SplitMix64).
struct Chance(usize);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
