//! Cases as data, and runners that put every case to every target.
//!
//! A [`Case`](case::Case) is a JSON file below `tests/cases`. [`play`](play::play) puts it to a
//! [`Target`](target::Target) and says what differed; [`laws`] holds what must be true of the engine after every
//! stage of every case, whatever the case is about. [`cli`] puts it to the command line;
//! [`transcript`] writes down what came of it, for engines that no runner of this crate reaches.
//!
//! [`chance`] throws the dice for random policies and sequences of requests, [`oracle`] says what is right, sharing nothing
//! with the engine. [`fuzzing`] has what is done with random bytes, and [`failing`] a store that fails on demand.

pub mod case;
pub mod chance;
pub mod cli;
pub mod expectation;
pub mod failing;
pub mod fuzzing;
pub mod laws;
pub mod oracle;
pub mod play;
pub mod sequence;
pub mod suite;
pub mod target;
pub mod transcript;
pub mod wallet;
