//! What becomes of files that are no store, no whole store, or somebody else's just now.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use portcullis_host::store::{
    Head, NewSet, Outcome, PolicyId, PrivateRow, SqliteOptions, SqliteStore, Store, StoreError, verify,
};
use rusqlite::Connection;
use tempfile::TempDir;

const POLICY: PolicyId = PolicyId(1);

/// Waits for nobody.
const AT_ONCE: SqliteOptions = SqliteOptions { busy_timeout_ms: 0, create: true };

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, &AT_ONCE)
}

/// The error of an opening that must fail.
fn refusal(path: &Path) -> StoreError {
    match open(path) {
        Ok(_) => panic!("{} opens", path.display()),
        Err(error) => error,
    }
}

fn append(store: &mut SqliteStore, body: &[u8]) -> Head {
    let expected = store.head(POLICY).unwrap();
    match store.append(POLICY, &expected, &[NewSet::new(1, body.to_vec())]).unwrap() {
        Outcome::Done(head) => head,
        other => panic!("{other:?}"),
    }
}

/// A closed store of 40 change sets, a snapshot and 20 private values.
fn kept(folder: &Path) -> PathBuf {
    let path = folder.join("policy.db");
    let mut store = open(&path).unwrap();
    let heads: Vec<Head> = (0..40).map(|number| append(&mut store, &[number; 500])).collect();
    store.put_snapshot(POLICY, &heads[20], &[7; 3000]).unwrap();
    let private = (0..20).map(|number| PrivateRow { digest: [number; 32], value: vec![number; 500] }).collect();
    let set = NewSet { private, ..NewSet::new(1, Vec::new()) };
    let Outcome::Done(_) = store.append(POLICY, &heads[39], &[set]).unwrap() else { panic!("nobody else writes") };
    path
}

/// The names and bytes of all files in a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Opens what must not open, and checks that no byte of the folder has changed. Returns the error.
#[track_caller]
fn refused_untouched(path: &Path) -> StoreError {
    let folder = path.parent().unwrap();
    let before = contents(folder);
    let error = refusal(path);
    assert!(contents(folder) == before, "{error}: something was changed");
    assert!(error.to_string().contains(&format!("`{}`", path.display())), "{error}: does not name the file");
    error
}

#[test]
fn a_missing_file_becomes_a_store_and_nothing_else_stays_behind() {
    let folder = folder();
    let path = folder.path().join("new.db");
    assert_eq!(SqliteStore::is_missing(&path), Ok(true));
    assert_eq!(open(&path).unwrap().head(POLICY), Ok(Head::EMPTY));
    assert_eq!(SqliteStore::is_missing(&path), Ok(false));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_missing_file_stays_missing_where_none_is_to_be_made() {
    let folder = folder();
    let options = SqliteOptions { create: false, ..AT_ONCE };
    let error = SqliteStore::open(&folder.path().join("missing.db"), &options).unwrap_err();
    assert_eq!(error.code(), "StoreUnavailable");
    assert_eq!(contents(folder.path()), []);
}

#[test]
fn a_store_that_lost_all_its_bytes_is_damaged_and_not_begun_anew() {
    let folder = folder();
    let path = kept(folder.path());
    fs::write(&path, b"").unwrap();
    let error = refused_untouched(&path);
    assert_eq!(error.code(), "StoreDamaged");
    assert!(error.to_string().ends_with("delete it to begin anew"), "{error}");
    assert_eq!(SqliteStore::is_missing(&path), Ok(false));
    fs::remove_file(&path).unwrap();
    assert_eq!(open(&path).unwrap().head(POLICY), Ok(Head::EMPTY), "the way out is one");
}

#[test]
fn a_store_that_lost_its_file_but_not_what_lies_beside_it_is_damaged() {
    let folder = folder();
    let path = kept(folder.path());
    let mut store = open(&path).unwrap();
    append(&mut store, b"still beside");
    let image = crash_image(&path, &folder.path().join("image"));
    fs::remove_file(&image).unwrap();
    let error = refused_untouched(&image);
    assert_eq!(error.code(), "StoreDamaged");
    let beside = format!("{}-wal", image.display());
    assert!(error.to_string().contains(&beside), "{error}");
    assert_eq!(SqliteStore::is_missing(&image), Err(error));
    fs::remove_file(beside).unwrap();
    assert_eq!(open(&image).unwrap().head(POLICY), Ok(Head::EMPTY), "the way out is one");
}

#[test]
fn what_a_crash_left_of_a_new_store_is_used_for_the_next() {
    let folder = folder();
    let (path, draft) = (folder.path().join("policy.db"), folder.path().join("policy.db-new"));
    let other = folder.path().join("other.db");
    drop(open(&other).unwrap());
    for half in [Vec::new(), fs::read(&other).unwrap()] {
        fs::write(&draft, half).unwrap();
        append(&mut open(&path).unwrap(), b"one");
        assert!(!draft.exists());
        fs::remove_file(&path).unwrap();
    }
    fs::write(&draft, "somebody's notes\n").unwrap();
    assert_eq!(refusal(&path).code(), "StoreForeign");
    assert_eq!(fs::read(&draft).unwrap(), b"somebody's notes\n");
    assert!(!path.exists());
}

#[test]
fn a_symbolic_link_to_nothing_is_not_taken_for_a_store_that_is_yet_to_be_made() {
    let folder = folder();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("unmounted/policy.db"), &link).unwrap();
    assert_eq!(refusal(&link).code(), "StoreUnavailable");
    assert!(link.is_symlink());
}

