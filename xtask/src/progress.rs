//! How far a command is: one numbered line as a step begins, and one with its time as it ends.

use std::time::Instant;

use anyhow::Result;

/// Counts and times the steps of one command. Its lines go to standard error.
pub(crate) struct Progress {
    total: usize,
    begun: usize,
    started: Instant,
}

impl Progress {
    /// The beginning of a command of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, begun: 0, started: Instant::now() }
    }

    /// Takes one step.
    ///
    /// # Errors
    ///
    /// Those of `work`.
    pub(crate) fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.begun += 1;
        let number = format!("[{}/{}]", self.begun, self.total);
        eprintln!("{number} {title}");
        let start = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "done" } else { "failed" };
        let (step, whole) = (start.elapsed().as_secs_f64(), self.started.elapsed().as_secs_f64());
        eprintln!("{number} {title}: {outcome} in {step:.1} s, {whole:.1} s so far");
        result
    }
}
