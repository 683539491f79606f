//! Why a store did not do what it was asked.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// Why a store did not do what it was asked. Whatever the reason: nothing in it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or another handle in this one, had the file until the time to wait was over.
    Busy {
        /// The store's file.
        path: PathBuf,
        /// How long it was waited for, in milliseconds.
        waited_ms: u64,
    },
    /// The file is a store's, but not as a store left it.
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What is wrong with it, and at which revision where that is known.
        what: String,
    },
    /// The file is not a store, but something else.
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// The file is a store of a later format than this program knows.
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The only format that this program knows.
        known: i32,
    },
    /// The file is a store of an earlier format than this program knows.
    Older {
        /// The store's file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The only format that this program knows.
        known: i32,
    },
    /// The file cannot be used: it or its folder is missing, may not be written, or the disk is full or failing.
    Unavailable {
        /// The store's file.
        path: PathBuf,
        /// What hinders.
        reason: String,
    },
    /// The store failed earlier, so what it holds in memory may not be what is on disk: open it again.
    Poisoned {
        /// The store's file.
        path: PathBuf,
    },
    /// The snapshot cannot be read, is not what was put, or is of a head that the log does not hold. The log may be sound.
    SnapshotDamaged {
        /// What is wrong with it, and of which revision it is where that is known.
        what: String,
    },
    /// The log ends before the revision that the policy's sound snapshot is of: its end, or all of it, was lost.
    LogTruncated {
        /// The store's file.
        path: PathBuf,
        /// The last revision that is there; 0 for none.
        last: u64,
        /// The snapshot's revision.
        snapshot: u64,
    },
    /// A snapshot was to be put for a head that the log does not hold.
    NotInLog {
        /// That head's revision.
        revision: u64,
    },
    /// A body, a private value or a snapshot is longer than any store takes.
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The greatest length, [`super::MAX_BYTES`].
        limit: usize,
    },
}

impl StoreError {
    /// The stable name of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "StoreBusy",
            Self::Damaged { .. } => "StoreDamaged",
            Self::Foreign { .. } => "StoreForeign",
            Self::Newer { .. } => "StoreNewer",
            Self::Older { .. } => "StoreOlder",
            Self::Unavailable { .. } => "StoreUnavailable",
            Self::Poisoned { .. } => "StorePoisoned",
            Self::SnapshotDamaged { .. } => "SnapshotDamaged",
            Self::LogTruncated { .. } => "LogTruncated",
            Self::NotInLog { .. } => "NotInLog",
            Self::TooLarge { .. } => "TooLarge",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { path, waited_ms } => {
                write!(f, "the store `{}` is in use by another process; waited {waited_ms} ms", path.display())
            }
            Self::Damaged { path, what } => {
                write!(f, "the store `{}` is damaged: {what}", path.display())
            }
            Self::Foreign { path, what } => write!(f, "`{}` is not a store of portcullis but {what}", path.display()),
            Self::Newer { path, found, known } => {
                let path = path.display();
                write!(
                    f,
                    "the store `{path}` has format {found}, of a later version; this program knows format {known}"
                )
            }
            Self::Older { path, found, known } => {
                let path = path.display();
                write!(
                    f,
                    "the store `{path}` has format {found}, of an earlier version; this program knows format {known}"
                )
            }
            Self::Unavailable { path, reason } => {
                write!(f, "the store `{}` cannot be used: {reason}", path.display())
            }
            Self::Poisoned { path } => {
                write!(f, "the store `{}` failed earlier and must be opened again", path.display())
            }
            Self::SnapshotDamaged { what } => write!(f, "the snapshot is damaged: {what}"),
            Self::LogTruncated { path, last, snapshot } => {
                let path = path.display();
                write!(
                    f,
                    "the store `{path}` has lost a part of its log, which ends at revision {last}, while its snapshot "
                )?;
                write!(f, "is of revision {snapshot}; put back a copy that has both, or delete the file to begin anew")
            }
            Self::NotInLog { revision } => write!(f, "the log has no revision {revision} with the snapshot's hash"),
            Self::TooLarge { bytes, limit } => write!(f, "{bytes} bytes are more than the {limit} that a store takes"),
        }
    }
}

impl Error for StoreError {}
