//! The table of what the engine does in each place on estates of each size. The figures are measured
//! by the bench `spine` of the crate `conformance`, and in Node by `tests/javascript/bench/sizes.mjs`.

use super::{Figures, Unit, times};

/// Where it is measured: the word in a figure's id, and in the table.
const PLACES: [(&str, &str); 3] = [("native", "native"), ("wasmtime", "wasmtime"), ("node", "Node")];

/// The estates that are compared, by their entries: the word in a figure's id and in the table.
const SIZES: [&str; 3] = ["1k", "100k", "1M"];

const LEGEND: &str = "In brackets the 99th percentile, where there are at least 200 samples. The median of checks is that of batches of \
    32, in which the clock's own cost disappears; the percentile is that of single checks, the clock's cost taken off. \
    Skewed: as people ask, the nth question in proportion to 1/n; uniform: 65,536 different questions in turn. No decision \
    is remembered, but what up to 131,072 paths mean is; for the first time: of an engine just restored, to which nobody \
    has put any of the questions. A change \
    is one of seven kinds, each as often: the first entry of an object or of a project, another one, another word in \
    one, a member of a group, an object, broken inheritance; it is applied where it was proposed, and taken back, which is a change \
    too, before the 64 other checks. What is listed is a thousand times as much at 1M as at 1k. Everything but checks \
    and `filter` is a request in JSON that is answered in JSON. Memory: after loading, before any question; native \
    what the process grows by, the others' is the module's.";

/// A row for each place that has it.
struct Operation {
    /// What it is called in the figures' ids, behind place and size.
    id: &'static str,
    title: &'static str,
    /// Words of [`PLACES`].
    places: &'static [&'static str],
    unit: Unit,
}

const EVERYWHERE: &[&str] = &["native", "wasmtime", "node"];
/// Node checks with texts, or with handles for everything.
const NATIVE_AND_WASMTIME: &[&str] = &["native", "wasmtime"];
/// The host has no lists to filter.
const NATIVE_AND_NODE: &[&str] = &["native", "node"];

/// The table, in order.
const OPERATIONS: [Operation; 21] = [
    time("check handle skewed", "check on handles, skewed", EVERYWHERE),
    time("check handle uniform", "check on handles, uniform", EVERYWHERE),
    time("check handle first", "check on handles, each for the first time", EVERYWHERE),
    time("check path skewed", "check on a principal's handle and a path, skewed", NATIVE_AND_WASMTIME),
    time("check path uniform", "check on a principal's handle and a path, uniform", NATIVE_AND_WASMTIME),
    time("check names skewed", "check on three strings, skewed", EVERYWHERE),
    time("check names uniform", "check on three strings, uniform", EVERYWHERE),
    time("check names first", "check on three strings, each for the first time", EVERYWHERE),
    time("filter ordered", "`filter` of 10,000 neighbours", NATIVE_AND_NODE),
    time("filter mixed", "`filter` of 10,000 paths from everywhere", NATIVE_AND_NODE),
    time("explain", "`explain`", EVERYWHERE),
    time("whoCan", "`whoCan`", EVERYWHERE),
    time("whatCan", "`whatCan`, in one project of twenty", EVERYWHERE),
    time("whatCan everything", "`whatCan`, over everything", EVERYWHERE),
    time("getObjects", "`getObjects` of one project, by a user", EVERYWHERE),
    time("propose", "one change proposed", EVERYWHERE),
    time("apply", "one change applied", EVERYWHERE),
    time("check after", "the first check after it, on three strings", EVERYWHERE),
    time("checks after", "64 other checks on handles after it, in all", EVERYWHERE),
    time("restore", "restoring the snapshot", EVERYWHERE),
    Operation { id: "memory", title: "memory", places: EVERYWHERE, unit: Unit::Bytes },
];

const fn time(id: &'static str, title: &'static str, places: &'static [&'static str]) -> Operation {
    Operation { id, title, places, unit: Unit::Nanoseconds }
}

/// Prints the table as Markdown, and how to read it.
pub(super) fn print(figures: &Figures) {
    println!("| what | where | 1k | 100k | 1M | 1M ÷ 1k | ÷ native |\n|---|---|---:|---:|---:|---:|---:|");
    for operation in &OPERATIONS {
        operation.rows(figures).for_each(|row| println!("{row}"));
    }
    println!("\n{LEGEND}\n");
}

impl Operation {
    fn rows(&self, figures: &Figures) -> impl Iterator<Item = String> {
        let places = PLACES.iter().filter(|(place, _)| self.places.contains(place));
        places.map(|(place, title)| self.row(figures, place, title))
    }

    fn row(&self, figures: &Figures, place: &str, place_title: &str) -> String {
        let cells = SIZES.map(|size| self.cell(figures, place, size));
        let of = |place: &str, size: &str| figures.get(&self.figure(place, size)).copied();
        let growth = ratio(of(place, "1M"), of(place, "1k"));
        let beside = if place == "native" { String::new() } else { ratio(of(place, "1M"), of("native", "1M")) };
        format!("| {} | {place_title} | {} | {growth} | {beside} |", self.title, cells.join(" | "))
    }

    fn figure(&self, place: &str, size: &str) -> String {
        format!("{place} {size} {}", self.id)
    }

    /// The median, and the 99th percentile in brackets where there is one.
    fn cell(&self, figures: &Figures, place: &str, size: &str) -> String {
        let id = self.figure(place, size);
        let Some(median) = figures.get(&id) else { return "not measured".to_owned() };
        let median = self.unit.text(*median);
        figures
            .get(&format!("{id} p99"))
            .map_or_else(|| median.clone(), |p99| format!("{median} ({})", self.unit.text(*p99)))
    }
}

fn ratio(value: Option<f64>, base: Option<f64>) -> String {
    value.zip(base).map(|(value, base)| times(value / base)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        pairs.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect()
    }

    #[test]
    fn a_row_tells_each_size_and_how_they_compare() {
        let figures = figures(&[
            ("native 1k check", 20.0),
            ("native 1k check p99", 35.0),
            ("native 100k check", 30.0),
            ("native 1M check", 40.0),
            ("wasmtime 1M check", 100.0),
        ]);
        let rows: Vec<String> = time("check", "a check", NATIVE_AND_WASMTIME).rows(&figures).collect();
        assert_eq!(
            rows,
            [
                "| a check | native | 20.0 ns (35.0 ns) | 30.0 ns | 40.0 ns | 2.00 × |  |",
                "| a check | wasmtime | not measured | not measured | 100.0 ns |  | 2.50 × |",
            ]
        );
    }

    #[test]
    fn a_place_that_does_not_have_it_has_no_row() {
        let rows: Vec<String> = time("check", "a check", &["node"]).rows(&figures(&[])).collect();
        assert_eq!(rows, ["| a check | Node | not measured | not measured | not measured |  |  |"]);
    }
}
