//! `--output csv`, `simple` and `silent`.

use crate::program::Desk;

fn shown(desk: &Desk, form: &str, words: &[&str]) -> String {
    let run = desk.run(&[&["--output", form], words].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout
}

const PROJECTS: [&str; 3] = ["getObjects", "--systemObjectName", "projects"];

#[test]
fn csv_has_a_header_and_a_row_for_each_element() {
    let desk = Desk::with_shop();
    desk.ok_words(&["createObject", "=cmd|' /C calc'!A0, \"x\""]);
    let csv = shown(&desk, "csv", &PROJECTS);
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "objectId,objectName,objectType,path");
    assert!(lines[1].contains(",\"'=cmd|' /C calc'!A0, \"\"x\"\"\",project,"), "{csv}");
    assert!(lines[2].starts_with("project-") && lines[2].ends_with(",Shop,project,/projects/Shop"), "{csv}");
    assert_eq!(&lines[3..], [""]);
}

#[test]
fn simple_has_the_values_alone() {
    let desk = Desk::with_shop();
    assert_eq!(shown(&desk, "simple", &["checkAccess", "Shop", "--as", "dora"]), "allow\tdeny\tallow\tdeny\n");
    desk.ok_words(&["createObject", "two\nlines\tand \\"]);
    let names: Vec<String> =
        shown(&desk, "simple", &PROJECTS).lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect();
    assert_eq!(names, ["Shop", r"two\nlines\tand \\"]);
}

#[test]
fn one_answer_with_a_nested_list_is_one_row() {
    let desk = Desk::with_shop();
    let csv = shown(&desk, "csv", &["getAccess", "Shop"]);
    assert_eq!(csv.matches("\r\n").count(), 4, "a header and three objects: {csv}");
    assert!(csv.contains(",\"{\"\"aclEntryId\"\":\"\""), "{csv}");
    assert!(
        shown(&desk, "csv", &["check", "Shop", "--privilege", "read", "--principal", "dora"])
            .starts_with("decision,reason.code,")
    );
}

#[test]
fn silent_says_nothing_but_errors() {
    let desk = Desk::with_shop();
    assert_eq!(shown(&desk, "silent", &["checkAccess", "Shop"]), "");
    assert_eq!(shown(&desk, "silent", &["createObject", "Second"]), "");
    assert_eq!(desk.ok_words(&["checkAccess", "Second"])["access"]["readPrivilege"], "allow");
    for form in ["silent", "csv", "simple"] {
        let run = desk.run(&["--output", form, "checkAccess", "Nope"]);
        let wanted = (1, "", "error NoSuchProject: no project `Nope` exists\n");
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), wanted, "{form}");
    }
}

#[test]
fn a_command_that_says_nothing_and_an_empty_list_give_nothing() {
    let desk = Desk::with_shop();
    for form in ["csv", "simple"] {
        assert_eq!(shown(&desk, form, &["breakAclInheritance", "Shop"]), "");
        assert_eq!(shown(&desk, form, &["getObjects", "Shop", "--objectType", "stage"]), "");
    }
}

#[test]
fn an_unknown_form_is_refused_with_those_there_are() {
    let desk = Desk::new();
    let error = desk.fails(2, "InvalidArgument", &["--output", "yaml", "tree"]);
    for form in ["table", "json", "xml", "csv", "simple", "silent"] {
        assert!(error.contains(&format!("`{form}`")), "{error}");
    }
}
