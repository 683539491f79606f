//! Why a session, a token or a password cannot be used, in words that hold nothing of it.

use super::password::MAX_PASSWORD_BYTES;
use super::secret::SecretKind;
use std::fmt;

/// Why a session, a token or a password cannot be used. Nothing of what was given is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// It does not have the form of such a secret, so it was not looked up.
    Malformed {
        /// What was asked for.
        wanted: SecretKind,
        /// What is wrong.
        fault: Fault,
    },
    /// The password has no character.
    NoPassword,
    /// The password is longer than [`MAX_PASSWORD_BYTES`].
    PasswordTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The system gave no random numbers; the text is its reason.
    NoEntropy(String),
}

/// What is wrong with the form of a session's cookie or of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing but white space.
    Empty,
    /// It is a secret of another kind.
    OtherKind(SecretKind),
    /// It is an id, without the secret.
    IdOnly,
    /// It has no prefix, or no id.
    Form,
    /// The secret has a character that is neither a letter from A to Z nor a digit.
    Character,
    /// Characters are missing at its end.
    TooShort,
    /// It has more characters than any.
    TooLong,
    /// The checksum is not that of what stands before it.
    Checksum,
    /// The secret is greater than 256 bits, with a checksum that fits: nobody made it here.
    Range,
}

impl CredentialError {
    /// The stable code: `InvalidSessionId` for a session's cookie and `InvalidCredentials` for a token, `InvalidArgument` or
    /// `ValueTooLong` for a password, `NoEntropy`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { wanted: SecretKind::Session, .. } => "InvalidSessionId",
            Self::Malformed { wanted: SecretKind::Token, .. } => "InvalidCredentials",
            Self::NoPassword => "InvalidArgument",
            Self::PasswordTooLong { .. } => "ValueTooLong",
            Self::NoEntropy(_) => "NoEntropy",
        }
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { wanted, fault } => {
                write!(f, "this is not {}: ", wanted.noun())?;
                fault.write(*wanted, f)
            }
            Self::NoPassword => f.write_str("the password is empty; give one of at least one character"),
            Self::PasswordTooLong { bytes } => {
                write!(f, "the password has {bytes} bytes, where {MAX_PASSWORD_BYTES} fit")
            }
            Self::NoEntropy(reason) => write!(f, "the system gives no random numbers: {reason}"),
        }
    }
}

impl Fault {
    /// What follows "this is not a token: ".
    fn write(self, wanted: SecretKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::OtherKind(kind) => write!(f, "it is {}", kind.noun()),
            Self::IdOnly => write!(f, "it is only an id; {} is shown once, when it is made", wanted.noun()),
            Self::Form => write!(f, "{} is {}", wanted.noun(), wanted.form()),
            Self::Character => {
                f.write_str("the secret in it has a character other than letters from A to Z and digits")
            }
            Self::TooShort => f.write_str("it is too short; its end is missing"),
            Self::TooLong => f.write_str("it is too long"),
            Self::Checksum => f.write_str("the checksum does not fit; probably a typo"),
            Self::Range => f.write_str("no such secret is ever made"),
        }
    }
}

impl std::error::Error for CredentialError {}
