//! The engine's rules, from outside: tables, damage, a search for what nobody should be able to do, and logs of old. What
//! must be true of every policy is tried on random ones in `tests/tests/properties`, the oracle beside the engine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod access;
mod accounts;
mod credentials;
mod damage;
mod escalation;
mod golden;
mod groups;
mod handles;
mod locators;
mod order;
mod personas;
mod policy;
mod preview;
mod private;
mod privileges;
mod projection;
mod refusals;
mod remembered;
