//! The store in one file, on SQLite.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params, params};

use super::chain::{Chain, snapshot_hash};
use super::{
    Hash, Head, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, Store, StoreError, StoredSet, check_set, check_size,
    file, side_table,
};

/// A store in one file.
///
/// While it is open, the file is its alone: another process, or another handle in this one, waits or gets
/// [`StoreError::Busy`]. Each append is one transaction that is flushed to disk before it is answered, however many change sets
/// it has, so whoever serves many callers gathers what they bring into one append. Beside the file there is a second one,
/// `-wal`, while the store is open or after a crash; it belongs to it. Dropping the store folds it in.
///
/// An append that erases private values overwrites them with zeros, folds the second file in and empties it, and is answered
/// only then; that costs two flushes more. If the process dies before, the change set is in the log and the next opening
/// folds in what it finds. If the folding fails, the append is [`Outcome::Unknown`] and it is again the next opening that
/// does it; one that cannot do it fails. The same holds after a power cut, which may bring an emptied second file back. What
/// a file system, a disk or a backup keeps of bytes that were overwritten is beyond the store's reach.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
    poisoned: bool,
}

/// How to open a [`SqliteStore`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How long to wait for another that has the file open, in milliseconds; 10,000 by default, 0 for not at all.
    pub busy_timeout_ms: u64,
    /// Whether a missing file becomes a new store; true by default.
    pub create: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { busy_timeout_ms: 10_000, create: true }
    }
}

impl SqliteStore {
    /// Opens the store at `path`, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Foreign`], [`StoreError::Newer`], [`StoreError::Damaged`] or
    /// [`StoreError::Unavailable`]; the file is then as it was.
    pub fn open(path: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        let path = file::resolve(path)?;
        Ok(Self { connection: file::open(&path, options)?, path, poisoned: false })
    }

    /// Whether there is nothing at `path`, so that [`SqliteStore::open`] would make a store there.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where there once was a store, and only what SQLite keeps beside its file is left;
    /// [`StoreError::Unavailable`] where the folder is missing, or it cannot be told. A file of no bytes is there.
    pub fn is_missing(path: &Path) -> Result<bool, StoreError> {
        file::is_missing(&file::resolve(path)?)
    }

    /// The file, by its absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connection, unless the store failed before.
    fn sound(&self) -> Result<&Connection, StoreError> {
        if self.poisoned { Err(StoreError::Poisoned { path: self.path.clone() }) } else { Ok(&self.connection) }
    }

