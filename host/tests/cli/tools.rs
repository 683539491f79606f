//! The program under the names of the vendor's tools.

use crate::program::{Desk, Run};
use std::fs;
use std::os::unix::fs::symlink;

const XML: &str = "<response>\n  <access>\n    <readPrivilege>allow</readPrivilege>\n";

/// Runs the program by a link of that name, in a folder of its own.
fn run_as(desk: &Desk, name: &str, words: &[&str]) -> Run {
    let link = desk.path("bin").join(name);
    if !link.exists() {
        fs::create_dir_all(desk.path("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_portcullis"), &link).unwrap();
    }
    Run::of(&desk.program_at(link).args(words).output().unwrap())
}

#[test]
fn a_link_named_as_a_tool_is_that_tool_and_answers_in_xml() {
    let desk = Desk::with_shop();
    for name in ["ectool", "cmtool", "ectool.exe"] {
        let run = run_as(&desk, name, &["checkAccess", "–-projectName", "Shop"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}");
        assert!(run.stdout.starts_with(XML), "{name}: {}", run.stdout);
    }
    assert!(run_as(&desk, "anything", &["checkAccess", "Shop"]).stdout.starts_with('{'));
}

#[test]
fn the_word_before_the_command_does_the_same_as_the_link() {
    let desk = Desk::with_shop();
    for words in
        [&["checkAccess", "Shop"][..], &["--output", "simple", "checkAccess", "Shop"], &["checkAccess", "Nope"]]
    {
        let (link, word) = (run_as(&desk, "cmtool", words), desk.run(&[&["cmtool"], words].concat()));
        assert_eq!((link.code, link.stdout, link.stderr), (word.code, word.stdout, word.stderr), "{words:?}");
    }
    let error = run_as(&desk, "ectool", &["checkAccess", "Nope"]);
    assert!(error.stderr.starts_with("<response>\n  <error>\n    <code>NoSuchProject</code>"), "{}", error.stderr);
}

#[test]
fn a_copy_is_as_good_as_a_link() {
    let desk = Desk::with_shop();
    fs::copy(env!("CARGO_BIN_EXE_portcullis"), desk.path("ectool")).unwrap();
    let run = Run::of(&desk.program_at(desk.path("ectool")).args(["checkAccess", "Shop"]).output().unwrap());
    assert!(run.stdout.starts_with(XML), "{}", run.stderr);
}

#[test]
fn a_script_of_the_tool_runs_where_that_is_safe() {
    let desk = Desk::with_shop();
    let silent = run_as(&desk, "ectool", &["--silent", "--timeout", "3600", "--secure", "1", "createObject", "Second"]);
    assert_eq!((silent.code, silent.stdout.as_str(), silent.stderr.as_str()), (0, "", ""));
    let json = run_as(&desk, "ectool", &["--format", "json", "checkAccess", "Second"]);
    assert!(json.stdout.starts_with("{\n  \"access\""), "{}", json.stdout);

    let before = desk.head();
    for (tool, words) in [
        ("ectool", &["--server", "there", "createObject", "Third"][..]),
        ("ectool", &["–-server=there", "createObject", "Third"]),
        ("ectool", &["--dryRun", "createObject", "Third"]),
        ("ectool", &["--user", "dora", "createObject", "Third"]),
        ("cmtool", &["--fields", "objectName", "createObject", "Third"]),
    ] {
        let run = run_as(&desk, tool, words);
        assert!(run.code == 2 && run.stdout.is_empty(), "{words:?}");
        assert!(run.stderr.contains("is not passed over"), "{}", run.stderr);
    }
    assert_eq!(desk.head(), before);
    assert_eq!(desk.run(&["--silent", "tree"]).code, 2, "the tools' options are only the tools'");
}

#[test]
fn the_tools_help_is_ours() {
    let desk = Desk::new();
    assert!(run_as(&desk, "ectool", &["--help", "checkAccess"]).stdout.contains("checkAccess"));
    assert!(run_as(&desk, "cmtool", &["--help-commands"]).stdout.contains("checkAccess"));
    assert!(run_as(&desk, "cmtool", &["--help-fields", "checkAccess"]).stdout.contains("Answer"));
    assert!(run_as(&desk, "cmtool", &["--version"]).stdout.starts_with("portcullis "));
}
