//! The engine's rules, from outside: tables, random policies against a second evaluator, random commands, damage, and
//! logs of old.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod accounts;
mod agreement;
mod credentials;
mod damage;
mod escalation;
mod golden;
mod groups;
mod handles;
mod locators;
mod naive;
mod order;
mod personas;
mod policy;
mod preview;
mod private;
mod privileges;
mod projection;
mod refusals;
mod remembered;
mod sequences;