#[test]
fn a_closed_store_is_one_file() {
    let folder = folder();
    let path = kept(folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(open(&path).unwrap().head(POLICY).unwrap().revision, 41);
}

#[test]
fn opening_and_reading_changes_no_byte() {
    let folder = folder();
    let path = kept(folder.path());
    let before = contents(folder.path());
    verify(&open(&path).unwrap(), POLICY, None).unwrap();
    assert!(contents(folder.path()) == before);
}

#[test]
fn names_that_mean_something_to_sqlite_are_names_of_files() {
    let folder = folder();
    for name in [":memory:", "file:x?mode=memory", "per%20cent", "a?b#c", "quote'`\"", "ünï🔐", " "] {
        let path = folder.path().join(name);
        append(&mut open(&path).unwrap(), name.as_bytes());
        assert_eq!(open(&path).unwrap().read(POLICY, 0, 1).unwrap()[0].body, name.as_bytes());
        assert!(path.is_file(), "{name}");
    }
    assert_eq!(refusal(Path::new("")).code(), "StoreUnavailable");
    assert_eq!(refusal(&folder.path().join("nul\0byte")).code(), "StoreUnavailable");
}

#[test]
fn a_store_is_found_through_a_symbolic_link_with_what_a_crash_left_beside_it() {
    let folder = folder();
    let path = kept(folder.path());
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let mut store = open(&link).unwrap();
    append(&mut store, b"through the link");
    assert!(folder.path().join("policy.db-wal").exists());
    drop(store);
    assert_eq!(open(&path).unwrap().head(POLICY).unwrap().revision, 42);
}

#[test]
fn a_file_that_is_no_database_is_foreign_and_untouched() {
    let folder = folder();
    let long_text = "objects and principals\n".repeat(1000);
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0x2a; 5000]].concat();
    let nearly = [b"SQLite format 3\0".as_slice(), &[0xff; 8192]].concat();
    let foreign: [&[u8]; 8] = [b"x", b"\n", long_text.as_bytes(), &png, &[0; 1], &[0; 100], &[0; 8192], &nearly];
    for bytes in foreign {
        let path = folder.path().join("policy.db");
        fs::write(&path, bytes).unwrap();
        let error = refused_untouched(&path);
        assert_eq!(error.code(), "StoreForeign", "{} bytes: {error}", bytes.len());
    }
}

#[test]
fn another_programs_database_is_foreign_and_untouched() {
    for setup in [
        "CREATE TABLE notes (text TEXT)",
        "PRAGMA application_id = 252006673; CREATE TABLE notes (text TEXT)",
        "PRAGMA user_version = 1; CREATE TABLE head (policy INTEGER)",
        "PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)",
        "VACUUM",
    ] {
        let folder = folder();
        let path = folder.path().join("notes.db");
        Connection::open(&path).unwrap().execute_batch(setup).unwrap();
        assert_eq!(refused_untouched(&path).code(), "StoreForeign", "{setup}");
    }
}

#[test]
fn another_programs_database_after_a_crash_keeps_what_lies_beside_it() {
    let folder = folder();
    let source = folder.path().join("source.db");
    let open_elsewhere = Connection::open(&source).unwrap();
    open_elsewhere.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)").unwrap();
    let path = crash_image(&source, &folder.path().join("image"));
    assert_eq!(refused_untouched(&path).code(), "StoreForeign");
}

#[test]
fn a_store_of_a_later_format_is_newer_and_untouched() {
    let folder = folder();
    let path = kept(folder.path());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = refused_untouched(&path);
    assert_eq!(error.code(), "StoreNewer");
    assert!(error.to_string().ends_with("has format 7, of a later version; this program knows format 2"), "{error}");
}

#[test]
fn a_later_format_that_a_crash_left_beside_the_file_is_newer_and_untouched() {
    let folder = folder();
    let path = kept(folder.path());
    let later = Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 3).unwrap();
    let image = crash_image(&path, &folder.path().join("image"));
    assert_eq!(refused_untouched(&image).code(), "StoreNewer");
}

