//! `kill -9` at any moment: whatever was acknowledged is there, no half of a change is, and the store opens.
//!
//! Each test runs itself again as a child that appends to a store file and acknowledges each append on its standard output;
//! the parent kills it after a random time, opens the file and looks. `PORTCULLIS_TEST_SEED` repeats the random choices.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod store_values;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Display;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis_host::store::chain::Chain;
use portcullis_host::store::{
    Hash, Head, Mark, NewSet, Outcome, PolicyId, PrivateRow, SqliteOptions, SqliteStore, Store, verify, walk,
};
use store_values::{digest, found, row};

const POLICY: PolicyId = PolicyId(1);

/// Set for the child: its store file.
const CHILD: &str = "PORTCULLIS_TEST_STORE_KILL_CHILD";
/// Seeds the random choices; set for the child, and by whoever wants to repeat a run.
const SEED: &str = "PORTCULLIS_TEST_SEED";

#[test]
fn whatever_was_acknowledged_before_a_kill_is_there_after_it() {
    if let Some(path) = env::var_os(CHILD) {
        return append_for_ever(Path::new(&path), Acknowledge::AfterAppend);
    }
    let mut random = Random::seeded();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let mut witness = Witness::default();
    for round in 0..300 {
        let killed = kill_one("whatever_was_acknowledged_before_a_kill_is_there_after_it", &path, &mut random, 12);
        witness.check(&path, &killed).unwrap_or_else(|fault| panic!("kill {round}: {fault}"));
    }
    witness.check_all(&path).unwrap();
    println!("{} appends and {} snapshots acknowledged", witness.appends, witness.snapshots);
    assert!(witness.appends > 300 && witness.snapshots > 30, "the child hardly came to do anything");
    assert!(witness.instant > 0, "the child kept no instant");
}

#[test]
fn what_was_erased_before_a_kill_is_in_no_file_after_it() {
    if let Some(path) = env::var_os(CHILD) {
        return erase_for_ever(Path::new(&path));
    }
    let mut random = Random::seeded();
    let mut unfinished = 0;
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.db");
        for _ in 0..10 {
            let killed = kill_one("what_was_erased_before_a_kill_is_in_no_file_after_it", &path, &mut random, 8);
            let finished = check_erased(&path, &killed).unwrap_or_else(|fault| panic!("kill {round}: {fault}"));
            unfinished += usize::from(!finished);
        }
    }
    println!("{unfinished} of 200 kills came before an erasing was finished");
    assert!(unfinished > 0, "no child was killed while it erased");
}

#[test]
fn a_store_whose_making_is_killed_opens_as_a_new_one_or_with_what_was_acknowledged() {
    if let Some(path) = env::var_os(CHILD) {
        return append_for_ever(Path::new(&path), Acknowledge::AfterAppend);
    }
    let mut random = Random::seeded();
    let mut without_append = 0;
    for round in 0..120 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.db");
        let name = "a_store_whose_making_is_killed_opens_as_a_new_one_or_with_what_was_acknowledged";
        let mut witness = Witness::default();
        // A second child comes upon what the first one left, perhaps again half made.
        for most_lines in [1, 3] {
            let killed = kill_one(name, &path, &mut random, most_lines);
            without_append += usize::from(killed.is_empty());
            witness.check(&path, &killed).unwrap_or_else(|fault| panic!("kill {round}: {fault}"));
        }
    }
    println!("{without_append} of 240 children were killed before their first acknowledgement");
    assert!(without_append > 0, "no child was killed while it made or opened its store");
}

/// The negative control: a program that acknowledges too early loses something, and the check says so.
#[test]
fn an_acknowledgement_before_the_append_is_found_out() {
    if let Some(path) = env::var_os(CHILD) {
        return append_for_ever(Path::new(&path), Acknowledge::BeforeAppend);
    }
    let mut random = Random::seeded();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let mut witness = Witness::default();
    let fault = (0..300).find_map(|_| {
        let killed = kill_one("an_acknowledgement_before_the_append_is_found_out", &path, &mut random, 12);
        witness.check(&path, &killed).err()
    });
    let fault =
        fault.unwrap_or_else(|| panic!("300 kills of a program that acknowledges too early: nothing was missed"));
    assert!(fault.contains("was acknowledged"), "{fault}");
}

