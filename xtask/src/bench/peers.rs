//! `cargo xtask bench --peers`: other engines and walks through hash maps beside ours, on the same estate and the same
//! questions. `tests/peers` measures what is written in Rust, `tests/javascript/bench/peers.mjs` what runs in Node; each
//! measures our own engine in the same run.

use std::process::Command;

use anyhow::Result;

use super::{Figures, Unit, javascript, times};
use crate::process;
use crate::workspace::Workspace;

/// The manifest of the crates that are compared.
pub(crate) const MANIFEST: &str = "tests/peers/Cargo.toml";

/// Where it is measured.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Rust,
    Node,
}

/// Somebody who is asked.
struct Peer {
    place: Place,
    /// The figures' name, without what they tell.
    id: &'static str,
    title: &'static str,
    /// Ours, asked in the same way, and as many questions.
    against: &'static str,
    role: Role,
}

/// What a goal takes somebody for.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Our own engine.
    Ours,
    /// A walk through hash maps.
    Walk,
    /// Somebody else's engine, that decides.
    Engine,
    /// Somebody else's engine, that only looks up what has been decided before.
    Memory,
}

const HANDLE: &str = "portcullis handle";
const NAMES: &str = "portcullis names";
const HANDLE_FEW: &str = "portcullis handle few";
const NAMES_FEW: &str = "portcullis names few";
const PROJECTION: &str = "portcullis projection";

const PEERS: [Peer; 31] = [
    rust(HANDLE, "**ours, handles**", HANDLE, Role::Ours),
    rust(NAMES, "**ours, three strings**", NAMES, Role::Ours),
    rust(HANDLE_FEW, "**ours, handles**", HANDLE_FEW, Role::Ours),
    rust(NAMES_FEW, "**ours, three strings**", NAMES_FEW, Role::Ours),
    rust("walk handle", "hash maps, interned ids", HANDLE, Role::Walk),
    rust("walk handle fast", "the same, a fast hasher", HANDLE, Role::Walk),
    rust("walk names", "hash maps, strings at every level", NAMES, Role::Walk),
    rust("walk names fast", "the same, a fast hasher", NAMES, Role::Walk),
    rust("walk names once", "hash maps, strings looked up once", NAMES, Role::Walk),
    rust("walk names once fast", "the same, a fast hasher", NAMES, Role::Walk),
    rust("cedar slices", "`cedar-policy`, slices", HANDLE_FEW, Role::Engine),
    rust("cedar handle", "`cedar-policy`, requests made before", HANDLE_FEW, Role::Engine),
    rust("cedar names", "`cedar-policy`, three strings", NAMES_FEW, Role::Engine),
    rust("casbin slices", "`casbin`, slices", NAMES_FEW, Role::Engine),
    rust("casbin cached", "`casbin`, slices, answers remembered", NAMES_FEW, Role::Memory),
    rust("casbin names", "`casbin`, three strings", NAMES_FEW, Role::Engine),
    rust("regorus slices", "`regorus`, slices", HANDLE_FEW, Role::Engine),
    rust("regorus handle", "`regorus`, inputs made before", HANDLE_FEW, Role::Engine),
    rust("regorus names", "`regorus`, three strings", NAMES_FEW, Role::Engine),
    node(HANDLE, "**ours, handles**", HANDLE, Role::Ours),
    node(NAMES, "**ours, three strings**", NAMES, Role::Ours),
    node(HANDLE_FEW, "**ours, handles**", HANDLE_FEW, Role::Ours),
    node(NAMES_FEW, "**ours, three strings**", NAMES_FEW, Role::Ours),
    node(PROJECTION, "**ours, one user's projection**", PROJECTION, Role::Ours),
    node("walk handle", "hash maps, interned ids", HANDLE, Role::Walk),
    node("walk names", "hash maps, three strings", NAMES, Role::Walk),
    node("cedar slices", "`@cedar-policy/cedar-wasm`, slices", HANDLE_FEW, Role::Engine),
    node("casbin slices", "`casbin`, slices", NAMES_FEW, Role::Engine),
    node("casl answers", "`@casl/ability`, answers", PROJECTION, Role::Memory),
    node("casl types", "`@casl/ability`, a type for each object", PROJECTION, Role::Engine),
    node("casl conditions", "`@casl/ability`, conditions", PROJECTION, Role::Engine),
];

