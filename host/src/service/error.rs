//! Why the service could not answer.

use crate::credentials::CredentialError;
use crate::runtime::RuntimeError;
use crate::store::{ChainError, Mark, StoreError};
use portcullis_engine::Refusal;
use serde_json::Value;
use std::fmt;

/// A refusal, or a failure of the store or the engine.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// The engine refuses: what was asked for may not or cannot be done.
    Refused {
        /// The engine's code, stable.
        code: String,
        /// The engine's words.
        message: String,
        /// Which command of the request, from 0.
        command: Option<usize>,
    },
    /// The store fails, and nothing was changed.
    Store(StoreError),
    /// The store failed while it wrote: all of the request is in the log, or none of it.
    UnknownOutcome(StoreError),
    /// Somebody else wrote to the store meanwhile; nothing was changed.
    Conflict {
        /// Where the log stands.
        head: Mark,
    },
    /// The log is not what was written.
    Chain(ChainError),
    /// The snapshot is not what the log gives.
    SnapshotDiffers {
        /// The snapshot's revision.
        revision: u64,
    },
    /// A private value is not the one that the log tells of, or is kept although nothing refers to it.
    PrivateDiffers {
        /// The digest under which it is kept, in hexadecimal digits.
        digest: String,
    },
    /// The engine stopped, or does not take what the store holds.
    Engine(RuntimeError),
    /// The engine answered what no engine answers.
    BadAnswer,
    /// The system gave no random numbers.
    NoEntropy(String),
}

impl ServiceError {
    pub(super) fn from_answer(error: &Value) -> Self {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let command = error.get("command").and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok());
        Self::Refused { code: text("code"), message: text("message"), command }
    }

    /// What the service itself refuses.
    pub(super) fn refused(code: &str, message: String) -> Self {
        Self::Refused { code: code.into(), message, command: None }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Store(error) => error.code(),
            Self::UnknownOutcome(_) => "UnknownOutcome",
            Self::Conflict { .. } => "Conflict",
            Self::Chain(error) => error.code(),
            Self::SnapshotDiffers { .. } => "SnapshotDiffers",
            Self::PrivateDiffers { .. } => "PrivateDiffers",
            Self::Engine(error) => error.code(),
            Self::BadAnswer => "EngineFailure",
            Self::NoEntropy(_) => "NoEntropy",
        }
    }

    /// Whether it is a refusal, and not a failure.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { message, .. } => f.write_str(message),
            Self::Store(error) => error.fmt(f),
            Self::UnknownOutcome(error) => {
                write!(f, "it is not known whether the change was kept; open the store again and look: {error}")
            }
            Self::Conflict { head } => {
                write!(f, "somebody else has changed the store, which stands at revision {}; try again", head.revision)
            }
            Self::Chain(error) => error.fmt(f),
            Self::SnapshotDiffers { revision } => {
                write!(f, "the snapshot of revision {revision} is not what the log up to there gives")
            }
            Self::PrivateDiffers { digest } => write!(
                f,
                "the private value `{digest}` is not the one that the log tells of: it was altered, or should have been erased"
            ),
            Self::Engine(error) => error.fmt(f),
            Self::BadAnswer => f.write_str("the engine's answer is not one"),
            Self::NoEntropy(error) => write!(f, "the system gives no random numbers: {error}"),
        }
    }
}

impl std::error::Error for ServiceError {}

impl From<Box<Refusal>> for ServiceError {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Refused { code: refusal.code().into_owned(), message: refusal.to_string(), command: None }
    }
}

impl From<CredentialError> for ServiceError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::NoEntropy(reason) => Self::NoEntropy(reason),
            other => Self::refused(other.code(), other.to_string()),
        }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Box::new(refusal).into()
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ChainError> for ServiceError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<RuntimeError> for ServiceError {
    fn from(error: RuntimeError) -> Self {
        Self::Engine(error)
    }
}
