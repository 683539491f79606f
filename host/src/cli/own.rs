//! The commands of the program's own.

use super::failure::{Failure, UsageError};
use super::form::{self, Form};
use super::options::Syntax;
use super::place::{Done, Place};
use super::report::{self, LogReport};
use super::text::nearest;
use super::vendor::Tool;
use super::views::View;
use super::words::Words;
use super::{Answer, caller, help, manual, outline, secret_input};
use crate::import::{Progress, read_export};
use crate::runtime::Runtime;
use crate::service::{ServiceOptions, verify};
use crate::store::Mark;
use indicatif::{ProgressBar, ProgressStyle};
use portcullis_engine::{Argument, ArgumentKind, COMMANDS, Command, Schema, command, request_schema};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;

/// How many rows of the log are read at a time.
const LOG_PAGE: u32 = 1_000;

/// One command of the program's own.
pub(super) struct Own {
    /// Its name.
    pub(super) name: &'static str,
    /// What may be given by place.
    pub(super) places: &'static [&'static str],
    /// What it takes.
    pub(super) arguments: &'static [Argument],
    run: fn(&Call) -> Result<Answer, Failure>,
}

/// A call of one.
struct Call<'a> {
    words: &'a Words,
    given: Map<String, Value>,
    form: Form,
}

const fn argument(name: &'static str, kind: ArgumentKind, required: bool) -> Argument {
    Argument { name, kind, required }
}

/// Every one, in the order of the alphabet.
pub(super) const OWN: &[Own] = &[
    Own {
        name: "completions",
        places: &["shell"],
        arguments: &[argument("shell", ArgumentKind::Text, true), argument("name", ArgumentKind::Text, false)],
        run: completions,
    },
    Own { name: "engine", places: &[], arguments: &[argument("out", ArgumentKind::Text, false)], run: engine },
    Own {
        name: "erase",
        places: &["type", "name"],
        arguments: &[argument("type", ArgumentKind::Text, true), argument("name", ArgumentKind::Text, true)],
        run: erase,
    },
    Own {
        name: "help",
        places: &["command"],
        arguments: &[argument("command", ArgumentKind::Text, false)],
        run: |call| call.text("command").map_or_else(|| Ok(help::overview()), help::about).map(Answer::Text),
    },
    Own { name: "import", places: &["dir"], arguments: &[argument("dir", ArgumentKind::Text, true)], run: import },
    Own { name: "init", places: &[], arguments: &[argument("schema", ArgumentKind::Text, false)], run: init },
    Own {
        name: "log",
        places: &[],
        arguments: &[argument("head", ArgumentKind::Boolean, false), argument("limit", ArgumentKind::Count, false)],
        run: log,
    },
    Own { name: "schema", places: &[], arguments: &[argument("command", ArgumentKind::Text, false)], run: schema },
    Own { name: "man", places: &[], arguments: &[argument("dir", ArgumentKind::Text, false)], run: man },
    Own {
        name: "setSchema",
        places: &["schema"],
        arguments: &[argument("schema", ArgumentKind::Text, true)],
        run: set_schema,
    },
    Own { name: "snapshot", places: &["out"], arguments: &[argument("out", ArgumentKind::Text, true)], run: snapshot },
    Own { name: "verify", places: &[], arguments: &[argument("head", ArgumentKind::Text, false)], run: verify_log },
];

/// The command of that name.
pub(super) fn find(name: &str) -> Option<&'static Own> {
    OWN.iter().find(|own| own.name == name)
}

impl Own {
    /// Reads the command's words and does it.
    pub(super) fn run(&self, words: &Words, form: Form) -> Result<Answer, Failure> {
        let mut given = Syntax::new(self.name, self.places, self.arguments).parse(&words.rest)?;
        secret_input::complete(self.arguments, &mut given, secret_input::read_password)?;
        (self.run)(&Call { words, given, form })
    }
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true"))
    }

    /// A number; one that nothing is long enough for is none.
    fn count(&self, name: &str) -> Option<usize> {
        self.text(name).and_then(|text| text.parse().ok())
    }
}

/// What the engine inside this program is; with `out`, also the engine itself, as a file.
fn engine(call: &Call) -> Result<Answer, Failure> {
    let module = Runtime::module();
    if let Some(path) = call.text("out") {
        write_whole(Path::new(path), module)
            .map_err(|error| Failure::Unwritable { path: path.into(), reason: error.to_string() })?;
    }
    let version = module.get(4..8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    let value = json!({ "engine": {
        "sha256": Runtime::digest(),
        "bytes": module.len(),
        "imports": Runtime::new()?.imports().len(),
        "wasmVersion": version,
        "file": call.text("out"),
    } });
    Ok(Answer::Value(without_nulls(value), View::Fields))
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(|value| *value = without_nulls(value.take()));
    }
    value
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.part", std::process::id()));
    let draft = Path::new(&draft);
    let written = fs::File::create_new(draft)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(draft, path));
    written.inspect_err(|_| drop(fs::remove_file(draft)))
}

