//! The engine of Portcullis: may this principal do this to that object, and why?
//!
//! The engine is pure. It does no I/O, reads no clock, draws no randomness and keeps no global: time and entropy arrive
//! with the request, and the same state and the same request give the same bytes on every target. [`State`] is the
//! place to begin.

mod access;
mod acl;
mod address;
mod arena;
mod arguments;
mod bytes;
mod change;
mod command;
mod decision;
mod evaluate;
mod explain;
#[cfg(all(feature = "face-host", target_arch = "wasm32"))]
pub mod face_host;
#[cfg(all(feature = "face-js", target_arch = "wasm32"))]
pub mod face_js;
mod fields;
mod hints;
mod index;
mod instant;
mod locate;
mod names;
mod objects;
mod order;
mod principals;
mod refusal;
mod request;
mod schema;
mod snapshot;
mod state;
mod transaction;
mod view;

pub use address::{Address, MAX_NAME_CHARS};
pub use change::{Change, ChangeSet, Key, PrincipalType, Record, Window};
#[cfg(feature = "prose")]
pub use command::prose;
pub use command::{Argument, ArgumentKind, COMMANDS, Command, find as command};
pub use decision::{Decision, Identity, Reason};
pub use locate::Handle;
pub use principals::BUILT_IN as BUILT_IN_PRINCIPALS;
pub use refusal::Refusal;
pub use request::{Proposal, RefusedCommand, Request};
pub use schema::{
    DIRECTORY, DefaultPrincipal, Everyone, Locator, MAX_PRIVILEGES, ObjectType, OnCreate, Registration, Roles, SERVER,
    SYSTEM_OBJECT, Schema, TypeId,
};
pub use state::State;
