//! What a read of memory costs that no cache holds: what a check cannot be faster than in an estate that no cache holds.

use std::hint::black_box;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::sample::Sheet;

/// 128 MiB in lines of a cache: more than any has, and what the largest estate takes.
const LINES: usize = 2 << 20;

/// How many reads are timed together, and how often in a turn.
const READS: usize = 65_536;
const TIMES: usize = 4;

/// A line of a cache, with the place of the next one.
#[derive(Clone)]
#[repr(align(64))]
struct Line(u32);

/// Lines of which each tells the next, in one round through all by chance, so that no read can begin before the last has
/// ended.
pub(crate) struct Uncached {
    lines: Vec<Line>,
    at: usize,
}

impl Uncached {
    pub(crate) fn new() -> Self {
        let mut order: Vec<u32> = (0..LINES as u32).collect();
        order.shuffle(&mut StdRng::seed_from_u64(17));
        let mut lines = vec![Line(0); LINES];
        for (here, next) in order.iter().zip(order.iter().cycle().skip(1)) {
            lines[*here as usize] = Line(*next);
        }
        Self { lines, at: 0 }
    }

    pub(crate) fn measure(&mut self, sheet: &mut Sheet) {
        for _ in 0..TIMES {
            sheet.time_many("uncached read", READS, || {
                (0..READS).for_each(|_| self.at = black_box(self.lines[self.at].0 as usize));
            });
        }
    }
}
