//! What the fuzzer has found, put to its targets again.

use conformance::fuzzing::{TARGETS, found};
use libtest_mimic::{Arguments, Trial};
use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let trials = TARGETS.into_iter().flat_map(|(name, target)| {
        let files = fs::read_dir(found(name)).into_iter().flatten().flatten().map(|entry| entry.path());
        let inputs =
            files.filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), fs::read(&path).ok()?)));
        // Without any, what is empty is still taken.
        inputs.chain([("nothing".to_owned(), Vec::new())]).map(move |(file, bytes)| {
            Trial::test(format!("{name}/{file}"), move || {
                target(&bytes);
                Ok(())
            })
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
