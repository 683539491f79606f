//! What is done with the bytes that a fuzzer makes up. Each target takes any bytes at all, and panics where something that
//! must hold does not.
//!
//! `tests/fuzz` builds them for libFuzzer, in three lines each, and `cargo xtask fuzz` runs that. What is found is put into
//! `tests/fuzz/found/TARGET/`; `tests/tests/found.rs` gives it to the same functions, in any test run. [`seeds`] has what
//! the fuzzer begins with.

mod call;
mod import;
mod policy;
mod restore;
pub mod seeds;
mod sequences;

use std::path::{Path, PathBuf};

/// A target: it takes bytes, and panics where they break something.
pub type Target = fn(&[u8]);

/// The targets by their names. Each has a program in `tests/fuzz/targets`.
pub const TARGETS: [(&str, Target); 4] =
    [("call", call::run), ("restore", restore::run), ("import", import::run), ("sequences", sequences::run)];

/// The target of that name; one that there is not takes nothing.
#[must_use]
pub fn target(name: &str) -> Target {
    TARGETS.iter().find(|(known, _)| *known == name).map_or(|_| {}, |(_, target)| *target)
}

/// The folder of what was found for a target.
#[must_use]
pub fn found(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target)
}
