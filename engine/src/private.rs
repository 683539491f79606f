//! Private values: passwords' and secrets' hashes, e-mail addresses, full names (`domain.md` §3).
//!
//! The state holds a record with the salted digest of each, which is all that the log and the snapshots have. The
//! values themselves travel beside the change sets and are kept apart, so that they can be erased for ever. A value
//! that is not revealed counts as unset.

use crate::bytes::{Reader, put_text, put_u32};
use crate::change::{Change, Key, Record};
use crate::refusal::Refusal;
use crate::state::State;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Which private value of its owner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PrivateField {
    /// A user's e-mail address; the owner is the user's object.
    Email,
    /// A user's full name; the owner is the user's object.
    FullUserName,
    /// A user's password as a PHC string; the owner is the user's object.
    Password,
    /// The SHA-256 of a session's or a token's secret, as 64 hexadecimal digits; the owner is the session or token.
    SecretHash,
}

impl PrivateField {
    pub(crate) const ALL: [Self; 4] = [Self::Email, Self::FullUserName, Self::Password, Self::SecretHash];
    /// Those that are a user's own.
    pub(crate) const PERSONAL: [Self; 3] = [Self::Email, Self::FullUserName, Self::Password];

    pub(crate) fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        let number = input.u8()?;
        let field = Self::ALL.into_iter().find(|field| *field as u8 == number);
        field.ok_or_else(|| input.damaged("has a private field that nobody knows"))
    }
}

/// A private value and the salt of its digest, which must be kept as secret as the value: with it, a short value could
/// be guessed from the digest.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateValue {
    salt: [u8; 16],
    value: Box<str>,
}

impl std::fmt::Debug for PrivateValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateValue(…)")
    }
}

impl PrivateValue {
    /// `seed` is the request's. What else goes into the salt makes it another one each time, should a seed come twice:
    /// two values must never have one digest, or erasing the one would erase the other.
    pub(crate) fn new(seed: [u8; 16], revision: u64, place: [u32; 3], value: &str) -> Self {
        let salt = Sha256::new().chain_update(b"salt").chain_update(seed).chain_update(revision.to_le_bytes());
        let drawn = place.iter().fold(salt, |salt, number| salt.chain_update(number.to_le_bytes())).finalize();
        let salt = drawn.first_chunk().copied().unwrap_or_default();
        Self { salt, value: value.into() }
    }

    /// SHA-256 over the salt and the value: the key under which the value is kept.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(self.salt).chain_update(self.value.as_bytes()).finalize().into()
    }

    /// The bytes to keep under the digest: sixteen of salt, and the value.
    ///
    /// ```
    /// # use portcullis_engine::PrivateValue;
    /// let kept = b"sixteen of salt.dora@example.org";
    /// let value = PrivateValue::decode(kept)?;
    /// assert_eq!(value.encode(), kept);
    /// assert!(!format!("{value:?}").contains("dora"));
    /// # Ok::<(), Box<portcullis_engine::Refusal>>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [self.salt.as_slice(), self.value.as_bytes()].concat()
    }

    /// Reads the bytes that were kept.
    ///
    /// # Errors
    ///
    /// `Damaged` where they are too few or no text.
    pub fn decode(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let misfit = || Refusal::told(Refusal::Damaged, format_args!("a private value is cut short or altered"));
        let (salt, value) = bytes.split_first_chunk().ok_or_else(misfit)?;
        Ok(Self { salt: *salt, value: std::str::from_utf8(value).map_err(|_| misfit())?.into() })
    }
}

/// What travels beside a change set: the private values that it puts, and the digests of those that nothing refers to
/// any more and that must be erased wherever they are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PrivatePart {
    /// The new values.
    pub values: Vec<PrivateValue>,
    /// The digests of those that are gone.
    pub gone: Vec<[u8; 32]>,
}

impl PrivatePart {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.gone.is_empty()
    }

    /// In bytes: two counts, the values (the length of each and what [`PrivateValue::encode`] gives), the digests.
    ///
    /// ```
    /// # use portcullis_engine::{PrivatePart, PrivateValue};
    /// let part = PrivatePart { values: vec![PrivateValue::decode(b"sixteen of salt.Dora")?], gone: vec![[7; 32]] };
    /// assert_eq!(PrivatePart::decode(&part.encode())?, part);
    /// # Ok::<(), Box<portcullis_engine::Refusal>>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_u32(&mut out, self.values.len() as u32);
        put_u32(&mut out, self.gone.len() as u32);
        for value in &self.values {
            out.extend_from_slice(&value.salt);
            put_text(&mut out, &value.value);
        }
        self.gone.iter().for_each(|digest| out.extend_from_slice(digest));
        out
    }

    /// Reads the bytes.
    ///
    /// # Errors
    ///
    /// `Damaged`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let mut input = Reader::new(bytes, "the private part");
        let (values, gone) = (input.count(1)?, input.count(1)?);
        let mut part = Self::default();
        for _ in 0..values {
            part.values.push(PrivateValue { salt: input.take()?, value: input.text()?.into() });
        }
        for _ in 0..gone {
            part.gone.push(input.take()?);
        }
        input.end()?;
        Ok(part)
    }
}

/// The values that have been revealed, by their digests.
#[derive(Default)]
pub(crate) struct Vault(BTreeMap<[u8; 32], Box<str>>);

impl Vault {
    pub(crate) fn keep(&mut self, value: &PrivateValue) {
        self.0.insert(value.digest(), value.value.clone());
    }

    pub(crate) fn forget(&mut self, digest: &[u8; 32]) {
        self.0.remove(digest);
    }
}

impl State {
    /// Gives the state the values of private records that a snapshot or a change set has brought it.
    pub fn reveal(&mut self, values: &[PrivateValue]) {
        values.iter().for_each(|value| self.vault.keep(value));
    }

    /// The digest of every private value that a record refers to, revealed or not, in the order of the records.
    pub fn private_digests(&self) -> impl Iterator<Item = [u8; 32]> {
        self.shelf.iter().filter_map(|record| match record {
            Record::Private { digest, .. } => Some(*digest),
            _ => None,
        })
    }

    /// A private value; `None` where it is unset, erased or not revealed.
    pub(crate) fn private(&self, owner: u32, field: PrivateField) -> Option<&str> {
        match self.shelf.get(&Key::Private { owner, field })? {
            Record::Private { digest, .. } => self.vault.0.get(digest).map(AsRef::as_ref),
            _ => None,
        }
    }

    /// The digests that the changes which `undo` takes back have left without a record.
    pub(crate) fn gone_digests(&self, undo: &[Change]) -> Vec<[u8; 32]> {
        let mut gone = Vec::new();
        for change in undo {
            if let Change::Put(record @ Record::Private { digest, .. }) = change
                && self.shelf.get(&record.key()) != Some(record)
            {
                gone.push(*digest);
            }
        }
        gone
    }
}
