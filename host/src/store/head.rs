//! The head of a log, and the mark by which it is kept elsewhere.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A SHA-256.
pub type Hash = [u8; 32];

/// Where a log stands: the last change set's revision and hash, and the greatest instant that the host has used.
///
/// Two heads are equal when all three are. Whether they are of the same log at the same place is told by their [`Mark`]s
/// alone: an instant that was kept meanwhile makes a head later, but not another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The revision of the last change set; 0 for an empty log.
    pub revision: u64,
    /// The hash of the last change set; all zero for an empty log.
    pub hash: Hash,
    /// The greatest instant of any change set, and of any that [`Store::keep_instant`] kept, in milliseconds since 1970
    /// (UTC); 0 for an empty log, and never less. It never goes back: a host whose clock did continues from here.
    ///
    /// [`Store::keep_instant`]: super::Store::keep_instant
    pub at_ms: i64,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { revision: 0, hash: [0; 32], at_ms: 0 };

    /// What to keep elsewhere in order to notice, later, that the log was altered or shortened.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { revision: self.revision, hash: self.hash }
    }
}

/// A place in a log, written as `REVISION:HASH` with the hash in 64 hexadecimal digits.
///
/// ```
/// use portcullis_host::store::{Head, Mark};
///
/// let mark = Head::EMPTY.mark();
/// assert_eq!(mark.to_string(), format!("0:{}", "00".repeat(32)));
/// assert_eq!(mark.to_string().parse(), Ok(mark));
/// assert_eq!("7:beef".parse::<Mark>().unwrap_err().code(), "InvalidMark");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The revision of a change set.
    pub revision: u64,
    /// The hash of that change set.
    pub hash: Hash,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.revision)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        parse_mark(text).ok_or_else(|| MarkError { text: text.to_owned() })
    }
}

fn parse_mark(text: &str) -> Option<Mark> {
    let (revision, digits) = text.split_once(':')?;
    if !revision.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(Mark { revision: revision.parse().ok()?, hash })
}

/// The value of one hexadecimal digit, upper or lower case.
fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A text that is not a [`Mark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkError {
    text: String,
}

impl MarkError {
    /// The stable name of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "InvalidMark"
    }
}

impl fmt::Display for MarkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a revision, a colon and a hash of 64 hexadecimal digits", self.text)
    }
}

impl Error for MarkError {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark { revision: u64::MAX, hash: std::array::from_fn(|at| u8::try_from(at * 8).unwrap()) };
        assert_eq!(mark.to_string().parse(), Ok(mark));
        assert_eq!(mark.to_string().to_uppercase().parse(), Ok(mark));
    }

    #[test]
    fn what_is_not_a_mark_is_refused_and_named() {
        let hash = "0".repeat(64);
        let signed = format!("+1:{hash}");
        let short = format!("1:{}", "0".repeat(63));
        let accented = format!("1:é{}", "0".repeat(62));
        let huge = format!("99999999999999999999:{hash}");
        for text in ["", ":", "1", "1:", &format!(":{hash}"), &signed, &short, &accented, &huge, &format!("1:{hash}0")]
        {
            let error = text.parse::<Mark>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}`")), "{error}");
        }
    }
}
