//! What the figures should be, and whether they are.

use super::{Figures, Unit};

/// A line of the table of goals.
struct Goal {
    title: &'static str,
    unit: Unit,
    /// What none of the figures may exceed.
    limit: f64,
    /// The figures that it is about; none where one was not measured.
    measured: fn(&Figures) -> Option<Vec<f64>>,
}

const GOALS: [Goal; 13] = [
    Goal {
        title: "check on handles at 1M, native: skewed, uniform",
        unit: Unit::Nanoseconds,
        limit: 100.0,
        measured: |figures| all(figures, ["native 1M check handle skewed", "native 1M check handle uniform"]),
    },
    Goal {
        title: "check on a principal's handle and a path at 1M, native: skewed, uniform",
        unit: Unit::Nanoseconds,
        limit: 300.0,
        measured: |figures| all(figures, ["native 1M check path skewed", "native 1M check path uniform"]),
    },
    Goal {
        title: "a check under wasmtime less 30 ns, against native, the worst of all ways: at 1k, 100k, 1M",
        unit: Unit::Times,
        limit: 2.5,
        measured: against_native,
    },
    Goal {
        title: "flat: reads of uncached memory by which a check on handles at 1M exceeds one at 1k: skewed, uniform",
        unit: Unit::Count,
        limit: 6.0,
        measured: |figures| misses(figures, ["check handle skewed", "check handle uniform"]),
    },
    Goal {
        title: "flat: the same of a check on three strings: skewed, uniform",
        unit: Unit::Count,
        limit: 12.0,
        measured: |figures| misses(figures, ["check names skewed", "check names uniform"]),
    },
    Goal {
        title: "one change applied at 1M, 99th percentile of the slowest kind: native, wasmtime, Node",
        unit: Unit::Nanoseconds,
        limit: 20_000.0,
        measured: |figures| slowest(figures, "apply"),
    },
    Goal {
        title: "the first check after it, likewise",
        unit: Unit::Nanoseconds,
        limit: 20_000.0,
        measured: |figures| slowest(figures, "check after"),
    },
    Goal {
        title: "`whatCan` over everything, for each row and each list: a million objects with 1k entries, against a thousand",
        unit: Unit::Times,
        limit: 4.0,
        measured: listing,
    },
    Goal {
        title: "restoring the snapshot at 1M, wasmtime",
        unit: Unit::Nanoseconds,
        limit: 1.5e9,
        measured: |figures| all(figures, ["wasmtime 1M restore"]),
    },
    Goal {
        title: "memory per object at 1M, without its name",
        unit: Unit::Bytes,
        limit: 120.0,
        measured: |figures| all(figures, ["native 1M memory per object"]),
    },
    Goal {
        title: "the host's module",
        unit: Unit::Bytes,
        limit: 300_000.0,
        measured: |figures| all(figures, ["module"]),
    },
    Goal {
        title: "the host's module, gzipped",
        unit: Unit::Bytes,
        limit: 100_000.0,
        measured: |figures| all(figures, ["module gzipped"]),
    },
    Goal {
        title: "command line, start to answer",
        unit: Unit::Nanoseconds,
        limit: 20e6,
        measured: |figures| all(figures, ["command line"]),
    },
];

/// The ways of asking and the mixes, as the ids have them.
const WAYS: [&str; 6] = [
    "check handle skewed",
    "check handle uniform",
    "check path skewed",
    "check path uniform",
    "check names skewed",
    "check names uniform",
];

const SIZES: [&str; 3] = ["1k", "100k", "1M"];

const LEGEND: &str = "A goal is met if none of its figures exceeds it. Flat but for cache misses: what a check costs more at \
    1M than at 1k, divided by what one read of memory costs that no cache holds. It may be what a check reads at all, with \
    nothing in a cache: about six lines of memory on handles, and three more for each text.";

/// Prints the goals as Markdown, each with what was measured.
pub(super) fn print(figures: &Figures) {
    println!("| goal | measured | at most | met |\n|---|---:|---:|---|");
    for goal in &GOALS {
        println!("{}", goal.text(figures));
    }
    println!("\n{LEGEND}\n");
}

impl Goal {
    fn text(&self, figures: &Figures) -> String {
        let measured = (self.measured)(figures).filter(|values| !values.is_empty());
        let shown = measured.as_ref().map_or_else(
            || "not measured".to_owned(),
            |values| values.iter().map(|value| self.unit.text(*value)).collect::<Vec<_>>().join(", "),
        );
        let is_met = measured.is_some_and(|values| values.iter().all(|value| *value <= self.limit));
        format!(
            "| {} | {shown} | {} | {} |",
            self.title,
            self.unit.text(self.limit),
            if is_met { "yes" } else { "**no**" }
        )
    }
}

/// These figures, if all were measured.
fn all<const COUNT: usize>(figures: &Figures, ids: [&str; COUNT]) -> Option<Vec<f64>> {
    ids.into_iter().map(|id| figures.get(id).copied()).collect()
}

