//! Many texts in one crossing from JavaScript: their UTF-8 one after the other, and where each ends.

use crate::refusal::Refusal;

/// Texts that lie one after the other. All were looked at when it was made, so reading them cannot fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a> {
    all: &'a str,
    ends: &'a [u32],
}

impl<'a> Texts<'a> {
    /// The texts that end at these byte offsets.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for bytes that are not UTF-8, and for ends that run back, cut a letter in two or leave
    /// something over.
    pub(crate) fn new(bytes: &'a [u8], ends: &'a [u32]) -> Result<Self, Box<Refusal>> {
        let all = std::str::from_utf8(bytes).map_err(|_| Refusal::invalid(format_args!("the texts are not UTF-8")))?;
        let in_order = ends.is_sorted() && ends.iter().all(|&end| all.is_char_boundary(end as usize));
        if in_order && ends.last().map_or(0, |&end| end as usize) == all.len() {
            return Ok(Self { all, ends });
        }
        Err(Refusal::invalid(format_args!("the ends of the texts are not those of texts that lie one after the other")))
    }

    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.ends.len()
    }

    /// Each text in turn.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = self.all.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            text
        })
    }

    /// The texts in threes: principal, privilege and path of many checks.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where one or two are left over.
    pub(crate) fn triples(self) -> Result<impl Iterator<Item = [&'a str; 3]>, Box<Refusal>> {
        if !self.len().is_multiple_of(3) {
            let text = "the texts do not come in threes: a principal, a privilege and a path for each check";
            return Err(Refusal::invalid(format_args!("{text}")));
        }
        let mut texts = self.iter();
        Ok(std::iter::from_fn(move || Some([texts.next()?, texts.next()?, texts.next()?])))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn texts_are_read_one_by_one_and_in_threes() {
        let texts = Texts::new("aüb/€".as_bytes(), &[3, 3, 8]).unwrap();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["aü", "", "b/€"]);
        assert_eq!(texts.triples().unwrap().collect::<Vec<_>>(), [["aü", "", "b/€"]]);
        assert_eq!(Texts::new(b"", &[]).unwrap().triples().unwrap().count(), 0);
    }

    #[test]
    fn what_is_not_texts_one_after_the_other_is_refused() {
        let bytes = "aüb".as_bytes();
        for ends in [&[4, 3][..], &[2, 4], &[3], &[], &[3, 4, 5], &[u32::MAX]] {
            assert_eq!(Texts::new(bytes, ends).unwrap_err().code(), "InvalidArgument", "{ends:?}");
        }
        assert_eq!(Texts::new(&[0xff], &[1]).unwrap_err().code(), "InvalidArgument");
    }

    #[test]
    fn texts_that_do_not_come_in_threes_are_refused() {
        let texts = Texts::new(b"ab", &[1, 2]).unwrap();
        assert_eq!(texts.triples().err().unwrap().code(), "InvalidArgument");
    }
}
