//! A file's text, and places in it.

use crate::error::ImportError;
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// A place in a file of an export.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Place {
    /// The file. In an error with the folder that was given, in a summary relative to it.
    pub file: String,
    /// The line, counted from 1; a line ends at LF, CR LF or CR.
    pub line: usize,
    /// The column, counted from 1 in characters; a byte order mark is none.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One file's text.
pub(crate) struct Source<'s> {
    path: &'s Path,
    relative: &'s Path,
    /// Without the byte order mark.
    pub(crate) text: &'s str,
}

impl<'s> Source<'s> {
    /// The text of the file `path`, which lies under `dir`.
    pub(crate) fn new(dir: &Path, path: &'s Path, bytes: &'s [u8]) -> Result<Self, ImportError> {
        let relative = path.strip_prefix(dir).unwrap_or(path);
        let (text, fault) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), rest.first())
            }
        };
        let source = Self { path, relative, text: text.strip_prefix('\u{feff}').unwrap_or(text) };
        match fault {
            None => Ok(source),
            Some(byte) => Err(source.error(source.text.len(), "UTF-8 text", format!("the byte 0x{byte:02X}"))),
        }
    }

    /// An error at a byte offset.
    pub(crate) fn error(&self, at: usize, expected: impl Into<String>, found: impl Into<String>) -> ImportError {
        let place = self.place(&self.path.display().to_string(), at);
        ImportError::Invalid { place, expected: expected.into(), found: found.into() }
    }

    /// The place of a byte offset, for a summary.
    pub(crate) fn summary_place(&self, at: usize) -> Place {
        self.place(&self.relative.display().to_string(), at)
    }

    /// What stands at a byte offset, for an error's text.
    pub(crate) fn found(&self, at: usize) -> String {
        let rest = self.text.get(at..).unwrap_or_default();
        match rest.chars().next() {
            None => "end of file".into(),
            Some('\n' | '\r') => "end of line".into(),
            Some(first) if !first.is_alphanumeric() && !matches!(first, '\'' | '"' | '_') => {
                shown(first.encode_utf8(&mut [0; 4]))
            }
            Some(quote @ ('\'' | '"')) => {
                shown(rest.split_inclusive(quote).take(2).collect::<String>().lines().next().unwrap_or_default())
            }
            Some(_) => shown(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()),
        }
    }

    fn place(&self, file: &str, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Place { file: file.into(), line: line_breaks(before) + 1, column }
    }
}

fn line_breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let pairs = bytes.windows(2).filter(|pair| *pair == b"\r\n").count();
    bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() - pairs
}

/// User input in backticks, control characters escaped, at most 40 characters of it.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut kept: String = text
        .chars()
        .take(MOST)
        .flat_map(|c| c.escape_debug().filter(move |e| !matches!(c, '\'' | '"') || *e != '\\'))
        .collect();
    if text.chars().nth(MOST).is_some() {
        kept.push('…');
    }
    format!("`{kept}`")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn place(text: &str, at: usize) -> (usize, usize) {
        let path = Path::new("a.dsl");
        let place = Source::new(Path::new(""), path, text.as_bytes()).unwrap().summary_place(at);
        (place.line, place.column)
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        assert_eq!(place("abc", 0), (1, 1));
        assert_eq!(place("äö\nüx", 7), (2, 2));
        assert_eq!(place("a\r\nb\rc\n", 3), (2, 1));
        assert_eq!(place("a\r\nb\rc\n", 5), (3, 1));
        assert_eq!(place("a\r\nb\rc\n", 7), (4, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(place("\u{feff}abc", 1), (1, 2));
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_an_error_at_its_place() {
        let error = Source::new(Path::new("x"), Path::new("x/a.dsl"), b"acl {\n \xff}").err().unwrap();
        assert_eq!(error.to_string(), "x/a.dsl:2:2: expected UTF-8 text, found the byte 0xFF");
    }

    #[test]
    fn what_is_shown_is_short_and_has_no_control_characters() {
        assert_eq!(shown("a\u{1b}b"), "`a\\u{1b}b`");
        assert_eq!(shown("it's \"x\""), "`it's \"x\"`");
        assert_eq!(shown(&"x".repeat(41)), format!("`{}…`", "x".repeat(40)));
    }
}
