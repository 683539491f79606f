//! How many tests passed and how many failed, read from what test programs print.

use std::process::ExitCode;

use anyhow::{Result, bail};

/// How many passed and how many failed.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Counts one step, and shows why it failed.
    pub(crate) fn add<T>(&mut self, result: &Result<T>) {
        match result {
            Ok(_) => self.passed += 1,
            Err(error) => {
                eprintln!("{error:#}");
                self.failed += 1;
            }
        }
    }

    /// Adds up the lines that test programs end with: `test result: ok. 3 passed; 0 failed; …` of Rust's, and of Node's
    /// `# pass 3`, `# fail 0` and `# cancelled 0`, with another sign than `#` where people are to read them.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(counts) = line.trim_start().strip_prefix("test result: ") {
            self.passed += count(counts, "passed");
            self.failed += count(counts, "failed");
        }
        let summary = ["# ", "\u{2139} "].into_iter().find_map(|sign| line.strip_prefix(sign));
        match summary.and_then(|summary| summary.split_once(' ')) {
            Some(("pass", number)) => self.passed += number.parse().unwrap_or(0),
            Some(("fail" | "cancelled", number)) => self.failed += number.parse().unwrap_or(0),
            _ => {}
        }
    }

    /// What a run of tests comes to: it must have run some, and all must have passed.
    pub(crate) fn check(&self, succeeded: bool) -> Result<()> {
        match (succeeded, self.passed + self.failed) {
            (true, 0) => bail!("no test has run"),
            (true, _) => Ok(()),
            (false, _) => bail!("{} tests failed, or did not compile, or stopped half-way", self.failed),
        }
    }

    /// Prints the last line of the suite.
    pub(crate) fn report(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The number before a word.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
    let pair = words.windows(2).find(|pair| pair.last() == Some(&word));
    pair.and_then(|pair| pair.first()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn results_of_several_test_programs_add_up() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.31s";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(tally(&["running 13 tests", ok, "", bad]), (15, 2));
    }

    #[test]
    fn results_of_nodes_test_runs_add_up() {
        assert_eq!(tally(&["# tests 4", "# suites 1", "# pass 3", "# fail 0", "# cancelled 1", "# skipped 0"]), (3, 1));
        assert_eq!(tally(&["ℹ tests 7", "ℹ pass 5", "ℹ fail 2", "ℹ cancelled 0", "ℹ duration_ms 3"]), (5, 2));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(tally(&["test a ... ok", "9 passed; 9 failed", "test b ... FAILED"]), (0, 0));
        assert_eq!(tally(&["    # pass 9", "# Subtest: pass 9", "# fail to see", "ok 1 - pass 9"]), (0, 0));
    }

    #[test]
    fn a_run_that_runs_nothing_fails() {
        assert!(Tally::default().check(true).is_err());
    }

    #[test]
    fn a_run_that_stops_half_way_fails_though_no_test_did() {
        assert!(Tally { passed: 5, failed: 0 }.check(false).is_err());
        assert!(Tally { passed: 5, failed: 0 }.check(true).is_ok());
    }
}
