//! Where change sets are kept: a contract, and two stores that keep it.
//!
//! A store holds, for each policy, a **log** of change sets and at most one **snapshot**. It knows no rule and reads no body.
//! Each change set in the log has the next revision and a hash over itself and the hash of the one before ([`chain`]), so
//! whoever keeps one pair of revision and hash elsewhere ([`Mark`]) can tell whether anything up to there was altered.
//!
//! What may have to be forgotten is not in the log, which forgets nothing. The log has a salted digest in its place, and the
//! value lies in a **side table** ([`PrivateRow`]) from which it can be erased. The side table is no part of the chain: the
//! engine checks each value against its digest, and takes one that is not there for one that was erased.
//!
//! * [`Store`] is the contract; `tests/store_contract.rs` puts it to any store in one line.
//! * [`SqliteStore`] keeps everything in one file; [`MemoryStore`] forgets everything with its last handle.
//! * [`walk`] reads a log and checks each link; [`verify`] checks a whole log against its head and a mark kept elsewhere.
//!
//! ```
//! use portcullis_host::store::{Head, MemoryStore, NewSet, Outcome, PolicyId, Store, verify};
//!
//! let mut store = MemoryStore::new();
//! let policy = PolicyId(1);
//! let sets = [NewSet::new(1_700_000_000_000, b"first".to_vec())];
//! let Outcome::Done(head) = store.append(policy, &Head::EMPTY, &sets)? else { panic!("nobody else writes") };
//! assert_eq!(head.revision, 1);
//! assert_eq!(store.append(policy, &Head::EMPTY, &sets)?, Outcome::Conflict(head));
//! assert_eq!(verify(&store, policy, Some(&head.mark()))?, head);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod chain;
mod error;
mod file;
mod head;
mod memory;
mod side_table;
mod sqlite;
mod verification;

pub use error::StoreError;
pub use head::{Hash, Head, Mark, MarkError};
pub use memory::MemoryStore;
pub use sqlite::{SqliteOptions, SqliteStore};
pub use verification::{ChainError, Walk, verify, walk};

use std::fmt;

/// The most bytes that a change set's body, a private value or a snapshot may have: 512 MiB.
pub const MAX_BYTES: usize = 512 << 20;

/// Which policy a log belongs to. One store holds any number of policies, and they know nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub u32);

/// A change set that is to be appended; its revision and its hash follow from its place in the log.
///
/// ```
/// use portcullis_host::store::{NewSet, PrivateRow};
///
/// let plain = NewSet::new(1_700_000_000_000, b"body".to_vec());
/// assert!(plain.private.is_empty() && plain.gone.is_empty());
/// let row = PrivateRow { digest: [7; 32], value: b"ann@example.org".to_vec() };
/// let with_address = NewSet { private: vec![row], ..plain };
/// assert_eq!(with_address.body, b"body");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSet {
    /// The instant of the change, in milliseconds since 1970 (UTC). It may lie before that of the change set before it.
    pub at_ms: i64,
    /// What changed, as the engine wrote it. To a store these are bytes; they may be none.
    pub body: Vec<u8>,
    /// The private values that it brings, to be put into the side table. One under a digest that is there takes its place.
    pub private: Vec<PrivateRow>,
    /// The digests of the private values that it erases. One that is not there is gone already.
    pub gone: Vec<Hash>,
}

impl NewSet {
    /// A change set that brings and erases no private value.
    #[must_use]
    pub const fn new(at_ms: i64, body: Vec<u8>) -> Self {
        Self { at_ms, body, private: Vec::new(), gone: Vec::new() }
    }
}

/// A private value, and the digest by which the log knows it. What `Debug` writes of it does not tell the value.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateRow {
    /// The digest, by which the value is found and erased. A store does not compute it.
    pub digest: Hash,
    /// The value. To a store these are bytes; they may be none.
    pub value: Vec<u8>,
}

impl fmt::Debug for PrivateRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateRow({:02x?}…, {} bytes)", self.digest.first_chunk::<4>(), self.value.len())
    }
}

/// A change set as the log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSet {
    /// Its place in the log; the first is 1.
    pub revision: u64,
    /// The instant of the change, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// The hash of the change set before it; all zero for the first.
    pub previous: Hash,
    /// The hash of this one, as [`chain::link_hash`] makes it.
    pub hash: Hash,
    /// What changed, byte for byte as it was appended.
    pub body: Vec<u8>,
}

/// The whole state of a policy at one revision, so that a start need not read the log from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The head of the log when the snapshot was made.
    pub at: Head,
    /// The state, byte for byte as it was put.
    pub bytes: Vec<u8>,
}

