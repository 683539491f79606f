//! Previews: refusals, parts, and the rows that are easily forgotten. That they tell what doing it and asking tells is for
//! `tests/tests/properties`.

use crate::policy::{Answers, Policy};
use portcullis_engine::State;
use serde_json::{Value, json};

const PRIVILEGES: [&str; 3] = ["view", "edit", "grant"];
const PATHS: [&str; 6] = [
    "/folders/a",
    "/folders/a/folders/b",
    "/folders/a/folders/b/folders/c",
    "/folders/a/folders/d",
    "/folders/e",
    "/folders/e/folders/b",
];
const PRINCIPALS: [&str; 4] = ["user:u0", "user:u1", "group:g0", "group:g1"];

fn schema(everyone: &str) -> Value {
    json!({
        "name": "small", "privileges": PRIVILEGES, "everyone": everyone,
        "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
        "types": [{"name": "folder", "parents": ["folder"], "systemObject": "server"}]
    })
}

/// An entry that says of each privilege nothing (0), allows (1) or denies it (2), and may end at second 1.
fn entry(path: &str, principal: &str, effects: [u8; 3], ends: bool) -> Value {
    let (kind, name) = principal.split_once(':').unwrap();
    let mut arguments = json!({"path": path, "principalType": kind, "principalName": name});
    for (privilege, effect) in PRIVILEGES.iter().zip(effects) {
        arguments[format!("{privilege}Privilege")] = ["inherit", "allow", "deny"][usize::from(effect)].into();
    }
    arguments["notAfter"] = if ends { "1970-01-01T00:00:01Z" } else { "" }.into();
    json!({"command": "createAclEntry", "arguments": arguments})
}

fn on(command: &str, path: &str) -> Value {
    json!({"command": command, "arguments": {"path": path}})
}

fn directory_path(principal: &str) -> String {
    let (kind, name) = principal.split_once(':').unwrap();
    format!("/{kind}s/{name}")
}

/// One row: path, object id, principal, gains, loses, and at how many objects below.
type Row = (String, String, String, Vec<String>, Vec<String>, u64);

fn preview(state: &mut State, caller: &str, now: i64, commands: &[Value], more: Value) -> Value {
    let mut request = json!({"request": "preview", "caller": caller, "now": now,
        "seed": "000102030405060708090a0b0c0d0e0f", "commands": commands});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let called = state.answered(request.to_string().as_bytes());
    assert!(called.changes.is_none() && called.private.is_empty(), "a preview proposes nothing");
    called.answer
}

