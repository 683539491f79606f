//! A folder with a store file, on which the program is run.

use super::Program;
use portcullis_host::store::{Head, PolicyId, SqliteOptions, SqliteStore, Store};
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The store file, and the policy that a command line's store holds.
const STORE: &str = "policy.db";
const POLICY: PolicyId = PolicyId(1);

/// The codes with which the program refuses its words by itself, and ends with 2.
const OF_WORDS: [&str; 6] = [
    "InvalidArgument",
    "InvalidBoolean",
    "InvalidInteger",
    "InvalidPrivilege",
    "InvalidRequestName",
    "MissingArgument",
];

/// A folder of its own, in which nobody is logged in and no variable says who asks or which store is meant.
pub(super) struct Desk<'a> {
    program: &'a Program,
    folder: TempDir,
}

impl<'a> Desk<'a> {
    pub(super) fn new(program: &'a Program) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("no folder for the store: {error}"))?;
        Ok(Self { program, folder })
    }

    /// Writes a file, and gives the name by which the program finds it.
    pub(super) fn write<'b>(&self, name: &'b str, content: &str) -> Result<&'b str, String> {
        let written = std::fs::write(self.folder.path().join(name), content);
        written.map(|()| name).map_err(|error| format!("{name}: {error}"))
    }

    /// Where the log stands, by which one sees whether anything changed. The store is read as it lies there: a process for
    /// it would only cost time.
    pub(super) fn head(&self) -> Result<Head, String> {
        let store = SqliteStore::open(&self.folder.path().join(STORE), &SqliteOptions::default());
        store.and_then(|store| store.head(POLICY)).map_err(|error| error.to_string())
    }

    /// Runs the program, and gives its answer as an engine would: with `reply` or `error`.
    /// `session` is the cookie of the session by which it is asked.
    pub(super) fn run(&self, words: &[String], session: Option<&str>) -> Result<Value, String> {
        let mut program = Command::new(self.program.path());
        program.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path()).stdin(Stdio::null());
        program.envs(session.map(|cookie| ("PORTCULLIS_SESSION", cookie)));
        program.args(["--store", STORE, "--output", "json"]).args(words);
        let output = program.output().map_err(|error| error.to_string());
        output.and_then(|output| answer(&output)).map_err(|fault| format!("portcullis {}: {fault}", words.join(" ")))
    }
}

/// An answer is on standard output, with 0; a refusal on standard error, with 1, or 2 if the words alone are wrong.
fn answer(output: &Output) -> Result<Value, String> {
    let (stdout, stderr) = (output.stdout.as_slice(), output.stderr.as_slice());
    let read = |text| serde_json::from_slice(text).map_err(|_| ended(output));
    match (output.status.code(), stdout, stderr) {
        (Some(0), reply, notes) if are_notes(notes) => Ok(json!({ "reply": read(reply)? })),
        (Some(1), [], refusal) => refused(read(refusal)?).ok_or_else(|| ended(output)),
        (Some(2), [], refusal) => refused(read(refusal)?).and_then(of_words).ok_or_else(|| ended(output)),
        _ => Err(ended(output)),
    }
}

/// Whether all that is said beside an answer are notes, as of a command that is deprecated.
fn are_notes(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line.starts_with(b"note: "))
}

fn ended(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).trim_end().to_owned();
    format!("ended with {}: {} {}", output.status, text(&output.stdout), text(&output.stderr))
}

fn refused(answer: Value) -> Option<Value> {
    answer.pointer("/error/code")?.as_str()?;
    Some(answer)
}

/// A refusal of the words, with options named as arguments are everywhere else.
fn of_words(mut answer: Value) -> Option<Value> {
    let error = answer.get_mut("error")?;
    let code = error.get("code").and_then(Value::as_str)?;
    if !OF_WORDS.contains(&code) {
        return None;
    }
    let message = error.get("message")?.as_str()?.replace("`--", "`");
    error.as_object_mut()?.insert("message".into(), message.into());
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn after(code: i32, stdout: &str, stderr: &str) -> Result<Value, String> {
        answer(&Output { status: ExitStatus::from_raw(code << 8), stdout: stdout.into(), stderr: stderr.into() })
    }

    #[test]
    fn what_a_program_ends_with_must_fit_what_it_says() {
        let refusal = r#"{"error": {"code": "InvalidArgument", "message": "no `--colour`"}}"#;
        let failure = r#"{"error": {"code": "StoreDamaged", "message": "x"}}"#;
        let message = |code| {
            let answer = after(code, "", refusal)?;
            Ok::<_, String>(answer.pointer("/error/message").and_then(Value::as_str).map(str::to_owned))
        };
        assert_eq!(after(0, "{}", ""), Ok(json!({"reply": {}})));
        assert_eq!(message(1), Ok(Some("no `--colour`".to_owned())));
        assert_eq!(message(2), Ok(Some("no `colour`".to_owned())));
        let wrong = [
            (0, "", ""),
            (0, "{}", "a warning"),
            (0, "", refusal),
            (1, "{}", refusal),
            (1, "", "{}"),
            (2, "", failure),
            (3, "", failure),
            (101, "", ""),
        ];
        for (code, stdout, stderr) in wrong {
            assert!(after(code, stdout, stderr).is_err(), "{code} {stdout} {stderr}");
        }
    }
}
