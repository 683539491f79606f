#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use tempfile::TempDir;

const SECRET: &str = "17.uncommonly-secret";

/// A session file in a folder that is not there yet, and a store.
fn place() -> (TempDir, SessionFile, String) {
    let home = tempfile::tempdir().unwrap();
    let file = SessionFile { path: home.path().join("state/portcullis/session") };
    let store = home.path().join("x.db").to_str().unwrap().to_owned();
    (home, file, store)
}

/// The same, with a session in it.
fn logged_in() -> (TempDir, SessionFile, String) {
    let (home, file, store) = place();
    file.write(&store, SECRET).unwrap();
    (home, file, store)
}

fn secret(file: &SessionFile, store: &str) -> Option<String> {
    file.read(store).unwrap().map(|cookie| cookie.secret().to_owned())
}

/// The error of every method; it names the file, and not what the file holds.
fn refused(file: &SessionFile, store: &str, code: &str) -> String {
    let errors = [
        file.read(store).unwrap_err(),
        file.write(store, SECRET).unwrap_err(),
        file.remove(store).unwrap_err(),
        file.read("another.db").unwrap_err(),
    ];
    for error in &errors {
        let shown = format!("{error} {error:?}");
        assert_eq!(error.code(), code, "{shown}");
        assert!(shown.contains(file.path.to_str().unwrap()) && !shown.contains("secret"), "{shown}");
    }
    errors[0].to_string()
}

#[test]
fn a_store_has_the_session_that_was_written_for_it_until_it_is_removed() {
    let (home, file, store) = place();
    let other = home.path().join("other.db").to_str().unwrap().to_owned();
    assert_eq!(secret(&file, &store), None);
    file.write(&store, "1.a").unwrap();
    file.write(&other, "2.b").unwrap();
    file.write(&store, SECRET).unwrap();
    assert_eq!((secret(&file, &store).as_deref(), secret(&file, &other).as_deref()), (Some(SECRET), Some("2.b")));
    file.remove(&store).unwrap();
    file.remove(&store).unwrap();
    assert_eq!((secret(&file, &store), secret(&file, &other).as_deref()), (None, Some("2.b")));
}

#[test]
fn nothing_is_made_where_there_is_nothing_to_remove() {
    let (home, file, store) = place();
    file.remove(&store).unwrap();
    assert!(!home.path().join("state").exists());
}

#[test]
fn the_content_is_json_by_the_stores_absolute_path_however_it_was_named() {
    let (home, file, store) = logged_in();
    let content: serde_json::Value = serde_json::from_slice(&fs::read(&file.path).unwrap()).unwrap();
    let path = home.path().canonicalize().unwrap().join("x.db");
    assert_eq!(content, serde_json::json!({ "sessions": { path.to_str().unwrap(): SECRET } }));
    File::create(&store).unwrap();
    let link = home.path().join("link.db");
    symlink(&store, &link).unwrap();
    let roundabout = home.path().join("state/../x.db");
    for name in [&link, &roundabout] {
        assert_eq!(secret(&file, name.to_str().unwrap()).as_deref(), Some(SECRET), "{}", name.display());
    }
}

#[test]
fn file_and_folder_are_their_owners_alone_and_nothing_is_left_beside() {
    let (home, file, store) = logged_in();
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
    let folder = file.path.parent().unwrap();
    assert_eq!((mode(&file.path), mode(folder), mode(&home.path().join("state"))), (0o600, 0o700, 0o700));
    // What a killed run left must not stand in the way, nor lend its mode.
    let draft = file.beside("part").unwrap();
    fs::write(&draft, "left over").unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o666)).unwrap();
    file.write(&store, "3.c").unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!((names, mode(&file.path)), (vec!["session".into(), "session.lock".into()], 0o600));
    assert_eq!(mode(&file.beside("lock").unwrap()), 0o600);
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let (_home, file, store) = logged_in();
    let before = File::open(&file.path).unwrap();
    file.write(&store, "4.d").unwrap();
    assert_ne!(before.metadata().unwrap().ino(), file.path.metadata().unwrap().ino());
    let mut text = String::new();
    (&before).read_to_string(&mut text).unwrap();
    assert!(text.contains(SECRET), "who reads the file meanwhile has the whole one of before");
}

#[test]
fn two_who_write_at_once_lose_nothing() {
    let (home, file, _) = place();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (file, store) = (&file, home.path().join(format!("{number}.db")));
            scope.spawn(move || file.write(store.to_str().unwrap(), &number.to_string()).unwrap());
        }
    });
    assert_eq!(file.content().unwrap().sessions.len(), 8);
}

#[test]
fn a_file_that_others_can_read_or_write_is_refused_with_the_way_out() {
    let (_home, file, store) = logged_in();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o666, 0o610] {
        fs::set_permissions(&file.path, fs::Permissions::from_mode(mode)).unwrap();
        let error = refused(&file, &store, "SessionFileUnsafe");
        assert!(error.contains(&format!("`chmod 600 {}`", file.path.display())), "{error}");
    }
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(secret(&file, &store).as_deref(), Some(SECRET));
}

#[test]
fn a_link_is_refused_wherever_it_leads() {
    let (home, file, store) = logged_in();
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&file.path, &elsewhere).unwrap();
    symlink(&elsewhere, &file.path).unwrap();
    assert!(refused(&file, &store, "SessionFileUnsafe").contains("is a link"));
    fs::remove_file(&elsewhere).unwrap();
    refused(&file, &store, "SessionFileUnsafe");
    assert!(!elsewhere.exists());
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let (_home, file, store) = logged_in();
    if std::os::unix::fs::chown(&file.path, Some(12_345), None).is_err() {
        eprintln!("skipped: a_file_of_somebody_else_is_refused: only root can give a file away");
        return;
    }
    assert!(refused(&file, &store, "SessionFileUnsafe").contains("belongs to somebody else"));
}

#[test]
fn a_damaged_file_is_an_error_and_never_no_session() {
    let (_home, file, store) = logged_in();
    for damage in [
        "",
        "12.secret",
        "{\"sessions\": {\"/x\": \"1.secret\"}",
        "{\"sessions\": [\"secret\"]}",
        "{\"sessions\": {}, \"secret\": 1}",
        "{}",
        "{\"sessions\": {\"/x\": 5}}",
    ] {
        fs::write(&file.path, damage).unwrap();
        assert!(refused(&file, &store, "SessionFileInvalid").contains("is damaged at line"), "{damage}");
        assert_eq!(fs::read_to_string(&file.path).unwrap(), damage, "it stays for whoever wants to look");
    }
}

#[test]
fn what_is_no_file_is_an_error_and_nobody_waits_for_it() {
    let (_home, file, store) = logged_in();
    fs::remove_file(&file.path).unwrap();
    fs::create_dir(&file.path).unwrap();
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o700)).unwrap();
    refused(&file, &store, "SessionFileInvalid");
    fs::remove_dir(&file.path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &file.path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    refused(&file, &store, "SessionFileInvalid");
}

#[test]
fn a_folder_that_is_none_is_an_error() {
    let (home, file, store) = place();
    fs::write(home.path().join("state"), "").unwrap();
    assert_eq!(file.read(&store).unwrap_err().code(), "FileUnreadable");
    assert_eq!(file.write(&store, SECRET).unwrap_err().code(), "FileUnwritable");
}

#[test]
fn a_cookie_shows_itself_to_nobody() {
    let (_home, file, store) = logged_in();
    assert_eq!(format!("{:?}", file.read(&store).unwrap()), "Some(Cookie(…))");
}
