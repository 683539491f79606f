//! Reading export trees.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod accounts;
mod lists;
mod objects;
mod tree;
