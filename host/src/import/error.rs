//! Why an export cannot be read.

use super::source::Place;
use std::fmt;

/// Why an export cannot be read. Nothing has been changed then.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ImportError {
    /// A file does not hold what it must.
    Invalid {
        /// Where.
        place: Place,
        /// What would be right there.
        expected: String,
        /// What stands there instead.
        found: String,
    },
    /// A folder's name cannot be an object's.
    InvalidName {
        /// The folder, with what is not text replaced.
        path: String,
    },
    /// The folder holds neither a collection of an export nor a DSL file.
    NotAnExport {
        /// The folder.
        path: String,
    },
    /// The file system refuses.
    Unreadable {
        /// The file or folder.
        path: String,
        /// The file system's reason.
        reason: String,
    },
}

impl ImportError {
    /// The stable code: `InvalidExport` or `ExportUnreadable`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::InvalidName { .. } | Self::NotAnExport { .. } => "InvalidExport",
            Self::Unreadable { .. } => "ExportUnreadable",
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { place, expected, found } => write!(f, "{place}: expected {expected}, found {found}"),
            Self::InvalidName { path } => write!(f, "expected folder names in UTF-8, found `{path}`"),
            Self::NotAnExport { path } => {
                write!(
                    f,
                    "expected a collection of an export, such as `projects`, or a `.dsl` file, found none in `{path}`"
                )
            }
            Self::Unreadable { path, reason } => write!(f, "cannot read `{path}`: {reason}"),
        }
    }
}

impl std::error::Error for ImportError {}
