//! One test for every case: what a runner of `tests/tests` does.

use crate::case::{self, Case, TargetName};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

/// Runs every case that is for a target as a test of its own, named by its file, after the command line of the test
/// program. A case that is not for the target counts as ignored.
pub fn run(target: TargetName, test: fn(&Case) -> Result<(), String>) -> ExitCode {
    let folder = case::folder();
    let files = match case::files(&folder) {
        Ok(files) if !files.is_empty() => files,
        Ok(_) => return refuse("there is not one case"),
        Err(error) => return refuse(&format!("{}: {error}", folder.display())),
    };
    let trials = files.into_iter().map(|file| {
        let name = file.strip_prefix(&folder).unwrap_or(&file).with_extension("");
        let case = Case::read(&file);
        let is_left_out = case.as_ref().is_ok_and(|case| case.not_for.contains_key(&target));
        let play = move || case.and_then(|case| test(&case)).map_err(Failed::from);
        Trial::test(name.to_string_lossy(), play).with_ignored_flag(is_left_out)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// The outcome of a test that found these faults.
///
/// # Errors
///
/// The faults, if there are any, under the case's title.
pub fn verdict(case: &Case, faults: &[String]) -> Result<(), String> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("“{}” ({})\n{}", case.title, case.source, faults.join("\n")))
    }
}
