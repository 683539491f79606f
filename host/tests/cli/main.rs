//! The command line, as its users meet it: the program itself is run, on stores in folders of their own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bad_input;
mod callers;
mod completions;
mod documents;
mod forms;
mod imports;
mod kills;
mod logins;
mod manual;
mod program;
mod rows;
mod seeds;
mod sharing;
mod snapshots;
mod stores;
mod tools;
mod views;
mod words;
