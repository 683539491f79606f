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

pub use call::run as call;
pub use import::run as import;
pub use restore::run as restore;
pub use sequences::run as sequences;

use std::path::{Path, PathBuf};

/// A target: it takes bytes, and panics where they break something.
pub type Target = fn(&[u8]);

/// The targets by their names. Each has a program in `tests/fuzz/targets`.
pub const TARGETS: [(&str, Target); 4] =
    [("call", call), ("restore", restore), ("import", import), ("sequences", sequences)];

/// The folder of what was found for a target.
#[must_use]
pub fn found(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target)
}
