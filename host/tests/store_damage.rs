//! Every table of an SQLite store is tampered with, and verification says what is wrong and at which revision.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

use portcullis_host::store::{
    ChainError, Head, NewSet, Outcome, PolicyId, PrivateRow, SqliteOptions, SqliteStore, Store, StoreError, verify,
    walk,
};
use rusqlite::Connection;
use tempfile::TempDir;

const POLICY: PolicyId = PolicyId(1);
const LAST: u64 = 100;

/// A closed store of 100 change sets with a snapshot of the first 60 and two private values, and beside it a policy that stays
/// sound.
struct Kept {
    _folder: TempDir,
    path: PathBuf,
    head: Head,
}

fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let mut store = open(&path);
    let mut sets: Vec<NewSet> = (1..=100).map(|number: u8| NewSet::new(i64::from(number), vec![number; 40])).collect();
    sets.last_mut().unwrap().private = private_rows();
    let (early, late) = sets.split_at(60);
    let at = append(&mut store, POLICY, &Head::EMPTY, early);
    store.put_snapshot(POLICY, &at, &[0x5a; 64]).unwrap();
    let head = append(&mut store, POLICY, &at, late);

    append(&mut store, PolicyId(2), &Head::EMPTY, &sets);
    Kept { _folder: folder, path, head }
}

fn private_rows() -> Vec<PrivateRow> {
    vec![
        PrivateRow { digest: [1; 32], value: b"ann@example.org".to_vec() },
        PrivateRow { digest: [2; 32], value: b"Ann Arbor".to_vec() },
    ]
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SqliteOptions::default()).unwrap()
}