const fn rust(id: &'static str, title: &'static str, against: &'static str, role: Role) -> Peer {
    Peer { place: Place::Rust, id, title, against, role }
}

const fn node(id: &'static str, title: &'static str, against: &'static str, role: Role) -> Peer {
    Peer { place: Place::Node, id, title, against, role }
}

const LEGEND: &str = "\
Uniform questions, the same first ones to everybody: fewer to who is slow, and beside these ours on as many. All take turns
in one process. The median is that of batches of 100 µs or 256 questions, the 99th percentile that of checks timed one by one,
without what the clock costs. Ready: from the estate's rows in memory, ours from the snapshot. In brackets, how many times
our own figure that is, for the same questions asked in the same way; below 1 (in bold) we have lost.

*Slices*: the application has walked the tree itself, and hands over with each question no more than what is about it, made
before the clock starts. That is more than an application could do, and the fastest that these engines can be. Otherwise the
engine holds the whole estate, as ours does.";

/// How each is asked, in words.
const WORDS: [(&str, &str); 8] = [
    (
        "hash maps",
        "What somebody would write by hand: objects in a map, each with its parent and a list of its entries, whose entries \
         match each user as a set with all groups worked out, and the walk up the tree. By ids that were given out before; \
         by paths and names as they are; or looked up once, to walk by ids after that. First with the standard library's \
         hasher, then with a fast one, `rustc-hash`. In Node an object leads to its parent by reference where \
         strings are asked.",
    ),
    (
        "`cedar-policy`",
        "In Cedar a `forbid` wins wherever it stands, so that entries cannot become policies: nearest-level-wins has to be \
         written out. It gets one policy for each privilege, which goes through the levels by itself. Whole: users, lists \
         and objects are entities, an object refers to its lists. Slices: the levels are sets of numbers in the context, \
         without any entity. Templates linked to each entry cannot be equivalent.",
    ),
    (
        "`casbin`",
        "By the effect `priority`, where the first line that matches decides: lines in the order from the leaves to the \
         root, a level's denials first, so that the nearest level wins. It goes through its lines one by one. Whole: one \
         enforcer with all lines, which gets 8 questions. Slices: an enforcer for each object and privilege asked about, \
         with the lines of that object's levels. Roles are looked up in hash maps of our own, which is faster than its \
         search. Answers remembered: `CachedEnforcer`, when each question has been asked before; that decides nothing.",
    ),
    (
        "`regorus`",
        "A Rego rule may not call itself, so that it cannot walk up. It gets the lines of all levels of an object, the \
         nearest first and denials first, of which the first that is for the user decides; compiled for its virtual \
         machine. Whole: the lines of each object are data, by path and privilege, so that one entry's change means to \
         make those of everything below again. Slices: the object's lines and the user's groups are the input.",
    ),
    (
        "`@cedar-policy/cedar-wasm`",
        "The same policy as slices, parsed before (`statefulIsAuthorized`). Entities cannot be parsed before, so that it \
         gets none, and everything in the context.",
    ),
    (
        "`@casl/ability`, answers",
        "For one user, one rule for each object with what that user may do to it. Somebody else has worked that out; ready \
         means that and putting it into rules. It is as fast as CASL can be, and decides nothing.",
    ),
    (
        "`@casl/ability`, a type for each object",
        "For one user, that user's entries as rules, each object a subject type of its own. The application walks up its \
         tree and asks CASL at each level for the rule that decides there.",
    ),
    (
        "`@casl/ability`, conditions",
        "For one user, as CASL's guide has it: rules with conditions, in the order from the root to the leaves, so that the \
         nearest level's comes last and decides.",
    ),
];

/// The compiler and the linter must have nothing to say of the crates that are compared.
///
/// # Errors
///
/// They have, or the crates cannot be had.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    process::run(cargo(workspace, &["clippy"]).args(["--all-targets", "--", "--deny", "warnings"]))
}

