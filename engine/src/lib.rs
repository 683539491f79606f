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
#[cfg(all(feature = "face-check", target_arch = "wasm32"))]
pub mod face_check;
#[cfg(all(feature = "face-host", target_arch = "wasm32"))]
pub mod face_host;
#[cfg(all(feature = "face-js", target_arch = "wasm32"))]
pub mod face_js;
mod fields;
mod index;
mod instant;
mod json;
mod locate;
mod names;
mod objects;
mod order;
mod particulars;
mod permissions;
mod preview;
mod principals;
mod private;
mod projection;
mod refusal;
mod remembered;
mod request;
#[cfg(feature = "prose")]
mod request_schema;
mod schema;
mod sealed;
mod sessions;
mod shelf;
mod snapshot;
mod state;
mod summary;
#[cfg(any(all(feature = "face-check", target_arch = "wasm32"), test))]
mod texts;
mod transaction;
mod view;

pub use address::{Address, MAX_NAME_CHARS};
pub use change::{Change, ChangeSet, Key, PrincipalType, Record, Window};
#[cfg(feature = "prose")]
pub use command::prose;
pub use command::{Argument, ArgumentKind, COMMANDS, Command, Issues, find as command};
pub use decision::{Decision, Identity, Reason};
pub use instant::WRITABLE_MS;
pub use locate::Handle;
pub use particulars::{Account, Category, NotificationLevel, Page, Particulars, Persona};
pub use permissions::PERMISSIONS;
pub use principals::BUILT_IN as BUILT_IN_PRINCIPALS;
pub use private::{PrivateField, PrivatePart, PrivateValue};
pub use projection::{Projection, Question, SALT_BYTES};
pub use refusal::Refusal;
pub use request::{Called, Proposal, RefusedCommand, Request};
#[cfg(feature = "prose")]
pub use request_schema::request_schema;
pub use schema::{
    DIRECTORY, DefaultPrincipal, Everyone, Locator, MAX_PRIVILEGES, ObjectType, OnCreate, PERSONA, PERSONA_CATEGORY,
    PERSONA_PAGE, PERSONAS, Registration, Roles, SERVER, SYSTEM_OBJECT, Schema, TypeId,
};
pub use sessions::{SESSION_IDLE_MS, Session, Token};
pub use state::State;