/// How an append ended. An `Err` in its stead means that nothing was changed.
#[must_use = "only `Done` means that the change sets are in the log"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The change sets are in the log, durably, and what they erase is erased; this is the log's new head.
    Done(Head),
    /// Nothing was changed: the log's head is this one, not the expected one.
    Conflict(Head),
    /// The store failed while it made the change durable, or while it erased: all the change sets are in the log, with what
    /// they bring and erase, or none is. The store refuses everything from now on; open it again and look at its head.
    Unknown(StoreError),
}

/// What a store must do.
///
/// 1. Policies must be independent: what is done to one must not be seen in another.
/// 2. A change set must get the revision after its predecessor's, beginning with 1, and the hash of [`chain::link_hash`].
/// 3. After [`Outcome::Done`] the change sets and their private values must survive a crash of the process and a power cut.
///    (A store in memory must keep them as long as one handle lives.)
/// 4. What is read must be what was appended, byte for byte. A store must not repair, fill or hide what it finds damaged:
///    [`walk`] and [`verify`] find it.
/// 5. After [`Outcome::Unknown`] every method must answer [`StoreError::Poisoned`].
/// 6. After [`Outcome::Done`] none of the store's files may hold a byte of the values that were erased, be it in a part that
///    is not in use. Where the store fails or dies when the change set is in the log and the values are not yet erased, the
///    next opening must finish that before it gives the store to anyone, or fail.
/// 7. The head's instant must never go back, whatever is appended and kept.
pub trait Store {
    /// The head of a policy's log; [`Head::EMPTY`] for a policy that has no log yet.
    ///
    /// # Errors
    /// [`StoreError::LogTruncated`] for a log that ends before the head of a sound snapshot, whose revision it does not hold:
    /// whoever went on from there would write over what was lost. And those of the storage below; see [`StoreError`].
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError>;

    /// Adds change sets to the end of a log.
    ///
    /// It must be atomic: all of `sets` or none. It must change nothing and answer [`Outcome::Conflict`] unless revision and
    /// hash of `expected` are those of the log's head (the instant in `expected` is not compared). The new head must have the
    /// greatest instant that the old one and `sets` have. No `sets` at all: the head stays, and `Done` confirms it.
    ///
    /// With the change sets, and like them all or none, it must put their private values and erase those that are gone: set
    /// by set, of each first what it brings and then what it erases. So a digest that one set erases and a later one brings
    /// is there, and one that the same set brings and erases is not. A value in whose place another is put is erased too.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for a body or a private value above [`MAX_BYTES`], and those of the storage below. After an
    /// error, nothing was changed: a failure after which that is not certain must be [`Outcome::Unknown`].
    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError>;

    /// The change sets after revision `after`, oldest first, at most `limit` of them; none where the log ends before.
    ///
    /// # Errors
    /// Those of the storage below.
    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError>;

    /// The change sets before revision `before`, newest first, at most `limit` of them; `u64::MAX` begins at the head.
    ///
    /// # Errors
    /// Those of the storage below.
    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError>;

    /// The policy's private values with a digest above `after`, in the order of the digests' bytes, at most `limit` of them;
    /// `None` begins with the first.
    ///
    /// # Errors
    /// Those of the storage below.
    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError>;

    /// Keeps an instant that the host has used and no change set has, so that the next start does not go back behind it.
    /// Returns the log's head, whose instant must be, durably, the greater of its own and `at_ms`; its revision and hash must
    /// stay. A policy that has no log yet has nothing to go back behind: its head must stay [`Head::EMPTY`].
    ///
    /// # Errors
    /// Those of the storage below. After an error, the head's instant is the one before or the one that was to be kept.
    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError>;

    /// The policy's snapshot, if it has one.
    ///
    /// # Errors
    /// [`StoreError::SnapshotDamaged`] when it must not be used, because it cannot be read, is not what was put, or is of a
    /// head that the log does not hold: read the log from its beginning instead. And those of the storage below.
    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError>;

    /// Puts a snapshot in the place of the policy's present one, whole or not at all. `at` is a head that this store gave.
    ///
    /// # Errors
    /// [`StoreError::NotInLog`] when the log holds no change set with revision and hash of `at` (an empty log holds none),
    /// [`StoreError::TooLarge`] above [`MAX_BYTES`], and those of the storage below.
    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError>;
}

/// Refuses a change set of which any part is too large, before anything is touched.
fn check_set(set: &NewSet) -> Result<(), StoreError> {
    check_size(&set.body)?;
    set.private.iter().try_for_each(|row| check_size(&row.value))
}

/// Refuses what is too large for any store, before anything is touched.
fn check_size(bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() <= MAX_BYTES { Ok(()) } else { Err(StoreError::TooLarge { bytes: bytes.len(), limit: MAX_BYTES }) }
}