/// Cargo on the crates that are compared. What it builds lies apart: their workspace has versions of its own.
fn cargo(workspace: &Workspace, words: &[&str]) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(words).arg("--manifest-path").arg(workspace.source(MANIFEST));
    cargo.env("CARGO_TARGET_DIR", workspace.target("peers"));
    cargo
}

/// Makes the estate, then measures in Rust and in Node; the figures lie in `target/figures`.
///
/// # Errors
///
/// Something cannot be built or does not run to the end.
pub(super) fn measure(workspace: &Workspace) -> Result<()> {
    let (estate, figures) = (super::estate(workspace, "100k")?, workspace.target("figures"));
    process::run(cargo(workspace, &["run", "--release"]).arg("--").args([&estate, &figures]))?;
    let runtimes = javascript::with_package(workspace)?;
    let mut node = process::command("node");
    process::run(node.arg("bench/peers.mjs").args([&estate, &figures]).current_dir(runtimes.folder()))
}

/// Prints the table, how each is asked, and the goals.
pub(super) fn print(figures: &Figures) {
    for (place, title) in [(Place::Rust, "Rust, native"), (Place::Node, "Node")] {
        println!("| {title} | questions | wrong answers | check, median of batches | check, p99 | ready |");
        println!("|---|---:|---:|---:|---:|---:|");
        for peer in PEERS.iter().filter(|peer| peer.place == place) {
            println!("{}", peer.text(figures));
        }
        println!();
    }
    println!("{LEGEND}\n");
    for (title, words) in WORDS {
        println!("* {title}: {words}");
    }
    println!("\n| goal | measured | met |\n|---|---|---|");
    for line in goals(figures) {
        println!("{line}");
    }
}

/// What a check should be.
struct Goal {
    title: &'static str,
    /// By how many times, at least.
    times: f64,
    /// Whom it is set against.
    concerns: fn(&Peer) -> bool,
}

const GOALS: [Goal; 4] = [
    Goal { title: "faster than the plain hash-map walk", times: 10.0, concerns: Peer::is_plain_walk },
    Goal { title: "faster than the fastest such walk", times: 10.0, concerns: |peer| peer.role == Role::Walk },
    Goal { title: "faster than the fastest peer", times: 100.0, concerns: |peer| peer.role == Role::Engine },
    Goal {
        title: "faster than the fastest peer that holds the whole estate",
        times: 100.0,
        concerns: |peer| peer.role == Role::Engine && !peer.is_sliced(),
    },
];

/// The goals as lines of Markdown, in each place and for each way of asking, where there is anybody to compare with.
fn goals(figures: &Figures) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, there) in [(Place::Rust, "Rust"), (Place::Node, "Node")] {
        for (against, asked) in [(HANDLE, "handles"), (NAMES, "strings"), (PROJECTION, "one user")] {
            for goal in &GOALS {
                let alike = |peer: &&Peer| peer.is_asked_like(place, against) && (goal.concerns)(peer);
                if PEERS.iter().any(|peer| alike(&peer)) {
                    let title = format!("{there}, {asked}: {} × {}", goal.times, goal.title);
                    lines.push(goal_line(&title, fastest(PEERS.iter().filter(alike), figures), goal.times));
                }
            }
        }
    }
    lines
}

/// The one with the smallest ratio to ours, of those that were measured.
fn fastest<'a>(peers: impl Iterator<Item = &'a Peer>, figures: &Figures) -> Option<(&'a Peer, f64)> {
    let ratios = peers.filter_map(|peer| Some((peer, peer.ratio(figures, "check p50")?)));
    ratios.min_by(|(_, one), (_, other)| one.total_cmp(other))
}

fn goal_line(goal: &str, fastest: Option<(&Peer, f64)>, wanted: f64) -> String {
    match fastest {
        None => format!("| {goal} | not measured | **no** |"),
        Some((peer, ratio)) => {
            let met = if ratio >= wanted { "yes" } else { "**no**" };
            format!("| {goal} | {} ({}) | {met} |", times(ratio), peer.title)
        }
    }
}

impl Peer {
    /// Whether it is asked there, and as that one of ours, however many questions.
    fn is_asked_like(&self, place: Place, ours: &str) -> bool {
        self.place == place && self.against.starts_with(ours)
    }

