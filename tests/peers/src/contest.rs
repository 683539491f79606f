//! Measuring, side by side: everybody takes a turn in each round, so that whatever else the machine does hits all alike.

use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::figures::Figures;

/// How many turns everybody takes, and for how long at most in all.
const ROUNDS: usize = 12;
const LONGEST: Duration = Duration::from_secs(6);

/// How many questions are timed together for a median: as many as take so long, but no more than so many. Longer ones would
/// tell of what else the machine does.
const BATCH_NS: f64 = 100_000.0;
const LARGEST_BATCH: usize = 256;

/// Somebody who is asked questions by number.
pub(crate) struct Contestant<'a> {
    id: &'static str,
    /// How many of the questions are put, from the first: fewer to who is slow.
    questions: usize,
    ready: Duration,
    checks: Box<dyn Checks + 'a>,
}

/// The questions by number, put in a loop that is compiled for who answers.
trait Checks {
    /// How many answers are not as expected.
    fn ask(&mut self, questions: Range<usize>, expected: &[bool]) -> usize;
}

impl<F: FnMut(usize) -> bool> Checks for F {
    fn ask(&mut self, questions: Range<usize>, expected: &[bool]) -> usize {
        questions.zip(expected).filter(|(question, expected)| self(*question) != **expected).count()
    }
}

impl<'a> Contestant<'a> {
    /// Somebody who took so long to be made ready, and what a question's number is put to.
    pub(crate) fn new(
        id: &'static str,
        questions: usize,
        ready: Duration,
        check: impl FnMut(usize) -> bool + 'a,
    ) -> Self {
        Self { id, questions, ready, checks: Box::new(check) }
    }
}

/// Makes somebody ready, and takes the time of it.
///
/// # Errors
///
/// Those of `make`.
pub(crate) fn timed<E>(who: &str, make: impl FnOnce() -> Result<E>) -> Result<(E, Duration)> {
    eprintln!("{who} is made ready");
    let start = Instant::now();
    let made = make()?;
    Ok((made, start.elapsed()))
}

/// Has all of them answer in turn, and writes down what came of it.
pub(crate) fn run(contestants: Vec<Contestant<'_>>, expected: &[bool], figures: &mut Figures) {
    let clock = clock_cost();
    let mut cards: Vec<Card<'_>> = contestants.into_iter().map(|contestant| Card::new(contestant, expected)).collect();
    for card in &mut cards {
        card.warm_up();
    }
    for _ in 0..ROUNDS {
        for card in cards.iter_mut().filter(|card| card.spent < LONGEST) {
            card.take_turn();
        }
    }
    for card in cards {
        card.write(clock, figures);
    }
}

/// What is known of somebody so far. Times are nanoseconds of one check.
struct Card<'a> {
    contestant: Contestant<'a>,
    expected: &'a [bool],
    batch: usize,
    /// Means of batches.
    batches: Vec<f64>,
    /// Checks timed alone.
    singles: Vec<f64>,
    wrong: usize,
    spent: Duration,
}

impl<'a> Card<'a> {
    fn new(contestant: Contestant<'a>, expected: &'a [bool]) -> Self {
        let expected = expected.get(..contestant.questions).unwrap_or(expected);
        Self {
            contestant,
            expected,
            batch: 1,
            batches: Vec::new(),
            singles: Vec::new(),
            wrong: 0,
            spent: Duration::ZERO,
        }
    }

    /// Every question once: this is where wrong answers are counted.
    fn warm_up(&mut self) {
        let start = Instant::now();
        self.wrong = self.contestant.checks.ask(0..self.expected.len(), self.expected);
        let one = start.elapsed().as_nanos() as f64 / self.expected.len() as f64;
        self.batch = ((BATCH_NS / one) as usize).clamp(1, LARGEST_BATCH);
    }

    /// Every question three times: untimed, since the others have filled the processor's caches with what is theirs; in
    /// batches; and each alone.
    fn take_turn(&mut self) {
        let start = Instant::now();
        self.contestant.checks.ask(0..self.expected.len(), self.expected);
        let batches = self.timed(self.batch);
        self.batches.extend(batches);
        let singles = self.timed(1);
        self.singles.extend(singles);
        self.spent += start.elapsed();
    }

    /// What a check takes, batch by batch. A wrong answer that the warm-up has not seen counts too.
    fn timed(&mut self, size: usize) -> Vec<f64> {
        let mut times = Vec::with_capacity(self.expected.len().div_ceil(size));
        for (number, expected) in self.expected.chunks(size).enumerate() {
            let from = number * size;
            let start = Instant::now();
            let wrong = self.contestant.checks.ask(from..from + expected.len(), expected);
            let time = start.elapsed();
            times.push(time.as_nanos() as f64 / expected.len() as f64);
            self.wrong = self.wrong.max(wrong);
        }
        times
    }

    fn write(mut self, clock: f64, figures: &mut Figures) {
        let id = self.contestant.id;
        figures.write(&format!("{id} check p50"), percentile(&mut self.batches, 50));
        figures.write(&format!("{id} check p99"), (percentile(&mut self.singles, 99) - clock).max(0.0));
        figures.write(&format!("{id} ready"), self.contestant.ready.as_nanos() as f64);
        figures.write(&format!("{id} wrong"), self.wrong as f64);
        figures.write(&format!("{id} questions"), self.expected.len() as f64);
    }
}

/// What reading the clock twice takes by itself.
fn clock_cost() -> f64 {
    let mut times: Vec<f64> = (0..10_001).map(|_| Instant::now().elapsed().as_nanos() as f64).collect();
    percentile(&mut times, 50)
}

/// The value that so many of a hundred do not exceed; 0 of nothing.
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(place).copied().unwrap_or(0.0)
}
