//! The store behind the command line: what survives, what is found out, what is refused.

use crate::program::Desk;
use std::fs;

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
