//! `cargo xtask bench`: runs the benchmarks and prints the table of the README.

mod javascript;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{cache, engine, process, wasm};

/// A line of the table.
struct Row {
    /// Whose figure: a benchmark of criterion, as `group/function`, or a figure by name.
    id: String,
    title: String,
    unit: Unit,
    goal: Goal,
}

#[derive(Clone, Copy)]
enum Unit {
    Nanoseconds,
    Bytes,
    Count,
}

/// What the figure should be, in the row's unit.
#[derive(Clone)]
enum Goal {
    /// The figure stands there to compare with.
    None,
    AtMost(f64),
    /// What a check under wasmtime may cost: so much of the native one's figure, and the call on top.
    AgainstNative(String),
}

/// How a check is asked: the word in the benchmark's id, and in the table; and what it may cost native.
const CHECKS: [(&str, &str, Goal); 3] = [
    ("handle", "check on handles", Goal::AtMost(100.0)),
    ("path", "check on a principal's handle and a path", Goal::AtMost(300.0)),
    ("names", "check on three strings", Goal::None),
];

/// Which questions are asked.
const MIXES: [&str; 2] = ["skewed", "uniform"];

const LEGEND: &str = "Skewed: as people ask, the nth question in proportion to 1/n; uniform: each as often as any other. \
    The goal under wasmtime is 2.5 times the native figure and 30 ns.";

/// The table, in order. What a benchmark measures beyond these rows is not shown.
fn rows() -> Vec<Row> {
    let asked = CHECKS.iter().flat_map(|check| MIXES.iter().map(move |mix| (check, mix)));
    let mut rows: Vec<Row> = asked.flat_map(|((way, title, goal), mix)| checks(way, title, mix, goal)).collect();
    rows.extend([
        time("snapshot/restore native", "restoring the snapshot, native", Goal::None),
        time("snapshot/restore wasmtime", "restoring the snapshot, wasmtime", Goal::AtMost(1.5e9)),
        size("memory per object", "memory per object, without its name", Goal::AtMost(120.0)),
        size("module", "the host's module", Goal::AtMost(300_000.0)),
        size("module gzipped", "the host's module, gzipped", Goal::AtMost(100_000.0)),
        time("cli/start to answer", "command line, start to answer", Goal::AtMost(20e6)),
    ]);
    rows
}

/// The same questions asked of the native engine and of the one in wasmtime.
fn checks(way: &str, title: &str, mix: &str, goal: &Goal) -> [Row; 2] {
    let native = format!("check/{way} native {mix}");
    let there = Goal::AgainstNative(native.clone());
    [
        time(&native, &format!("{title}, {mix}, native"), goal.clone()),
        time(&format!("check/{way} wasmtime {mix}"), &format!("{title}, {mix}, wasmtime"), there),
    ]
}

fn time(id: &str, title: &str, goal: Goal) -> Row {
    Row { id: id.to_owned(), title: title.to_owned(), unit: Unit::Nanoseconds, goal }
}

fn size(id: &str, title: &str, goal: Goal) -> Row {
    Row { id: id.to_owned(), title: title.to_owned(), unit: Unit::Bytes, goal }
}

impl Row {
    /// The row as Markdown.
    fn text(&self, figures: &Figures) -> String {
        let value = figures.get(&self.id).copied();
        let measured = value.map_or_else(|| "not measured".to_owned(), |value| self.unit.text(value));
        let (goal, verdict) = match self.limit(figures) {
            None => (String::new(), ""),
            Some(limit) => {
                (self.unit.text(limit), if value.is_some_and(|value| value <= limit) { "yes" } else { "**no**" })
            }
        };
        format!("| {} | {measured} | {goal} | {verdict} |", self.title)
    }

    fn limit(&self, figures: &Figures) -> Option<f64> {
        match &self.goal {
            Goal::None => None,
            Goal::AtMost(limit) => Some(*limit),
            Goal::AgainstNative(id) => figures.get(id).map(|native| native * 2.5 + 30.0),
        }
    }
}

impl Unit {
    /// A figure as people read it: three digits or so, and a unit that fits.
    fn text(self, value: f64) -> String {
        match self {
            Self::Nanoseconds if value >= 1e9 => format!("{:.2} s", value / 1e9),
            Self::Nanoseconds if value >= 1e6 => format!("{:.1} ms", value / 1e6),
            Self::Nanoseconds if value >= 1e4 => format!("{:.1} µs", value / 1e3),
            Self::Nanoseconds => format!("{value:.1} ns"),
            Self::Bytes if value >= 1e4 => format!("{:.1} KB", value / 1e3),
            Self::Bytes => format!("{value:.1} B"),
            Self::Count => format!("{value}"),
        }
    }
}

/// What was measured, by id.
type Figures = BTreeMap<String, f64>;