fn append(store: &mut SqliteStore, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Head {
    match store.append(policy, expected, sets).unwrap() {
        Outcome::Done(head) => head,
        other => panic!("{other:?}"),
    }
}

impl Kept {
    fn tamper(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }

    /// What verification says; the neighbour must be sound whatever was done to the policy.
    fn verified(&self) -> Result<Head, ChainError> {
        let store = open(&self.path);
        assert_eq!(verify(&store, PolicyId(2), None).unwrap().revision, LAST);
        verify(&store, POLICY, None)
    }
}

/// Tampers with a new store and checks what verification says.
#[track_caller]
fn finds(sql: &str, expected: ChainError) {
    let kept = kept();
    assert_eq!(kept.verified(), Ok(kept.head), "sound before");
    kept.tamper(sql);
    assert_eq!(kept.verified(), Err(expected), "{sql}");
}

#[test]
fn a_flipped_bit_in_any_body_is_found_at_its_revision() {
    for revision in [1, 2, 63, 64, 65, 99, 100] {
        for (byte, bit) in [(0, 0), (17, 3), (39, 7)] {
            let kept = kept();
            flip(&kept.path, "log", "body", revision, byte, bit);
            assert_eq!(kept.verified(), Err(ChainError::Altered { revision }), "byte {byte}, bit {bit}");
        }
    }
}

#[test]
fn a_flipped_bit_in_any_hash_is_found_at_its_revision() {
    for revision in [1, 50, 100] {
        let kept = kept();
        flip(&kept.path, "log", "hash", revision, 31, 0);
        assert_eq!(kept.verified(), Err(ChainError::Altered { revision }));
    }
}

#[test]
fn a_flipped_bit_in_the_hash_of_the_one_before_is_found_at_the_revision_that_carries_it() {
    for revision in [1, 50, 100] {
        let kept = kept();
        flip(&kept.path, "log", "previous", revision, 0, 7);
        assert_eq!(kept.verified(), Err(ChainError::BrokenLink { revision }));
    }
}

#[test]
fn an_altered_instant_is_found_at_its_revision() {
    finds("UPDATE log SET at_ms = at_ms + 1 WHERE policy = 1 AND revision = 7", ChainError::Altered { revision: 7 });
}

#[test]
fn a_body_emptied_or_lengthened_is_found() {
    finds("UPDATE log SET body = x'' WHERE policy = 1 AND revision = 3", ChainError::Altered { revision: 3 });
    finds("UPDATE log SET body = zeroblob(41) WHERE policy = 1 AND revision = 3", ChainError::Altered { revision: 3 });
}

#[test]
fn a_deleted_last_row_is_found_as_a_truncation() {
    finds("DELETE FROM log WHERE policy = 1 AND revision = 100", ChainError::Truncated { revision: LAST, last: 99 });
}

#[test]
fn a_deleted_log_is_found_as_a_truncation() {
    finds("DELETE FROM log WHERE policy = 1", ChainError::Truncated { revision: LAST, last: 0 });
}

#[test]
fn a_deleted_row_in_the_middle_or_at_the_beginning_is_found_as_a_gap() {
    for revision in [1, 40, 64, 65, 99] {
        finds(&format!("DELETE FROM log WHERE policy = 1 AND revision = {revision}"), ChainError::Gap { revision });
    }
}

#[test]
fn rows_in_another_order_are_found() {
    finds(
        "UPDATE log SET revision = 1000 WHERE policy = 1 AND revision = 5;
         UPDATE log SET revision = 5 WHERE policy = 1 AND revision = 6;
         UPDATE log SET revision = 6 WHERE policy = 1 AND revision = 1000;",
        ChainError::BrokenLink { revision: 5 },
    );
}

#[test]
fn rows_of_another_policy_are_found() {
    finds(
        "DELETE FROM log WHERE policy = 1;
         INSERT INTO log SELECT 1, revision, at_ms, previous, hash, body FROM log WHERE policy = 2;",
        ChainError::Altered { revision: 1 },
    );
}

#[test]
fn a_row_beyond_the_head_is_found() {
    finds(
        "INSERT INTO log SELECT policy, 101, at_ms, hash, hash, body FROM log WHERE policy = 1 AND revision = 100",
        ChainError::Altered { revision: 101 },
    );
}

#[test]
fn an_altered_head_is_found() {
    let altered = ChainError::HeadAltered { revision: LAST };
    finds("UPDATE head SET revision = 101 WHERE policy = 1", ChainError::Truncated { revision: 101, last: LAST });
    finds("UPDATE head SET revision = 99 WHERE policy = 1", altered.clone());
    finds("UPDATE head SET at_ms = at_ms - 1 WHERE policy = 1", altered.clone());
    finds("UPDATE head SET hash = zeroblob(32) WHERE policy = 1", altered.clone());
    finds("DELETE FROM head WHERE policy = 1", altered);
}

#[test]
fn a_head_with_a_later_instant_is_sound() {
    let kept = kept();
    kept.tamper("UPDATE head SET at_ms = at_ms + 1 WHERE policy = 1");
    assert_eq!(kept.verified(), Ok(Head { at_ms: kept.head.at_ms + 1, ..kept.head }));
}

#[test]
fn a_head_whose_kept_instant_was_set_back_behind_its_snapshots_is_found() {
    let kept = kept();
    let mut store = open(&kept.path);
    let head = store.keep_instant(POLICY, 500).unwrap();
    store.put_snapshot(POLICY, &head, &[0x5a; 64]).unwrap();
    drop(store);
    assert_eq!(kept.verified(), Ok(head));
    kept.tamper("UPDATE head SET at_ms = 499 WHERE policy = 1");
    assert_eq!(kept.verified(), Err(ChainError::HeadAltered { revision: LAST }));
    let store = open(&kept.path);
    let from = store.snapshot(POLICY).unwrap().unwrap().at;
    let found = walk(&store, POLICY, from).find_map(Result::err);
    assert_eq!(found, Some(ChainError::HeadAltered { revision: LAST }), "and by a start from the snapshot");
}

#[test]
fn a_log_shortened_together_with_its_head_to_before_its_snapshot_is_refused() {
    let shortened = "DELETE FROM log WHERE policy = 1 AND revision > 50;
         UPDATE head SET (revision, hash, at_ms) =
            (SELECT revision, hash, at_ms FROM log WHERE policy = 1 AND revision = 50) WHERE policy = 1;";
    for (sql, last) in [(shortened, 50), ("DELETE FROM log WHERE policy = 1; DELETE FROM head WHERE policy = 1", 0)] {
        let kept = kept();
        kept.tamper(sql);
        let error = StoreError::LogTruncated { path: kept.path.canonicalize().unwrap(), last, snapshot: 60 };
        assert_eq!(open(&kept.path).head(POLICY), Err(error.clone()), "{sql}");
        assert_eq!(kept.verified(), Err(ChainError::Store(error)), "{sql}");
        kept.tamper("UPDATE snapshot SET bytes = zeroblob(64)");
        assert_eq!(open(&kept.path).head(POLICY).unwrap().revision, last, "a damaged snapshot proves nothing");
    }
}

#[test]
fn a_log_shortened_together_with_its_head_is_found_by_a_mark_kept_elsewhere() {
    let kept = kept();
    kept.tamper(
        "DELETE FROM log WHERE policy = 1 AND revision > 80;
         UPDATE head SET (revision, hash, at_ms) =
            (SELECT revision, hash, at_ms FROM log WHERE policy = 1 AND revision = 80) WHERE policy = 1;",
    );
    assert_eq!(kept.verified().unwrap().revision, 80, "sound in itself");
    let found = verify(&open(&kept.path), POLICY, Some(&kept.head.mark()));
    assert_eq!(found, Err(ChainError::Truncated { revision: LAST, last: 80 }));
}

#[test]
fn a_log_removed_with_its_head_is_found_by_a_mark_kept_elsewhere() {
    let kept = kept();
    kept.tamper("DELETE FROM log WHERE policy = 1; DELETE FROM head WHERE policy = 1; DELETE FROM snapshot");
    assert_eq!(kept.verified(), Ok(Head::EMPTY));
    let found = verify(&open(&kept.path), POLICY, Some(&kept.head.mark()));
    assert_eq!(found, Err(ChainError::Truncated { revision: LAST, last: 0 }));
}

#[test]
fn a_log_rewritten_from_its_beginning_is_found_by_a_mark_kept_elsewhere() {
    let kept = kept();
    kept.tamper("DELETE FROM log WHERE policy = 1; DELETE FROM head WHERE policy = 1; DELETE FROM snapshot");
    let forged: Vec<NewSet> = (0..110).map(|at_ms| NewSet::new(at_ms, b"forged".to_vec())).collect();
    append(&mut open(&kept.path), POLICY, &Head::EMPTY, &forged);
    assert_eq!(kept.verified().unwrap().revision, 110, "sound in itself");
    let found = verify(&open(&kept.path), POLICY, Some(&kept.head.mark()));
    assert_eq!(found, Err(ChainError::NotInChain { revision: LAST }));
}

#[test]
fn an_altered_snapshot_is_refused_and_the_log_is_still_read() {
    let alterations = [
        "UPDATE snapshot SET revision = revision - 1",
        "UPDATE snapshot SET at_ms = at_ms + 1",
        "UPDATE snapshot SET hash = zeroblob(32)",
        "UPDATE snapshot SET digest = zeroblob(32)",
        "UPDATE snapshot SET bytes = x''",
        "UPDATE snapshot SET digest = x''",
        "UPDATE snapshot SET revision = -1",
        "DROP TABLE snapshot",
        "UPDATE snapshot SET policy = 3; INSERT INTO snapshot SELECT 1, revision, hash, at_ms, digest, zeroblob(65) FROM snapshot",
    ];
    for sql in alterations {
        let kept = kept();
        kept.tamper(sql);
        let store = open(&kept.path);
        let error = store.snapshot(POLICY).unwrap_err();
        assert_eq!(error.code(), "SnapshotDamaged", "{sql}");
        assert_eq!(verify(&store, POLICY, None), Err(ChainError::Store(error)));
        let replayed: Result<Vec<_>, ChainError> = walk(&store, POLICY, Head::EMPTY).collect();
        assert_eq!(replayed.unwrap().len(), 100, "{sql}");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_snapshot_is_found() {
    let kept = kept();
    let what = "it is of revision 60, and its hash is not that of its content".to_owned();
    let altered = StoreError::SnapshotDamaged { what };
    for bit in (0..64 * 8).step_by(19) {
        flip(&kept.path, "snapshot", "bytes", 60, bit / 8, bit % 8);
        let found = open(&kept.path).snapshot(POLICY);
        assert_eq!(found, Err(altered.clone()), "bit {bit}");
        flip(&kept.path, "snapshot", "bytes", 60, bit / 8, bit % 8);
    }
    assert_eq!(kept.verified(), Ok(kept.head), "and flipped back it is sound");
}

#[test]
fn a_snapshot_whose_revision_the_log_has_lost_is_not_used() {
    let kept = kept();
    kept.tamper("DELETE FROM log WHERE policy = 1 AND revision >= 60");
    assert_eq!(
        open(&kept.path).snapshot(POLICY),
        Err(StoreError::SnapshotDamaged {
            what: "it is of revision 60, and the log does not hold that revision".to_owned()
        })
    );
}

#[test]
fn values_of_another_form_and_missing_tables_are_damage() {
    let alterations = [
        "UPDATE log SET hash = x'00' WHERE policy = 1 AND revision = 8",
        "UPDATE head SET revision = -1",
        "UPDATE head SET hash = x''",
        "DROP TABLE log",
        "DROP TABLE head",
        "ALTER TABLE log RENAME COLUMN body TO soul",
    ];
    for sql in alterations {
        let kept = kept();
        kept.tamper(sql);
        let found = verify(&open(&kept.path), POLICY, None).unwrap_err();
        assert_eq!(found.code(), "StoreDamaged", "{sql}: {found}");
    }
}

#[test]
fn a_damaged_side_table_is_refused_and_the_log_is_still_sound() {
    let alterations = [
        "DROP TABLE private",
        "DROP TABLE value",
        "DELETE FROM value WHERE id = 1",
        "UPDATE private SET value = 999 WHERE policy = 1 AND digest = (SELECT max(digest) FROM private)",
        "UPDATE private SET digest = x'07' WHERE policy = 1 AND value = 1",
        "UPDATE private SET digest = zeroblob(33) WHERE policy = 1 AND value = 1",
        "ALTER TABLE value RENAME COLUMN bytes TO text",
    ];
    for sql in alterations {
        let kept = kept();
        kept.tamper(sql);
        let found = open(&kept.path).read_private(POLICY, None, 10).unwrap_err();
        assert_eq!(found.code(), "StoreDamaged", "{sql}: {found}");
        assert_eq!(kept.verified(), Ok(kept.head), "{sql}");
    }
}

#[test]
fn an_altered_private_value_comes_back_as_it_is_for_the_engine_to_find() {
    let kept = kept();
    assert_eq!(open(&kept.path).read_private(POLICY, None, 10), Ok(private_rows()));
    kept.tamper("UPDATE value SET bytes = x'61' WHERE id = 1; DELETE FROM private WHERE policy = 1 AND value = 2");
    let altered = PrivateRow { digest: [1; 32], value: b"a".to_vec() };
    assert_eq!(open(&kept.path).read_private(POLICY, None, 10), Ok(vec![altered]));
    assert_eq!(open(&kept.path).read_private(PolicyId(2), None, 10), Ok(private_rows()));
}

#[test]
fn an_append_onto_a_head_that_lags_behind_its_log_is_damage_and_overwrites_nothing() {
    let kept = kept();
    kept.tamper("UPDATE head SET (revision, hash) = (SELECT revision, hash FROM log WHERE policy = 1 AND revision = 99) WHERE policy = 1");
    let mut store = open(&kept.path);
    let lagging = store.head(POLICY).unwrap();
    let set = NewSet::new(0, b"over it".to_vec());
    assert_eq!(store.append(POLICY, &lagging, &[set]).unwrap_err().code(), "StoreDamaged");
    assert_eq!(store.head(POLICY).unwrap_err().code(), "StorePoisoned", "and the store is given up");
    drop(store);
    let last = open(&kept.path).read(POLICY, 99, 10).unwrap();
    assert_eq!(last.first().unwrap().body, [100; 40]);
}

/// Flips one bit of one value of policy 1, through a connection of its own.
fn flip(path: &Path, table: &str, column: &str, revision: u64, byte: usize, bit: usize) {
    let connection = Connection::open(path).unwrap();
    let place = format!("FROM {table} WHERE policy = 1 AND revision = {revision}");
    let mut value: Vec<u8> = connection.query_row(&format!("SELECT {column} {place}"), [], |row| row.get(0)).unwrap();
    *value.get_mut(byte).unwrap() ^= 1 << bit;
    let update = format!("UPDATE {table} SET {column} = ?1 WHERE policy = 1 AND revision = {revision}");
    assert_eq!(connection.execute(&update, [value]).unwrap(), 1);
}
