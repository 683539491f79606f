//! The npm package's figures, in Node and in Chromium, and those of its peers on the same questions. The scripts of
//! `tests/javascript/bench` measure; the example `estate` of the crate `conformance` makes what they ask, with the
//! native engine's answers.

use anyhow::Result;

use super::{Figures, Unit};
use crate::workspace::Workspace;
use crate::{browser, javascript, package, process, runtimes, toolchain};

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

const CHECK_STRINGS: &str = "check strings uniform";
const FILTER: &str = "filter ordered";
const LOAD: &str = "load snapshot";
const PROJECTION_CHECK_STRINGS: &str = "projection check strings";
const PROJECTION_FILTER: &str = "projection filter ordered";
const LOAD_PROJECTION: &str = "load projection";

const FILTER_GOAL: Option<f64> = Some(3e6);

const LINES: [Line; 27] = [
    time("check strings page", "`check` with strings, a page's", Some(600.0)),
    time("check strings skewed", "`check` with strings, skewed", Some(600.0)),
    time(CHECK_STRINGS, "`check` with strings, uniform", Some(600.0)),
    time("check strings new", "`check` with strings made just before, uniform", None),
    time("check handles page", "`check` with handles, a page's", Some(60.0)),
    time("check handles skewed", "`check` with handles, skewed", Some(60.0)),
    time("check handles uniform", "`check` with handles, uniform", Some(60.0)),
    time("checkMany", "`checkMany` of 10,000 questions", None),
    time("filter ordered cold", "`filter` of 10,000 paths in order, never seen before", FILTER_GOAL),
    time(FILTER, "`filter` of 10,000 paths in order, again", FILTER_GOAL),
    time("filter mixed cold", "`filter` of 10,000 paths from everywhere, never seen before", FILTER_GOAL),
    time("filter mixed", "`filter` of 10,000 paths from everywhere, again", FILTER_GOAL),
    time("import", "importing the package, in a new process or page", None),
    time("load snapshot first", "`load` of the snapshot, the first in a process or page", Some(100e6)),
    time(LOAD, "`load` of the snapshot, again", Some(100e6)),
    time("explain", "`explain`", None),
    time("whoCan", "`whoCan`", None),
    time("whatCan", "`whatCan`, in one project of 5,000 objects", None),
    time("preview", "`preview` of one new entry", None),
    time("project", "`project`", None),
    size("projection bytes", "a user's projection"),
    time("load projection first", "`load` of a projection, the first in a process or page", Some(5e6)),
    time(LOAD_PROJECTION, "`load` of a projection, again", Some(5e6)),
    time(PROJECTION_CHECK_STRINGS, "`check` with strings on a projection, uniform", None),
    time(PROJECTION_FILTER, "`filter` of 10,000 paths in order on a projection, again", None),
    time("projection filter mixed", "`filter` of 10,000 paths from everywhere on a projection, again", None),
    Line { id: "wrong", title: "answers other than the native engine's", unit: Unit::Count, goal: Some(0.0) },
];

const LEGEND: &str = "A page's: the same 1,024 questions again and again; skewed and uniform: 65,536 questions, as above. \
    Every answer that is measured is compared with the native engine's.";

