//! The words of a command line: the options for every command, the command, and what is the command's own.

use super::failure::UsageError;
use super::form::Form;
use super::text::nearest;
use super::vendor::{Fate, Tool};
use std::ffi::OsString;
use std::iter::Peekable;
use std::vec::IntoIter;

/// The options that stand before or after any command.
const GLOBALS: [&str; 3] = ["store", "as", "output"];
/// What a boolean may be.
pub(super) const BOOLEANS: [&str; 4] = ["0", "1", "true", "false"];
/// What a boolean may be that is no.
const NO: [&str; 2] = ["0", "false"];

/// A command line, taken apart.
#[derive(Default)]
pub(super) struct Words {
    /// `--store`.
    pub(super) store: Option<String>,
    /// `--as`.
    pub(super) caller: Option<String>,
    /// The vendor's tool by whose name the program was called, or which begins the line.
    pub(super) tool: Option<Tool>,
    /// `--output`, or the tool's own word for it.
    output: Option<String>,
    /// The tool's `--silent`, which beats `--output`.
    silent: bool,
    /// The tool's options that are passed over.
    pub(super) skipped: Vec<&'static str>,
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
    /// Takes a command line apart, whose first word is the program's own name. Also gives what was understood before
    /// an error, so that the error can be shown in the form that was asked for.
    pub(super) fn of_program(line: impl IntoIterator<Item = OsString>) -> (Self, Result<(), UsageError>) {
        let mut words = line.into_iter();
        let tool = words.next().and_then(|program| Tool::called(&program));
        Self { tool, ..Self::default() }.read_on(words)
    }

    /// The same, without the program's name.
    #[cfg(test)]
    pub(super) fn read(words: impl IntoIterator<Item = OsString>) -> (Self, Result<(), UsageError>) {
        Self::default().read_on(words)
    }

    /// The form of the answer.
    pub(super) fn form(&self) -> Result<Form, UsageError> {
        Form::new(self.given_form(), self.tool)
    }

    /// The form of an error.
    pub(super) fn error_form(&self) -> Form {
        Form::of_error(self.given_form(), self.tool)
    }

    fn given_form(&self) -> Option<&str> {
        if self.silent { Some("silent") } else { self.output.as_deref() }
    }

    fn read_on(mut self, words: impl IntoIterator<Item = OsString>) -> (Self, Result<(), UsageError>) {
        let (texts, fault) = texts(words);
        let outcome = self.take(texts);
        (self, fault.map_or(outcome, Err))
    }

