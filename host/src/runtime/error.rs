//! What can go wrong with an instance of the engine.

use std::error::Error;
use std::fmt;

use serde::Deserialize;

/// Why an instance gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The policy does not fit into the instance's memory. The instance can no longer be used.
    StateTooLarge {
        /// How much it may have.
        cap_bytes: usize,
    },
    /// The question or the commands took longer than they may. The instance can no longer be used.
    DeadlineExceeded {
        /// How long they may take.
        deadline_ms: u64,
    },
    /// The engine stopped for another reason, or answered what no engine answers. The instance can no longer be used.
    EngineFailure {
        /// What wasmtime says.
        reason: String,
    },
    /// A change set or a snapshot that the engine does not take. A snapshot left the instance as it was; after a
    /// change set its owner makes it anew.
    Refused {
        /// The engine's code, stable.
        code: String,
        /// The engine's words.
        message: String,
    },
    /// A text beyond the 16,384 bytes that the quick calls take. Nothing happened.
    ValueTooLong {
        /// How long it is.
        bytes: usize,
    },
}

impl RuntimeError {
    /// A stable name: the variant's, and for a refusal the engine's own.
    ///
    /// ```
    /// # use portcullis_host::runtime::RuntimeError;
    /// assert_eq!(RuntimeError::StateTooLarge { cap_bytes: 1 << 20 }.code(), "StateTooLarge");
    /// ```
    pub fn code(&self) -> &str {
        match self {
            Self::StateTooLarge { .. } => "StateTooLarge",
            Self::DeadlineExceeded { .. } => "DeadlineExceeded",
            Self::EngineFailure { .. } => "EngineFailure",
            Self::Refused { code, .. } => code,
            Self::ValueTooLong { .. } => "ValueTooLong",
        }
    }

    /// The module or this machine does not suit.
    pub(super) fn unusable(error: wasmtime::Error) -> Self {
        Self::EngineFailure { reason: format!("the engine inside this program does not run here: {error:#}") }
    }

    /// The engine did not keep to the contract.
    pub(super) fn broken(reason: &str) -> Self {
        Self::EngineFailure { reason: reason.to_owned() }
    }

    /// The answer `{"error":{"code":…,"message":…}}`.
    pub(super) fn refused(answer: &[u8]) -> Self {
        match serde_json::from_slice(answer) {
            Ok(Refusal { error: Words { code, message } }) => Self::Refused { code, message },
            Err(_) => Self::broken("a refusal without a code"),
        }
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StateTooLarge { cap_bytes } => {
                write!(formatter, "the policy needs more memory than the {} MiB it may have", cap_bytes >> 20)
            }
            Self::DeadlineExceeded { deadline_ms } => {
                write!(formatter, "the request took longer than the {deadline_ms} ms it may take")
            }
            Self::EngineFailure { reason } => write!(formatter, "the engine failed: {reason}"),
            Self::Refused { message, .. } => formatter.write_str(message),
            Self::ValueTooLong { bytes } => write!(formatter, "a text of {bytes} bytes is too long for a quick call"),
        }
    }
}

impl Error for RuntimeError {}

#[derive(Deserialize)]
struct Refusal {
    error: Words,
}

#[derive(Deserialize)]
struct Words {
    code: String,
    message: String,
}
