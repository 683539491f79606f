//! The `portcullis` command, also under the names `ectool` and `cmtool`.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_host::cli::run(std::env::args_os())
}
