//! Every case on the engine linked into this program, and the laws after every stage.

use conformance::case::{Case, TargetName};
use conformance::target::Native;
use conformance::{laws, play, suite};
use std::process::ExitCode;

fn main() -> ExitCode {
    suite::run(TargetName::Native, test)
}

fn test(case: &Case) -> Result<(), String> {
    let mut target = Native::new()?;
    let played = play::play(case, &mut target, |target, log, at| laws::broken(&mut target.state, log, at));
    suite::verdict(case, &played.faults)
}