fn row(row: &Value) -> Row {
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let texts = |name: &str| row[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    let principal = format!("{}:{}", text("principalType"), text("principalName"));
    (text("path"), text("objectId"), principal, texts("gains"), texts("loses"), row["below"].as_u64().unwrap())
}

fn rows(answer: &Value) -> Vec<Row> {
    answer["access"].as_array().unwrap().iter().map(row).collect()
}

/// A policy in which `u0` may do everything from the root on, as far as nothing denies it.
fn policy_of(commands: &[Value]) -> Policy {
    let mut policy = Policy::of(&schema("registered"));
    for path in PATHS {
        policy.propose("user:admin", 0, &[on("createObject", path)]).unwrap();
    }
    for principal in PRINCIPALS {
        policy.propose("user:admin", 0, &[on("createObject", &directory_path(principal))]).unwrap();
    }
    policy.propose("user:admin", 0, &[entry("/systemObjects/server", "user:u0", [1; 3], false)]).unwrap();
    commands.iter().for_each(|command| drop(policy.propose("user:admin", 0, std::slice::from_ref(command)).unwrap()));
    policy
}

#[test]
fn a_preview_is_refused_as_the_commands_are() {
    let mut policy = policy_of(&[]);
    let snapshot = policy.state.snapshot();
    let commands = [on("createObject", "/folders/new"), on("deleteObject", "/folders/none")];
    for caller in ["user:admin", "user:u1", "user:stranger"] {
        let proposed = policy.try_out(caller, 0, &commands).answer;
        assert_eq!(preview(&mut policy.state, caller, 0, &commands, json!({})), proposed, "{caller}");
        assert!(proposed.get("error").is_some() && policy.state.snapshot() == snapshot);
    }
}

/// The principals, paths and gains of the rows.
fn gains(state: &mut State, caller: &str, commands: &[Value]) -> Vec<(String, String, Vec<String>)> {
    let answer = preview(state, caller, 0, commands, json!({}));
    rows(&answer).into_iter().map(|(path, _, principal, gains, ..)| (principal, path, gains)).collect()
}

#[test]
fn whoever_counts_as_everyone_unregistered_gains_nothing_of_that_by_being_named() {
    let entries = [entry("/systemObjects/server", "group:Everyone", [1, 0, 0], false)];
    let mut policy = policy_of(&entries);
    let any = json!({"command": "setSchema", "arguments": {"schema": schema("any")}});
    policy.propose("user:admin", 0, &[any]).unwrap();
    let commands = [entry("/folders/a", "user:new", [1, 1, 0], false)];
    let expected = [("user:new".to_owned(), "/folders/a".to_owned(), vec!["edit".to_owned()])];
    assert_eq!(gains(&mut policy.state, "user:admin", &commands), expected);
}

#[test]
fn what_lies_below_what_may_not_be_read_has_a_row_of_its_own() {
    let entries =
        [entry("/folders/a", "user:u0", [2, 0, 0], false), entry("/folders/a/folders/b", "user:u0", [1, 0, 0], false)];
    let mut policy = policy_of(&entries);
    let commands = [entry("/folders/a", "user:u1", [0, 1, 0], false)];
    let row = |path: &str| ("user:u1".to_owned(), path.to_owned(), vec!["edit".to_owned()]);
    assert_eq!(gains(&mut policy.state, "user:admin", &commands), [row("/folders/a")]);
    assert_eq!(gains(&mut policy.state, "user:u0", &commands), [row("/folders/a/folders/b")]);
}

#[test]
fn a_preview_comes_in_parts_as_well() {
    let mut policy = policy_of(&[]);
    let commands = [entry("/systemObjects/server", "group:Everyone", [2, 1, 1], false)];
    let whole = preview(&mut policy.state, "user:admin", 0, &commands, json!({}));
    assert!(whole.get("more").is_none() && rows(&whole).len() > 2, "{whole}");
    let mut parts = Vec::new();
    let mut more = json!({"limit": 2});
    loop {
        let part = preview(&mut policy.state, "user:admin", 0, &commands, more);
        parts.extend(rows(&part));
        let (_, object, principal, ..) = parts.last().unwrap();
        more = json!({"limit": 2, "after": format!("{object} {principal}")});
        if part.get("more") != Some(&json!(true)) {
            break;
        }
    }
    assert_eq!(parts, rows(&whole));
}

#[test]
fn a_preview_looks_from_the_instant_at_which_its_commands_would_be_done() {
    let mut policy = policy_of(&[entry("/folders/e", "user:u1", [0, 1, 0], true)]);
    policy.propose("user:admin", 1_500, &[on("createObject", "/folders/late")]).unwrap();
    let commands = [on("deleteObject", "/folders/e/folders/b"), on("deleteObject", "/folders/e")];
    let answer = preview(&mut policy.state, "user:admin", 0, &commands, json!({}));
    let of_u1 = |(_, _, principal, ..): &Row| principal == "user:u1";
    assert!(!rows(&answer).is_empty() && !rows(&answer).iter().any(of_u1), "{answer}");
}

#[test]
fn a_name_that_passes_from_one_to_another_is_listed_in_parts_to_the_end() {
    let mut policy = policy_of(&[]);
    let commands = [
        on("deleteObject", "/users/u0"),
        json!({"command": "moveObject", "arguments": {"path": "/users/u1", "newName": "u0"}}),
    ];
    let whole = preview(&mut policy.state, "user:admin", 0, &commands, json!({}));
    let keys: Vec<String> =
        rows(&whole).iter().map(|(_, object, principal, ..)| format!("{object} {principal}")).collect();
    assert!(keys.windows(2).any(|pair| pair[0] == pair[1]), "{whole}");
    let (mut parts, mut more) = (Vec::new(), json!({"limit": 1}));
    for _ in 0..=keys.len() {
        let part = preview(&mut policy.state, "user:admin", 0, &commands, more);
        parts.extend(rows(&part));
        let (_, object, principal, ..) = parts.last().unwrap();
        more = json!({"limit": 1, "after": format!("{object} {principal}")});
        if part.get("more") != Some(&json!(true)) {
            break;
        }
    }
    assert_eq!(parts, rows(&whole));
}
