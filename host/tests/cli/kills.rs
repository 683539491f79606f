//! `kill -9` of the whole program at any moment: every acknowledged change is there afterwards, no half of one is, and
//! the store opens.
//!
//! One process after the other makes a change and is killed after a random time, some of them too late. A change is
//! acknowledged once its answer stands whole on standard output. `PORTCULLIS_TEST_SEED` repeats the random choices.

use crate::program::{Desk, Run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many kills there are, if there is time for them.
const KILLS: usize = 300;
const ENOUGH_KILLS: usize = 100;
const TIME: Duration = Duration::from_secs(30);
/// After how many processes the store is looked through.
const ROUND: usize = 20;
/// How many pipelines an import brings.
const PIPELINES: usize = 6;

#[test]
fn whatever_a_killed_program_acknowledged_is_there_and_no_half_of_the_rest() {
    let mut random = Random::seeded();
    let (desk, mut witness) = begin();
    let mut killer = Killer::new();
    let start = Instant::now();
    for number in 0.. {
        let change = Change::random(number, &mut random);
        let fate = killer.run(&desk, &change, &mut random);
        witness.changes.push((change, fate));
        if number % ROUND == 0 {
            witness.check(&desk).unwrap();
        }
        if killer.kills == KILLS || start.elapsed() > TIME {
            break;
        }
    }
    witness.check(&desk).unwrap();
    println!("{} kills, of {} processes; {}", killer.kills, witness.changes.len(), witness.tally());
    assert!(killer.kills >= ENOUGH_KILLS, "only {} kills", killer.kills);
    assert!(witness.count(Fate::Kept) > 50 && witness.count(Fate::Lost) > 20, "{}", witness.tally());
}

#[test]
fn a_store_whose_making_is_killed_opens_and_holds_what_was_acknowledged() {
    let mut random = Random::seeded();
    let mut killer = Killer::new();
    for _ in 0..60 {
        let desk = Desk::new();
        let mut witness = Witness::default();
        // The second comes upon what the first one left, perhaps again half made.
        for number in 0..2 {
            let change = Change::Object(number);
            let fate = killer.run(&desk, &change, &mut random);
            witness.changes.push((change, fate));
        }
        desk.ok("getSchema");
        // The third finds a store, or makes it, and is left alone.
        desk.ok("createObject object-2");
        witness.changes.push((Change::Object(2), Fate::Kept));
        witness.check(&desk).unwrap();
    }
    assert!(killer.kills > 30, "only {} kills", killer.kills);
}

/// The control: what must not happen is done on purpose, and the check says so.
#[test]
fn a_lost_change_half_a_change_and_one_that_nobody_made_are_found_out() {
    let (desk, mut witness) = begin();
    let make = |witness: &mut Witness, change: Change, fate| {
        desk.ok_words(&change.prepare(&desk).iter().map(String::as_str).collect::<Vec<_>>());
        witness.changes.push((change, fate));
    };
    make(&mut witness, Change::Object(1), Fate::Kept);
    make(&mut witness, Change::Import(2), Fate::Open);
    witness.check(&desk).unwrap();
    assert_eq!(witness.count(Fate::Kept), 2, "what was there once must stay");

    let store = desk.path("portcullis.db");
    let before = fs::read(&store).unwrap();
    make(&mut witness, Change::Entry(3), Fate::Kept);
    witness.check(&desk).unwrap();
    let sound = fs::read(&store).unwrap();
    fs::write(&store, &before).unwrap();
    assert!(witness.clone().check(&desk).unwrap_err().contains("LogTruncated"), "the head was known");
    let forgetful = Witness { head: None, ..witness.clone() }.check(&desk);
    assert!(forgetful.unwrap_err().contains("`Entry(3)` was acknowledged"), "the head was not known");

    fs::write(&store, &sound).unwrap();
    witness.clone().check(&desk).unwrap();
    desk.ok("deleteObject imported-2 --pipelineName pipe-4");
    witness.changes[1].1 = Fate::Open;
    assert!(witness.clone().check(&desk).unwrap_err().contains("half of `Import(2)`"));

    fs::write(&store, &sound).unwrap();
    desk.ok("createObject stranger");
    assert!(witness.clone().check(&desk).unwrap_err().contains("/projects/stranger"));
    witness.changes.push((Change::Object(4), Fate::Lost));
    fs::write(&store, &sound).unwrap();
    desk.ok("createObject object-4");
    assert!(witness.check(&desk).unwrap_err().contains("`Object(4)` was not there, and is now"));
}

/// A desk with a project whose list takes the entries, and its witness.
fn begin() -> (Desk, Witness) {
    let desk = Desk::new();
    desk.ok("createObject ledger");
    let ledger = ["/projects/ledger", "/projects/ledger user project: ledger"].map(str::to_owned);
    (desk, Witness { first: ledger.into(), ..Witness::default() })
}

/// A change to a store, and its number among all.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// A project, with the entry that every new project has.
    Object(usize),
    /// An entry of the ledger.
    Entry(usize),
    /// A project with pipelines and entries of its own.
    Import(usize),
}

