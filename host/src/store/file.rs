//! The file of an SQLite store: what may be opened, and how. Until a file is known to be a sound store of a known format,
//! nothing in it or beside it is changed.
//!
//! A new store is made whole under another name and then renamed. So a store's file is never without bytes, and one that
//! has none has lost them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, ffi};

use super::{SqliteOptions, StoreError};

/// Stands in the file's header and says whose it is: "Ptcl".
const APPLICATION_ID: i32 = 0x5074_636c;

/// The format of the tables below; stands in the file's header as the user version.
const FORMAT: i32 = 2;

/// Integers and bytes only: SQL never compares a name. A log is ordered by its key and needs no other index.
const TABLES: &str = "
    CREATE TABLE head (
        policy INTEGER PRIMARY KEY, revision INTEGER NOT NULL, hash BLOB NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE log (
        policy INTEGER NOT NULL, revision INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        previous BLOB NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (policy, revision)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE snapshot (
        policy INTEGER PRIMARY KEY, revision INTEGER NOT NULL, hash BLOB NOT NULL, at_ms INTEGER NOT NULL,
        digest BLOB NOT NULL, bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE private (
        policy INTEGER NOT NULL, digest BLOB NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (policy, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE value (
        id INTEGER PRIMARY KEY, bytes BLOB NOT NULL
    ) STRICT;";

/// The longest pause between two attempts to get the file, in milliseconds.
const LONGEST_PAUSE_MS: u64 = 20;

/// Opens the store at `path`, and waits for whoever else has it open. The connection has the file to itself until it is dropped.
pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let begin = Instant::now();
    let wait = Duration::from_millis(options.busy_timeout_ms);
    loop {
        match attempt(path, options) {
            Err(StoreError::Busy { .. }) if begin.elapsed() < wait => pause(),
            Err(StoreError::Busy { .. }) => {
                return Err(StoreError::Busy { path: path.to_owned(), waited_ms: options.busy_timeout_ms });
            }
            opened => return opened,
        }
    }
}

/// The path by which SQLite knows the file: absolute, so that no name (`:memory:`, none) has a meaning of its own, and
/// through symbolic links, so that the files beside it are found.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let absolute = std::path::absolute(path).map_err(|error| unavailable(path, error.to_string()))?;
    Ok(fs::canonicalize(&absolute).unwrap_or(absolute))
}

/// Writes all that is in the file beside into the store's file, flushes that, and leaves none of the one beside. Only then is
/// what was overwritten in neither: the one kept the page as it was, and the other the page as it had been before.
pub(super) fn fold(connection: &Connection) -> rusqlite::Result<()> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy { Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)) } else { Ok(()) }
}

/// Leaves file and log as they are when the connection is dropped: after a failure, the next opening recovers them.
pub(super) fn give_up(connection: &Connection) {
    // Setting a flag in memory cannot fail, and there would be nothing left to do about it.
    drop(connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true));
}

/// What an error of SQLite means for the store at `path`.
pub(super) fn failure(path: &Path, error: &rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path, waited_ms: 0 },
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { path, what: NO_DATABASE },
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path, what: "its pages do not fit together".to_owned() }
        }
        // A statement of ours that does not compile, a key that is there already, a value of another form: not our tables.
        None | Some(ErrorCode::Unknown | ErrorCode::ConstraintViolation) => {
            StoreError::Damaged { path, what: format!("its tables are not as they should be ({error})") }
        }
        Some(ErrorCode::DiskFull) => unavailable(&path, "the disk is full".to_owned()),
        Some(ErrorCode::CannotOpen) => unavailable(&path, "it cannot be opened".to_owned()),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => unavailable(&path, NOT_WRITABLE.to_owned()),
        Some(_) => unavailable(&path, format!("input or output failed ({error})")),
    }
}

const NO_DATABASE: &str = "no SQLite database";
const NOT_WRITABLE: &str = "it may not be written";

fn unavailable(path: &Path, reason: String) -> StoreError {
    StoreError::Unavailable { path: path.to_owned(), reason }
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), what: what.to_owned() }
}

/// Two that wait for the same file and try in step could hinder each other for ever; chance takes them out of step.
fn pause() {
    let chance = getrandom::u32().unwrap_or_else(|_| std::process::id());
    thread::sleep(Duration::from_millis(1 + u64::from(chance) % LONGEST_PAUSE_MS));
}

/// One attempt to open the store. SQLite's own waiting is not used: in exclusive mode a connection that waits keeps the shared
/// lock it has, so two that wait would each keep the other out. Here, whoever does not get the file lets go of it.
fn attempt(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    if is_missing(path)? {
        make(path, options)?;
    }
    admit(path)?;
    let rescued = file_length(&beside(path, "-wal"))? > 0;
    let connection = connect(path, rescued).map_err(|error| failure(path, &error))?;
    if connection.is_readonly(MAIN_DB).map_err(|error| failure(path, &error))? {
        return Err(unavailable(path, NOT_WRITABLE.to_owned()));
    }
    require_store(&connection, path)?;
    if !rescued && is_cut(&connection, path)? {
        return Err(damaged(path, "its last page is cut off"));
    }
    settle(&connection, rescued).map_err(|error| failure(path, &error))?;
    Ok(connection)
}