    fn ask<T>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        question(self.sound()?).map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &rusqlite::Error) -> StoreError {
        file::failure(&self.path, error)
    }

    /// The revision of a sound snapshot that the log should hold, by its head, and does not.
    fn lost_revision(&self, policy: PolicyId, head: &Head) -> Result<Option<u64>, StoreError> {
        let at = self.ask(|connection| select_snapshot_head(connection, policy)).map_err(unreadable_snapshot);
        match at {
            Ok(Some(at)) if at.revision > head.revision => {}
            // A snapshot that is damaged proves nothing.
            Ok(_) | Err(StoreError::SnapshotDamaged { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        let found = self.ask(|connection| select_snapshot(connection, policy)).map_err(unreadable_snapshot);
        match found {
            Ok(Some((Snapshot { at, bytes }, digest))) if digest == snapshot_hash(policy, &at, &bytes) => {
                Ok((!self.ask(|connection| holds(connection, policy, &at))?).then_some(at.revision))
            }
            Ok(_) | Err(StoreError::SnapshotDamaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes one change in one transaction. After any failure the connection is given up: what it holds in memory need not be
    /// what is on disk, and a flush that failed must not be tried again.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<Change<T>>,
    ) -> Result<Ended<T>, StoreError> {
        self.sound()?;
        let ended = change_in(&mut self.connection, change);
        self.poisoned = matches!(ended, Err(_) | Ok(Err(_)));
        if self.poisoned {
            file::give_up(&self.connection);
        }
        match ended {
            Ok(Ok(value)) => Ok(Ended::Certain(value)),
            Ok(Err(error)) => Ok(Ended::Unknown(self.failure(&error))),
            Err(error) => Err(self.failure(&error)),
        }
    }
}

/// What to do with a transaction, and what to answer.
enum Change<T> {
    Keep(T),
    /// As `Keep`, and no file may hold what was overwritten.
    Erase(T),
    Drop(T),
}

/// How a transaction ended.
enum Ended<T> {
    Certain(T),
    Unknown(StoreError),
}

impl<T> Ended<T> {
    fn certain(self) -> Result<T, StoreError> {
        match self {
            Self::Certain(value) => Ok(value),
            Self::Unknown(error) => Err(error),
        }
    }
}

/// The outer result is that of the statements, after which nothing was changed; the inner one that of the commit and of what
/// must come after it.
fn change_in<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Connection) -> rusqlite::Result<Change<T>>,
) -> rusqlite::Result<rusqlite::Result<T>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match change(&transaction)? {
        Change::Keep(value) => Ok(transaction.commit().map(|()| value)),
        Change::Erase(value) => Ok(transaction.commit().and_then(|()| file::fold(connection)).map(|()| value)),
        Change::Drop(value) => transaction.rollback().map(|()| Ok(value)),
    }
}

impl Store for SqliteStore {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        let head = self.ask(|connection| select_head(connection, policy))?;
        match self.lost_revision(policy, &head)? {
            None => Ok(head),
            Some(snapshot) => Err(StoreError::LogTruncated { path: self.path.clone(), last: head.revision, snapshot }),
        }
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        sets.iter().try_for_each(check_set)?;
        let ended = self.change(|connection| {
            let head = select_head(connection, policy)?;
            if head.mark() != expected.mark() {
                return Ok(Change::Drop(Outcome::Conflict(head)));
            }
            let done = Outcome::Done(insert(connection, policy, head, sets)?);
            let erased = side_table::update(connection, policy, sets)?;
            Ok(if erased { Change::Erase(done) } else { Change::Keep(done) })
        })?;
        Ok(ended.certain().unwrap_or_else(Outcome::Unknown))
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        let select = "SELECT revision, at_ms, previous, hash, body FROM log
            WHERE policy = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3";
        self.ask(|connection| select_sets(connection, select, policy, after, limit))
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        let select = "SELECT revision, at_ms, previous, hash, body FROM log
            WHERE policy = ?1 AND revision < ?2 ORDER BY revision DESC LIMIT ?3";
        self.ask(|connection| select_sets(connection, select, policy, before, limit))
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        self.ask(|connection| side_table::select(connection, policy, after, limit))
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        let ended = self.change(|connection| {
            let head = select_head(connection, policy)?;
            if head.revision == 0 || head.at_ms >= at_ms {
                return Ok(Change::Drop(head));
            }
            let later = Head { at_ms, ..head };
            replace_head(connection, policy, &later).map(|()| Change::Keep(later))
        })?;
        ended.certain()
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        let found = self.ask(|connection| select_snapshot(connection, policy)).map_err(unreadable_snapshot)?;
        let Some((snapshot, digest)) = found else {
            return Ok(None);
        };
        let at = snapshot.at;
        if digest != snapshot_hash(policy, &at, &snapshot.bytes) {
            return Err(damaged_snapshot(&at, "its hash is not that of its content"));
        }
        if !self.ask(|connection| holds(connection, policy, &at))? {
            return Err(damaged_snapshot(&at, "the log does not hold that revision"));
        }
        Ok(Some(snapshot))
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        check_size(bytes)?;
        let ended = self.change(|connection| {
            if !holds(connection, policy, at)? {
                return Ok(Change::Drop(Err(StoreError::NotInLog { revision: at.revision })));
            }
            replace_snapshot(connection, policy, at, bytes).map(|()| Change::Keep(Ok(())))
        })?;
        ended.certain()?
    }
}

