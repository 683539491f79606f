//! Names, each kept once.

use crate::index::{Index, hash};
use crate::refusal::Refusal;

/// The place of an interned name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct NameId(pub(crate) u32);

/// Names end to end in one buffer, counted: a name that nothing uses any more leaves, and the buffer is packed when
/// half of it is dead.
#[derive(Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    index: Index,
    free: Vec<u32>,
    dead: usize,
}

#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
    uses: u32,
}

impl Names {
    pub(crate) fn with_capacity(names: usize, bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            spans: Vec::with_capacity(names),
            index: Index::with_capacity(names),
            ..Self::default()
        }
    }

    /// The bytes of a name; of a name that has left, nothing.
    #[inline(always)]
    pub(crate) fn bytes(&self, id: NameId) -> &[u8] {
        bytes_of(&self.spans, &self.bytes, id.0)
    }

    pub(crate) fn text(&self, id: NameId) -> &str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    /// Keeps a name, or counts one more use of it.
    pub(crate) fn keep(&mut self, name: &str) -> Result<NameId, Box<Refusal>> {
        let key = hash(0, 0, name.as_bytes());
        if let Some(id) = self.index.find(key, |id| self.bytes(NameId(id)) == name.as_bytes()) {
            self.share(NameId(id));
            return Ok(NameId(id));
        }
        let id = self.add(name)?;
        let (spans, bytes) = (&self.spans, &self.bytes);
        self.index.insert(key, id.0, &|id| hash(0, 0, bytes_of(spans, bytes, id)));
        Ok(id)
    }

    /// Counts one more use.
    pub(crate) fn share(&mut self, id: NameId) {
        if let Some(span) = self.spans.get_mut(id.0 as usize) {
            span.uses += 1;
        }
    }

    /// How many places there are, free ones included.
    pub(crate) fn places(&self) -> usize {
        self.spans.len()
    }

    fn add(&mut self, name: &str) -> Result<NameId, Box<Refusal>> {
        let end = u32::try_from(self.bytes.len() + name.len());
        let next = u32::try_from(self.spans.len());
        let (Ok(_), Ok(next)) = (end, next) else {
            return Err(Refusal::told(Refusal::StateTooLarge, format_args!("the policy's names take more than 4 GiB")));
        };
        let span = Span { start: self.bytes.len() as u32, len: name.len() as u32, uses: 1 };
        self.bytes.extend_from_slice(name.as_bytes());
        let id = self.free.pop().unwrap_or(next);
        match self.spans.get_mut(id as usize) {
            Some(slot) => *slot = span,
            None => self.spans.push(span),
        }
        Ok(NameId(id))
    }

    /// One use less. The last one removes the name.
    pub(crate) fn release(&mut self, id: NameId) {
        let Some(span) = self.spans.get_mut(id.0 as usize) else { return };
        span.uses = span.uses.saturating_sub(1);
        if span.uses > 0 {
            return;
        }
        self.index.remove(hash(0, 0, self.bytes(id)), id.0);
        let span = self.spans.get_mut(id.0 as usize).map(std::mem::take).unwrap_or_default();
        self.dead += span.len as usize;
        self.free.push(id.0);
        if self.dead > 4096 && self.dead > self.bytes.len() / 2 {
            self.pack();
        }
    }

    fn pack(&mut self) {
        let mut packed = Vec::with_capacity(self.bytes.len() - self.dead);
        for span in &mut self.spans {
            let start = packed.len() as u32;
            let old = self.bytes.get(span.start as usize..(span.start + span.len) as usize).unwrap_or_default();
            packed.extend_from_slice(old);
            span.start = start;
        }
        self.bytes = packed;
        self.dead = 0;
    }

    /// Heap bytes in use, for the benchmark: without the names' own bytes.
    pub(crate) fn overhead_bytes(&self) -> usize {
        self.spans.capacity() * size_of::<Span>() + self.index.heap_bytes() + self.free.capacity() * 4
    }
}

#[inline(always)]
fn bytes_of<'a>(spans: &[Span], bytes: &'a [u8], id: u32) -> &'a [u8] {
    let Some(span) = spans.get(id as usize) else { return &[] };
    bytes.get(span.start as usize..(span.start + span.len) as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_name_kept_twice_is_one_name_until_both_uses_are_released() {
        let mut names = Names::default();
        let first = names.keep("compile").unwrap();
        assert_eq!(names.keep("compile").unwrap(), first);
        names.release(first);
        assert_eq!(names.text(first), "compile");
        names.release(first);
        assert_eq!(names.text(first), "");
    }

    #[test]
    fn packing_keeps_the_names_in_use_and_their_places() {
        let mut names = Names::default();
        let kept = names.keep("kept").unwrap();
        for round in 0..3 {
            let ids: Vec<_> = (0..1000).map(|i| names.keep(&format!("name {round} {i}")).unwrap()).collect();
            ids.into_iter().for_each(|id| names.release(id));
        }
        assert_eq!(names.text(kept), "kept");
        assert_eq!(names.keep("kept").unwrap(), kept);
        assert!(names.bytes.len() < 10_000, "{} bytes are left", names.bytes.len());
        assert!(names.spans.len() < 1_100, "places are used again");
    }
}
