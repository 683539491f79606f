//! `portcullis man`, as readers of manuals take it.

use crate::program::{Desk, Run};
use std::fs;
use std::process::Command;

/// Says whether the tool is there and has no complaint about the page.
fn lint(desk: &Desk, tool: &str, arguments: &[&str], page: &str) {
    match Command::new(tool).args(arguments).arg(desk.path(page)).output() {
        Ok(output) => {
            let run = Run::of(&output);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{tool} {page}");
        }
        Err(_) => eprintln!("skipped: lint of {page}: there is no `{tool}`"),
    }
}

#[test]
fn the_page_of_everything_has_every_command() {
    let desk = Desk::new();
    let run = desk.run(&["man"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for word in [".SS createAclEntry", ".SS import", ".SS man", ".SH LOCATORS", "environmentTemplateTierName"] {
        assert!(run.stdout.contains(word), "{word}");
    }
    desk.write("portcullis.1", &run.stdout);
    lint(&desk, "groff", &["-man", "-ww", "-z", "-Kutf8"], "portcullis.1");
    lint(&desk, "mandoc", &["-Tlint", "-Wwarning"], "portcullis.1");
}

#[test]
fn a_reader_sees_text_and_no_request() {
    let desk = Desk::new();
    desk.write("portcullis.1", &desk.run(&["man"]).stdout);
    let Ok(output) = Command::new("man").arg("-l").arg(desk.path("portcullis.1")).env("MANWIDTH", "100").output()
    else {
        eprintln!("skipped: a_reader_sees_text_and_no_request: there is no `man`");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("createAclEntry principalType principalName [projectName]"), "{shown}");
    assert!(shown.contains("EXIT STATUS") && !shown.contains("\\f") && !shown.contains("\n.SH"), "{shown}");
}

#[test]
fn a_folder_gets_a_page_for_each_command() {
    let desk = Desk::new();
    let answer = desk.ok("man --dir share/man1");
    let names: Vec<String> = fs::read_dir(desk.path("share/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(answer["manual"]["pages"], names.len());
    assert!(names.contains(&"portcullis-checkAccess.1".into()) && names.contains(&"portcullis.1".into()), "{names:?}");
    for name in names {
        lint(&desk, "groff", &["-man", "-ww", "-z", "-Kutf8"], &format!("share/man1/{name}"));
    }
    desk.write("blocked", "");
    desk.fails(1, "FileUnwritable", &["man", "--dir", "blocked"]);
}