fn select_head(connection: &Connection, policy: PolicyId) -> rusqlite::Result<Head> {
    connection
        .query_row("SELECT revision, hash, at_ms FROM head WHERE policy = ?1", [policy.0], head_from)
        .optional()
        .map(|head| head.unwrap_or(Head::EMPTY))
}

fn insert(connection: &Connection, policy: PolicyId, head: Head, sets: &[NewSet]) -> rusqlite::Result<Head> {
    let mut statement = connection
        .prepare("INSERT INTO log (policy, revision, at_ms, previous, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut chain = Chain::at(policy, head);
    for set in sets {
        let previous = chain.head().hash;
        let Head { revision, hash, .. } = chain.extend(set);
        statement.execute(params![policy.0, stored(revision), set.at_ms, previous, hash, set.body])?;
    }
    replace_head(connection, policy, &chain.head())?;
    Ok(chain.head())
}

fn replace_head(connection: &Connection, policy: PolicyId, head: &Head) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT OR REPLACE INTO head (policy, revision, hash, at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![policy.0, stored(head.revision), head.hash, head.at_ms],
        )
        .map(|_| ())
}

fn select_sets(
    connection: &Connection,
    select: &str,
    policy: PolicyId,
    bound: u64,
    limit: u32,
) -> rusqlite::Result<Vec<StoredSet>> {
    connection.prepare(select)?.query_map(params![policy.0, stored(bound), limit], set_from)?.collect()
}

/// Only where the snapshot's row says that it belongs; its bytes are not read.
fn select_snapshot_head(connection: &Connection, policy: PolicyId) -> rusqlite::Result<Option<Head>> {
    let select = "SELECT revision, hash, at_ms FROM snapshot WHERE policy = ?1";
    connection.query_row(select, [policy.0], head_from).optional()
}

fn select_snapshot(connection: &Connection, policy: PolicyId) -> rusqlite::Result<Option<(Snapshot, Hash)>> {
    connection
        .query_row("SELECT revision, hash, at_ms, digest, bytes FROM snapshot WHERE policy = ?1", [policy.0], |row| {
            Ok((Snapshot { at: head_from(row)?, bytes: row.get("bytes")? }, row.get("digest")?))
        })
        .optional()
}

/// Where the snapshot's row or table is damaged, the log can still be read: not the same as damage elsewhere.
fn unreadable_snapshot(error: StoreError) -> StoreError {
    match error {
        StoreError::Damaged { what, .. } => StoreError::SnapshotDamaged { what },
        other => other,
    }
}

fn damaged_snapshot(at: &Head, what: &str) -> StoreError {
    StoreError::SnapshotDamaged { what: format!("it is of revision {}, and {what}", at.revision) }
}

fn replace_snapshot(connection: &Connection, policy: PolicyId, at: &Head, bytes: &[u8]) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT OR REPLACE INTO snapshot (policy, revision, hash, at_ms, digest, bytes)
             VALUES (:policy, :revision, :hash, :at_ms, :digest, :bytes)",
            named_params! {
                ":policy": policy.0, ":revision": stored(at.revision), ":hash": at.hash, ":at_ms": at.at_ms,
                ":digest": snapshot_hash(policy, at, bytes), ":bytes": bytes,
            },
        )
        .map(|_| ())
}

/// Whether the log has a change set with this head's revision and hash.
fn holds(connection: &Connection, policy: PolicyId, at: &Head) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM log WHERE policy = ?1 AND revision = ?2 AND hash = ?3")?.exists(params![
        policy.0,
        stored(at.revision),
        at.hash
    ])
}

fn head_from(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head { revision: revision_from(row)?, hash: row.get("hash")?, at_ms: row.get("at_ms")? })
}

