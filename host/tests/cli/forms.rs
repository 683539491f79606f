//! The forms of answers and errors, and what the process ends with.

use crate::program::{Desk, Run};
use std::process::Stdio;

#[test]
fn json_is_the_engines_answer_in_its_own_order() {
    let desk = Desk::with_shop();
    let run = desk.run(&["checkAccess", "Shop", "--output", "json"]);
    let order = ["readPrivilege", "modifyPrivilege", "executePrivilege", "changePermissionsPrivilege"];
    let places: Vec<usize> = order.iter().map(|name| run.stdout.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{}", run.stdout);
    assert_eq!(desk.run(&["checkAccess", "Shop"]).stdout, run.stdout, "JSON is the form for programs");
}

#[test]
fn xml_has_repeated_elements_and_leaves_out_what_is_empty() {
    let desk = Desk::with_shop();
    let run = desk.run(&["getAccess", "Shop", "--pipelineName", "Release", "--output", "xml"]);
    assert!(run.stdout.starts_with("<response>\n  <object>\n"), "{}", run.stdout);
    assert!(run.stdout.trim_end().ends_with("</response>"));
    assert_eq!(run.stdout.matches("<object>").count(), 4);
    assert_eq!(run.stdout.matches("<aclEntry>").count(), 2, "two objects have an entry, two have none");
    assert_eq!(desk.run(&["breakAclInheritance", "Shop", "--output=xml"]).stdout, "<response/>\n");
}

#[test]
fn names_from_elsewhere_disturb_no_form() {
    let desk = Desk::new();
    let name = "a\u{1b}[2J\u{9b}31m<b>&\r\u{202e}\u{7}😀";
    desk.ok_words(&["createObject", name]);
    let xml = desk.run(&["getObjects", "--systemObjectName", "projects", "--output", "xml"]).stdout;
    assert!(xml.contains("a\u{fffd}[2J&#155;31m&lt;b&gt;&amp;&#13;\u{202e}\u{fffd}😀"), "{xml}");
    let json = desk.run(&["getObjects", "--systemObjectName", "projects"]).stdout;
    let table = desk.table(&["getObjects", "--systemObjectName", "projects"]);
    assert!(table.contains("a\\u{1b}[2J\\u{9b}31m<b>&\\u{d}\\u{202e}\\u{7}😀"), "{table}");
    let help = desk.run(&["--output", "table", "help", name]).stderr;
    for text in [xml, json, table, help] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
}

#[test]
fn what_xml_cannot_hold_is_replaced_and_said_once() {
    let desk = Desk::new();
    let said = |name: &str| {
        desk.ok_words(&["createObject", name]);
        desk.run(&["--output", "xml", "getObjects", "--systemObjectName", "projects"]).stderr
    };
    assert_eq!(said("<tab\t&\u{9b}"), "");
    let note = "note: XML cannot hold some of the characters; `--output json` can\n";
    assert_eq!(said("bell\u{7}"), note);
    assert_eq!(said("another\u{1b}"), note);
    assert_eq!(desk.run(&["getObjects", "--systemObjectName", "projects"]).stderr, "", "JSON holds everything");
}

#[test]
fn an_error_has_the_form_of_the_answer_and_goes_to_standard_error() {
    let desk = Desk::with_shop();
    let run = |form| desk.run(&["--output", form, "checkAccess", "Nope"]);
    assert_eq!(run("table").stderr, "error NoSuchProject: no project `Nope` exists\n");
    assert_eq!(run("json").assert_failed(1, "NoSuchProject"), "no project `Nope` exists");
    let xml = run("xml");
    let wanted = "<response>\n  <error>\n    <code>NoSuchProject</code>\n    <message>no project `Nope` exists</message>\n  </error>\n</response>\n";
    assert_eq!((xml.code, xml.stdout.as_str(), xml.stderr.as_str()), (1, "", wanted));
}

#[test]
fn the_process_ends_with_0_1_2_or_3() {
    let desk = Desk::with_shop();
    assert_eq!(
        desk.run(&["check", "Shop", "--privilege", "modify", "--principal", "dora"]).code,
        0,
        "a denial is an answer"
    );
    assert_eq!(desk.run(&["checkAccess", "Nope"]).code, 1);
    assert_eq!(desk.run(&["check", "Shop"]).code, 2, "no policy could answer");
    assert_eq!(desk.run(&["chekAccess", "Shop"]).code, 2);
    assert_eq!(desk.run(&["--store", "no/such/folder/x.db", "tree"]).code, 3);
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let desk = Desk::with_shop();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = desk.program().args(["tree"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let desk = Desk::with_shop();
    let full = std::fs::File::create("/dev/full").unwrap();
    let output = desk.program().args(["tree"]).stdout(full).output().unwrap();
    Run::of(&output).assert_failed(3, "OutputUnwritable");
}
