//! A snapshot is for a quick start only: without it, or with a bad one, every answer is the same, from the log.

use crate::program::Desk;
use portcullis_host::store::{PolicyId, SqliteOptions, SqliteStore, Store};
use rusqlite::Connection;
use serde_json::Value;

const POLICY: PolicyId = PolicyId(1);

/// A desk whose store has a snapshot, because a large import made one due, and a change after it.
fn desk() -> Desk {
    let desk = Desk::with_shop();
    let list = "acl {\n  inheriting = '0'\n  aclEntry 'user', principalName: 'dora', {\n    modifyPrivilege = 'allow'\n  }\n}\n";
    desk.write("export/projects/Large/acls/acl.dsl", list);
    let pipelines: String = (0..900).map(|number| format!("pipeline '{number:0>180}'\n")).collect();
    desk.write("export/projects/Large/project.dsl", &format!("project 'Large', {{\n{pipelines}}}\n"));
    desk.ok("import export");
    desk.ok("createAclEntry user dora Shop --modifyPrivilege=deny");
    desk
}

fn tamper(desk: &Desk, sql: &str) {
    Connection::open(desk.path("portcullis.db")).unwrap().execute_batch(sql).unwrap();
}

/// Answers that need everything that the store holds.
fn answers(desk: &Desk) -> Vec<Value> {
    let lines =
        ["tree", "explain Large --principal dora --privilege modify", "--as dora checkAccess Shop", "getSchema"];
    lines.map(|line| desk.ok(line)).to_vec()
}

#[test]
fn a_damaged_snapshot_changes_no_answer() {
    let desk = desk();
    let before = answers(&desk);
    assert_eq!(before[1]["decision"], "allow");
    assert_eq!(before[2]["access"]["modifyPrivilege"], "deny");
    assert!(before[0]["object"].as_array().unwrap().len() > 900);
    desk.ok("verify");

    tamper(&desk, "UPDATE snapshot SET bytes = zeroblob(length(bytes))");
    desk.fails(3, "SnapshotDamaged", &["verify"]);
    assert_eq!(answers(&desk), before);

    desk.ok("createObject Other");
    assert_eq!(desk.ok("getObjects --systemObjectName projects")["object"].as_array().unwrap().len(), 3);
    assert_eq!(answers(&desk)[1..], before[1..]);
}

#[test]
fn a_whole_snapshot_that_no_engine_takes_changes_no_answer() {
    let desk = desk();
    let before = answers(&desk);
    let mut store = SqliteStore::open(&desk.path("portcullis.db"), &SqliteOptions::default()).unwrap();
    let head = store.head(POLICY).unwrap();
    store.put_snapshot(POLICY, &head, b"not what an engine wrote").unwrap();
    drop(store);
    desk.fails(3, "SnapshotDiffers", &["verify"]);
    assert_eq!(answers(&desk), before);
}

/// The control: a sound snapshot is used, so the answers of the other tests would otherwise have come from it.
#[test]
fn what_a_sound_snapshot_holds_is_not_read_from_the_log() {
    let desk = desk();
    let before = answers(&desk);
    tamper(&desk, "DELETE FROM log WHERE revision = 2");
    assert_eq!(answers(&desk), before);
    desk.fails(3, "LogGap", &["verify"]);
    tamper(&desk, "UPDATE snapshot SET bytes = zeroblob(length(bytes))");
    desk.fails(3, "LogGap", &["tree"]);
}