/// The script by which a shell completes this program's command lines, under the name that it was called by.
fn completions(call: &Call) -> Result<Answer, Failure> {
    let shell = outline::shell(call.text("shell").unwrap_or_default())?;
    let called = call.words.tool.map_or(outline::PROGRAM, Tool::name);
    let program = call.text("name").map_or(Ok(called), outline::program)?;
    Ok(Answer::Text(outline::completions(shell, program)))
}

/// The manual, as one page; with `dir`, also a page for each command, as files.
fn man(call: &Call) -> Result<Answer, Failure> {
    let Some(dir) = call.text("dir") else {
        return Ok(Answer::Text(manual::whole()));
    };
    let unwritable = |path: &Path, error: std::io::Error| Failure::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    fs::create_dir_all(dir).map_err(|error| unwritable(Path::new(dir), error))?;
    let pages = manual::pages();
    for (name, text) in &pages {
        let path = Path::new(dir).join(name);
        write_whole(&path, text.as_bytes()).map_err(|error| unwritable(&path, error))?;
    }
    Ok(Answer::Value(json!({ "manual": { "dir": dir, "pages": pages.len() } }), View::Fields))
}

/// Reads an export and has the engine take it over in one change set.
fn import(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let dir = Path::new(call.text("dir").unwrap_or_default());
    let mut policy = place.open(call.form)?;
    let schema = policy.schema()?;
    let bar = progress_bar();
    let export = read_export(dir, &schema, |Progress { files_read, files_total }| {
        if files_read == 0 {
            bar.set_length(files_total);
        }
        bar.set_position(files_read);
    });
    let export = export.inspect_err(|_| bar.finish_and_clear())?;
    bar.set_message("deciding and storing");
    let objects = serde_json::to_value(&export.objects).unwrap_or_default();
    let arguments = Map::from_iter([("objects".to_owned(), objects)]);
    let done = policy.propose(&caller, "import", arguments);
    bar.finish_and_clear();
    Ok(Answer::Value(report::import(&export.summary, done?), View::Import))
}

/// On standard error, and only where that is a terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} files {msg}");
    let bar = ProgressBar::new(0).with_message("read");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Begins a policy in a store that has none.
fn init(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    caller::require_owner(&caller::find(call.words.caller.as_deref(), &place)?, "begin a policy")?;
    let json = call.text("schema").map(read_text).transpose()?;
    let schema = json.as_deref().map_or_else(|| Ok(Schema::cdro()), Schema::parse)?;
    // That the store is new, its answer says.
    let mut policy = place.begin(&ServiceOptions { schema: json, ..ServiceOptions::default() }, Form::Json)?;
    if !policy.is_new() || !(policy.is_kept() || policy.keep()?) {
        return Err(Failure::PolicyExists { store: place.path.clone() });
    }
    let policy = json!({ "store": place.path, "schema": schema.name(), "revision": policy.head().revision });
    Ok(Answer::Value(json!({ "policy": policy }), View::Fields))
}

/// The whole policy as a file, for engines elsewhere.
fn snapshot(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let out = call.text("out").unwrap_or_default();
    let mut service = place.open_service()?;
    let bytes = service.snapshot(&caller)?;
    write_whole(Path::new(out), &bytes)
        .map_err(|error| Failure::Unwritable { path: out.into(), reason: error.to_string() })?;
    let snapshot = json!({ "file": out, "bytes": bytes.len(), "revision": service.head().revision });
    Ok(Answer::Value(json!({ "snapshot": snapshot }), View::Fields))
}

/// Erases what is private of a user, for ever.
fn erase(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let (kind, name) = (call.text("type").unwrap_or_default(), call.text("name").unwrap_or_default());
    if kind != "user" {
        let (option, expected) = ("type", "`user`: nobody else has private values");
        return Err(UsageError::InvalidValue { option, given: kind.into(), expected }.into());
    }
    let arguments = Map::from_iter([("userName".to_owned(), name.into())]);
    let Done { revision, reply, changed } = place.open(call.form)?.propose(&caller, "eraseUser", arguments)?;
    Ok(Answer::Value(reply, View::Done { revision, changed }))
}