    /// Whether it is the walk as anybody would write it first.
    fn is_plain_walk(&self) -> bool {
        ["walk handle", "walk names"].contains(&self.id)
    }

    /// Whether the application has walked the tree for it.
    fn is_sliced(&self) -> bool {
        self.id.ends_with("slices")
    }

    /// The row as Markdown.
    fn text(&self, figures: &Figures) -> String {
        let count = |what: &str| {
            figure(figures, self.place, self.id, what)
                .map_or_else(|| "not measured".to_owned(), |value| Unit::Count.text(value))
        };
        let wrong = count("wrong");
        let wrong = if wrong == "0" { wrong } else { format!("**{wrong}**") };
        let [half, most, ready] = ["check p50", "check p99", "ready"].map(|what| self.compared(figures, what));
        format!("| {} | {} | {wrong} | {half} | {most} | {ready} |", self.title, count("questions"))
    }

    /// A time, and how many times ours it is.
    fn compared(&self, figures: &Figures, what: &str) -> String {
        let Some(time) = figure(figures, self.place, self.id, what) else { return "not measured".to_owned() };
        let time = Unit::Nanoseconds.text(time);
        match self.ratio(figures, what) {
            Some(ratio) if self.role != Role::Ours && ratio < 1.0 => format!("{time} (**{}**)", times(ratio)),
            Some(ratio) if self.role != Role::Ours => format!("{time} ({})", times(ratio)),
            _ => time,
        }
    }

    fn ratio(&self, figures: &Figures, what: &str) -> Option<f64> {
        let ours = figure(figures, self.place, self.against, what)?;
        Some(figure(figures, self.place, self.id, what)? / ours)
    }
}

/// A figure of the programs that measure.
fn figure(figures: &Figures, place: Place, id: &str, what: &str) -> Option<f64> {
    let name = match place {
        Place::Rust => format!("peers {id} {what}"),
        Place::Node => format!("javascript peers {id} {what} node"),
    };
    figures.get(&name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        pairs.iter().map(|(id, value)| (format!("peers {id}"), *value)).collect()
    }

    fn peer(id: &'static str, role: Role) -> Peer {
        rust(id, "peer", NAMES, role)
    }

    #[test]
    fn a_peer_is_compared_with_ours_asked_in_the_same_way() {
        let figures = figures(&[
            ("p questions", 2048.0),
            ("p wrong", 0.0),
            ("p check p50", 900.0),
            ("p check p99", 1000.0),
            ("portcullis handle check p50", 1.0),
            ("portcullis names check p50", 300.0),
            ("portcullis names check p99", 2000.0),
        ]);
        let text = peer("p", Role::Engine).text(&figures);
        assert_eq!(text, "| peer | 2048 | 0 | 900.0 ns (3.00 ×) | 1000.0 ns (**0.50 ×**) | not measured |");
    }

    #[test]
    fn wrong_answers_stand_out() {
        let text = peer("p", Role::Engine).text(&figures(&[("p wrong", 3.0)]));
        assert!(text.starts_with("| peer | not measured | **3** |"), "{text}");
    }

    #[test]
    fn a_goal_is_judged_by_the_fastest() {
        let figures = figures(&[("a check p50", 900.0), ("b check p50", 600.0), ("portcullis names check p50", 10.0)]);
        let peers = [peer("a", Role::Engine), peer("b", Role::Engine), peer("c", Role::Engine)];
        let line = |wanted| goal_line("goal", fastest(peers.iter(), &figures), wanted);
        assert_eq!(line(60.0), "| goal | 60 × (peer) | yes |");
        assert_eq!(line(61.0), "| goal | 60 × (peer) | **no** |");
    }

    #[test]
    fn what_was_not_measured_meets_no_goal() {
        assert!(goals(&figures(&[])).iter().all(|line| line.ends_with("| not measured | **no** |")));
    }

    #[test]
    fn everybody_is_compared_with_one_of_ours_in_the_same_place() {
        let is_ours = |peer: &Peer, id: &str| peer.role == Role::Ours && peer.id == id;
        let ours = |peer: &Peer| PEERS.iter().any(|other| other.place == peer.place && is_ours(other, peer.against));
        assert!(PEERS.iter().all(ours));
    }
}
