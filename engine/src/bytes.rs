//! The binary form of numbers and texts, which the log and the snapshots share. All numbers are little-endian; a text is
//! its length and its UTF-8.

use crate::refusal::Refusal;

/// Adds a number.
pub(crate) fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Adds a number.
pub(crate) fn put_u64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Adds a text.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u32(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

/// Adds an instant that may be unset.
pub(crate) fn put_instant(out: &mut Vec<u8>, instant: Option<i64>) {
    put_u32(out, u32::from(instant.is_some()));
    put_u64(out, instant.unwrap_or_default().cast_unsigned());
}

/// Reads what the others wrote.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// What is read, for error texts: `the snapshot`.
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// What is wrong with it.
    #[cold]
    pub(crate) fn damaged(&self, how: &str) -> Box<Refusal> {
        Box::new(Refusal::Damaged(format!("{} {how}", self.what)))
    }

    fn short(&self) -> Box<Refusal> {
        self.damaged("is cut short")
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Box<Refusal>> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Box<Refusal>> {
        let taken = self.bytes(N)?.first_chunk().copied();
        taken.ok_or_else(|| self.short())
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Box<Refusal>> {
        self.take().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Box<Refusal>> {
        self.take().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Box<Refusal>> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Box<Refusal>> {
        self.take().map(u64::from_le_bytes)
    }

    /// A number of rows, each of at least `width` bytes: never more than the input can hold.
    pub(crate) fn count(&mut self, width: usize) -> Result<usize, Box<Refusal>> {
        let count = self.u32()? as usize;
        if count <= self.rest.len() / width { Ok(count) } else { Err(self.short()) }
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Box<Refusal>> {
        let len = self.u32()? as usize;
        std::str::from_utf8(self.bytes(len)?).map_err(|_| self.damaged("has a name that is not text"))
    }

    /// An instant. What is unset is written in one way only, so that equal states have equal bytes.
    pub(crate) fn instant(&mut self) -> Result<Option<i64>, Box<Refusal>> {
        match (self.u32()?, self.u64()?.cast_signed()) {
            (0, 0) => Ok(None),
            (1, instant) => Ok(Some(instant)),
            _ => Err(self.damaged("has an instant that is neither set nor unset")),
        }
    }

    /// A yes or no.
    pub(crate) fn flag(&mut self) -> Result<bool, Box<Refusal>> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged("has an answer that is neither yes nor no")),
        }
    }

    /// Refuses what follows.
    pub(crate) fn end(&self) -> Result<(), Box<Refusal>> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.damaged("is followed by other bytes")) }
    }
}