/// The negative control of the rest of the check: an acknowledged row that is taken away, neatly, and half an append.
#[test]
fn a_lost_row_and_half_an_append_are_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let mut store = open(&path).unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..5 {
        let expected = store.head(POLICY).unwrap();
        let Outcome::Done(head) = store.append(POLICY, &expected, &batch(number, 2, 10)).unwrap() else { panic!() };
        acknowledged.push(Said::Appended(head.mark()));
    }
    drop(store);
    assert_eq!(Witness::default().check(&path, &acknowledged), Ok(()));
    let shorten = |to: u64| {
        let sql = format!(
            "DELETE FROM log WHERE revision > {to}; UPDATE head SET (revision, hash, at_ms) =
                (SELECT revision, hash, (SELECT max(at_ms) FROM log) FROM log WHERE revision = {to})"
        );
        rusqlite::Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
    };
    shorten(9);
    assert!(Witness::default().check(&path, &[]).unwrap_err().contains("half"));
    shorten(8);
    assert_eq!(Witness::default().check(&path, &[]), Ok(()));
    assert!(Witness::default().check(&path, &acknowledged).unwrap_err().contains("was acknowledged"));
}

/// How many revisions a value is kept for, in the test of erasing.
const KEPT: u64 = 3;

/// The child of the test of erasing: each change set brings the value of its revision and erases that of an earlier one.
fn erase_for_ever(path: &Path) {
    let mut random = Random::seeded();
    say("begin");
    let mut store = open(path).unwrap();
    loop {
        let head = store.head(POLICY).unwrap();
        let sets: Vec<NewSet> = (1..=1 + random.below(3)).map(|ahead| erasing_set(head.revision + ahead)).collect();
        let Outcome::Done(head) = store.append(POLICY, &head, &sets).unwrap() else { panic!("nobody else writes") };
        say(format!("appended {}", head.mark()));
    }
}

fn erasing_set(revision: u64) -> NewSet {
    let gone = revision.checked_sub(KEPT).map(digest).into_iter().collect();
    NewSet { private: vec![value_of(revision)], gone, ..NewSet::new(1, b"body".to_vec()) }
}

/// The value that a revision brings: now a short one, now one of several pages.
fn value_of(revision: u64) -> PrivateRow {
    row(revision, [40, 300, 5000, 90, 30_000][usize::try_from(revision % 5).unwrap()])
}

/// Looks into the files after a kill, and again with the store open. Returns whether the child had finished all its erasing.
fn check_erased(path: &Path, said: &[Said]) -> Result<bool, String> {
    let folder = path.parent().unwrap();
    let oldest = |last: u64| (last + 1).saturating_sub(KEPT).max(1);
    let acknowledged = said.iter().filter_map(Said::revision).max().unwrap_or(0);
    let left = found(folder).first().copied().unwrap_or(u64::MAX);
    if left < oldest(acknowledged) {
        return Err(format!("value {left} was erased by revision {acknowledged} at the latest, and is in a file"));
    }
    let store = open(path)?;
    let last = verify(&store, POLICY, None).map_err(|error| error.to_string())?.revision;
    let kept = oldest(last)..=last;
    let still = found(folder);
    if !still.iter().copied().eq(kept.clone()) {
        return Err(format!("the values {still:?} are in the files of the open store, and not {kept:?}"));
    }
    let mut rows: Vec<PrivateRow> = kept.map(value_of).collect();
    rows.sort_by_key(|row| row.digest);
    match store.read_private(POLICY, None, u32::MAX) {
        Ok(read) if read == rows => Ok(left >= oldest(last)),
        read => Err(format!("other values than at revision {last}: {read:?}")),
    }
}

