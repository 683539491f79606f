//! Writes down what the native engine does with every case, and with random sequences, each as a list of transcripts (see
//! `conformance::transcript`), to the two files that are named. `PORTCULLIS_SEED` and `PORTCULLIS_SEQUENCES` say which
//! sequences, and how many.
//!
//! ```text
//! cargo run -p conformance --example transcripts -- CASES SEQUENCES
//! ```

use conformance::case::{self, Case, TargetName};
use conformance::chance::acts::Draw;
use conformance::target::Native;
use conformance::transcript;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [cases, sequences] = files.as_slice() else {
        return refuse("name the two files to write to");
    };
    match write(cases_played(), cases).and_then(|()| write(sequences_played(), sequences)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => refuse(&fault),
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn write(transcripts: Result<Vec<Value>, String>, path: impl AsRef<Path>) -> Result<(), String> {
    let (text, path) = (Value::Array(transcripts?).to_string(), path.as_ref());
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn cases_played() -> Result<Vec<Value>, String> {
    let mut transcripts = Vec::new();
    for file in case::files(&case::folder()).map_err(|error| error.to_string())? {
        let case = Case::read(&file)?;
        if !case.not_for.contains_key(&TargetName::Native) {
            transcripts.push(transcript::of(&name(&file), &case)?);
        }
    }
    Ok(transcripts)
}

fn sequences_played() -> Result<Vec<Value>, String> {
    let draw = Draw::wanted()?;
    let numbered = draw.sequences()?.into_iter().enumerate();
    numbered.map(|(number, acts)| transcript::of_sequence(&draw.name(number), &acts, Native::new()?)).collect()
}

/// A case's name: where it is below `tests/cases`.
fn name(file: &Path) -> String {
    let place = file.strip_prefix(case::folder()).map_or_else(|_| file.to_owned(), PathBuf::from);
    place.with_extension("").to_string_lossy().into_owned()
}