#[test]
fn a_store_of_an_earlier_format_is_older_and_untouched() {
    let folder = folder();
    let path = kept(folder.path());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1).unwrap();
    let error = refused_untouched(&path);
    assert_eq!(error.code(), "StoreOlder");
    assert!(error.to_string().ends_with("has format 1, of an earlier version; this program knows format 2"), "{error}");
}

#[test]
fn a_store_without_a_format_is_damaged() {
    for format in [0, -1] {
        let folder = folder();
        let path = kept(folder.path());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", format).unwrap();
        assert_eq!(refused_untouched(&path).code(), "StoreDamaged");
    }
}

#[test]
fn a_store_cut_off_anywhere_is_refused_and_untouched() {
    let folder = folder();
    let whole = fs::read(kept(folder.path())).unwrap();
    let steps = (1..whole.len()).step_by(997);
    let edges = (0..whole.len()).step_by(4096).flat_map(|page| [page.saturating_sub(1), page, page + 1]);
    for length in steps.chain(edges).chain(1..120).filter(|length| *length > 0) {
        let cut = folder.path().join("cut");
        fs::create_dir_all(&cut).unwrap();
        let path = cut.join("policy.db");
        fs::write(&path, &whole[..length]).unwrap();
        let error = refused_untouched(&path);
        // Below 72 bytes, the part of the header that says whose it is, is cut off itself.
        let codes: &[&str] = if length < 72 { &["StoreForeign"] } else { &["StoreDamaged"] };
        assert!(codes.contains(&error.code()), "{length} bytes: {error}");
    }
}

#[test]
fn a_store_with_garbage_in_any_page_is_found_out_by_reading_all_of_it_at_the_latest() {
    let folder = folder();
    let path = kept(folder.path());
    let whole = fs::read(&path).unwrap();
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0x5a);
        fs::write(&path, &bytes).unwrap();
        let code = match open(&path) {
            Err(error) => error.code(),
            Ok(store) => match verify(&store, POLICY, None) {
                Err(error) => error.code(),
                Ok(_) => store.read_private(POLICY, None, 100).unwrap_err().code(),
            },
        };
        let expected =
            if page == 0 { &["StoreForeign"][..] } else { &["StoreDamaged", "SnapshotDamaged", "LogAltered"] };
        assert!(expected.contains(&code), "page {page}: {code}");
    }
}

#[test]
fn a_missing_folder_is_named_and_not_made() {
    let folder = folder();
    let path = folder.path().join("no/such/policy.db");
    let error = refusal(&path);
    assert_eq!(error.code(), "StoreUnavailable");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    assert!(error.to_string().ends_with(&format!("there is no folder `{}`", path.parent().unwrap().display())));
    assert_eq!(contents(folder.path()), []);
}

#[test]
fn what_is_not_a_file_is_unavailable() {
    let folder = folder();
    assert_eq!(refusal(folder.path()).code(), "StoreUnavailable");
    assert_eq!(refusal(Path::new("/dev/null")).code(), "StoreUnavailable");
    let file = folder.path().join("file");
    fs::write(&file, b"x").unwrap();
    assert_eq!(refusal(&file.join("policy.db")).code(), "StoreUnavailable");
}

/// Set for the child that this test runs as a user without rights: the file that it tries to open.
const FOR_NOBODY: &str = "PORTCULLIS_TEST_STORE_FOR_NOBODY";

#[test]
fn a_file_that_may_not_be_read_or_written_is_unavailable_and_untouched() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    if let Some(path) = std::env::var_os(FOR_NOBODY) {
        assert_eq!(refusal(Path::new(&path)).code(), "StoreUnavailable");
        return;
    }
    let folder = folder();
    let path = kept(folder.path());
    let before = fs::read(&path).unwrap();
    // The superuser may do everything, so the opening is tried by a child that is nobody. The program is copied to where
    // nobody can reach it.
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut superuser = false;
    for mode in [0o000, 0o444] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let mut child = Command::new(&program);
        child.args(["--exact", "a_file_that_may_not_be_read_or_written_is_unavailable_and_untouched"]);
        child.current_dir("/").env(FOR_NOBODY, &path);
        if mode == 0o000 && fs::File::open(&path).is_ok() {
            superuser = true;
        }
        if superuser {
            child.uid(65_534).gid(65_534);
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "mode {mode:o}: {}", String::from_utf8_lossy(&output.stdout));
    }
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(fs::read(&path).unwrap() == before);
}

/// Set for the child whose files may not grow: its store file.
const FOR_FULL: &str = "PORTCULLIS_TEST_STORE_FOR_FULL";

