//! Reading a log with every link checked.

use std::error::Error;
use std::fmt;
use std::vec;

use super::chain::Chain;
use super::{Head, Mark, PolicyId, Store, StoreError, StoredSet};

/// How many change sets are read from the store at a time.
const PAGE_ROWS: u32 = 64;

/// Checks the whole of a policy's log, its snapshot, and that `kept` (a mark that was kept elsewhere) is still in the log.
/// Returns the log's head, whose revision is the number of change sets that were checked.
///
/// Nothing may be appended to the log meanwhile.
///
/// # Errors
/// The first thing that is wrong, with its revision. A log that was rewritten or shortened *together with its head* is sound
/// in itself: only a mark kept elsewhere finds that out.
pub fn verify<S: Store + ?Sized>(store: &S, policy: PolicyId, kept: Option<&Mark>) -> Result<Head, ChainError> {
    let mut walk = walk(store, policy, Head::EMPTY);
    let mut found = kept.is_none_or(|mark| *mark == Head::EMPTY.mark());
    for set in &mut walk {
        let set = set?;
        found |= kept.is_some_and(|mark| *mark == Mark { revision: set.revision, hash: set.hash });
    }
    let head = walk.head();
    match kept {
        Some(mark) if mark.revision > head.revision => {
            Err(ChainError::Truncated { revision: mark.revision, last: head.revision })
        }
        Some(mark) if !found => Err(ChainError::NotInChain { revision: mark.revision }),
        // The snapshot's head was the store's once, so the present one cannot have an earlier instant.
        _ => match store.snapshot(policy)? {
            Some(snapshot) if snapshot.at.at_ms > head.at_ms => {
                Err(ChainError::HeadAltered { revision: head.revision })
            }
            _ => Ok(head),
        },
    }
}

/// Reads a policy's log after `from`, oldest first, and checks each link and, at the end, the head that the store gives: it must
/// have revision and hash of the last change set, and an instant that is not before any that the walk has met. It may be
/// later, as [`Store::keep_instant`] has it. Private values are not read.
///
/// `from` is [`Head::EMPTY`], or the head of a snapshot. Nothing may be appended to the log meanwhile. The iteration
/// ends with the first error.
pub fn walk<S: Store + ?Sized>(store: &S, policy: PolicyId, from: Head) -> Walk<'_, S> {
    Walk { store, policy, chain: Chain::at(policy, from), page: Vec::new().into_iter(), ended: false }
}

/// The change sets of a log, each checked as it is read; made by [`walk`].
#[derive(Debug)]
pub struct Walk<'s, S: ?Sized> {
    store: &'s S,
    policy: PolicyId,
    chain: Chain,
    page: vec::IntoIter<StoredSet>,
    ended: bool,
}

impl<S: Store + ?Sized> Walk<'_, S> {
    /// The head that the walk has reached: the one that the store gives, once the iteration has ended without an error.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.chain.head()
    }

    fn step(&mut self) -> Result<Option<StoredSet>, ChainError> {
        let Some(set) = self.next_stored()? else {
            self.chain = Chain::at(self.policy, self.check_end()?);
            return Ok(None);
        };
        self.chain.follow(&set)?;
        Ok(Some(set))
    }

    fn next_stored(&mut self) -> Result<Option<StoredSet>, StoreError> {
        if self.page.as_slice().is_empty() {
            self.page = self.store.read(self.policy, self.head().revision, PAGE_ROWS)?.into_iter();
        }
        Ok(self.page.next())
    }

    /// The stored head, which alone knows the instants that were kept without a change set.
    fn check_end(&self) -> Result<Head, ChainError> {
        let (reached, stored) = (self.head(), self.store.head(self.policy)?);
        if stored.revision > reached.revision {
            Err(ChainError::Truncated { revision: stored.revision, last: reached.revision })
        } else if stored.mark() != reached.mark() || stored.at_ms < reached.at_ms {
            Err(ChainError::HeadAltered { revision: reached.revision })
        } else {
            Ok(stored)
        }
    }
}

impl<S: Store + ?Sized> Iterator for Walk<'_, S> {
    type Item = Result<StoredSet, ChainError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainError {
    /// A change set is missing, though later ones are there.
    Gap {
        /// The missing revision.
        revision: u64,
    },
    /// A change set does not carry the hash of the one before.
    BrokenLink {
        /// The revision of the change set that carries a wrong hash of the one before.
        revision: u64,
    },
    /// A change set's own hash is not that of what it holds: body, instant or hash was altered.
    Altered {
        /// Its revision.
        revision: u64,
    },
    /// The log ends before a revision that it is known to have had.
    Truncated {
        /// That revision: the stored head's, or the one kept elsewhere.
        revision: u64,
        /// The last revision that is there.
        last: u64,
    },
    /// The stored head is not that of the last change set, or its instant is earlier than one that it had.
    HeadAltered {
        /// The last revision that is there.
        revision: u64,
    },
    /// The log has another change set at a revision than the one kept elsewhere.
    NotInChain {
        /// The revision kept elsewhere.
        revision: u64,
    },
    /// The store did not answer, or the snapshot is damaged.
    Store(StoreError),
}

impl ChainError {
    /// The stable name of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "LogGap",
            Self::BrokenLink { .. } => "LogBroken",
            Self::Altered { .. } => "LogAltered",
            Self::Truncated { .. } => "LogTruncated",
            Self::HeadAltered { .. } => "LogHeadAltered",
            Self::NotInChain { .. } => "LogRewritten",
            Self::Store(error) => error.code(),
        }
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { revision } => write!(f, "revision {revision} is missing from the log"),
            Self::BrokenLink { revision } => {
                write!(f, "revision {revision} does not carry the hash of the revision before it")
            }
            Self::Altered { revision } => {
                write!(f, "revision {revision} was altered: its hash is not that of its content")
            }
            Self::Truncated { revision, last } => {
                write!(f, "the log was shortened: it ends at revision {last}, but had revision {revision}")
            }
            Self::HeadAltered { revision } => {
                write!(
                    f,
                    "the stored head is not that of revision {revision}, the last in the log, or has an earlier instant"
                )
            }
            Self::NotInChain { revision } => {
                write!(f, "the log was rewritten: its revision {revision} has another hash than the one given")
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl Error for ChainError {}

impl From<StoreError> for ChainError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
