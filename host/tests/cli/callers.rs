//! Who asks.

use crate::program::{Desk, Run};
use std::fs;

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

#[test]
fn a_session_that_ended_or_is_damaged_is_never_admin() {
    let desk = Desk::with_shop();
    let before = desk.head();
    let session = desk.path(".local/state/portcullis/session");
    for content in ["", "12.secret", "\u{0}\u{1b}garbage"] {
        desk.write(".local/state/portcullis/session", content);
        let error = desk.fails(1, "ExpiredSession", &["createObject", "Other"]);
        assert!(error.contains(session.to_str().unwrap()), "{error}");
        desk.fails(1, "ExpiredSession", &["checkAccess", "Shop"]);
        desk.fails(1, "ExpiredSession", &["log"]);
    }
    assert_eq!(desk.ok("--as dora checkAccess Shop")["access"]["readPrivilege"], "allow");
    assert_eq!(desk.run(&["engine"]).code, 0, "what asks nobody needs no session");
    fs::remove_file(&session).unwrap();
    fs::create_dir(&session).unwrap();
    desk.fails(1, "ExpiredSession", &["checkAccess", "Shop"]);
    fs::remove_dir(&session).unwrap();
    assert_eq!(desk.head(), before);
}

#[test]
fn the_session_lies_where_the_environment_says() {
    let desk = Desk::with_shop();
    desk.write("mine/session", "x");
    desk.write("state/portcullis/session", "x");
    for (name, value) in [("PORTCULLIS_HOME", "mine"), ("XDG_STATE_HOME", "state")] {
        let output = desk.program().args(["checkAccess", "Shop"]).env(name, desk.path(value)).output().unwrap();
        Run::of(&output).assert_failed(1, "ExpiredSession");
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
