//! Why the command line did not do what it was told.

use super::secret_input::SecretError;
use super::session_file::SessionFileError;
use super::text::quoted;
use crate::import::ImportError;
use crate::runtime::RuntimeError;
use crate::service::ServiceError;
use crate::store::{MarkError, StoreError};
use portcullis_engine::Refusal;
use std::fmt;

/// Why a command was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The words are wrong, whatever the store holds.
    Usage(UsageError),
    /// The file that keeps the sessions.
    Session(SessionFileError),
    /// A password that is not to be had.
    Secret(SecretError),
    /// `init` on a store that has a policy already.
    PolicyExists { store: String },
    /// A file that a command is to read.
    Unreadable { path: String, reason: String },
    /// A file that a command is to write.
    Unwritable { path: String, reason: String },
    /// What `import` was to read.
    Export(ImportError),
    /// A refusal, or a failure of the store or the engine.
    Service(ServiceError),
    /// The answer cannot be written to standard output.
    Output(String),
}

/// What is wrong with the words of a command line.
#[derive(Debug)]
pub(super) enum UsageError {
    /// A word that is not text; the first is 1.
    NotText { place: usize, shown: String },
    /// No command at all.
    NoCommand,
    /// A command that does not exist, and those that its name resembles.
    UnknownCommand { given: String, near: Vec<String> },
    /// An option that the command does not have.
    UnknownOption { command: Option<String>, given: String, near: Vec<String> },
    /// An option of the vendor's tool that cannot be passed over.
    ToolsOption { tool: &'static str, option: &'static str, why: &'static str },
    /// The beginning of several options.
    AmbiguousOption { given: String, candidates: Vec<String> },
    /// An option that takes one value and was given two.
    Repeated { option: String, by_place: bool },
    /// An option without its value; `next` is the option that stands in the value's place.
    MissingValue { option: String, next: Option<String> },
    /// A command without an argument that the command line itself needs.
    MissingArgument { command: String, argument: String },
    /// A word for which the command has no place.
    SuperfluousWord { command: String, word: String },
    /// An object by place, with a schema that has no type for that place.
    NoPlaceForObject { command: String, place: String, word: String, locators: Vec<String> },
    /// A value that an option of the command line's own cannot have.
    InvalidValue { option: &'static str, given: String, expected: &'static str },
    /// A privilege argument for what is no privilege.
    UnknownPrivilege { given: String, known: Vec<String> },
    /// A value that is not of the argument's kind.
    WrongKind { option: &'static str, given: String, kind: Kind },
    /// Not a revision and a hash.
    InvalidMark(MarkError),
}

/// The kinds of values that can be told from their words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Boolean,
    Count,
    Instant,
}

impl Failure {
    /// The stable code.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Usage(error) => error.code(),
            Self::Session(error) => error.code(),
            Self::Secret(error) => error.code(),
            Self::PolicyExists { .. } => "InvalidArgument",
            Self::Unreadable { .. } => "FileUnreadable",
            Self::Unwritable { .. } => "FileUnwritable",
            Self::Export(error) => error.code(),
            Self::Service(error) => error.code(),
            Self::Output(_) => "OutputUnwritable",
        }
    }

    /// What the process ends with: 1 refused, 2 the words themselves are wrong, 3 store or engine failure.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Secret(SecretError::NoTerminal | SecretError::NoUser) => 2,
            Self::Service(error) if !error.is_refusal() => 3,
            Self::Output(_) => 3,
            _ => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => error.fmt(f),
            Self::Session(error) => error.fmt(f),
            Self::Secret(error) => error.fmt(f),
            Self::PolicyExists { store } => {
                write!(f, "the store {} has a policy already; `setSchema` changes its schema", quoted(store))
            }
            Self::Unreadable { path, reason } => write!(f, "cannot read {}: {reason}", quoted(path)),
            Self::Unwritable { path, reason } => write!(f, "cannot write {}: {reason}", quoted(path)),
            Self::Export(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            Self::Output(reason) => write!(f, "cannot write to standard output: {reason}"),
        }
    }
}

