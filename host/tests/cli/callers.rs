//! Who asks.

use crate::program::{Desk, Run};
use portcullis_host::credentials::{Secret, SecretKind};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn without_a_word_the_caller_is_admin_whose_file_it_is() {
    let desk = Desk::with_shop();
    assert_eq!(desk.ok("log --limit 1")["changeSet"][0]["caller"], "user:admin");
}

#[test]
fn an_unregistered_user_may_ask_and_not_command() {
    let desk = Desk::with_shop();
    desk.ok("createAclEntry user ghost Shop --modifyPrivilege allow");
    let access = desk.ok("--as ghost checkAccess Shop");
    assert_eq!(
        (access["access"]["modifyPrivilege"].as_str(), access["access"]["readPrivilege"].as_str()),
        (Some("allow"), Some("deny"))
    );
    let error = desk.fails(1, "AccessDenied", &["--as", "ghost", "createObject", "Shop", "--pipelineName", "P"]);
    assert!(error.contains("'ghost'"), "{error}");
}

#[test]
fn a_caller_may_be_a_service_account() {
    let desk = Desk::with_shop();
    desk.ok("createAclEntry serviceAccount robot Shop --executePrivilege allow");
    assert_eq!(desk.ok("--as serviceAccount:robot checkAccess Shop")["access"]["executePrivilege"], "allow");
    assert_eq!(desk.ok("--as user:robot checkAccess Shop")["access"]["executePrivilege"], "deny");
    desk.ok_words(&[
        "createAclEntry",
        "user",
        "project: Shop",
        "Shop",
        "--pipelineName",
        "Release",
        "--readPrivilege",
        "deny",
    ]);
    let access = desk.ok_words(&["--as", "project: Shop", "checkAccess", "Shop", "--pipelineName", "Release"]);
    assert_eq!(access["access"]["readPrivilege"], "deny");
}

#[test]
fn a_forgotten_variable_makes_nobody_admin() {
    let desk = Desk::with_shop();
    desk.fails(2, "InvalidArgument", &["--as", "", "tree"]);
    let output = desk.program().arg("tree").env("PORTCULLIS_AS", "").output().unwrap();
    let error = Run::of(&output).assert_failed(2, "InvalidArgument");
    assert!(error.contains("PORTCULLIS_AS"), "{error}");
}

/// Keeps a session for the desk's store, as whoever logs in does.
fn log_in(desk: &Desk, file: &str) {
    let store = desk.path("portcullis.db").canonicalize().unwrap();
    // The cookie of a session that there is not.
    let cookie = Secret::new(SecretKind::Session).unwrap().with_id("3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b");
    write_private(desk, file, &json!({ "sessions": { store.to_str().unwrap(): cookie } }).to_string());
}

fn write_private(desk: &Desk, file: &str, content: &str) {
    desk.write(file, content);
    fs::set_permissions(desk.path(file), fs::Permissions::from_mode(0o600)).unwrap();
}

const SESSION: &str = ".local/state/portcullis/session";

#[test]
fn who_is_logged_in_is_never_admin_and_another_store_has_another_session() {
    let desk = Desk::with_shop();
    let before = desk.head();
    log_in(&desk, SESSION);
    for words in [&["createObject", "Other"][..], &["checkAccess", "Shop"], &["log"]] {
        let error = desk.fails(1, "InvalidSessionId", words);
        assert!(error.contains("log in again") && !error.contains("pcs_"), "{error}");
    }
    assert_eq!(desk.ok("--as dora checkAccess Shop")["access"]["readPrivilege"], "allow");
    assert_eq!(desk.run(&["engine"]).code, 0, "what asks nobody needs no session");
    desk.ok("createObject Elsewhere --store other.db");
    fs::remove_file(desk.path(SESSION)).unwrap();
    assert_eq!(desk.head(), before);
}

#[test]
fn what_is_wrong_with_the_session_file_makes_nobody_admin() {
    let desk = Desk::with_shop();
    let before = desk.head();
    let refused = |code: &str| {
        for words in [&["createObject", "Other"][..], &["checkAccess", "Shop"], &["log"]] {
            let error = desk.fails(1, code, words);
            assert!(error.contains(desk.path(SESSION).to_str().unwrap()) && !error.contains("secret"), "{error}");
        }
    };
    for content in ["", "12.secret", "\u{0}\u{1b}garbage"] {
        write_private(&desk, SESSION, content);
        refused("SessionFileInvalid");
    }
    desk.ok("--as dora checkAccess Shop");
    write_private(&desk, SESSION, "{\"sessions\": {}}");
    desk.ok("checkAccess Shop");
    fs::set_permissions(desk.path(SESSION), fs::Permissions::from_mode(0o644)).unwrap();
    refused("SessionFileUnsafe");
    fs::remove_file(desk.path(SESSION)).unwrap();
    fs::create_dir(desk.path(SESSION)).unwrap();
    refused("SessionFileInvalid");
    fs::remove_dir(desk.path(SESSION)).unwrap();
    assert_eq!(desk.head(), before);
}

#[test]
fn the_session_lies_where_the_environment_says() {
    let desk = Desk::with_shop();
    log_in(&desk, "mine/session");
    log_in(&desk, "state/portcullis/session");
    for (name, value) in [("PORTCULLIS_HOME", "mine"), ("XDG_STATE_HOME", "state")] {
        let output = desk.program().args(["checkAccess", "Shop"]).env(name, desk.path(value)).output().unwrap();
        Run::of(&output).assert_failed(1, "InvalidSessionId");
    }
    assert_eq!(desk.run(&["checkAccess", "Shop"]).code, 0);
}

#[test]
fn only_admin_reads_the_log_verifies_imports_and_changes_the_schema() {
    let desk = Desk::with_shop();
    desk.write("export/projects/P/acls/acl.dsl", "acl {\n}\n");
    desk.write("schema.json", &desk.ok("getSchema")["schema"].to_string());
    for words in
        [&["log"][..], &["log", "--head"], &["verify"], &["import", "export"], &["setSchema", "schema.json"], &["init"]]
    {
        desk.fails(1, "AccessDenied", &[&["--as", "dora"], words].concat());
    }
}