impl Change {
    fn random(number: usize, random: &mut Random) -> Self {
        match random.below(3) {
            0 => Self::Object(number),
            1 => Self::Entry(number),
            _ => Self::Import(number),
        }
    }

    /// The words that make it, after the export that it needs is written.
    fn prepare(self, desk: &Desk) -> Vec<String> {
        let line = match self {
            Self::Object(number) => format!("createObject object-{number}"),
            Self::Entry(number) => format!("createAclEntry user user-{number} ledger --modifyPrivilege=allow"),
            Self::Import(number) => {
                write_export(desk, number);
                format!("import export-{number}")
            }
        };
        line.split(' ').map(str::to_owned).collect()
    }

    /// Everything that is there once it is made: objects by their paths, entries by path and principal.
    fn parts(self) -> Vec<String> {
        match self {
            Self::Object(number) => {
                let path = format!("/projects/object-{number}");
                vec![format!("{path} user project: object-{number}"), path]
            }
            Self::Entry(number) => vec![format!("/projects/ledger user user-{number}")],
            Self::Import(number) => {
                let path = format!("/projects/imported-{number}");
                let pipelines = (0..PIPELINES).map(|pipeline| format!("{path}/pipelines/pipe-{pipeline}"));
                let objects = std::iter::once(path.clone()).chain(pipelines);
                objects.flat_map(|path| [format!("{path} group team-{number}"), path]).collect()
            }
        }
    }
}

fn write_export(desk: &Desk, number: usize) {
    let project = format!("export-{number}/projects/imported-{number}");
    let list = format!(
        "acl {{\n  inheriting = '1'\n  aclEntry 'group', principalName: 'team-{number}', {{\n    readPrivilege = 'allow'\n  }}\n}}\n"
    );
    desk.write(&format!("{project}/acls/acl.dsl"), &list);
    for pipeline in 0..PIPELINES {
        desk.write(&format!("{project}/pipelines/pipe-{pipeline}/acls/acl.dsl"), &list);
    }
}

/// What is known of a change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It was acknowledged, or found.
    Kept,
    /// Its process was killed before it said anything.
    Open,
    /// It was looked for and not found.
    Lost,
}

/// Starts processes and kills them.
struct Killer {
    kills: usize,
    /// The longest time that a process is given. It follows what they need, so that about half of them come to an end.
    most_us: u64,
}

impl Killer {
    fn new() -> Self {
        Self { kills: 0, most_us: 15_000 }
    }