/// The requests and answers as JSON Schema. The document is JSON whatever the form: nothing else can hold it.
fn schema(call: &Call) -> Result<Answer, Failure> {
    let only = call.text("command").map(find_request).transpose()?;
    let place = Place::find(call.words)?;
    let schema = if place.is_missing()? { Schema::cdro() } else { place.open_service()?.schema()? };
    Ok(Answer::Text(form::to_json(&request_schema(&schema, only))))
}

/// The engine's command of that name, also where the command line has its own form of it.
fn find_request(name: &str) -> Result<&'static Command, UsageError> {
    command(name).map_err(|_| {
        let near = nearest(name, COMMANDS.iter().map(|command| command.name));
        UsageError::UnknownCommand { given: name.into(), near }
    })
}

fn set_schema(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let json = read_text(call.text("schema").unwrap_or_default())?;
    let arguments = Map::from_iter([("schema".to_owned(), json.into())]);
    let Done { revision, reply, changed } = place.open(call.form)?.propose(&caller, "setSchema", arguments)?;
    Ok(Answer::Value(reply, View::Done { revision, changed }))
}

fn read_text(path: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Unreadable { path: path.into(), reason: error.to_string() })
}

/// The change sets, newest first; with `head`, only where the log stands.
fn log(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let (head_only, limit) = (call.flag("head"), call.count("limit"));
    let mut service = place.open_service()?;
    if head_only {
        service.require_admin(&caller, "read the log")?;
        return Ok(Answer::Value(report::head(&service.head().mark()), View::Head));
    }
    let mut log = LogReport::default();
    let mut before = u64::MAX;
    loop {
        let wanted = limit.map_or(LOG_PAGE, |limit| u32::try_from(limit - log.len()).unwrap_or(LOG_PAGE).min(LOG_PAGE));
        let rows = service.log(&caller, before, wanted)?;
        let Some(last) = rows.last() else { break };
        before = last.mark.revision;
        log.extend(rows);
    }
    Ok(Answer::Value(log.into_value(), View::Log))
}

/// Checks the chain, and that a head kept elsewhere is in it.
fn verify_log(call: &Call) -> Result<Answer, Failure> {
    let place = Place::find(call.words)?;
    let caller = caller::find(call.words.caller.as_deref(), &place)?;
    let kept: Option<Mark> = call.text("head").map(read_mark).transpose()?;
    if !caller.is_admin() {
        place.open_service()?.require_admin(&caller, "verify the log")?;
    }
    let head = verify(&place.open_existing()?, &Runtime::new()?, kept.as_ref())?;
    Ok(Answer::Value(report::verified(&head.mark(), kept.as_ref()), View::Verified))
}

/// `REVISION:HASH`, or the whole of what `log --head` printed.
fn read_mark(text: &str) -> Result<Mark, UsageError> {
    let printed: Option<Value> = serde_json::from_str(text).ok();
    let inner = printed.as_ref().and_then(|value| value.get("head")).and_then(Value::as_str);
    inner.unwrap_or(text).trim().parse().map_err(UsageError::InvalidMark)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn answered(store: &Path, line: &[&str]) -> Result<String, Failure> {
        let given = ["--store", store.to_str().unwrap()].into_iter().chain(line.iter().copied());
        let (words, outcome) = Words::read(given.map(Into::into));
        outcome.unwrap();
        match super::super::answer(&words, Form::Json)? {
            Answer::Text(text) => Ok(text),
            Answer::Value(value, _) => Ok(value.to_string()),
        }
    }

    #[test]
    fn the_schema_of_requests_is_that_of_the_policy_or_of_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let (store, file) = (folder.path().join("store.db"), folder.path().join("hospital.json"));
        assert!(answered(&store, &["schema"]).unwrap().contains("\"pipelineName\""));
        let hospital = r#"{"name": "hospital", "privileges": ["view", "edit", "grant"],
            "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
            "types": [{"name": "department"}, {"name": "record", "parents": ["department"]}]}"#;
        fs::write(&file, hospital).unwrap();
        answered(&store, &["init", "--schema", file.to_str().unwrap()]).unwrap();
        let document = answered(&store, &["schema"]).unwrap();
        assert!(document.contains("\"recordName\"") && !document.contains("\"pipelineName\""), "{document}");
    }

    #[test]
    fn the_schema_of_one_command_has_no_other_and_an_unknown_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let document = answered(&store, &["schema", "--command", "setSchema"]).unwrap();
        assert!(document.contains("setSchema.arguments") && !document.contains("check.arguments"));
        let Err(failure) = answered(&store, &["schema", "--command", "chekAccess"]) else { panic!("it was answered") };
        assert_eq!((failure.code(), failure.exit_code()), ("InvalidRequestName", 2));
        assert!(!store.exists());
    }
}