fn set_from(row: &Row<'_>) -> rusqlite::Result<StoredSet> {
    Ok(StoredSet {
        revision: revision_from(row)?,
        at_ms: row.get("at_ms")?,
        previous: row.get("previous")?,
        hash: row.get("hash")?,
        body: row.get("body")?,
    })
}

fn revision_from(row: &Row<'_>) -> rusqlite::Result<u64> {
    let revision: i64 = row.get("revision")?;
    u64::try_from(revision).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, revision))
}

/// A revision as SQLite has integers. A log does not grow to 2⁶³, so a bound above that means "no bound".
fn stored(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const POLICY: PolicyId = PolicyId(1);

    fn store_in(folder: &tempfile::TempDir) -> SqliteStore {
        SqliteStore::open(&folder.path().join("policy.db"), &SqliteOptions::default()).unwrap()
    }

    fn sets() -> [NewSet; 1] {
        [NewSet::new(1, b"body".to_vec())]
    }

    #[test]
    fn a_new_and_an_old_store_flush_every_commit_to_a_log_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let store = store_in(&folder);
            let text = |name| store.connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
            let number = |name| store.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(text("journal_mode"), "wal");
            assert_eq!(text("locking_mode"), "exclusive");
            assert_eq!(number("synchronous"), 2, "FULL");
            assert_eq!(number("secure_delete"), 1, "not 2, which leaves free pages as they were");
        }
    }

    #[test]
    fn the_tables_hold_integers_and_bytes_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        let select = "SELECT count(*) FROM pragma_table_list l JOIN pragma_table_info(l.name) i
            WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite_%' AND l.strict AND i.type IN ('INTEGER', 'BLOB')";
        let columns: i64 = store.connection.query_row(select, [], |row| row.get(0)).unwrap();
        assert_eq!(columns, 4 + 6 + 6 + 3 + 2);
    }

    #[test]
    fn a_commit_that_fails_is_of_unknown_outcome_and_the_store_must_be_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_in(&folder);
        // A deferred constraint is checked by the commit: the statements succeed, the commit does not.
        store
            .connection
            .execute_batch(
                "PRAGMA foreign_keys = ON; CREATE TABLE parent (id INTEGER PRIMARY KEY);
                 CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
                 CREATE TRIGGER orphan AFTER INSERT ON log BEGIN INSERT INTO child VALUES (1); END;",
            )
            .unwrap();
        assert!(matches!(store.append(POLICY, &Head::EMPTY, &sets()), Ok(Outcome::Unknown(_))));
        let poisoned = StoreError::Poisoned { path: store.path().to_owned() };
        assert_eq!(store.head(POLICY), Err(poisoned.clone()));
        assert_eq!(store.append(POLICY, &Head::EMPTY, &sets()), Err(poisoned.clone()));
        assert_eq!(store.read(POLICY, 0, 1), Err(poisoned.clone()));
        assert_eq!(store.read_private(POLICY, None, 1), Err(poisoned.clone()));
        assert_eq!(store.keep_instant(POLICY, 2), Err(poisoned.clone()));
        assert_eq!(store.snapshot(POLICY), Err(poisoned.clone()));
        assert_eq!(store.put_snapshot(POLICY, &Head::EMPTY, b""), Err(poisoned));
        drop(store);
        assert_eq!(store_in(&folder).head(POLICY), Ok(Head::EMPTY));
    }

    #[test]
    fn a_statement_that_fails_changes_nothing_and_the_store_must_be_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store_in(&folder);
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON head BEGIN SELECT RAISE(ABORT, 'no'); END";
        store.connection.execute_batch(refuse).unwrap();
        assert!(store.append(POLICY, &Head::EMPTY, &sets()).is_err());
        assert_eq!(store.head(POLICY).unwrap_err().code(), "StorePoisoned");
        drop(store);
        assert_eq!(store_in(&folder).read(POLICY, 0, 10), Ok(Vec::new()));
    }
}
