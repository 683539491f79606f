//! The chain of hashes that ties each change set to all before it. It is computed here and nowhere else: stores extend it,
//! and verification follows it.

use sha2::{Digest, Sha256};

use super::{ChainError, Hash, Head, NewSet, PolicyId, StoredSet};

/// Separates the hashes of change sets from all other SHA-256 that Portcullis makes. Frozen for ever, as every log has it.
const LINK: &[u8] = b"portcullis change set 1\0";

/// As [`LINK`], for snapshots.
const SNAPSHOT: &[u8] = b"portcullis snapshot 1\0";

/// The hash of a change set: SHA-256 over a fixed tag, the policy, the hash of the change set before, the revision, the
/// instant (each number as eight bytes, big-endian) and the body, in that order.
#[must_use]
pub fn link_hash(policy: PolicyId, previous: &Hash, revision: u64, at_ms: i64, body: &[u8]) -> Hash {
    // All before the body has a fixed length, so no two different change sets give the same bytes.
    Sha256::new()
        .chain_update(LINK)
        .chain_update(u64::from(policy.0).to_be_bytes())
        .chain_update(previous)
        .chain_update(revision.to_be_bytes())
        .chain_update(at_ms.to_be_bytes())
        .chain_update(body)
        .finalize()
        .into()
}

/// The hash that a snapshot carries: over its head as well, so that it cannot pass for another's.
pub(super) fn snapshot_hash(policy: PolicyId, at: &Head, bytes: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(SNAPSHOT)
        .chain_update(u64::from(policy.0).to_be_bytes())
        .chain_update(at.hash)
        .chain_update(at.revision.to_be_bytes())
        .chain_update(at.at_ms.to_be_bytes())
        .chain_update(bytes)
        .finalize()
        .into()
}

/// A log's chain up to some head: it grows by new change sets, or follows stored ones and checks them.
#[derive(Clone, Debug)]
pub struct Chain {
    policy: PolicyId,
    head: Head,
}

impl Chain {
    /// The chain of `policy`'s log up to `head`; [`Head::EMPTY`] begins it.
    #[must_use]
    pub const fn at(policy: PolicyId, head: Head) -> Self {
        Self { policy, head }
    }

    /// The head that the chain has reached. Its instant is the greatest of the head where the chain began and of all change
    /// sets since; one that the store kept without a change set is not known to the chain.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Adds a new change set, and returns the head that the log has with it. Private values do not count: they can be erased.
    pub fn extend(&mut self, set: &NewSet) -> Head {
        let revision = self.next_revision();
        let hash = link_hash(self.policy, &self.head.hash, revision, set.at_ms, &set.body);
        self.advance(revision, hash, set.at_ms)
    }

    /// Checks that `set` is the chain's next link, and goes on to it.
    ///
    /// # Errors
    /// [`ChainError::Gap`], [`ChainError::BrokenLink`] or [`ChainError::Altered`], with the revision; the chain stays where it was.
    pub fn follow(&mut self, set: &StoredSet) -> Result<Head, ChainError> {
        let revision = self.next_revision();
        if set.revision != revision {
            return Err(ChainError::Gap { revision });
        }
        if set.previous != self.head.hash {
            return Err(ChainError::BrokenLink { revision });
        }
        if set.hash != link_hash(self.policy, &set.previous, revision, set.at_ms, &set.body) {
            return Err(ChainError::Altered { revision });
        }
        Ok(self.advance(revision, set.hash, set.at_ms))
    }

    const fn next_revision(&self) -> u64 {
        self.head.revision.saturating_add(1)
    }

    fn advance(&mut self, revision: u64, hash: Hash, at_ms: i64) -> Head {
        self.head = Head { revision, hash, at_ms: self.head.at_ms.max(at_ms) };
        self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: PolicyId = PolicyId(0x0102_0304);

    /// The bytes under the hash, written out by hand: what a log of another decade is checked with.
    #[test]
    fn the_hash_is_that_of_the_documented_bytes() {
        let bytes = b"portcullis change set 1\0\
            \0\0\0\0\x01\x02\x03\x04\
            77777777777777777777777777777777\
            \0\0\0\0\0\0\x02\x01\
            \xff\xff\xff\xff\xff\xff\xff\xfe\
            body";
        let expected: Hash = Sha256::digest(bytes).into();
        assert_eq!(link_hash(POLICY, &[b'7'; 32], 0x201, -2, b"body"), expected);
    }

    #[test]
    fn every_part_of_a_change_set_counts() {
        let hash = link_hash(POLICY, &[0; 32], 1, 5, b"body");
        assert_ne!(hash, link_hash(PolicyId(0x0102_0305), &[0; 32], 1, 5, b"body"));
        assert_ne!(hash, link_hash(POLICY, &[1; 32], 1, 5, b"body"));
        assert_ne!(hash, link_hash(POLICY, &[0; 32], 2, 5, b"body"));
        assert_ne!(hash, link_hash(POLICY, &[0; 32], 1, 6, b"body"));
        assert_ne!(hash, link_hash(POLICY, &[0; 32], 1, 5, b"bodY"));
    }

    #[test]
    fn the_head_keeps_the_greatest_instant() {
        let mut chain = Chain::at(POLICY, Head::EMPTY);
        let at = [7, 3, -1].map(|at_ms| chain.extend(&NewSet::new(at_ms, Vec::new())).at_ms);
        assert_eq!(at, [7, 7, 7]);
    }

    #[test]
    fn a_chain_that_meets_a_wrong_link_stays_where_it_was() {
        let mut chain = Chain::at(POLICY, Head::EMPTY);
        let stray = StoredSet { revision: 2, at_ms: 0, previous: [0; 32], hash: [0; 32], body: Vec::new() };
        assert_eq!(chain.follow(&stray), Err(ChainError::Gap { revision: 1 }));
        assert_eq!(chain.head(), Head::EMPTY);
    }
}
