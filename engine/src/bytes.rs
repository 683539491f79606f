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

/// Adds a number that is mostly small: seven bits a byte, the lowest first, and the eighth bit where more follow.
pub(crate) fn put_small(out: &mut Vec<u8>, mut number: u32) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Adds a text that is mostly short.
pub(crate) fn put_short(out: &mut Vec<u8>, text: &str) {
    put_small(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
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
        Refusal::told(Refusal::Damaged, format_args!("{} {how}", self.what))
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

    /// What [`put_small`] wrote.
    pub(crate) fn small(&mut self) -> Result<u32, Box<Refusal>> {
        let mut number = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = self.u8()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte <= 0x7f {
                return Ok(number);
            }
        }
        Err(self.damaged("has a number that does not fit"))
    }

    /// The same for a number of rows, each of at least one byte.
    pub(crate) fn few(&mut self) -> Result<usize, Box<Refusal>> {
        let count = self.small()? as usize;
        if count <= self.rest.len() { Ok(count) } else { Err(self.short()) }
    }

    /// What [`put_short`] wrote.
    pub(crate) fn short_text(&mut self) -> Result<&'a str, Box<Refusal>> {
        let len = self.few()?;
        self.utf8(len)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Box<Refusal>> {
        let len = self.u32()? as usize;
        self.utf8(len)
    }

    fn utf8(&mut self, len: usize) -> Result<&'a str, Box<Refusal>> {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_small_number_takes_little_room_and_any_is_read_again() {
        for (number, length) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (u32::MAX, 5)] {
            let mut out = Vec::new();
            put_small(&mut out, number);
            assert_eq!(out.len(), length);
            assert_eq!(Reader::new(&out, "it").small().unwrap(), number);
            out.pop();
            assert!(Reader::new(&out, "it").small().is_err());
        }
        assert!(Reader::new(&[0xff; 6], "it").small().is_err());
    }
}
