//! Why an export cannot be read.

use crate::source::{Place, shown};
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
    /// A path that a file in memory cannot have.
    InvalidPath {
        /// The path.
        path: String,
    },
    /// The folder holds neither a collection of an export nor a DSL file.
    NotAnExport {
        /// The folder; empty for the top of a tree.
        path: String,
    },
    /// The tree of files refuses.
    Unreadable {
        /// The file or folder.
        path: String,
        /// The reason, as the file system has it.
        reason: String,
    },
}

impl ImportError {
    /// The stable code: `InvalidExport` or `ExportUnreadable`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::InvalidName { .. } | Self::InvalidPath { .. } | Self::NotAnExport { .. } => {
                "InvalidExport"
            }
            Self::Unreadable { .. } => "ExportUnreadable",
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { place, expected, found } => write!(f, "{place}: expected {expected}, found {found}"),
            Self::InvalidName { path } => write!(f, "expected folder names in UTF-8, found `{path}`"),
            Self::InvalidPath { path } => {
                write!(f, "expected a file's path such as `projects/Default/project.dsl`, found {}", shown(path))
            }
            Self::NotAnExport { path } => {
                f.write_str("expected a collection of an export, such as `projects`, or a `.dsl` file, found none")?;
                if path.is_empty() { Ok(()) } else { write!(f, " in `{path}`") }
            }
            Self::Unreadable { path, reason } => write!(f, "cannot read `{path}`: {reason}"),
        }
    }
}

impl std::error::Error for ImportError {}