    fn run(&mut self, desk: &Desk, change: &Change, random: &mut Random) -> Fate {
        let words = change.prepare(desk);
        let mut program = desk.program();
        let mut child = program.args(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_micros(random.below(self.most_us)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let was_killed = output.status.signal() == Some(9);
        assert!(was_killed || output.status.success(), "{words:?} failed: {:?}", Run::of(&output));
        self.kills += usize::from(was_killed);
        self.most_us = if was_killed { self.most_us * 21 / 20 } else { self.most_us * 20 / 21 }.clamp(1_000, 1_000_000);
        let is_acknowledged = serde_json::from_slice::<Value>(&output.stdout).is_ok();
        assert!(is_acknowledged || was_killed, "{words:?} ended well and said nothing");
        if is_acknowledged { Fate::Kept } else { Fate::Open }
    }
}

/// Knows what a store must hold.
#[derive(Clone, Default)]
struct Witness {
    /// What was there before the first change.
    first: BTreeSet<String>,
    changes: Vec<(Change, Fate)>,
    /// Where the log stood when it was last looked at.
    head: Option<String>,
}

impl Witness {
    /// Looks through the store, and keeps in mind what it found.
    fn check(&mut self, desk: &Desk) -> Result<(), String> {
        let head = self.head.as_deref().map_or(vec!["verify"], |head| vec!["verify", "--head", head]);
        let verified = answer(desk, &head)?;
        self.head = verified["verified"]["head"].as_str().map(str::to_owned);
        let mut found = found(desk)?;
        for (change, fate) in &mut self.changes {
            let parts = change.parts();
            // What is left in the end, nobody made.
            let missing: Vec<_> = parts.iter().filter(|part| !found.remove(*part)).collect();
            let now = if missing.is_empty() { Fate::Kept } else { Fate::Lost };
            if !missing.is_empty() && missing.len() < parts.len() {
                return Err(format!("half of `{change:?}` is there, without {missing:?}"));
            }
            match (*fate, now) {
                (Fate::Kept, Fate::Lost) => return Err(format!("`{change:?}` was acknowledged, and is not there")),
                (Fate::Lost, Fate::Kept) => return Err(format!("`{change:?}` was not there, and is now")),
                _ => *fate = now,
            }
        }
        let strange: Vec<_> = found.difference(&self.first).collect();
        if strange.is_empty() { Ok(()) } else { Err(format!("nobody made {strange:?}")) }
    }

    fn count(&self, fate: Fate) -> usize {
        self.changes.iter().filter(|(_, found)| *found == fate).count()
    }

    fn tally(&self) -> String {
        format!("{} changes kept, {} lost", self.count(Fate::Kept), self.count(Fate::Lost))
    }
}

/// The parts of changes that a store holds: objects as `getObjects` lists them, entries as `tree` and, for the ledger,
/// `getAccess` list them.
fn found(desk: &Desk) -> Result<BTreeSet<String>, String> {
    let objects = answer(desk, &["getObjects", "--systemObjectName", "projects", "--recursive"])?;
    let paths = rows(&objects, "object").map(|row| text(row, "path"));
    let mut parts: BTreeSet<String> = paths.collect();
    let tree = answer(desk, &["tree"])?;
    let mut lists: BTreeMap<String, &Value> = rows(&tree, "object").map(|row| (text(row, "path"), row)).collect();
    lists.retain(|path, _| path.starts_with("/projects/"));
    let ledger = parts.contains("/projects/ledger").then(|| answer(desk, &["getAccess", "ledger"])).transpose()?;
    if let Some(object) = ledger.as_ref().and_then(|reply| rows(reply, "object").next()) {
        lists.insert("/projects/ledger".into(), object);
    }
    for (path, row) in lists {
        let name = |entry| format!("{path} {} {}", text(entry, "principalType"), text(entry, "principalName"));
        parts.extend(rows(row, "aclEntry").map(name));
    }
    Ok(parts)
}

/// What the words answer; an error is what they are refused with, or fail with.
fn answer(desk: &Desk, words: &[&str]) -> Result<Value, String> {
    let run = desk.run(words);
    if run.code == 0 { Ok(serde_json::from_str(&run.stdout).unwrap()) } else { Err(run.stderr) }
}

fn rows<'a>(reply: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    reply[name].as_array().into_iter().flatten()
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

/// Random choices that can be repeated (SplitMix64).
struct Random(u64);

impl Random {
    /// Begins with the seed of the environment, else of the clock, and prints it.
    fn seeded() -> Self {
        let given = env::var("PORTCULLIS_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
        let seed = given.unwrap_or_else(clock);
        println!("PORTCULLIS_TEST_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
