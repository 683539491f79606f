//! The words of a command line: the options for every command, the command, and what is the command's own.

use super::failure::UsageError;
use super::text::nearest;
use std::ffi::OsString;

/// The options that stand before or after any command.
const GLOBALS: [&str; 3] = ["store", "as", "output"];
/// Programs of the vendor whose commands these are: a line of the documents runs with `portcullis` before it.
const PROGRAMS: [&str; 2] = ["ectool", "cmtool"];

/// A command line, taken apart.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// `--store`.
    pub(super) store: Option<String>,
    /// `--as`.
    pub(super) caller: Option<String>,
    /// `--output`.
    pub(super) output: Option<String>,
    /// `--help`, before or after the command.
    pub(super) help: bool,
    /// `--version`, before any command.
    pub(super) version: bool,
    /// The command.
    pub(super) command: Option<String>,
    /// What follows it and is none of the above.
    pub(super) rest: Vec<String>,
}

impl Words {
    /// Takes a command line apart. Also gives what was understood before an error, so that the error can be shown in
    /// the form that was asked for.
    pub(super) fn read(words: impl IntoIterator<Item = OsString>) -> (Self, Result<(), UsageError>) {
        let (texts, fault) = texts(words);
        let mut read = Self::default();
        let outcome = read.take(texts);
        (read, fault.map_or(outcome, Err))
    }

    fn take(&mut self, texts: Vec<String>) -> Result<(), UsageError> {
        let mut texts = texts.into_iter();
        while let Some(text) = texts.next() {
            if text == "--" && self.command.is_some() {
                self.rest.push(text);
                self.rest.extend(texts);
                return Ok(());
            }
            self.take_one(text, &mut texts)?;
        }
        Ok(())
    }

    fn take_one(&mut self, text: String, texts: &mut impl Iterator<Item = String>) -> Result<(), UsageError> {
        match OptionWord::read(&text) {
            Some(OptionWord { name: "help", .. }) => self.help = true,
            Some(OptionWord { name, value, .. }) if GLOBALS.contains(&name) => {
                let value = value.map_or_else(|| following(name, texts), |value| Ok(value.to_owned()))?;
                self.set(name, value)?;
            }
            _ if self.command.is_some() => self.rest.push(text),
            _ => self.take_command(text)?,
        }
        Ok(())
    }

    fn take_command(&mut self, text: String) -> Result<(), UsageError> {
        match text.as_str() {
            "-h" => self.help = true,
            "-V" | "--version" => self.version = true,
            program if PROGRAMS.contains(&program) => {}
            option if option.starts_with("--") => {
                let near = nearest(option.trim_start_matches('-'), GLOBALS.into_iter());
                let near = near.into_iter().map(|name| format!("--{name}")).collect();
                return Err(UsageError::UnknownOption { command: None, given: text, near });
            }
            _ => self.command = Some(text),
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), UsageError> {
        let place = match name {
            "store" => &mut self.store,
            "as" => &mut self.caller,
            _ => &mut self.output,
        };
        match place.replace(value) {
            Some(_) => Err(UsageError::Repeated { option: name.to_owned(), by_place: false }),
            None => Ok(()),
        }
    }
}

/// The word after a global option. A forgotten value must not swallow the next option.
fn following(name: &str, texts: &mut impl Iterator<Item = String>) -> Result<String, UsageError> {
    match texts.next() {
        Some(value) if !value.starts_with("--") => Ok(value),
        next => Err(UsageError::MissingValue { option: name.to_owned(), next }),
    }
}

/// The words as texts, and the first that is none.
fn texts(words: impl IntoIterator<Item = OsString>) -> (Vec<String>, Option<UsageError>) {
    let mut fault = None;
    let text = |(place, word): (usize, OsString)| {
        word.into_string().unwrap_or_else(|word| {
            let shown = word.to_string_lossy().into_owned();
            fault.get_or_insert_with(|| UsageError::NotText { place, shown: shown.clone() });
            shown
        })
    };
    let texts = (1..).zip(words).map(text).collect();
    (texts, fault)
}

/// A word that begins with dashes, as it may name an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OptionWord<'a> {
    /// What follows the dashes, up to a `=`.
    pub(super) name: &'a str,
    /// What follows the `=`.
    pub(super) value: Option<&'a str>,
    /// Whether there are two plain hyphens: then it is an option, or a mistake. Documents that went through a word
    /// processor have other dashes (`–-projectName`); those are an option only if they name one.
    pub(super) certain: bool,
}

impl<'a> OptionWord<'a> {
    /// `None` for a word that does not begin with two hyphens or one longer dash, or has nothing behind them.
    pub(super) fn read(word: &'a str) -> Option<Self> {
        let rest = word.trim_start_matches(['-', '–', '—', '―', '−']);
        let dashes = word.strip_suffix(rest).unwrap_or_default();
        if dashes.len() < 2 || rest.is_empty() {
            return None;
        }
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (rest, None),
        };
        Some(Self { name, value, certain: dashes == "--" })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(words: &[&str]) -> (Words, Result<(), UsageError>) {
        Words::read(words.iter().map(OsString::from))
    }

    #[test]
    fn global_options_stand_before_and_after_the_command() {
        let (words, outcome) = read(&["--store", "x.db", "tree", "--as=dora", "Shop", "--output", "xml"]);
        outcome.unwrap();
        assert_eq!(words.store.as_deref(), Some("x.db"));
        assert_eq!((words.caller.as_deref(), words.output.as_deref()), (Some("dora"), Some("xml")));
        assert_eq!((words.command.as_deref(), words.rest.as_slice()), (Some("tree"), &["Shop".to_owned()][..]));
    }

    #[test]
    fn a_line_of_the_vendors_tools_runs_as_it_is() {
        assert_eq!(read(&["ectool", "checkAccess"]).0.command.as_deref(), Some("checkAccess"));
    }

    #[test]
    fn what_follows_two_hyphens_alone_is_the_commands() {
        let (words, outcome) = read(&["tree", "--", "--store", "x"]);
        outcome.unwrap();
        assert_eq!((words.store, words.rest), (None, vec!["--".into(), "--store".into(), "x".into()]));
    }

    #[test]
    fn a_global_option_needs_one_value() {
        assert_eq!(read(&["tree", "--as"]).1.unwrap_err().to_string(), "`--as` needs a value");
        assert!(read(&["--as", "--store", "tree"]).1.unwrap_err().to_string().contains("`--store` is an option"));
        assert_eq!(read(&["--as=--x", "tree"]).0.caller.as_deref(), Some("--x"));
        assert!(read(&["--as", "a", "--as", "b"]).1.unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn longer_dashes_are_dashes() {
        let wanted = |certain| Some(OptionWord { name: "projectName", value: Some("a=b"), certain });
        assert_eq!(OptionWord::read("--projectName=a=b"), wanted(true));
        for word in ["–-projectName=a=b", "––projectName=a=b", "—projectName=a=b", "–projectName=a=b"] {
            assert_eq!(OptionWord::read(word), wanted(false), "{word}");
        }
        for word in ["-projectName", "--", "–", "", "projectName"] {
            assert_eq!(OptionWord::read(word), None, "{word}");
        }
    }
}
