//! The contract of `Store` on a disk that fails, tears and reorders: every sentence, with every fault, at every operation
//! that changes a file; and on a store in memory whose calls fail. `cargo test -p portcullis-host --test store_faults -- --nocapture` prints how many that are.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod disk;
#[expect(unreachable_pub, reason = "the module is one of the crate `conformance`, which has it for its own users")]
#[path = "../../../tests/src/failing.rs"]
mod failing;
mod grounds;
mod random;
mod recovery;
#[path = "../store_sentences/mod.rs"]
mod store_sentences;
#[path = "../store_values/mod.rs"]
mod store_values;
mod stories;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

use disk::{Fault, Flushes, Left, Operation, Plan};
use failing::Failure;
use grounds::{InMemory, OnDisk};
use recovery::Bench;
use store_sentences::Open;

type Sentence = fn(Open<'_>);

/// What is tried at every operation.
const FAULTS: [Fault; 10] = [
    Fault::Refused,
    Fault::Belied,
    Fault::Torn,
    Fault::Full,
    Fault::Killed,
    Fault::KilledWithin,
    Fault::PowerCut(Left::Nothing),
    Fault::PowerCut(Left::All),
    Fault::PowerCut(Left::Some(1)),
    Fault::PowerCut(Left::Some(2)),
];

/// The one that refuses before it touches the disk, and needs a gigabyte for it.
const LEFT_OUT: &str = "what_is_too_large_is_refused_and_nothing_is_changed";

/// The first, which tries the making of a store for all others too: it is the same in all.
const FIRST: &str = "an_empty_log_has_the_empty_head_and_nothing_to_read";

/// Set to try every operation: in a long row of writes otherwise only some are.
const ALL: &str = "PORTCULLIS_TEST_ALL_FAULTS";

macro_rules! with_every_fault {
    ($($sentence:ident)*) => {
        mod with_every_fault {
            $(#[test] fn $sentence() { crate::with_every_fault(stringify!($sentence), crate::store_sentences::$sentence); })*
        }
    };
}

store_sentences::sentences!(with_every_fault!);

macro_rules! with_every_failing_call {
    ($($sentence:ident)*) => {
        #[test]
        fn in_memory_with_every_failing_call() {
            $(with_every_failing_call(stringify!($sentence), store_sentences::$sentence);)*
        }
    };
}

store_sentences::sentences!(with_every_failing_call!);

#[test]
fn values_come_and_go_with_every_fault() {
    with_every_fault("values_come_and_go", stories::values_come_and_go);
}

#[test]
fn the_disk_sees_operations_of_every_kind() {
    let seen: BTreeSet<Operation> = run(stories::values_come_and_go, None).operations.into_iter().collect();
    use Operation::{Create, Cut, Delete, Flush, FlushFolder, Rename, Write};
    assert_eq!(seen, BTreeSet::from([Create, Write, Cut, Flush, FlushFolder, Rename, Delete]));
}

/// The negative control: a disk that acknowledges what it did not flush loses something, and that is found.
#[test]
fn a_disk_that_lies_about_flushing_is_found_out() {
    let found = catch_unwind(|| {
        let bench = Bench::new(OnDisk::new(None, Flushes::Lying));
        store_sentences::append_takes_the_expected_head_and_answers_the_new_one(&|| Box::new(bench.open()));
        bench.finish();
    });
    assert!(found.is_err());
}

/// Puts a sentence to a store with every fault at every operation.
fn with_every_fault(name: &str, sentence: Sentence) {
    if name == LEFT_OUT {
        return;
    }
    let Run { operations, begun } = run(sentence, None);
    let first = if name == FIRST { 0 } else { begun };
    let mut tried = 0;
    for number in (first..operations.len()).filter(|number| is_tried(&operations, *number)) {
        for fault in FAULTS.into_iter().filter(|fault| operations[number].takes(*fault)) {
            tried += 1;
            let ended = catch_unwind(AssertUnwindSafe(|| run(sentence, Some((number, fault)))));
            assert!(ended.is_ok(), "{name}: {fault:?} at operation {number}, {:?}", operations[number]);
        }
    }
    println!("{name}: {tried} faults at {} operations", operations.len() - first);
}

/// Puts a sentence to a store in memory, with every call that changes something failing in every way.
fn with_every_failing_call(name: &str, sentence: Sentence) {
    if name == LEFT_OUT {
        return;
    }
    let failures = [Failure::Error, Failure::UnknownUndone, Failure::UnknownDone];
    for (number, failure) in (0..).flat_map(|number| failures.map(|failure| (number, failure))) {
        let ground = InMemory::new(Some((number, failure)));
        let demand = ground.demand();
        let bench = Bench::new(ground);
        let ended = catch_unwind(AssertUnwindSafe(|| sentence(&|| Box::new(bench.open()))));
        assert!(ended.is_ok(), "{name}: {failure:?} at call {number}");
        if !demand.take_back() {
            return println!("{name}: {number} calls in memory");
        }
        bench.finish();
    }
}

/// How far from another kind of operation a write in a long row is tried in any case.
const NEAR: usize = 4;
/// Which of the others are.
const EACH: usize = 97;

fn is_tried(operations: &[Operation], number: usize) -> bool {
    let near = &operations[number.saturating_sub(NEAR)..operations.len().min(number + NEAR)];
    number.is_multiple_of(EACH)
        || near.iter().any(|operation| *operation != Operation::Write)
        || env::var_os(ALL).is_some()
}

/// What a sentence did to the files.
struct Run {
    operations: Vec<Operation>,
    /// How many operations there were before its store was open for the first time.
    begun: usize,
}

/// Puts a sentence to a store.
fn run(sentence: Sentence, plan: Plan) -> Run {
    let bench = Bench::new(OnDisk::new(plan, Flushes::Honest));
    let begun = Cell::new(None);
    sentence(&|| {
        let store = bench.open();
        begun.set(begun.get().or(Some(disk::operations().len())));
        Box::new(store)
    });
    let operations = disk::operations();
    bench.finish();
    Run { operations, begun: begun.get().unwrap() }
}