    fn take(&mut self, texts: Vec<String>) -> Result<(), UsageError> {
        let mut texts = texts.into_iter().peekable();
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

    fn take_one(&mut self, text: String, texts: &mut Texts) -> Result<(), UsageError> {
        let option = OptionWord::read(&text);
        if let Some(OptionWord { name, value, .. }) = option
            && let Some((name, fate)) = self.tools_option(name)
        {
            return self.take_tools(name, fate, value, texts);
        }
        match option {
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

    /// Before the command, a tool has options of its own.
    fn tools_option(&self, name: &str) -> Option<(&'static str, Fate)> {
        let tool = self.tool.filter(|_| self.command.is_none())?;
        tool.option(name)
    }

    fn take_tools(
        &mut self,
        name: &'static str,
        fate: Fate,
        value: Option<&str>,
        texts: &mut Texts,
    ) -> Result<(), UsageError> {
        match fate {
            Fate::Form => {
                let value = value.map_or_else(|| following(name, texts), |value| Ok(value.to_owned()))?;
                return self.set_format(value);
            }
            Fate::Silence => self.silent = !NO.contains(&flag(value, texts).as_str()),
            Fate::Help => self.help = true,
            Fate::Skipped => {
                value.map_or_else(|| following(name, texts).map(drop), |_| Ok(()))?;
                self.skipped.push(name);
            }
            Fate::SkippedFlag => {
                flag(value, texts);
                self.skipped.push(name);
            }
            Fate::Refused(why) => return Err(self.refused(name, why)),
        }
        Ok(())
    }

    fn refused(&self, option: &'static str, why: &'static str) -> UsageError {
        UsageError::ToolsOption { tool: self.tool.map_or("", Tool::name), option, why }
    }

    /// The tool has two forms, of which JSON is not its first.
    fn set_format(&mut self, value: String) -> Result<(), UsageError> {
        match value.as_str() {
            "xml" | "json" => self.set("output", value),
            _ => Err(UsageError::InvalidValue { option: "--format", given: value, expected: "`xml` or `json`" }),
        }
    }

    fn take_command(&mut self, text: String) -> Result<(), UsageError> {
        if let (None, Some(tool)) = (self.tool, Tool::named(&text)) {
            self.tool = Some(tool);
            return Ok(());
        }
        match text.as_str() {
            "-h" => self.help = true,
            "-V" | "--version" => self.version = true,
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

/// The words that are still to be read.
type Texts = Peekable<IntoIter<String>>;

/// The value of an option that may stand alone.
fn flag(value: Option<&str>, texts: &mut Texts) -> String {
    let following = || texts.next_if(|text| BOOLEANS.contains(&text.as_str()));
    value.map(str::to_owned).or_else(following).unwrap_or_else(|| "1".into())
}

/// The word after a global option. A forgotten value must not swallow the next option.
fn following(name: &str, texts: &mut Texts) -> Result<String, UsageError> {
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
        assert_eq!((words.caller.as_deref(), words.form().unwrap()), (Some("dora"), Form::Xml));
        assert_eq!((words.command.as_deref(), words.rest.as_slice()), (Some("tree"), &["Shop".to_owned()][..]));
    }

    #[test]
    fn a_line_of_the_vendors_tools_runs_as_it_is() {
        assert_eq!(read(&["ectool", "checkAccess"]).0.command.as_deref(), Some("checkAccess"));
        assert_eq!(read(&["--as", "dora", "cmtool", "getUsers"]).0.tool, Some(Tool::Cmtool));
        assert_eq!(read(&["getUsers", "cmtool"]).0.rest, ["cmtool"]);
        assert_eq!(read(&["ectool", "ectool"]).0.command.as_deref(), Some("ectool"));
    }

    #[test]
    fn the_name_of_the_program_counts_as_the_word_before_the_command() {
        for program in ["ectool", "/opt/bin/ectool", "ectool.exe"] {
            let line = [program, "–-silent", "tree", "P"].map(OsString::from);
            let (words, outcome) = Words::of_program(line);
            outcome.unwrap();
            assert_eq!((words.tool, words.form().unwrap()), (Some(Tool::Ectool), Form::Silent), "{program}");
            assert_eq!((words.command.as_deref(), words.rest), (Some("tree"), vec!["P".to_owned()]));
        }
        assert_eq!(Words::of_program([OsString::from("portcullis")]).0.tool, None);
        assert_eq!(Words::of_program([]).0.tool, None);
    }

    #[test]
    fn the_tools_options_are_understood_passed_over_or_refused() {
        let form = |line: &[&str]| read(line).0.form().unwrap();
        assert_eq!(form(&["ectool", "tree"]), Form::Xml);
        assert_eq!(form(&["ectool", "--format", "json", "tree"]), Form::Json);
        assert_eq!(form(&["ectool", "--silent", "--format=json", "tree"]), Form::Silent);
        assert_eq!(form(&["ectool", "--silent", "0", "tree"]), Form::Xml);
        assert_eq!(form(&["cmtool", "--output", "csv", "tree"]), Form::Csv);

        let (words, outcome) = read(&["ectool", "--timeout", "9", "--secure", "1", "--retry", "tree", "--timeout=3"]);
        outcome.unwrap();
        assert_eq!(words.skipped, ["timeout", "secure", "retry"]);
        assert_eq!(words.rest, ["--timeout=3"], "behind the command it is the command's");

        let refused = |line: &[&str]| read(line).1.unwrap_err().to_string();
        assert!(refused(&["ectool", "--server", "there", "tree"]).contains("`--server` of `ectool`"));
        assert!(refused(&["ectool", "--dryRun", "tree"]).contains("would be done"));
        assert!(refused(&["ectool", "--format", "yaml", "tree"]).contains("`xml` or `json`"));
        assert!(refused(&["cmtool", "--format", "json", "tree"]).contains("no option `--format`"));
        assert!(refused(&["--silent", "tree"]).contains("no option `--silent`"), "not of `portcullis`");
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
