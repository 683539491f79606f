//! The keys that stand for objects: a chain of salted hashes along the address, so one pass over a path gives those of
//! all that it leads through. SipHash-1-3; what is hashed is frozen with the projection's version.

use crate::decision::Identity;
use crate::order;
use crate::schema::{SERVER, SYSTEM_OBJECT, TypeId};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Makes keys under one salt.
#[derive(Clone)]
pub(super) struct Keys {
    salted: SipHasher13,
    /// The bits of a key that count: all of them, but in tests of what happens when two are the same.
    pub(super) bits: u64,
}

/// The type of no object, under which a property sheet is filed that its object's path with `/properties/…` means.
const SHEET: u16 = u16::MAX;

impl Keys {
    pub(super) fn new(salt: &[u8; 16]) -> Self {
        Self { salted: SipHasher13::new_with_key(salt), bits: u64::MAX }
    }

    fn hash(&self, parts: [&[u8]; 3]) -> u64 {
        let mut hasher = self.salted;
        parts.into_iter().for_each(|part| hasher.write(part));
        hasher.finish() & self.bits
    }

    /// The key of `server`.
    pub(super) fn root(&self) -> u64 {
        self.hash([&[]; 3])
    }

    /// The key of what lies directly under an object.
    pub(super) fn child(&self, parent: u64, kind: TypeId, name: &str) -> u64 {
        self.hash([&parent.to_le_bytes(), &kind.0.to_le_bytes(), name.as_bytes()])
    }

    /// The key of what lies directly under `server`, or of `server`.
    pub(super) fn system_object(&self, name: &str) -> u64 {
        if name == SERVER { self.root() } else { self.child(self.root(), SYSTEM_OBJECT, name) }
    }

    /// The second key of an object's property sheet.
    pub(super) fn sheet(&self, parent: u64) -> u64 {
        self.child(parent, TypeId(SHEET), "")
    }

    /// What stands for a principal, by the text that names it.
    pub(super) fn principal(&self, text: &str) -> u64 {
        self.hash([text.as_bytes(), &[], &[]])
    }

    /// What stands for an identity: where its groups are vouched for, they are part of who it is. No text holds the
    /// byte that parts them.
    pub(super) fn identity(&self, identity: &Identity) -> u64 {
        let Some(groups) = &identity.groups else { return self.principal(&identity.to_string()) };
        let mut groups: Vec<&str> = order::sorted(groups.iter().map(String::as_str).collect());
        groups.dedup();
        let mut all = identity.to_string().into_bytes();
        all.push(0xff);
        for group in groups {
            all.extend_from_slice(group.as_bytes());
            all.push(0xff);
        }
        self.hash([&all, &[], &[]])
    }
}
