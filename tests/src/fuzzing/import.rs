//! Any bytes as an export: files with their paths, between zero bytes.

use super::policy;
use portcullis_engine::{Schema, State};
use portcullis_exports::{Export, Files, ImportError, Place};
use serde_json::json;
use std::cell::RefCell;
use std::sync::LazyLock;

/// Stands between the paths and the files.
pub(super) const BETWEEN: &str = "\0";

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::cdro);

thread_local! {
    /// A call changes nothing, and that is checked: one state serves all of them.
    static STATE: RefCell<State> = RefCell::new(policy::state());
}

/// Bytes as the paths and files of an export.
///
/// # Panics
///
/// A place lies outside its file, or what was read can be neither imported nor refused.
pub fn run(bytes: &[u8]) {
    let mut files = Files::default();
    let mut known: Vec<(&str, &[u8])> = Vec::new();
    let mut pieces = bytes.split(|byte| BETWEEN.as_bytes().contains(byte));
    while let (Some(path), Some(text)) = (pieces.next(), pieces.next()) {
        let path = std::str::from_utf8(path).unwrap_or("projects/P/project.dsl");
        if files.add(path, text.to_vec()).is_ok() {
            known.push((path, text));
        }
    }
    match files.export(&SCHEMA) {
        Ok(export) => check(&export, &known),
        Err(error) => check_error(&error, &known),
    }
}

/// What was read can be imported or is refused, and what is said of it has a place.
fn check(export: &Export, known: &[(&str, &[u8])]) {
    let missed = export.summary.missed_acls.iter().map(|missed| &missed.place);
    missed
        .chain(export.summary.skipped.iter().map(|skipped| &skipped.first))
        .for_each(|place| check_place(place, known));
    let objects = serde_json::to_value(&export.objects).unwrap_or_default();
    let command = json!({"command": "import", "arguments": {"objects": objects}});
    STATE.with_borrow_mut(|state| policy::check_call(state, policy::request(&command).to_string().as_bytes()));
}

fn check_error(error: &ImportError, known: &[(&str, &[u8])]) {
    assert!(!error.to_string().is_empty() && ["InvalidExport", "ExportUnreadable"].contains(&error.code()));
    if let ImportError::Invalid { place, .. } = error {
        check_place(place, known);
    }
}

/// A place must be one in one of the files, by its line and column. (In which, the path tells, but one that was given as
/// another text for the same.) What is counted as a whole, such as a folder, has the first place of none.
fn check_place(place: &Place, known: &[(&str, &[u8])]) {
    let is_in = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        let line = unix.split('\n').nth(place.line.wrapping_sub(1));
        line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&place.column))
    };
    let is_first = (place.line, place.column) == (1, 1);
    assert!(is_first || known.iter().any(|(_, text)| is_in(text)), "{place} is no place");
}