/// When the child says that an append is done. Only one of them is right.
#[derive(Clone, Copy, PartialEq)]
enum Acknowledge {
    AfterAppend,
    BeforeAppend,
}

/// The child: opens the store and appends until it is killed; now and then it puts a snapshot or keeps an instant.
fn append_for_ever(path: &Path, acknowledge: Acknowledge) {
    let mut random = Random::seeded();
    say("begin");
    let mut store = open(path).unwrap();
    loop {
        let head = store.head(POLICY).unwrap();
        let length = if random.below(20) == 0 { random.below(200_000) } else { random.below(2_000) };
        let sets = batch(head.revision, 1 + random.below(4), length);
        if acknowledge == Acknowledge::BeforeAppend {
            let mut chain = Chain::at(POLICY, head);
            for set in &sets {
                chain.extend(set);
            }
            say(format!("appended {}", chain.head().mark()));
        }
        let Outcome::Done(head) = store.append(POLICY, &head, &sets).unwrap() else { panic!("nobody else writes") };
        if acknowledge == Acknowledge::AfterAppend {
            say(format!("appended {}", head.mark()));
        }
        if random.below(6) == 0 {
            store.put_snapshot(POLICY, &head, &state(head.revision)).unwrap();
            say(format!("snapshot {}", head.mark()));
        }
        if random.below(6) == 0 {
            let at_ms = head.at_ms + 1;
            assert_eq!(store.keep_instant(POLICY, at_ms).unwrap().at_ms, at_ms);
            say(format!("instant {at_ms}"));
        }
    }
}

fn say(line: impl Display) {
    let mut output = std::io::stdout().lock();
    // The test harness may have left its own line unfinished, hence the line end at the beginning.
    output.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    output.flush().unwrap();
}

fn open(path: &Path) -> Result<SqliteStore, String> {
    SqliteStore::open(path, &SqliteOptions::default()).map_err(|error| format!("does not open: {error}"))
}

/// The change sets of one append. Each says which of how many it is, so that half an append can be told.
fn batch(number: u64, count: u64, length: u64) -> Vec<NewSet> {
    let body = |index| {
        let mut body = vec![u8::try_from(index).unwrap(), u8::try_from(count).unwrap()];
        body.extend((0..length).map(|at| (at ^ number).to_le_bytes().into_iter().next().unwrap()));
        body
    };
    (0..count).map(|index| NewSet::new(i64::try_from(number % 50).unwrap(), body(index))).collect()
}

/// The bytes of the snapshot of a revision.
fn state(revision: u64) -> Vec<u8> {
    revision.to_le_bytes().into_iter().cycle().take(usize::try_from(revision * 997 % 200_000).unwrap()).collect()
}

/// What a child said before it was killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Appended(Mark),
    PutSnapshot(Mark),
    KeptInstant(i64),
}

impl Said {
    fn revision(&self) -> Option<u64> {
        match self {
            Self::Appended(mark) => Some(mark.revision),
            _ => None,
        }
    }
}

/// Runs a child, kills it a moment after it began or after some of what it says (fewer than `most` lines), and returns all
/// that it had said.
fn kill_one(test: &str, path: &Path, random: &mut Random, most: u64) -> Vec<Said> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, path)
        .env(SEED, random.next().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    while read_line(&mut output) != "begin" {}
    let mut lines: Vec<String> = (0..random.below(most)).map(|_| read_line(&mut output)).collect();
    thread::sleep(Duration::from_micros(random.below(3_000)));
    child.kill().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9), "ended by itself: {rest}");
    // A line without its end was not said.
    lines.extend(rest.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned));
    lines.iter().filter_map(|line| said(line)).collect()
}

/// The next line that is not empty.
fn read_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    while line.trim_end().is_empty() {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended by itself");
    }
    line.trim_end().to_owned()
}