/// Somebody who is asked the same.
struct Peer {
    id: &'static str,
    title: &'static str,
    /// Our own figures for the same questions: of a check, of a filter, of making ready what is asked.
    against: [&'static str; 3],
    words: &'static str,
}

/// The whole policy is asked about all users, a projection about one.
const WHOLE: [&str; 3] = [CHECK_STRINGS, FILTER, LOAD];
const ONE_USER: [&str; 3] = [PROJECTION_CHECK_STRINGS, PROJECTION_FILTER, LOAD_PROJECTION];

const PEERS: [Peer; 5] = [
    Peer {
        id: "walk by hand",
        title: "hash maps, by hand",
        against: WHOLE,
        words: "What somebody would write in JavaScript: objects in a `Map` by path, each with its parent and entries, \
            a user's groups as a `Set`, and the walk up the tree. Ready means read from JSON.",
    },
    Peer {
        id: "casl answers",
        title: "`@casl/ability`, answers",
        against: ONE_USER,
        words: "For one user, one rule for each object with what that user may do to it. Somebody else has worked that \
            out; ready means put into rules. It is as fast as CASL can be, and knows nothing of entries or levels.",
    },
    Peer {
        id: "casl types",
        title: "`@casl/ability`, a type for each object",
        against: ONE_USER,
        words: "For one user, that user's entries as rules, each object a subject type of its own. The application walks \
            up its tree and asks CASL at each level for the rule that decides there.",
    },
    Peer {
        id: "casl conditions",
        title: "`@casl/ability`, conditions",
        against: ONE_USER,
        words: "For one user, as CASL's guide has it: rules with conditions, in the order from the root to the leaves, so \
            that the nearest level's comes last and decides.",
    },
    Peer {
        id: "cedar levels",
        title: "`@cedar-policy/cedar-wasm`",
        against: WHOLE,
        words: "In Cedar a `forbid` wins wherever it stands, so that entries cannot become policies. It gets one policy \
            that goes through the levels by itself, parsed beforehand (`statefulIsAuthorized`), and with each question \
            the two entities that it is about: the user with all groups, the object with the lists of its levels. Ready \
            means that the entities of these questions are made, which no check pays for.",
    },
];

const fn time(id: &'static str, title: &'static str, goal: Option<f64>) -> Line {
    Line { id, title, unit: Unit::Nanoseconds, goal }
}

const fn size(id: &'static str, title: &'static str) -> Line {
    Line { id, title, unit: Unit::Bytes, goal: None }
}

/// Builds the package, makes the estate, and measures; the scripts leave their figures in `target/figures`.
///
/// # Errors
///
/// Something cannot be built or does not run to the end.
pub(super) fn measure(workspace: &Workspace) -> Result<()> {
    javascript::build(workspace, &toolchain::find(workspace)?)?;
    let runtimes = runtimes::provide(workspace)?;
    package::unpack(&package::build(workspace)?, runtimes.folder())?;
    let (estate, figures) = (workspace.target("estate"), workspace.target("figures"));
    let example = ["run", "--release", "--package", "conformance", "--example", "estate", "--"];
    process::run(workspace.cargo().args(example).arg(&estate))?;
    let browser = browser::find()?;
    for (place, _) in PLACES {
        let mut node = process::command("node");
        node.arg(format!("bench/{place}.mjs")).args([&estate, &figures]);
        process::run(node.current_dir(runtimes.folder()).env("PORTCULLIS_CHROMIUM", &browser.program))?;
    }
    Ok(())
}

/// Prints the package's table, that of its peers, and how each of these is asked.
pub(super) fn print(figures: &Figures) {
    println!("The package, on a policy of 100,000 objects, 100,000 entries, 10,000 users and 1,000 groups:\n");
    println!("| what | Node | Chromium | goal | met |\n|---|---:|---:|---:|---|");
    for line in &LINES {
        println!("{}", line.text(figures));
    }
    println!("\n{LEGEND}");
    println!("\nThe same questions to others; in brackets, how many times our own figure that is:\n");
    println!("| who | questions | wrong answers | where | `check` | `filter` of 10,000 paths | ready |");
    println!("|---|---:|---:|---|---:|---:|---:|");
    for peer in &PEERS {
        for place in PLACES {
            println!("{}", peer.text(figures, place));
        }
    }
    println!();
    for peer in &PEERS {
        println!("* {}: {}", peer.title, peer.words);
    }
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

impl Peer {
    /// The line of one place as Markdown.
    fn text(&self, figures: &Figures, (place, title): (&str, &str)) -> String {
        let own = |what: &str| figure(figures, &format!("{} {what}", self.id), place);
        let count = |what: &str| own(what).map_or_else(|| "not measured".to_owned(), |value| Unit::Count.text(value));
        let [check, filter, ready] = self.against.map(|id| figure(figures, id, place));
        let cells =
            [("check", check), ("filter", filter), ("ready", ready)].map(|(what, ours)| compared(own(what), ours));
        format!("| {} | {} | {} | {title} | {} |", self.title, count("questions"), count("wrong"), cells.join(" | "))
    }
}

/// A time, and how many times ours it is; nothing where it was not measured.
fn compared(time: Option<f64>, ours: Option<f64>) -> String {
    match (time, ours) {
        (None, _) => String::new(),
        (Some(time), None) => Unit::Nanoseconds.text(time),
        (Some(time), Some(ours)) => format!("{} ({})", Unit::Nanoseconds.text(time), times(time / ours)),
    }
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.0} ×") } else { format!("{ratio:.2} ×") }
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

    #[test]
    fn a_peer_is_compared_with_what_answers_the_same_questions() {
        let peer = Peer { id: "p", title: "peer", against: ["a", "b", "c"], words: "" };
        let figures = figures(&[
            ("p check node", 900.0),
            ("a node", 300.0),
            ("p ready node", 2e9),
            ("c node", 1e6),
            ("p questions node", 2048.0),
            ("p wrong node", 0.0),
        ]);
        let text = peer.text(&figures, ("node", "Node"));
        assert_eq!(text, "| peer | 2048 | 0 | Node | 900.0 ns (3.00 ×) |  | 2.00 s (2000 ×) |");
    }
}
