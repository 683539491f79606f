//! Refusals: what a caller may not read shows in none, and none is longer than a reader's patience.

use crate::policy::{Answers, Policy};
use portcullis_engine::{ArgumentKind, COMMANDS, Command};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const LONG: usize = 150;

/// `ann` may read `Open`, and neither `Secret` nor what lies in it.
fn policy() -> Policy {
    let mut policy = Policy::new();
    let long = "l".repeat(LONG);
    let hidden = [
        "/projects/Secret".to_owned(),
        "/projects/Secret/pipelines/real".to_owned(),
        "/projects/Secret/pipelines/Q".to_owned(),
        "/projects/Secret/pipelines/Q/stages/real".to_owned(),
        format!("/projects/Secret/pipelines/{long}"),
        "/artifacts/Secret".to_owned(),
        "/artifacts/Secret/artifactVersions/real".to_owned(),
    ];
    for path in ["/users/ann", "/projects/Open"].map(str::to_owned).iter().chain(&hidden) {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    for path in ["/projects/Secret", "/artifacts/Secret"] {
        policy.admin("breakAclInheritance", json!({ "path": path })).unwrap();
    }
    policy
}

/// The arguments that the command needs, for an object that `locator` addresses.
fn call(command: &Command, locator: (&str, &str)) -> Value {
    let mut arguments = Map::new();
    for argument in command.arguments.iter().filter(|argument| argument.required) {
        let value = match argument.name {
            "privilege" => "read",
            "principalType" => "user",
            _ => "ann",
        };
        arguments.insert(argument.name.into(), value.into());
    }
    if command.name == "moveObject" {
        arguments.insert("newName".into(), "new".into());
    }
    arguments.insert(locator.0.into(), locator.1.into());
    Value::Object(arguments)
}

fn answer(policy: &mut Policy, caller: &str, command: &Command, arguments: Value) -> Result<Value, Value> {
    if command.asks() {
        return policy.ask(caller, 0, command.name, arguments);
    }
    let answer = policy.try_out(caller, 0, &[json!({"command": command.name, "arguments": arguments})]).answer;
    match answer.get("error") {
        Some(error) => Err(error.clone()),
        None => Ok(answer["replies"].clone()),
    }
}

fn text(answer: &Result<Value, Value>) -> String {
    match answer {
        Ok(reply) => reply.to_string(),
        Err(error) => format!("{}: {}", error["code"], error["message"]),
    }
}

fn object_id(policy: &mut Policy, path: &str) -> String {
    let lists = policy.ask("user:admin", 0, "getAccess", json!({ "path": path })).unwrap();
    lists["object"][0]["objectId"].as_str().unwrap().to_owned()
}

fn locating() -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(|command| command.locates)
}