#[test]
fn a_store_that_cannot_grow_says_so_and_keeps_what_it_acknowledged() {
    if let Some(path) = std::env::var_os(FOR_FULL) {
        return append_until_it_fails(Path::new(&path));
    }
    for blocks in [33, 40, 48, 64, 100, 300] {
        let folder = folder();
        let path = folder.path().join("policy.db");
        open(&path).unwrap();
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut child = Command::new("sh");
        child.args(["-c", &limited]).arg(std::env::current_exe().unwrap());
        child.args(["--exact", "a_store_that_cannot_grow_says_so_and_keeps_what_it_acknowledged", "--nocapture"]);
        let output = child.env(FOR_FULL, &path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{blocks} blocks: {text}");
        let done = text.lines().filter(|line| *line == "done").count();
        let head = verify(&open(&path).unwrap(), POLICY, None).unwrap();
        let last_is_unknown = text.lines().any(|line| line == "unknown");
        assert!(
            head.revision == done as u64 || last_is_unknown && head.revision == done as u64 + 1,
            "{head:?}: {text}"
        );
    }
}

/// The child: appends until the store fails, says how each append ended, and checks that the store is given up then.
fn append_until_it_fails(path: &Path) {
    let mut store = open(path).unwrap();
    loop {
        let head = store.head(POLICY).unwrap();
        let outcome = store.append(POLICY, &head, &[NewSet::new(1, vec![1; 700])]);
        match outcome {
            Ok(Outcome::Done(_)) => println!("\ndone"),
            Ok(Outcome::Unknown(error)) => break println!("\nunknown\n{error}"),
            Ok(Outcome::Conflict(head)) => panic!("nobody else writes, but the head is {head:?}"),
            Err(error) => break println!("\nfailed\n{error}"),
        }
    }
    assert_eq!(store.head(POLICY).unwrap_err().code(), "StorePoisoned");
}

#[test]
fn a_second_opening_is_busy_after_its_time_to_wait_and_names_the_file() {
    let folder = folder();
    let path = kept(folder.path());
    let mut first = open(&path).unwrap();
    let begin = Instant::now();
    let error = SqliteStore::open(&path, &SqliteOptions { busy_timeout_ms: 120, create: true }).unwrap_err();
    assert!(begin.elapsed() >= Duration::from_millis(120));
    assert_eq!(error.code(), "StoreBusy");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    append(&mut first, b"the first goes on");
    drop(first);
    assert_eq!(open(&path).unwrap().head(POLICY).unwrap().revision, 42);
}

/// Set for the child of the test below: the file that its parent has open.
const FOR_SECOND: &str = "PORTCULLIS_TEST_STORE_FOR_SECOND";

#[test]
fn a_refused_opening_does_not_take_the_lock_from_the_first() {
    // Locks belong to processes, so only another one can tell.
    if let Some(path) = std::env::var_os(FOR_SECOND) {
        assert_eq!(refusal(Path::new(&path)).code(), "StoreBusy");
        return;
    }
    let folder = folder();
    let path = kept(folder.path());
    let _first = open(&path).unwrap();
    assert_eq!(refusal(&path).code(), "StoreBusy");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "a_refused_opening_does_not_take_the_lock_from_the_first"]);
    let output = child.env(FOR_SECOND, &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn another_program_that_reads_the_file_makes_it_busy() {
    let folder = folder();
    let path = kept(folder.path());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM log").unwrap();
    assert_eq!(refusal(&path).code(), "StoreBusy");
    drop(other);
    assert!(open(&path).is_ok());
}

#[test]
fn many_that_open_one_new_store_at_once_queue_and_each_gets_its_turn() {
    let folder = folder();
    let path = folder.path().join("policy.db");
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for number in 0..8_u8 {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                for _ in 0..5 {
                    let mut store =
                        SqliteStore::open(path, &SqliteOptions { busy_timeout_ms: 30_000, create: true }).unwrap();
                    append(&mut store, &[number]);
                }
            });
        }
    });
    let head = verify(&open(&path).unwrap(), POLICY, None).unwrap();
    assert_eq!(head.revision, 40);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_a_new_store_and_what_lies_beside_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let mut store = open(&path).unwrap();
    append(&mut store, &[1]);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() > 1, "the log beside it is there");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

/// Copies a database with what lies beside it, as a crash would have left it.
fn crash_image(path: &Path, into: &Path) -> PathBuf {
    fs::create_dir(into).unwrap();
    let image = into.join("policy.db");
    fs::copy(path, &image).unwrap();
    let wal = PathBuf::from(format!("{}-wal", path.display()));
    assert!(fs::metadata(&wal).unwrap().len() > 0);
    fs::copy(wal, into.join("policy.db-wal")).unwrap();
    image
}
