//! Several command lines on one store file.

use crate::program::{Desk, Run};
use portcullis_host::store::{SqliteOptions, SqliteStore};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

fn start(desk: &Desk, line: &str) -> Child {
    let mut program = desk.program();
    program.args(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn assert_done(child: Child) {
    let run = Run::of(&child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

fn projects(desk: &Desk) -> usize {
    desk.ok("getObjects --systemObjectName projects")["object"].as_array().unwrap().len()
}

#[test]
fn two_command_lines_at_once_are_both_done() {
    let desk = Desk::new();
    // The first two also meet over the making of the store.
    for round in 0..10 {
        let both = ["a", "b"].map(|name| start(&desk, &format!("createObject {name}{round}")));
        both.into_iter().for_each(assert_done);
    }
    assert_eq!(projects(&desk), 20);
    assert_eq!(desk.ok("verify")["verified"]["revision"].as_u64(), Some(21));
}

#[test]
fn a_command_line_waits_for_another_program_that_has_the_store() {
    let desk = Desk::new();
    desk.ok("createObject Shop");
    let holder = SqliteStore::open(&desk.path("portcullis.db"), &SqliteOptions::default()).unwrap();
    let mut children = ["createObject Other", "tree"].map(|line| start(&desk, line));
    thread::sleep(Duration::from_millis(300));
    assert!(children.iter_mut().all(|child| child.try_wait().unwrap().is_none()), "the store is another's");
    drop(holder);
    children.into_iter().for_each(assert_done);
    assert_eq!(projects(&desk), 2);
}
