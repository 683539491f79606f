//! The program, run in a folder of its own.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with a store in it, and nobody logged in.
pub(crate) struct Desk {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk with a project `Shop`, a pipeline `Release` in it, and the user `dora`.
    pub(crate) fn with_shop() -> Self {
        let desk = Self::new();
        desk.ok("createObject Shop");
        desk.ok("createObject Shop --pipelineName Release");
        desk.ok("createObject --userName dora");
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The program, not yet run.
    pub(crate) fn program(&self) -> Command {
        self.program_at(env!("CARGO_BIN_EXE_portcullis"))
    }

    /// The same, by the name of a link to it.
    pub(crate) fn program_at(&self, link: impl AsRef<OsStr>) -> Command {
        let mut program = Command::new(link);
        program.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path()).stdin(Stdio::null());
        program
    }

    pub(crate) fn run<W: AsRef<OsStr>>(&self, words: &[W]) -> Run {
        Run::of(&self.program().args(words).output().unwrap())
    }

    /// What the line of simple words answers, in JSON.
    pub(crate) fn ok(&self, line: &str) -> Value {
        self.ok_words(&line.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn ok_words(&self, words: &[&str]) -> Value {
        let run = self.run(words);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// What the words answer as a table.
    pub(crate) fn table(&self, words: &[&str]) -> String {
        let run = self.run(&[&["--output", "table"], words].concat());
        assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
        run.stdout
    }

    /// The text of the error that the words end with, after its exit code and its own code were looked at.
    pub(crate) fn fails(&self, exit: i32, code: &str, words: &[&str]) -> String {
        let run = self.run(words);
        run.assert_failed(exit, code)
    }

    /// Revision and hash, by which one sees whether anything changed.
    pub(crate) fn head(&self) -> String {
        self.ok("log --head")["head"].as_str().unwrap().to_owned()
    }
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    pub(crate) fn assert_failed(&self, exit: i32, code: &str) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (exit, ""), "{}", self.stderr);
        let error: Value = serde_json::from_str(&self.stderr).unwrap();
        assert_eq!(error["error"]["code"], code, "{}", self.stderr);
        error["error"]["message"].as_str().unwrap().to_owned()
    }
}