fn said(line: &str) -> Option<Said> {
    match line.split_once(' ')? {
        ("appended", mark) => Some(Said::Appended(mark.parse().unwrap())),
        ("snapshot", mark) => Some(Said::PutSnapshot(mark.parse().unwrap())),
        ("instant", at_ms) => Some(Said::KeptInstant(at_ms.parse().unwrap())),
        _ => None,
    }
}

/// Follows a store over many kills, and knows what it must hold.
#[derive(Default)]
struct Witness {
    /// The head up to which the log was checked.
    head: Option<Head>,
    /// The hash of each revision up to there.
    hashes: BTreeMap<u64, Hash>,
    /// The revision of the last snapshot that is known to have been put.
    snapshot: u64,
    /// The latest instant that is known to have been kept.
    instant: i64,
    appends: usize,
    snapshots: usize,
}

impl Witness {
    /// Opens the store after a kill and checks what is new in it.
    fn check(&mut self, path: &Path, said: &[Said]) -> Result<(), String> {
        let store = open(path)?;
        self.check_log(&store)?;
        for said in said {
            match said {
                Said::Appended(mark) => self.check_acknowledged(mark)?,
                Said::PutSnapshot(mark) => {
                    self.snapshots += 1;
                    self.snapshot = mark.revision;
                }
                Said::KeptInstant(at_ms) => self.instant = *at_ms,
            }
        }
        self.check_instant()?;
        self.check_snapshot(&store)
    }

    /// Checks the whole log, from its beginning.
    fn check_all(&self, path: &Path) -> Result<(), String> {
        let store = open(path)?;
        verify(&store, POLICY, self.head.map(|head| head.mark()).as_ref()).map_err(|error| error.to_string())?;
        let sets: Result<BTreeMap<u64, Hash>, _> =
            walk(&store, POLICY, Head::EMPTY).map(|set| set.map(|set| (set.revision, set.hash))).collect();
        if sets.map_err(|error| error.to_string())? == self.hashes {
            Ok(())
        } else {
            Err("the log is another".to_owned())
        }
    }

    fn check_log(&mut self, store: &SqliteStore) -> Result<(), String> {
        let mut walk = walk(store, POLICY, self.head.unwrap_or(Head::EMPTY));
        let mut missing = 0;
        for set in &mut walk {
            let set = set.map_err(|error| error.to_string())?;
            let [index, count, ..] = set.body.as_slice() else {
                return Err("a body that nobody wrote".to_owned());
            };
            missing = count - index - 1;
            self.hashes.insert(set.revision, set.hash);
        }
        self.head = Some(walk.head());
        if missing == 0 {
            Ok(())
        } else {
            Err(format!("half an append is in the log: {missing} change sets are missing"))
        }
    }

    fn check_acknowledged(&mut self, mark: &Mark) -> Result<(), String> {
        self.appends += 1;
        if self.hashes.get(&mark.revision) == Some(&mark.hash) {
            Ok(())
        } else {
            Err(format!("revision {} was acknowledged and is not in the log", mark.revision))
        }
    }

    /// The walk to the head has checked that its instant is not before any other.
    fn check_instant(&self) -> Result<(), String> {
        match self.head {
            Some(head) if head.at_ms < self.instant => {
                Err(format!("the instant {} was kept, and the head's is {}", self.instant, head.at_ms))
            }
            _ => Ok(()),
        }
    }

    fn check_snapshot(&mut self, store: &SqliteStore) -> Result<(), String> {
        let snapshot = store.snapshot(POLICY).map_err(|error| error.to_string())?;
        let revision = snapshot.as_ref().map_or(0, |snapshot| snapshot.at.revision);
        if revision < self.snapshot {
            return Err(format!("the snapshot of revision {} was put and is not there", self.snapshot));
        }
        self.snapshot = revision;
        match snapshot {
            Some(snapshot) if snapshot.bytes != state(revision) => Err("the snapshot is another".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Random choices that can be repeated (SplitMix64).
struct Random(u64);

impl Random {
    /// Begins with the seed of the environment, else of the clock, and prints it.
    fn seeded() -> Self {
        let given = env::var(SEED).ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap()
        });
        println!("{SEED}={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
