//! `cargo xtask bench`: runs the benchmarks and prints the tables of the README.

mod goals;
mod javascript;
pub(crate) mod peers;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{cache, engine, process, wasm};

/// What a figure counts.
#[derive(Clone, Copy)]
enum Unit {
    Nanoseconds,
    Bytes,
    Count,
    /// So many times another figure.
    Times,
}

impl Unit {
    /// A figure as people read it: three digits or so, and a unit that fits.
    fn text(self, value: f64) -> String {
        match self {
            Self::Nanoseconds if value >= 1e9 => format!("{:.2} s", value / 1e9),
            Self::Nanoseconds if value >= 1e6 => format!("{:.1} ms", value / 1e6),
            Self::Nanoseconds if value >= 1e4 => format!("{:.1} µs", value / 1e3),
            Self::Nanoseconds => format!("{value:.1} ns"),
            Self::Bytes if value >= 1e6 => format!("{:.1} MB", value / 1e6),
            Self::Bytes if value >= 1e4 => format!("{:.1} KB", value / 1e3),
            Self::Bytes => format!("{value:.1} B"),
            Self::Count if value.fract() == 0.0 => format!("{value}"),
            Self::Count => format!("{value:.1}"),
            Self::Times => times(value),
        }
    }
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.0} ×") } else { format!("{ratio:.2} ×") }
}

/// What was measured, by id.
type Figures = BTreeMap<String, f64>;

/// The estates that are measured, from small to large; the last has few lists in a large tree.
const ESTATES: [&str; 4] = ["1k", "100k", "1M", "sparse"];

/// Runs the benchmarks, then prints the tables as Markdown, and above them what was measured where and when. The command
/// line is measured too: build it first.
///
/// # Errors
///
/// They do not compile or do not run to the end, or an answer is wrong. A goal that is missed is no error: the table says
/// so.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target("figures");
    // What an earlier run has left would pass for a figure of this one.
    cache::remove(&folder)?;
    let estates = workspace.target("estates");
    for name in ESTATES {
        estate(workspace, name)?;
    }
    let spine = ["bench", "--package", "conformance", "--bench", "spine", "--"];
    process::run(workspace.cargo().args(spine).args([&estates, &folder]))?;
    javascript::measure(workspace, &estates, &folder)?;
    let mut figures = read_figures(&folder)?;
    measure_module(&engine::module_path(workspace), &mut figures)?;
    println!("\n{}\n", circumstances()?);
    table::print(&figures);
    goals::print(&figures);
    javascript::print(&figures);
    Ok(())
}

/// Makes the estate of that name, with its questions and the native engine's answers: a folder of `target/estates`.
///
/// # Errors
///
/// It cannot be built.
fn estate(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.target("estates").join(name);
    let example = ["run", "--release", "--package", "conformance", "--example", "estate", "--"];
    process::run(workspace.cargo().args(example).arg(&folder).arg(name))?;
    Ok(folder)
}

/// Measures other engines, and ours beside them, and prints that as Markdown.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn run_peers(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target("figures");
    cache::remove(&folder)?;
    peers::measure(workspace)?;
    println!("\n{}\n", circumstances()?);
    peers::print(&read_figures(&folder)?);
    Ok(())
}

/// The machine, the day and the compiler, in one line.
fn circumstances() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| processor(&text));
    let day = process::text(process::command("date").env("LC_ALL", "C").args(["--utc", "+%-d %B %Y"]))?;
    let compiler = process::text(process::command("rustc").arg("--version"))?;
    let model = model.unwrap_or_else(|| "unknown processor".to_owned());
    Ok(format!("{cores} cores ({model}), {}, {}.", day.trim(), compiler.trim()))
}

/// The processor's name, from the kernel's list of processors.
fn processor(list: &str) -> Option<String> {
    let name = list.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "))?.1;
    Some(name.trim().to_owned())
}

/// What the benchmarks have measured: one file per figure, its name the id, its text the number.
fn read_figures(folder: &Path) -> Result<Figures> {
    let mut figures = Figures::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let value = fs::read_to_string(file.path())?.trim().parse()?;
        figures.insert(file.file_name().to_string_lossy().into_owned(), value);
    }
    Ok(figures)
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

    #[test]
    fn the_processor_is_named_as_the_kernel_names_it() {
        assert_eq!(processor("processor\t: 0\nmodel name\t: Fast 3000\n"), Some("Fast 3000".to_owned()));
        assert_eq!(processor("processor\t: 0\n"), None);
    }

    #[test]
    fn a_figure_is_told_in_a_unit_that_fits() {
        let times = [9.96, 12_345.0, 2e6, 1.5e9].map(|value| Unit::Nanoseconds.text(value));
        assert_eq!(times, ["10.0 ns", "12.3 µs", "2.0 ms", "1.50 s"]);
        assert_eq!([59.3, 389_700.0, 2e8].map(|value| Unit::Bytes.text(value)), ["59.3 B", "389.7 KB", "200.0 MB"]);
        assert_eq!([0.0, 2.25].map(|value| Unit::Count.text(value)), ["0", "2.2"]);
        assert_eq!([2.5, 164.2].map(|value| Unit::Times.text(value)), ["2.50 ×", "164 ×"]);
    }

    #[test]
    fn figures_are_read_from_their_files() {
        let folder = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("native 1k check"), "12.5\n").unwrap();
        let figures = read_figures(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(figures.into_iter().collect::<Vec<_>>(), [("native 1k check".to_owned(), 12.5)]);
    }
}