impl UsageError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCommand | Self::MissingValue { .. } | Self::MissingArgument { .. } => "MissingArgument",
            Self::UnknownCommand { .. } => "InvalidRequestName",
            Self::UnknownPrivilege { .. } => "InvalidPrivilege",
            Self::WrongKind { kind: Kind::Boolean, .. } => "InvalidBoolean",
            Self::WrongKind { kind: Kind::Count, .. } => "InvalidInteger",
            Self::InvalidMark(error) => error.code(),
            _ => "InvalidArgument",
        }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText { place, shown } => write!(f, "word {place} is not UTF-8 text: {}", quoted(shown)),
            Self::NoCommand => f.write_str("no command is given; `portcullis help` lists them"),
            Self::UnknownCommand { given, near } => {
                write!(f, "{} is not a command; {}", quoted(given), did_you_mean(near, "`portcullis help` lists them"))
            }
            Self::UnknownOption { command: None, given, near } => {
                let otherwise = "before a command stand `--store`, `--as` and `--output`";
                write!(f, "there is no option {}; {}", quoted(given), did_you_mean(near, otherwise))
            }
            Self::UnknownOption { command: Some(command), given, near } => {
                let otherwise = format!("`portcullis help {command}` lists what it has");
                write!(f, "`{command}` has no option {}; {}", quoted(given), did_you_mean(near, &otherwise))
            }
            Self::ToolsOption { tool, option, why } => {
                write!(f, "the option `--{option}` of `{tool}` is not understood here, and is not passed over: {why}")
            }
            Self::AmbiguousOption { given, candidates } => {
                write!(f, "{} is the beginning of several options: {}", quoted(given), listed(candidates, "and"))
            }
            Self::Repeated { option, by_place: true } => write!(f, "`--{option}` is given twice, once by place"),
            Self::Repeated { option, .. } => write!(f, "`--{option}` is given twice, and takes one value"),
            Self::MissingValue { option, next: None } => write!(f, "`--{option}` needs a value"),
            Self::MissingValue { option, next: Some(next) } => {
                let next = quoted(next);
                write!(f, "`--{option}` needs a value, and {next} is an option; as a value it is written behind a `=`")
            }
            Self::MissingArgument { command, argument } => write!(f, "`{command}` needs {argument}"),
            Self::SuperfluousWord { command, word } => {
                write!(
                    f,
                    "`{command}` has no place for {}; `portcullis help {command}` shows what it takes",
                    quoted(word)
                )
            }
            Self::NoPlaceForObject { command, place, word, locators } => {
                let (word, locators) = (quoted(word), listed(locators, "or"));
                write!(f, "this policy's schema has no `{place}`, so `{command}` has no place for {word}: ")?;
                write!(f, "say which object with `--path`, or by its locators {locators}")
            }
            Self::InvalidValue { option, given, expected } if given.is_empty() => {
                write!(f, "`{option}` is empty, and must be {expected}")
            }
            Self::InvalidValue { option, given, expected } => {
                write!(f, "`{option}` is {}, and must be {expected}", quoted(given))
            }
            Self::UnknownPrivilege { given, known } => {
                write!(f, "{} is not a privilege argument: there are {}", quoted(given), listed(known, "and"))
            }
            Self::WrongKind { option, given, kind } => {
                write!(f, "`--{option}` is {}, which is not {}", quoted(given), kind.described())
            }
            Self::InvalidMark(error) => error.fmt(f),
        }
    }
}

impl Kind {
    const fn described(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean: it is 0, 1, true or false",
            Self::Count => "a whole number from 0 on",
            Self::Instant => "an instant such as `2026-11-21T09:30:00Z`",
        }
    }
}

fn did_you_mean(near: &[String], otherwise: &str) -> String {
    if near.is_empty() { otherwise.to_owned() } else { format!("did you mean {}?", listed(near, "or")) }
}

/// Words in backticks, with commas and a last conjunction.
fn listed(words: &[String], conjunction: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} {conjunction} {last}", first.join(", ")),
        None => String::new(),
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<SessionFileError> for Failure {
    fn from(error: SessionFileError) -> Self {
        Self::Session(error)
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::Secret(error)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::Export(error)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        Self::Service(error.into())
    }
}

impl From<Box<Refusal>> for Failure {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Service(refusal.into())
    }
}
