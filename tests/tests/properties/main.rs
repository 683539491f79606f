//! Sentences that must be true of every policy, tried on random ones (`conformance::chance`). Where it takes a judge, that
//! is the oracle (`conformance::oracle`), which shares no code with the engine.
//!
//! `PROPTEST_CASES` says how many policies every sentence is tried on, instead of the few that take seconds.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod alterations;
mod decisions;
mod fixes;
mod history;
mod listings;
mod personas;
mod policy;
mod previews;
mod projections;
mod world;

use proptest::test_runner::Config;

/// So many cases where the environment does not say another number. What fails becomes a case or a test with a name, and
/// no file of seeds.
fn cases(count: u32) -> Config {
    let config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { Config { cases: count, ..config } }
}
