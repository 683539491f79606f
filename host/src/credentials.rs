//! What proves who somebody is, and until when: secrets of sessions and tokens, passwords, and the instants at which they
//! end.
//!
//! Nothing here keeps anything, looks anything up or reads a clock; there is randomness, in new secrets and salts.
//!
//! * [`Secret`] is a session's or a token's when it is made, [`Credential`] what is left of one that somebody shows: the id
//!   to look up, and the hash to compare.
//! * [`Password`] is one that somebody types, [`Password::hash`] what is kept of it.
//! * [`expiry`] reads a date in a time zone.
//!
//! No secret, nor a part of one, is in an error's text or in what `Debug` prints.
//!
//! ```
//! use portcullis_host::credentials::{Credential, Secret, SecretKind};
//!
//! let secret = Secret::new(SecretKind::Session)?;
//! let kept = secret.hash();
//! let cookie = secret.with_id("3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b");
//!
//! let shown = Credential::parse(SecretKind::Session, &cookie)?;
//! assert_eq!(shown.id, "3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b");
//! assert_eq!(shown.hash, kept);
//! # Ok::<(), portcullis_host::credentials::CredentialError>(())
//! ```

mod base62;
mod error;
pub mod expiry;
mod password;
mod secret;

pub use error::{CredentialError, Fault};
pub use password::{MAX_PASSWORD_BYTES, Password};
pub use secret::{Credential, SESSION_PATTERN, Secret, SecretKind, TOKEN_PATTERN, session_id};
