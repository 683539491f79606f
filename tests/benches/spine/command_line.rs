//! The program, as it was built for release, from its start to its answer and end, on a store of 1,000 objects.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::sample::Sheet;

/// How often it is started.
const STARTS: usize = 60;

/// Measures it, if it is there.
pub(crate) fn measure(sheet: &mut Sheet) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/portcullis");
    if !program.is_file() {
        eprintln!("the command line is not measured: `cargo xtask build` makes {}", program.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("bench.db");
    fill(&program, &store);
    let question = ["checkAccess", "--projectName", "Project 7", "--procedureName", "Procedure 42"];
    for _ in 0..STARTS {
        sheet.time("command line", || run(&program, &store, &question));
    }
}

fn fill(program: &Path, store: &Path) {
    for project in 0..10 {
        run(program, store, &["createObject", "--projectName", &format!("Project {project}")]);
        for procedure in 0..100 {
            let path = format!("/projects/Project {project}/procedures/Procedure {procedure}");
            run(program, store, &["createObject", "--path", &path]);
        }
    }
}

fn run(program: &Path, store: &Path, words: &[&str]) {
    let status = Command::new(program).arg("--store").arg(store).args(words).stdout(Stdio::null()).status();
    assert!(status.expect("the program runs").success(), "{words:?}");
}
