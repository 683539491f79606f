//! The store behind the command line: what survives, what is found out, what is refused.

use crate::program::Desk;
use portcullis_host::store::{PolicyId, SqliteOptions, SqliteStore, Store};
use std::fs;

const POLICY: PolicyId = PolicyId(1);

#[test]
fn the_log_tells_what_was_done_newest_first() {
    let desk = Desk::with_shop();
    let log = desk.ok("log");
    let rows = log["changeSet"].as_array().unwrap();
    let revisions: Vec<u64> = rows.iter().map(|row| row["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, [4, 3, 2, 1]);
    assert_eq!(rows[3]["command"], serde_json::json!(["createPolicy"]));
    assert!(rows[0]["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(desk.ok("log --limit 2")["changeSet"].as_array().unwrap().len(), 2);
    let endless = desk.ok("log --limit 99999999999999999999999999");
    assert_eq!(endless["changeSet"].as_array().unwrap().len(), 4);
    assert_eq!(desk.ok("log --limit 0")["changeSet"].as_array().unwrap().len(), 0);
    let table = desk.table(&["log"]);
    assert!(table.contains("createPolicy") && table.contains("user:admin"), "{table}");
}

#[test]
fn what_only_asks_and_what_changes_nothing_leave_no_trace() {
    let desk = Desk::with_shop();
    let before = desk.head();
    desk.ok("tree");
    desk.ok("restoreAclInheritance Shop");
    assert_eq!(desk.table(&["restoreAclInheritance", "Shop"]), "nothing to change; still revision 4\n");
    assert_eq!(desk.head(), before);
}

#[test]
fn a_head_kept_elsewhere_finds_a_log_that_was_cut_off() {
    let desk = Desk::with_shop();
    fs::copy(desk.path("portcullis.db"), desk.path("old.db")).unwrap();
    desk.ok("createObject Other");
    let head = desk.head();
    assert_eq!(desk.ok_words(&["verify", "--head", &head])["verified"]["head"], head.as_str());
    let printed = desk.run(&["log", "--head"]).stdout;
    desk.ok_words(&["verify", "--head", &printed]);
    assert_eq!(desk.table(&["log", "--head"]).trim_end(), head);
    desk.ok("--store old.db verify");
    let error = desk.fails(3, "LogTruncated", &["--store", "old.db", "verify", "--head", &head]);
    assert!(error.contains('5'), "{error}");
}

#[test]
fn a_file_that_is_no_sound_store_is_left_as_it_is() {
    let desk = Desk::with_shop();
    let sound = fs::read(desk.path("portcullis.db")).unwrap();
    desk.write("foreign.db", "this is no store, whatever its name says\n");
    fs::write(desk.path("cut.db"), &sound[..sound.len() / 2]).unwrap();
    for (file, code) in [("foreign.db", "StoreForeign"), ("cut.db", "StoreDamaged")] {
        let before = fs::read(desk.path(file)).unwrap();
        for words in [&["tree"][..], &["createObject", "P"], &["log"], &["verify"]] {
            let error = desk.fails(3, code, &[&["--store", file], words].concat());
            assert!(error.contains(file), "{error}");
        }
        assert_eq!(fs::read(desk.path(file)).unwrap(), before, "{file}");
    }
}

#[test]
fn looking_at_the_log_of_a_store_that_is_not_there_makes_none() {
    let desk = Desk::new();
    for words in [&["log"][..], &["log", "--head"], &["verify"]] {
        desk.fails(3, "StoreUnavailable", words);
    }
    desk.fails(2, "InvalidArgument", &["createObject", "--nonsense", "x"]);
    assert!(!desk.path("portcullis.db").exists());
}

#[test]
fn what_asks_and_what_is_refused_makes_no_store() {
    let desk = Desk::new();
    desk.write("export/groups/Everyone/group.dsl", "group 'Everyone', {\n}\n");
    assert_eq!(desk.ok("checkAccess --systemObjectName server")["access"]["modifyPrivilege"], "allow");
    desk.ok("tree");
    desk.ok("getObjects --sys projects");
    desk.ok("restoreAclInheritance --systemObjectName server");
    desk.fails(1, "NoSuchProject", &["createObject", "Shop", "--pipelineName", "Release"]);
    desk.fails(1, "AccessDenied", &["--as", "dora", "createObject", "Shop"]);
    desk.fails(1, "AccessDenied", &["--as", "dora", "import", "export"]);
    desk.fails(1, "AccessDenied", &["--as", "dora", "init"]);
    desk.write("schema.json", "{}");
    desk.fails(1, "InvalidArgument", &["setSchema", "schema.json"]);
    let mut left: Vec<_> = fs::read_dir(desk.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["export", "schema.json"]);

    let run = desk.run(&["--output", "table", "tree"]);
    assert_eq!(run.stderr, "note: `portcullis.db` does not exist yet; this is true of a new policy\n");
    desk.fails(3, "StoreUnavailable", &["--store", "no/such/folder/x.db", "tree"]);
}

#[test]
fn the_first_change_makes_the_store_with_the_policy_it_was_made_to() {
    let desk = Desk::new();
    desk.ok("createObject Shop");
    let revisions = |desk: &Desk| desk.ok("log")["changeSet"].as_array().unwrap().len();
    assert_eq!(revisions(&desk), 2);
    desk.ok("verify");
    let left: Vec<_> = fs::read_dir(desk.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["portcullis.db"]);
    desk.fails(1, "InvalidArgument", &["init"]);
    assert_eq!(desk.ok("--store other.db init")["policy"]["revision"].as_u64(), Some(1));
    desk.fails(1, "InvalidArgument", &["--store", "other.db", "init"]);
}

#[test]
fn a_store_that_lost_what_it_held_is_refused_and_left_as_it_is() {
    let desk = Desk::with_shop();
    let store = desk.path("portcullis.db");
    let mut kept = SqliteStore::open(&store, &SqliteOptions::default()).unwrap();
    let head = kept.head(POLICY).unwrap();
    kept.put_snapshot(POLICY, &head, b"any").unwrap();
    drop(kept);
    let sound = fs::read(&store).unwrap();
    for (lost, code, named) in [
        ("", "StoreDamaged", "delete it to begin anew"),
        (
            "DELETE FROM log; DELETE FROM head",
            "LogTruncated",
            "ends at revision 0, while its snapshot is of revision 4",
        ),
        (
            "DELETE FROM log WHERE revision > 2;
             UPDATE head SET (revision, hash, at_ms) = (SELECT revision, hash, at_ms FROM log WHERE revision = 2)",
            "LogTruncated",
            "ends at revision 2, while its snapshot is of revision 4",
        ),
    ] {
        fs::write(&store, if lost.is_empty() { &[] } else { sound.as_slice() }).unwrap();
        if !lost.is_empty() {
            rusqlite::Connection::open(&store).unwrap().execute_batch(lost).unwrap();
        }
        let before = fs::read(&store).unwrap();
        for line in ["checkAccess --systemObjectName server", "createObject P", "log", "log --head", "verify", "init"] {
            let error = desk.fails(3, code, &line.split(' ').collect::<Vec<_>>());
            assert!(error.contains(named) && error.contains("portcullis.db"), "{line}: {error}");
        }
        assert_eq!(fs::read(&store).unwrap(), before, "{lost}");
    }
    fs::write(&store, sound).unwrap();
    desk.ok("createObject P");
}

#[test]
fn a_new_store_is_announced_to_people() {
    let desk = Desk::new();
    let run = desk.run(&["--output", "table", "createObject", "Shop"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "note: `portcullis.db` is a new store\n"));
    assert_eq!(desk.run(&["--output", "table", "createObject", "Other"]).stderr, "");
}

#[test]
fn the_engine_inside_tells_what_it_is_and_can_be_taken_out() {
    let desk = Desk::new();
    let engine = desk.ok("engine --out engine.wasm");
    let engine = &engine["engine"];
    let module = fs::read(desk.path("engine.wasm")).unwrap();
    assert_eq!(engine["bytes"].as_u64(), Some(module.len() as u64));
    assert_eq!((engine["imports"].as_u64(), engine["wasmVersion"].as_u64()), (Some(0), Some(1)));
    assert_eq!(&module[..4], b"\0asm");
    assert!(desk.run(&["--version"]).stdout.contains(engine["sha256"].as_str().unwrap()));
    let left: Vec<_> = fs::read_dir(desk.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["engine.wasm"], "no draft stays behind");
}
