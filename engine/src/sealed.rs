//! The head that snapshots and projections begin with: a mark, a version and a check sum, by which damage is found
//! before what follows is believed.

use crate::bytes::Reader;
use crate::refusal::Refusal;
use twox_hash::XxHash64;

const HEAD: usize = 16;

/// A kind of file.
pub(crate) struct Seal {
    /// Its first bytes.
    pub(crate) mark: &'static [u8; 7],
    pub(crate) version: u8,
    /// What it is, for error texts: `the snapshot`.
    pub(crate) what: &'static str,
}

impl Seal {
    /// Begins one, its check sum still open.
    pub(crate) fn begin(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.mark);
        out.push(self.version);
        out.extend_from_slice(&[0; 8]);
    }

    /// Puts the check sum of all that follows the head.
    pub(crate) fn close(&self, out: &mut [u8]) {
        if let Some((head, body)) = out.split_at_mut_checked(HEAD)
            && let Some(sum) = head.last_chunk_mut()
        {
            *sum = XxHash64::oneshot(0, body).to_le_bytes();
        }
    }

    /// What follows the head.
    ///
    /// # Errors
    ///
    /// `Damaged` where the bytes are of another kind, of a newer version, cut short or altered.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8]) -> Result<Reader<'a>, Box<Refusal>> {
        let damaged = |how: &str| Box::new(Refusal::Damaged(format!("{} {how}", self.what)));
        let Some((head, body)) = bytes.split_at_checked(HEAD).filter(|(head, _)| head.starts_with(self.mark)) else {
            return Err(damaged("does not begin as one does: it is another kind of file, or cut short"));
        };
        match head.get(7) {
            Some(known) if *known == self.version => {}
            Some(newer) if *newer > self.version => {
                let known = self.version;
                return Err(damaged(&format!("has version {newer}, and {known} is the newest known")));
            }
            _ => return Err(damaged("has no version")),
        }
        match head.get(8..) == Some(&XxHash64::oneshot(0, body).to_le_bytes()) {
            true => Ok(Reader::new(body, self.what)),
            false => Err(damaged("is altered or cut short")),
        }
    }
}
