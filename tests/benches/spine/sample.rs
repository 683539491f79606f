//! Times, by figure: each sample is one operation, or a batch of those that take about as long as reading the clock.
//!
//! Criterion would tell means of many operations at once, one figure after the other. Here the 99th of a hundred single
//! operations is told too, and all figures are measured in turns, so that the noise of a shared machine hits all alike.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

/// How many quick operations are timed together where one by one the clock would cost as much as they do.
pub(crate) const BATCH: usize = 32;

/// How many samples a 99th percentile needs to mean something.
const LEAST_FOR_P99: usize = 200;

/// The samples of everything that is measured, in nanoseconds.
pub(crate) struct Sheet {
    /// What reading the clock adds to a sample.
    clock_ns: f64,
    samples: BTreeMap<String, Samples>,
    /// What is no time, or is measured but once.
    figures: BTreeMap<String, f64>,
}

#[derive(Default)]
struct Samples {
    /// The time of one operation, as the mean of its batch.
    batches: Vec<f64>,
    singles: Vec<f64>,
}

impl Sheet {
    /// An empty one, on a clock whose own cost it has measured.
    pub(crate) fn new() -> Self {
        let mut readings: Vec<f64> = (0..10_000).map(|_| nanoseconds(Instant::now())).collect();
        Self { clock_ns: percentile(&mut readings, 0.5), samples: BTreeMap::new(), figures: BTreeMap::new() }
    }

    /// Times one operation by itself.
    pub(crate) fn time<T>(&mut self, id: &str, operation: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = black_box(operation());
        let taken = self.since(start);
        self.of(id).singles.push(taken);
        result
    }

    /// The same for one of several kinds, whose samples are also those of their kind.
    pub(crate) fn time_kind<T>(&mut self, id: &str, kind: &str, operation: impl FnOnce() -> T) -> T {
        let result = self.time(id, operation);
        let taken = self.of(id).singles.last().copied();
        self.of(&format!("{id} {kind}")).singles.extend(taken);
        result
    }

    /// The time since then, but for what reading the clock adds to it.
    fn since(&self, start: Instant) -> f64 {
        (nanoseconds(start) - self.clock_ns).max(0.0)
    }

    /// Times so many operations together.
    pub(crate) fn time_many(&mut self, id: &str, count: usize, operations: impl FnOnce()) {
        let start = Instant::now();
        operations();
        let taken = self.since(start) / count as f64;
        self.of(id).batches.push(taken);
    }

    /// Times a quick operation on each item: in batches, then each by itself. `is_right` is within the time: it looks
    /// at what the operation gave.
    pub(crate) fn time_each<T>(&mut self, id: &str, items: &[T], mut is_right: impl FnMut(&T) -> bool) {
        // All of it once beforehand, so that what others have left in the caches is not measured.
        assert!(items.iter().all(|item| black_box(is_right(item))), "wrong answers: {id}");
        self.time_split(id, [items, items], is_right);
    }

    /// The same of what is done for the first time: one half of the items in batches, the other each by itself, and
    /// nothing beforehand.
    pub(crate) fn time_first<T>(&mut self, id: &str, items: &[T], is_right: impl FnMut(&T) -> bool) {
        let (together, alone) = items.split_at(items.len() / 2);
        self.time_split(id, [together, alone], is_right);
    }

    /// Times a quick operation on each of some items together and of others alone.
    fn time_split<T>(&mut self, id: &str, [together, alone]: [&[T]; 2], mut is_right: impl FnMut(&T) -> bool) {
        let mut samples = std::mem::take(self.of(id));
        let mut wrong = 0;
        for (items, size, times) in [(together, BATCH, &mut samples.batches), (alone, 1, &mut samples.singles)] {
            for batch in items.chunks_exact(size) {
                let start = Instant::now();
                wrong += batch.iter().filter(|item| !black_box(is_right(item))).count();
                times.push(self.since(start) / size as f64);
            }
        }
        *self.of(id) = samples;
        assert_eq!(wrong, 0, "wrong answers: {id}");
    }

    /// A figure that is no time.
    pub(crate) fn figure(&mut self, id: &str, value: f64) {
        self.figures.insert(id.to_owned(), value);
    }

    fn of(&mut self, id: &str) -> &mut Samples {
        self.samples.entry(id.to_owned()).or_default()
    }

    /// The figures by their ids: the medians, and where there are samples enough the 99th percentiles with ` p99` behind.
    pub(crate) fn figures(mut self) -> BTreeMap<String, f64> {
        for (id, samples) in &mut self.samples {
            let medians = if samples.batches.is_empty() { &mut samples.singles } else { &mut samples.batches };
            self.figures.insert(id.clone(), percentile(medians, 0.5));
            if samples.singles.len() >= LEAST_FOR_P99 {
                self.figures.insert(format!("{id} p99"), percentile(&mut samples.singles, 0.99));
            }
        }
        self.figures
    }
}

fn nanoseconds(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64
}

/// The least sample that so great a share of all does not exceed.
pub(crate) fn percentile(samples: &mut [f64], share: f64) -> f64 {
    let place = (samples.len() as f64 * share).ceil() as usize;
    *samples.select_nth_unstable_by(place.saturating_sub(1), f64::total_cmp).1
}
