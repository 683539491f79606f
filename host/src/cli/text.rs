//! Text from elsewhere, made fit for a terminal or a shell.

use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// How much of what was given an error text repeats.
const MOST_CHARS: usize = 80;
/// How wide a line of a command to be copied may be.
const COMMAND_WIDTH: usize = 76;

/// The text with everything escaped that would move a cursor, change a colour or turn the writing round.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(disturbs) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if disturbs(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// Control characters, invisible ones and those that set the direction of writing. The joiner of emoji is none.
fn disturbs(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// In backticks, as error texts show what was given: clean, and not all of it where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("`{}…`", clean(text.get(..end).unwrap_or_default())),
        None => format!("`{}`", clean(text)),
    }
}

/// The word as a shell takes it.
pub(super) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.chars().any(disturbs) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let inner = word.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        c if disturbs(c) && c.is_ascii() => format!("\\x{:02x}", u32::from(c)),
        c if disturbs(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("$'{}'", inner.collect::<String>())
}

/// A command line to be copied, indented by two: continued on more lines where it is long, between its parts.
pub(super) fn continued(begin: &str, parts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = format!("  {begin}");
    let mut used = text.width();
    for part in parts {
        let part = part.as_ref();
        if used + part.width() + 1 > COMMAND_WIDTH {
            text.push_str(" \\\n   ");
            used = 3;
        }
        used += part.width() + 1;
        text.push(' ');
        text.push_str(part);
    }
    text
}

/// Of the known words the up to three that the given one resembles most, the most alike first.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let given = given.to_lowercase();
    if given.chars().nth(MOST_CHARS).is_some() {
        return Vec::new();
    }
    let likeness = |word: &str| match word.to_lowercase() {
        word if !given.is_empty() && word.starts_with(&given) => 1.0,
        word => strsim::normalized_damerau_levenshtein(&given, &word),
    };
    let mut ranked: Vec<(f64, &str)> =
        known.map(|word| (likeness(word), word)).filter(|(like, _)| *like > 0.6).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    ranked.into_iter().take(3).map(|(_, word)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_disturb_a_terminal_is_escaped_and_other_scripts_are_not() {
        assert_eq!(clean("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(clean("Müller 東京 👩‍💻"), "Müller 東京 👩‍💻");
    }

    #[test]
    fn a_shell_word_is_quoted_only_where_it_must_be() {
        assert_eq!(shell_word("/projects/Default"), "/projects/Default");
        assert_eq!(shell_word("j smith's"), r"'j smith'\''s'");
        assert_eq!(shell_word("a\u{1b}'"), r"$'a\x1b\''");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn a_typing_error_finds_its_word() {
        let known = ["checkAccess", "createObject", "check"];
        assert_eq!(nearest("chekAccess", known.into_iter()), ["checkAccess"]);
        assert!(nearest("frobnicate", known.into_iter()).is_empty());
        assert!(nearest(&"x".repeat(10_000), known.into_iter()).is_empty());
    }
}