/// How many times the native figure one under wasmtime is, without what the call itself may cost: the worst at each size.
fn against_native(figures: &Figures) -> Option<Vec<f64>> {
    let ratio = |size: &str, way: &str| {
        let [native, there] = ["native", "wasmtime"].map(|place| figures.get(&format!("{place} {size} {way}")));
        Some((there? - 30.0) / native?)
    };
    let worst = |size| {
        let ratios = WAYS.iter().map(|way| ratio(size, way));
        ratios.reduce(|one, other| Some(one?.max(other?))).flatten()
    };
    SIZES.into_iter().map(worst).collect()
}

/// By how many reads that no cache serves a native check is dearer at 1M than at 1k.
fn misses(figures: &Figures, ways: [&str; 2]) -> Option<Vec<f64>> {
    let read = figures.get("uncached read")?;
    let more = ways.into_iter().map(|way| {
        let [small, large] = ["1k", "1M"].map(|size| figures.get(&format!("native {size} {way}")));
        Some(((large? - small?) / read).max(0.0))
    });
    more.collect()
}

/// The 99th percentile of the slowest kind of change at 1M, in each place.
fn slowest(figures: &Figures, what: &str) -> Option<Vec<f64>> {
    let slowest = |place| {
        let of = format!("{place} 1M {what} ");
        let kinds = figures.iter().filter(|(id, _)| id.strip_prefix(&of).is_some_and(|kind| kind.ends_with(" p99")));
        kinds.map(|(_, value)| *value).reduce(f64::max)
    };
    ["native", "wasmtime", "node"].into_iter().map(slowest).collect()
}

/// What a row that is listed, or a list that is looked at, costs in the large tree with few entries, against a small tree
/// with as many.
fn listing(figures: &Figures) -> Option<Vec<f64>> {
    let each = |size: &str| {
        let of = |what: &str| figures.get(&format!("native {size} {what}"));
        Some(of("whatCan everything")? / of("rows and lists")?)
    };
    Some(vec![each("sparse")? / each("1k")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        pairs.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect()
    }

    fn goal(measured: fn(&Figures) -> Option<Vec<f64>>) -> Goal {
        Goal { title: "fast", unit: Unit::Nanoseconds, limit: 100.0, measured }
    }

    #[test]
    fn a_goal_is_met_by_all_of_its_figures_or_not_at_all() {
        let goal = goal(|figures| all(figures, ["a", "b"]));
        assert_eq!(goal.text(&figures(&[("a", 1.0), ("b", 100.0)])), "| fast | 1.0 ns, 100.0 ns | 100.0 ns | yes |");
        assert!(goal.text(&figures(&[("a", 1.0), ("b", 101.0)])).ends_with("| **no** |"));
    }

    #[test]
    fn a_goal_of_which_a_figure_is_missing_is_not_met() {
        let goal = goal(|figures| all(figures, ["a", "b"]));
        assert_eq!(goal.text(&figures(&[("a", 1.0)])), "| fast | not measured | 100.0 ns | **no** |");
    }

    #[test]
    fn wasmtime_is_compared_at_its_worst_without_what_the_call_costs() {
        let ids = |place: &str| WAYS.map(|way| SIZES.map(|size| format!("{place} {size} {way}"))).concat();
        let mut known: Figures = ids("native").into_iter().map(|id| (id, 20.0)).collect();
        known.extend(ids("wasmtime").into_iter().map(|id| (id, 50.0)));
        known.insert("wasmtime 100k check path skewed".to_owned(), 70.0);
        assert_eq!(against_native(&known), Some(vec![1.0, 2.0, 1.0]));
        known.remove("wasmtime 1M check names uniform");
        assert_eq!(against_native(&known), None);
    }

    #[test]
    fn a_dearer_check_is_told_in_reads_of_uncached_memory() {
        let known = [("uncached read", 50.0), ("native 1k a", 20.0), ("native 1M a", 120.0), ("native 1k b", 9.0)];
        assert_eq!(misses(&figures(&[&known[..], &[("native 1M b", 8.0)]].concat()), ["a", "b"]), Some(vec![2.0, 0.0]));
    }

    #[test]
    fn of_the_kinds_of_changes_the_slowest_counts() {
        let kinds = |place: &str| {
            let ids = ["one", "one p99", "two p99"].map(|kind| format!("{place} 1M apply {kind}"));
            ids.into_iter().zip([900.0, 5.0, 7.0])
        };
        let figures = kinds("native").chain(kinds("wasmtime")).chain(kinds("node")).collect();
        assert_eq!(slowest(&figures, "apply"), Some(vec![7.0, 7.0, 7.0]));
    }

    #[test]
    fn a_listing_is_compared_by_what_it_gives_and_looks_at() {
        let figures = figures(&[
            ("native 1k whatCan everything", 100.0),
            ("native 1k rows and lists", 10.0),
            ("native sparse whatCan everything", 600.0),
            ("native sparse rows and lists", 20.0),
        ]);
        assert_eq!(listing(&figures), Some(vec![3.0]));
    }
}
