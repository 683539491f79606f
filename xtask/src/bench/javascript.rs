//! The npm package's figures: in Node on estates of every size, and in Node and Chromium what a page does. The scripts
//! of `tests/javascript/bench` measure.

use std::path::Path;

use anyhow::Result;

use super::{Figures, Unit};
use crate::runtimes::Runtimes;
use crate::workspace::Workspace;
use crate::{browser, javascript, package, process, runtimes, toolchain};

/// The estate that the package's goals are set for.
const USUAL: &str = "100k";

/// Where it is measured: the word in a figure's name, and in the table.
const PLACES: [(&str, &str); 2] = [("node", "Node"), ("chromium", "Chromium")];

/// A line of the package's table.
struct Line {
    /// The figure's name, without the place.
    id: &'static str,
    title: &'static str,
    unit: Unit,
    /// What it should be at most, in both places.
    goal: Option<f64>,
}

const FILTER_GOAL: Option<f64> = Some(3e6);

const LINES: [Line; 27] = [
    time("check strings page", "`check` with strings, a page's", Some(600.0)),
    time("check strings skewed", "`check` with strings, skewed", Some(600.0)),
    time("check strings uniform", "`check` with strings, uniform", Some(600.0)),
    time("check strings new", "`check` with strings made just before, uniform", None),
    time("check handles page", "`check` with handles, a page's", Some(60.0)),
    time("check handles skewed", "`check` with handles, skewed", Some(60.0)),
    time("check handles uniform", "`check` with handles, uniform", Some(60.0)),
    time("checkMany", "`checkMany` of 10,000 questions", None),
    time("filter ordered cold", "`filter` of 10,000 paths in order, never seen before", FILTER_GOAL),
    time("filter ordered", "`filter` of 10,000 paths in order, again", FILTER_GOAL),
    time("filter mixed cold", "`filter` of 10,000 paths from everywhere, never seen before", FILTER_GOAL),
    time("filter mixed", "`filter` of 10,000 paths from everywhere, again", FILTER_GOAL),
    time("import", "importing the package, in a new process or page", None),
    time("load snapshot first", "`load` of the snapshot, the first in a process or page", Some(100e6)),
    time("load snapshot", "`load` of the snapshot, again", Some(100e6)),
    time("explain", "`explain`", None),
    time("whoCan", "`whoCan`", None),
    time("whatCan", "`whatCan`, in one project of 5,000 objects", None),
    time("preview", "`preview` of one new entry", None),
    time("project", "`project`", None),
    size("projection bytes", "a user's projection"),
    time("load projection first", "`load` of a projection, the first in a process or page", Some(5e6)),
    time("load projection", "`load` of a projection, again", Some(5e6)),
    time("projection check strings", "`check` with strings on a projection, uniform", None),
    time("projection filter ordered", "`filter` of 10,000 paths in order on a projection, again", None),
    time("projection filter mixed", "`filter` of 10,000 paths from everywhere on a projection, again", None),
    Line { id: "wrong", title: "answers other than the native engine's", unit: Unit::Count, goal: Some(0.0) },
];

const LEGEND: &str = "A page's: the same 1,024 questions again and again; skewed and uniform: 65,536 questions, as above. \
    Every answer that is measured is compared with the native engine's.";

const fn time(id: &'static str, title: &'static str, goal: Option<f64>) -> Line {
    Line { id, title, unit: Unit::Nanoseconds, goal }
}

const fn size(id: &'static str, title: &'static str) -> Line {
    Line { id, title, unit: Unit::Bytes, goal: None }
}

/// Builds the package and measures it; the scripts leave their figures in the folder.
///
/// # Errors
///
/// Something cannot be built or does not run to the end.
pub(super) fn measure(workspace: &Workspace, estates: &Path, figures: &Path) -> Result<()> {
    let runtimes = with_package(workspace)?;
    let run = |script: &str, asked: &Path| {
        let mut node = process::command("node");
        node.arg(format!("bench/{script}.mjs")).args([asked, figures]).current_dir(runtimes.folder());
        process::run(node.env("PORTCULLIS_CHROMIUM", &browser::find()?.program))
    };
    run("sizes", estates)?;
    PLACES.iter().try_for_each(|(place, _)| run(place, &estates.join(USUAL)))
}

/// The runtimes, with the package as it is built now beside the scripts that measure it.
pub(super) fn with_package(workspace: &Workspace) -> Result<Runtimes> {
    javascript::build(workspace, &toolchain::find(workspace)?)?;
    let runtimes = runtimes::provide(workspace)?;
    package::unpack(&package::build(workspace)?, runtimes.folder())?;
    Ok(runtimes)
}

/// Prints the package's table.
pub(super) fn print(figures: &Figures) {
    println!("The package, on a policy of 100,000 objects, 100,000 entries, 10,000 users and 1,000 groups:\n");
    println!("| what | Node | Chromium | goal | met |\n|---|---:|---:|---:|---|");
    for line in &LINES {
        println!("{}", line.text(figures));
    }
    println!("\n{LEGEND}");
}

/// A figure of the scripts.
fn figure(figures: &Figures, id: &str, place: &str) -> Option<f64> {
    figures.get(&format!("javascript {id} {place}")).copied()
}

impl Line {
    /// The line as Markdown. A goal is met where it is in every place.
    fn text(&self, figures: &Figures) -> String {
        let values = PLACES.map(|(place, _)| figure(figures, self.id, place));
        let shown = values.map(|value| value.map_or_else(|| "not measured".to_owned(), |value| self.unit.text(value)));
        let (goal, verdict) = match self.goal {
            None => (String::new(), ""),
            Some(goal) => {
                let met = values.iter().all(|value| value.is_some_and(|value| value <= goal));
                (self.unit.text(goal), if met { "yes" } else { "**no**" })
            }
        };
        format!("| {} | {} | {goal} | {verdict} |", self.title, shown.join(" | "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        pairs.iter().map(|(id, value)| (format!("javascript {id}"), *value)).collect()
    }

    #[test]
    fn a_goal_is_met_where_it_is_in_both_places() {
        let line = time("a", "first", Some(600.0));
        let text = line.text(&figures(&[("a node", 500.0), ("a chromium", 600.0)]));
        assert_eq!(text, "| first | 500.0 ns | 600.0 ns | 600.0 ns | yes |");
        assert!(line.text(&figures(&[("a node", 500.0), ("a chromium", 601.0)])).ends_with("| **no** |"));
        assert!(line.text(&figures(&[("a node", 500.0)])).ends_with("| **no** |"));
    }

    #[test]
    fn a_wrong_answer_misses_the_goal() {
        let line = LINES.iter().find(|line| line.id == "wrong");
        let text = line.map(|line| line.text(&figures(&[("wrong node", 0.0), ("wrong chromium", 1.0)])));
        assert!(text.is_some_and(|text| text.ends_with("| 0 | 1 | 0 | **no** |")));
    }
}