/// Whether there is no file. What SQLite keeps beside one does not outlive it, unless the file was lost.
pub(super) fn is_missing(path: &Path) -> Result<bool, StoreError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found.map(|_| false).map_err(|error| unavailable(path, error.to_string())),
    }
    let folder = path.parent().unwrap_or(path);
    if !folder.is_dir() {
        return Err(unavailable(path, format!("there is no folder `{}`", folder.display())));
    }
    for ending in ["-wal", "-journal"] {
        let beside = beside(path, ending);
        if file_length(&beside)? > 0 {
            let beside = beside.display();
            let what = format!("it is missing, but `{beside}`, a part of it, is there; delete that to begin anew");
            return Err(damaged(path, &what));
        }
    }
    Ok(true)
}

/// Makes a new store where there is no file: under another name, which only whoever has locked that draft gives up for the
/// store's. What a crash left of a draft is used. Whoever comes second finds a file, and leaves it alone.
fn make(path: &Path, options: &SqliteOptions) -> Result<(), StoreError> {
    if !options.create {
        return Err(unavailable(path, "there is no such store".to_owned()));
    }
    let draft = beside(path, "-new");
    begin_private(&draft).map_err(|error| unavailable(path, error.to_string()))?;
    let connection = connect(&draft, false).map_err(|error| failure(path, &error))?;
    connection.execute_batch("PRAGMA synchronous = FULL; BEGIN EXCLUSIVE").map_err(|error| failure(&draft, &error))?;
    if matches!(identify(&connection, &draft)?, Identity::Blank) {
        create(&connection).map_err(|error| failure(path, &error))?;
    }
    connection.execute_batch("COMMIT").map_err(|error| failure(path, &error))?;
    // The lock lasts until the connection is dropped, behind this.
    place(&draft, path).and_then(|()| flush_folder(path)).map_err(|error| unavailable(path, error.to_string()))
}

/// Begins a file that only its owner can read and write: a store holds what is private. What SQLite puts beside a file gets
/// the same mode.
fn begin_private(draft: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(draft) {
        // What a crash left is used.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Gives the store its name, unless another has it by now.
fn place(draft: &Path, path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return fs::rename(draft, path);
    }
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a file's new name survive a power cut.
fn flush_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path.parent().unwrap_or(path))?.sync_all()
}

/// Looks at a file without touching it, and refuses what is not a store.
fn admit(path: &Path) -> Result<(), StoreError> {
    let found = fs::metadata(path).map_err(|error| unavailable(path, error.to_string()))?;
    if !found.is_file() {
        return Err(unavailable(path, "it is not a file".to_owned()));
    }
    if found.len() == 0 {
        return Err(damaged(path, "it has no bytes any more; put back a copy, or delete it to begin anew"));
    }
    let connection = look(path).map_err(|error| failure(path, &error))?;
    require_store(&connection, path)
}

fn require_store(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match identify(connection, path)? {
        Identity::Store => Ok(()),
        // SQLite takes a file of a single byte for an empty one.
        Identity::Blank => Err(StoreError::Foreign { path: path.to_owned(), what: NO_DATABASE }),
    }
}

/// Opens the file such that SQLite writes nothing, takes no lock and does not look at the files beside it. (Reading the bytes
/// with `File` would not do: closing it drops the locks of another handle in this process, as POSIX has it.)
fn look(path: &Path) -> rusqlite::Result<Connection> {
    let mut address = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => address.push(char::from(*byte)),
            _ => address.push_str(&format!("%{byte:02x}")),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("{address}?immutable=1"), flags)?;
    // After a crash the header may count pages that are still only in the file beside; without this that is an error.
    connection.pragma_update(None, "writable_schema", true)?;
    Ok(connection)
}

/// Opens the file for itself alone. What a crash `rescued` to the file beside stays there until the store is known to be sound.
fn connect(path: &Path, rescued: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, rescued)?;
    // What is deleted is overwritten with zeros, and not only taken out of use.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
    Ok(connection)
}

enum Identity {
    Blank,
    Store,
}

/// Whose the file is, by its header. Through [`connect`], this is what takes the lock.
fn identify(connection: &Connection, path: &Path) -> Result<Identity, StoreError> {
    let number =
        |name| connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| failure(path, &error));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, FORMAT) => Ok(Identity::Store),
        (APPLICATION_ID, found) if found > FORMAT => {
            Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT })
        }
        (APPLICATION_ID, found @ 1..FORMAT) => Err(StoreError::Older { path: path.to_owned(), found, known: FORMAT }),
        (APPLICATION_ID, _) => Err(damaged(path, "it has no format")),
        (0, 0) if number("schema_version")? == 0 => Ok(Identity::Blank),
        _ => Err(StoreError::Foreign { path: path.to_owned(), what: "another program's SQLite database" }),
    }
}

/// Whether the file ends within a page. SQLite would take the missing part for zeros.
fn is_cut(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let page_bytes: u32 =
        connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(|error| failure(path, &error))?;
    Ok(!file_length(path)?.is_multiple_of(u64::from(page_bytes)))
}

/// Makes the tables and the header, in a transaction: after a crash there is all of it, or a draft that is still blank.
fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute_batch(&format!("{TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"))
}

/// Sets how the store is kept from here on; the file is known to be ours. What a crash `rescued` to the file beside may hold
/// values that were to be erased, so it is folded in before anybody gets the store. Where that fails, it stays for the next.
fn settle(connection: &Connection, rescued: bool) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    if rescued {
        fold(connection)?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// The path of one of the files that SQLite keeps beside a database.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The length of a file in bytes; 0 where there is none.
fn file_length(path: &Path) -> Result<u64, StoreError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        found => found.map(|found| found.len()).map_err(|error| unavailable(path, error.to_string())),
    }
}
