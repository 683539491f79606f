//! Every case through the program `portcullis` on a store file, started anew for every command.

use conformance::case::{Case, TargetName};
use conformance::cli::{Program, play};
use conformance::suite;
use std::process::ExitCode;
use std::sync::LazyLock;

static PROGRAM: LazyLock<Result<Program, String>> = LazyLock::new(Program::find);

fn main() -> ExitCode {
    suite::run(TargetName::Cli, test)
}

fn test(case: &Case) -> Result<(), String> {
    let program = PROGRAM.as_ref().map_err(Clone::clone)?;
    suite::verdict(case, &play(case, program))
}
