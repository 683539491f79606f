//! The format of a case file. `tests/cases/README.md` shows it to people.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One case: a sentence that must be true, and how one sees that it is.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// The sentence.
    pub title: String,
    /// Where it is said, such as `domain.md §1 Evaluation, step 2`.
    pub source: String,
    /// The schema of the policy that the case begins with; the one of CD/RO where there is none.
    pub schema: Option<Value>,
    /// Targets that the case is not for, each with the reason.
    #[serde(default)]
    pub not_for: BTreeMap<TargetName, String>,
    /// What happens, one after the other, to one policy.
    pub stages: Vec<Stage>,
}

/// Where cases are played.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "camelCase")]
pub enum TargetName {
    /// The engine linked into the runner.
    Native,
    /// The engine's WebAssembly module in wasmtime.
    Wasmtime,
    /// The program `portcullis` on a store file, started anew for every command.
    Cli,
    /// The engine's JavaScript module in Node.
    Node,
    /// The same in workerd.
    Workerd,
    /// The same in Chromium.
    Chromium,
}

/// One stage: what `admin` prepares, what is then done and what comes of it, and questions.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Stage {
    /// Commands of `admin`, each a request of its own, that must all be done.
    #[serde(default)]
    pub given: Vec<Call>,
    /// Who does it: `user:NAME`, several of these, or an object with `type`, `name` and `groups`; or an object with a
    /// kept `session`. `admin` if not said.
    #[serde(default = "admin", rename = "as")]
    pub caller: Value,
    /// When it is, in ISO 8601; the beginning of 2026 if not said.
    #[serde(default = "new_year", deserialize_with = "instant")]
    pub at: i64,
    /// What is done: one command, or several in one request.
    #[serde(default, deserialize_with = "one_or_many")]
    pub when: Vec<Call>,
    /// What comes of it.
    pub then: Option<Outcome>,
    /// What would come of commands that are not done, looked at after the stage's own.
    #[serde(default)]
    pub preview: Vec<Preview>,
    /// Decisions, each asked for by `admin` with `explain`.
    #[serde(default)]
    pub check: Vec<Check>,
    /// Other questions.
    #[serde(default)]
    pub ask: Vec<Question>,
}

/// A command and its arguments: `{"createObject": {"projectName": "Default"}}`.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The command.
    pub command: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}

/// What must come of a stage's commands.
#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outcome {
    /// What the last command's answer must have; see [`crate::expectation`].
    pub reply: Option<Value>,
    /// The answer has nothing that `reply` does not list.
    #[serde(default)]
    pub exactly: bool,
    /// What is kept of the last command's answer, by the field's name, for later use as `$NAME`.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// The code of the refusal; without it, a refusal fails the case.
    pub refusal: Option<String>,
    /// A part of the refusal's text.
    pub message: Option<String>,
    /// Which command of the request is refused, from 0.
    pub command: Option<usize>,
    /// Whether anything changes.
    pub changed: Option<bool>,
}

/// A decision that must be made, with its reasons.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Check {
    /// About whom: `user:NAME`, several of these, or objects with `type`, `name` and `groups`.
    pub who: Value,
    /// The privilege, or several, for each of which all that follows must hold.
    #[serde(deserialize_with = "one_or_many")]
    pub may: Vec<String>,
    /// The object's path.
    pub on: String,
    /// When, if not at the stage's time.
    #[serde(default, deserialize_with = "some_instant")]
    pub at: Option<i64>,
    /// `allow` or `deny`.
    pub answer: Answer,
    /// The code of the reason.
    pub reason: String,
    /// The path of the object whose list decided.
    pub decided_at: Option<String>,
    /// The groups through which the (first) deciding entry reaches the principal, the innermost first; may be empty.
    pub through: Option<Vec<String>>,
    /// From when the answer may be another; not said, there must be no such instant.
    pub valid_until: Option<String>,
    /// For a denial, the smallest set of changes that would allow it.
    pub fix: Option<Vec<Call>>,
}

