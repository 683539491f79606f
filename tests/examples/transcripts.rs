//! Writes down what the native engine does with every case, as a list of transcripts (see `conformance::transcript`), to
//! the file that is named.
//!
//! ```text
//! cargo run -p conformance --example transcripts -- FILE
//! ```

use conformance::case::{self, Case, TargetName};
use conformance::transcript;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        return refuse("name the file to write to");
    };
    match write(Path::new(&path)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => refuse(&fault),
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn write(path: &Path) -> Result<(), String> {
    let mut transcripts = Vec::new();
    for file in case::files(&case::folder()).map_err(|error| error.to_string())? {
        let case = Case::read(&file)?;
        if !case.not_for.contains_key(&TargetName::Native) {
            transcripts.push(transcript::of(&name(&file), &case)?);
        }
    }
    let text = Value::Array(transcripts).to_string();
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A case's name: where it is below `tests/cases`.
fn name(file: &Path) -> String {
    let place = file.strip_prefix(case::folder()).map_or_else(|_| file.to_owned(), PathBuf::from);
    place.with_extension("").to_string_lossy().into_owned()
}
