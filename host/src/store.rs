//! Where change sets are kept: a contract, and two stores that keep it.
//!
//! A store holds, for each policy, a **log** of change sets and at most one **snapshot**. It knows no rule and reads no body.
//! Each change set in the log has the next revision and a hash over itself and the hash of the one before ([`chain`]), so
//! whoever keeps one pair of revision and hash elsewhere ([`Mark`]) can tell whether anything up to there was altered.
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
//! let sets = [NewSet { at_ms: 1_700_000_000_000, body: b"first".to_vec() }];
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
mod sqlite;
mod verification;

pub use error::StoreError;
pub use head::{Hash, Head, Mark, MarkError};
pub use memory::MemoryStore;
pub use sqlite::{SqliteOptions, SqliteStore};
pub use verification::{ChainError, Walk, verify, walk};

/// The most bytes that a change set's body, or a snapshot, may have: 512 MiB.
pub const MAX_BYTES: usize = 512 << 20;

/// Which policy a log belongs to. One store holds any number of policies, and they know nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub u32);

/// A change set that is to be appended; its revision and its hash follow from its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSet {
    /// The instant of the change, in milliseconds since 1970 (UTC). It may lie before that of the change set before it.
    pub at_ms: i64,
    /// What changed, as the engine wrote it. To a store these are bytes; they may be none.
    pub body: Vec<u8>,
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
    /// The change sets are in the log, durably; this is its new head.
    Done(Head),
    /// Nothing was changed: the log's head is this one, not the expected one.
    Conflict(Head),
    /// The store failed while it made the change durable: all the change sets are in the log, or none is. The store refuses
    /// everything from now on; open it again and look at its head.
    Unknown(StoreError),
}

/// What a store must do.
///
/// 1. Policies must be independent: what is done to one must not be seen in another.
/// 2. A change set must get the revision after its predecessor's, beginning with 1, and the hash of [`chain::link_hash`].
/// 3. After [`Outcome::Done`] the change sets must survive a crash of the process and a power cut. (A store in memory must
///    keep them as long as one handle lives.)
/// 4. What is read must be what was appended, byte for byte. A store must not repair, fill or hide what it finds damaged:
///    [`walk`] and [`verify`] find it.
/// 5. After [`Outcome::Unknown`] every method must answer [`StoreError::Poisoned`].
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
    /// # Errors
    /// [`StoreError::TooLarge`] for a body above [`MAX_BYTES`], and those of the storage below. After an error, nothing was
    /// changed: a failure after which that is not certain must be [`Outcome::Unknown`].
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

/// Refuses what is too large for any store, before anything is touched.
fn check_size(bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() <= MAX_BYTES { Ok(()) } else { Err(StoreError::TooLarge { bytes: bytes.len(), limit: MAX_BYTES }) }
}
