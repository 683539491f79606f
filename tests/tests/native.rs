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
    let mut seen = 0;
    let played = play::play(case, &mut target, |target, log, at| {
        // A stage that changed nothing has nothing new to break.
        let is_new = std::mem::replace(&mut seen, log.len()) != log.len();
        if is_new { laws::broken(&mut target.state, log, at) } else { Vec::new() }
    });
    suite::verdict(case, &played.faults)
}
