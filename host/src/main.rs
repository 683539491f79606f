//! The `portcullis` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_host::cli::run(std::env::args_os().skip(1))
}