/// The answer to a check.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

/// A question, and what its answer must have.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Question {
    /// The command that asks.
    pub question: Call,
    /// Who asks; the stage's caller if not said.
    #[serde(rename = "as")]
    pub caller: Option<Value>,
    /// When, if not at the stage's time.
    #[serde(default, deserialize_with = "some_instant")]
    pub at: Option<i64>,
    /// What must come of it.
    pub expect: Outcome,
}

/// Commands that are not done, and who would gain or lose what where.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Preview {
    /// The commands: one, or several in one request.
    #[serde(deserialize_with = "one_or_many")]
    pub of: Vec<Call>,
    /// Who asks; the stage's caller if not said.
    #[serde(rename = "as")]
    pub caller: Option<Value>,
    /// When, if not at the stage's time.
    #[serde(default, deserialize_with = "some_instant")]
    pub at: Option<i64>,
    /// The row that the answer begins behind.
    pub after: Option<String>,
    /// How many rows the answer has at most.
    pub limit: Option<u64>,
    /// What must come of it: `reply` is the whole answer, with `access` and `replies`.
    pub expect: Outcome,
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        let mut fields = fields.into_iter();
        match (fields.next(), fields.next()) {
            (Some((command, Value::Object(arguments))), None) => Ok(Self { command, arguments }),
            _ => Err(D::Error::custom("a command is an object with one field: its name, and an object of arguments")),
        }
    }
}

impl Case {
    /// Reads a case file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with line and column where it is not in the format.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let case: Self = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        case.fault().map_or(Ok(()), |fault| Err(format!("{}: {fault}", path.display())))?;
        Ok(case)
    }

    /// What the types do not rule out and still makes no case.
    fn fault(&self) -> Option<&'static str> {
        let shows = |stage: &Stage| {
            stage.then.is_some() || !stage.check.is_empty() || !stage.ask.is_empty() || !stage.preview.is_empty()
        };
        if self.title.is_empty() || !self.source.contains("domain.md") {
            return Some("it has no title, or names no place in domain.md");
        }
        if !self.stages.last().is_some_and(shows) {
            return Some("its last stage shows nothing");
        }
        if self.stages.iter().any(|stage| stage.then.is_some() == stage.when.is_empty()) {
            return Some("a stage has `when` without `then`, or `then` without `when`");
        }
        if self.stages.iter().any(|stage| !stage.preview.is_empty()) && !self.not_for.contains_key(&TargetName::Cli) {
            return Some("it previews, for which there is no command line: `notFor` must say so");
        }
        (self.needs_a_clock() && !self.not_for.contains_key(&TargetName::Cli))
            .then_some("it sets the time, which the command line takes from the machine: `notFor` must say so")
    }

    fn needs_a_clock(&self) -> bool {
        let is_timed = |stage: &Stage| {
            stage.at != new_year()
                || stage.check.iter().any(|check| check.at.is_some())
                || stage.ask.iter().any(|ask| ask.at.is_some())
                || stage.preview.iter().any(|preview| preview.at.is_some())
        };
        self.stages.iter().any(is_timed)
    }
}

/// The case files below a folder, in the order of their paths.
///
/// # Errors
///
/// A folder that cannot be read.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The folder of the cases.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn admin() -> Value {
    "user:admin".into()
}

/// 2026-01-01T00:00:00Z, the time of a stage that says none.
fn new_year() -> i64 {
    1_767_225_600_000
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = chrono::DateTime::parse_from_rfc3339(&text);
    parsed.map(|instant| instant.timestamp_millis()).map_err(|error| D::Error::custom(format!("`{text}`: {error}")))
}

fn some_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    instant(deserializer).map(Some)
}

fn one_or_many<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let several = match Value::deserialize(deserializer)? {
        Value::Array(several) => several,
        one => vec![one],
    };
    several.into_iter().map(|one| serde_json::from_value(one).map_err(D::Error::custom)).collect()
}