#[test]
fn by_its_id_no_command_tells_what_may_not_be_read_from_what_never_was() {
    let mut policy = policy();
    let mut told = Vec::new();
    for path in ["/projects/Secret", "/projects/Secret/pipelines/real", "/artifacts/Secret/artifactVersions/real"] {
        let real = object_id(&mut policy, path);
        let made_up = format!("{}{}", &real[..real.len() - 4], "9999");
        // `checkAccess` needs nothing: it tells what the caller may do, not what is there.
        for command in locating().filter(|command| command.name != "checkAccess") {
            let [one, other] = [&real, &made_up]
                .map(|id| text(&answer(&mut policy, "user:ann", command, call(command, ("objectId", id)))));
            if one.replace(&real, "ID") != other.replace(&made_up, "ID") || one.contains("Secret") {
                told.push(format!("{} by the id of {path}: {one} but {other}", command.name));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn beside_its_id_a_type_tells_nothing_of_what_may_not_be_read() {
    let mut policy = policy();
    let real = object_id(&mut policy, "/projects/Secret/pipelines/real");
    let made_up = format!("{}{}", &real[..real.len() - 4], "9999");
    let [one, other] = [&real, &made_up].map(|id| {
        let arguments = json!({"objectId": id, "objectType": "project"});
        text(&policy.ask("user:ann", 0, "getAccess", arguments)).replace(id.as_str(), "ID")
    });
    assert_eq!(one, other);
}

#[test]
fn by_its_path_no_refusal_tells_what_may_not_be_read_from_what_never_was() {
    let mut policy = policy();
    let long = "l".repeat(LONG);
    let other_long = "m".repeat(LONG);
    let pairs = [
        ("/projects/Secret/pipelines/", "real", "fake"),
        ("/projects/Secret/pipelines/", &long, &other_long),
        ("/projects/Secret/pipelines/Q/stages/", "real", "fake"),
        ("/artifacts/Secret/artifactVersions/", "real", "fake"),
    ];
    let mut told = Vec::new();
    for (above, real, made_up) in pairs {
        // The answer of `checkAccess` and of a check of oneself is about the caller alone.
        for command in locating().filter(|command| !["check", "checkAccess"].contains(&command.name)) {
            let [one, other] = [real, made_up].map(|name| {
                let path = format!("{above}{name}");
                text(&answer(&mut policy, "user:ann", command, call(command, ("path", &path))))
            });
            if generalised(&one, real) != generalised(&other, made_up) {
                told.push(format!("{} on {above}{real}: {one} but {other}", command.name));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Without the name: whole, or shortened.
fn generalised(text: &str, name: &str) -> String {
    let first = &name[..1];
    text.replace(name, "NAME").replace(&format!("'{}…'", first.repeat(120)), "'NAME SHORTENED'")
}

#[test]
fn a_property_sheets_name_is_not_told_to_who_may_not_read_it() {
    let mut policy = policy();
    let ask = |policy: &mut Policy| {
        text(&policy.ask("user:ann", 0, "getAccess", json!({"path": "/projects/Secret/properties/p"})))
    };
    let before = ask(&mut policy);
    policy.admin("createObject", json!({"path": "/projects/Secret/propertySheets/hidden"})).unwrap();
    assert_eq!(ask(&mut policy), before);
}

/// A message of this many bytes is long; one that repeats what it was given has far more.
const BOUND: usize = 1_500;

/// The messages that are not, by what was long.
#[derive(Default)]
struct TooLong(BTreeSet<String>);

impl TooLong {
    fn look_at(&mut self, answer: &Result<Value, Value>, what: &str) {
        let Err(error) = answer else { return };
        let message = error["message"].as_str().unwrap();
        if message.len() > BOUND {
            self.0.insert(format!("{what}: {} bytes, {}", message.len(), error["code"]));
        }
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{}", self.0.iter().cloned().collect::<Vec<_>>().join("\n"));
    }
}

/// Every argument of the command that takes a text, and some locators.
fn texts_of(command: &Command) -> impl Iterator<Item = &'static str> {
    let own = command.arguments.iter().filter(|argument| argument.kind != ArgumentKind::Json);
    let located = ["path"].iter().chain(&ALONE).copied().chain(["objectType"]).filter(|_| command.locates);
    own.map(|argument| argument.name).chain(located).chain(["readPrivilege"].into_iter().filter(|_| command.privileges))
}

/// Arguments that address an object, and so stand without `path`.
const ALONE: [&str; 5] = ["objectId", "projectName", "pipelineName", "systemObjectName", "gateType"];

fn with(command: &Command, argument: &str, text: &str) -> Value {
    let mut arguments = call(command, ("path", "/projects/Open"));
    if ALONE.contains(&argument) || !command.locates {
        arguments.as_object_mut().unwrap().remove("path");
    }
    arguments[argument] = text.into();
    arguments
}

#[test]
fn no_message_repeats_a_long_argument_whole() {
    let mut policy = policy();
    let word = "w".repeat(20_000);
    let forms = ["W", "/projects/W", "/projects/P%W", "/W/x", "/projects/Open/W/x", "user:W", "W:x", "user:project:W"];
    let mut too_long = TooLong::default();
    for command in COMMANDS {
        for argument in texts_of(command) {
            for form in forms.iter().chain(&["project:W", "pipeline-W", "W-W"]) {
                let arguments = with(command, argument, &form.replace('W', &word));
                too_long.look_at(&answer(&mut policy, "user:admin", command, arguments), &format!("{argument} {form}"));
            }
        }
    }
    too_long.assert_none();
}

#[test]
fn no_message_repeats_a_long_word_of_an_import_whole() {
    let mut policy = policy();
    let word = "w".repeat(20_000);
    let project = format!("project:{word}");
    let mut too_long = TooLong::default();
    for (kind, name) in [(word.as_str(), "x"), ("user", &word), ("user", &project), ("group", &word)] {
        let entry =
            json!({"path": "/projects/Open", "acl": {"entries": [{"principalType": kind, "principalName": name}]}});
        let member = json!({"path": "/groups/g", "members": [{"memberType": kind, "memberName": name}]});
        for object in [entry, member] {
            too_long.look_at(&policy.admin("import", json!({"objects": [object]})), &object.to_string()[..40]);
        }
    }
    too_long.assert_none();
}

#[test]
fn no_message_repeats_a_long_word_of_a_request_whole() {
    let mut policy = policy();
    let word = "w".repeat(20_000);
    let mut too_long = TooLong::default();
    for caller in [word.clone(), format!("user:{word}"), format!("{word}:x"), format!("user:project:{word}")] {
        too_long.look_at(&policy.ask(&caller, 0, "getAccess", json!({"path": "/users/ann"})), "a caller");
    }
    too_long.look_at(&policy.ask("user:admin", 0, &word, json!({})), "a command");
    too_long.look_at(&policy.ask("user:admin", 0, "tree", json!({ word.as_str(): "x" })), "an argument");
    let request = json!({"request": "ask", "caller": "user:admin", "now": 0, "command": "tree", word.as_str(): "x"});
    let answer = policy.state.answered(request.to_string().as_bytes()).answer;
    too_long.look_at(&Err(answer["error"].clone()), "a field");
    too_long.assert_none();
}