/// Runs the benchmarks, then prints the table as Markdown, and above it what was measured where and when. The command
/// line is measured too: build it first.
///
/// # Errors
///
/// They do not compile or do not run to the end. A goal that is missed is no error: the table says so.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let (estimates, others) = (workspace.target("criterion"), workspace.target("figures"));
    // What an earlier run has left would pass for a figure of this one.
    cache::remove(&estimates)?;
    cache::remove(&others)?;
    process::run(workspace.cargo().args(["bench", "--package", "conformance", "--bench", "spine"]))?;
    javascript::measure(workspace)?;
    let mut figures = Figures::new();
    read_estimates(&estimates, &estimates, &mut figures)?;
    read_figures(&others, &mut figures)?;
    measure_module(&engine::module_path(workspace), &mut figures)?;
    println!("\n{}\n", circumstances()?);
    println!("| what | measured | goal | met |\n|---|---:|---:|---|");
    for row in rows() {
        println!("{}", row.text(&figures));
    }
    println!("\n{LEGEND}\n");
    javascript::print(&figures);
    Ok(())
}

/// The machine, the day and the compiler, in one line.
fn circumstances() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| processor(&text));
    let day = process::text(process::command("date").env("LC_ALL", "C").args(["--utc", "+%-d %B %Y"]))?;
    let compiler = process::text(process::command("rustc").arg("--version"))?;
    let model = model.unwrap_or_else(|| "unknown processor".to_owned());
    Ok(format!("Medians; {cores} cores ({model}), {}, {}.", day.trim(), compiler.trim()))
}

/// The processor's name, from the kernel's list of processors.
fn processor(list: &str) -> Option<String> {
    let name = list.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "))?.1;
    Some(name.trim().to_owned())
}

/// Takes the medians from criterion's files `GROUP/FUNCTION/new/estimates.json`, in nanoseconds.
fn read_estimates(top: &Path, folder: &Path, figures: &mut Figures) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?.path();
        if !entry.is_dir() {
            continue;
        }
        match (median(&entry.join("new/estimates.json")), entry.strip_prefix(top)) {
            (Some(median), Ok(id)) => {
                figures.insert(id.to_string_lossy().into_owned(), median);
            }
            _ => read_estimates(top, &entry, figures)?,
        }
    }
    Ok(())
}

fn median(estimates: &Path) -> Option<f64> {
    let estimates: Value = serde_json::from_slice(&fs::read(estimates).ok()?).ok()?;
    estimates.pointer("/median/point_estimate")?.as_f64()
}

/// Takes what a benchmark measures besides time: it writes one file per figure, its name the id, its text the number.
fn read_figures(folder: &Path, figures: &mut Figures) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for file in fs::read_dir(folder)? {
        let file = file?;
        let value = fs::read_to_string(file.path())?.trim().parse()?;
        figures.insert(file.file_name().to_string_lossy().into_owned(), value);
    }
    Ok(())
}

/// Measures the module that the host embeds.
fn measure_module(path: &Path, figures: &mut Figures) -> Result<()> {
    let module = fs::read(path)?;
    figures.insert("module".to_owned(), module.len() as f64);
    figures.insert("module gzipped".to_owned(), wasm::gzipped_bytes(&module)? as f64);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        pairs.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect()
    }

    fn row() -> Row {
        time("b", "second", Goal::AgainstNative("a".to_owned()))
    }

    #[test]
    fn a_goal_against_the_native_figure_follows_that_figure() {
        let text = row().text(&figures(&[("a", 100.0), ("b", 279.0)]));
        assert_eq!(text, "| second | 279.0 ns | 280.0 ns | yes |");
    }

    #[test]
    fn a_missed_goal_stands_out() {
        assert!(row().text(&figures(&[("a", 100.0), ("b", 281.0)])).ends_with("| **no** |"));
    }

    #[test]
    fn a_figure_that_was_not_measured_meets_no_goal() {
        let row = size("b", "second", Goal::AtMost(1e5));
        assert_eq!(row.text(&figures(&[])), "| second | not measured | 100.0 KB | **no** |");
    }

    #[test]
    fn a_figure_without_a_goal_just_stands_there() {
        assert_eq!(time("b", "second", Goal::None).text(&figures(&[("b", 1.5e9)])), "| second | 1.50 s |  |  |");
    }

    #[test]
    fn the_processor_is_named_as_the_kernel_names_it() {
        assert_eq!(processor("processor\t: 0\nmodel name\t: Fast 3000\n"), Some("Fast 3000".to_owned()));
        assert_eq!(processor("processor\t: 0\n"), None);
    }

    #[test]
    fn figures_are_read_from_criterions_folders() {
        let folder = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
        let estimates = folder.join("group/one/new");
        fs::create_dir_all(&estimates).unwrap();
        fs::write(estimates.join("estimates.json"), r#"{"median":{"point_estimate":12.5}}"#).unwrap();
        let mut figures = Figures::new();
        read_estimates(&folder, &folder, &mut figures).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(figures, self::figures(&[("group/one", 12.5)]));
    }
}
