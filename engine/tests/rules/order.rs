//! Order: how siblings came to lie side by side shows in no answer and in no change set.

use crate::policy::{Called, Policy};
use portcullis_engine::State;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Objects of several types under two projects, all of one name, so that their order is that of nothing else.
const PATHS: [&str; 10] = [
    "/projects/A",
    "/projects/B",
    "/projects/A/pipelines/x",
    "/projects/A/pipelines/y",
    "/projects/A/pipelines/z",
    "/projects/A/procedures/x",
    "/projects/A/propertySheets/x",
    "/projects/A/propertySheets/y",
    "/projects/B/pipelines/x",
    "/projects/B/propertySheets/z",
];
const NAMES: [&str; 4] = ["x", "y", "z", "w"];
const PARENTS: [&str; 2] = ["/projects/A", "/projects/B"];

fn policy() -> Policy {
    let mut policy = Policy::new();
    for path in ["/users/ann"].into_iter().chain(PATHS) {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    for path in PATHS {
        let entry = json!({"path": path, "principalType": "user", "principalName": "ann", "modifyPrivilege": "allow"});
        policy.admin("createAclEntry", entry).unwrap();
    }
    policy
}

/// What a listing, a walk down and the deletion of everything give.
fn shown(policy: &mut Policy) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    let questions = [
        ("tree", json!({})),
        ("getObjects", json!({"path": "/projects/A"})),
        ("getObjects", json!({"path": "/projects/A", "recursive": true})),
        ("access", json!({"principal": "user:ann"})),
        ("getAccess", json!({"path": "/projects/A/properties/p"})),
        ("explain", json!({"path": "/projects/A/properties/p", "principal": "user:ann", "privilege": "modify"})),
    ];
    for (command, arguments) in questions {
        shown.push(format!("{:?}", policy.ask("user:admin", 0, command, arguments)).into_bytes());
    }
    for path in PARENTS {
        let delete = json!({"command": "deleteObject", "arguments": {"path": path}});
        let Called { answer, changes, .. } = policy.try_out("user:admin", 0, &[delete]);
        shown.push(answer.to_string().into_bytes());
        shown.push(changes.map(|set| set.encode()).unwrap_or_default());
    }
    shown
}

/// The same before and after a snapshot, and after the log alone.
fn assert_without_history(policy: &mut Policy) {
    let here = shown(policy);
    let snapshot = policy.state.snapshot();
    let restored = State::restore(&snapshot).unwrap();
    assert!(restored.snapshot() == snapshot);
    for state in [restored, policy.replayed()] {
        let mut other = Policy { state, log: Vec::new() };
        assert_eq!(texts(&shown(&mut other)), texts(&here));
    }
}

fn texts(answers: &[Vec<u8>]) -> Vec<String> {
    answers.iter().map(|bytes| bytes.escape_ascii().to_string()).collect()
}

fn rename(path: &str, name: &str) -> Value {
    json!({"command": "moveObject", "arguments": {"path": path, "newName": name}})
}

fn relocate(path: &str, parent: &str) -> Value {
    json!({"command": "moveObject", "arguments": {"path": path, "newParent": parent}})
}

#[test]
fn a_renaming_back_and_forth_leaves_no_trace_in_answers_and_change_sets() {
    let mut policy = policy();
    let before = shown(&mut policy);
    for (from, to) in [("x", "w"), ("w", "x")] {
        policy.admin("moveObject", json!({"path": format!("/projects/A/pipelines/{from}"), "newName": to})).unwrap();
    }
    assert_without_history(&mut policy);
    // The revisions differ, and nothing else: no question names one.
    assert_eq!(texts(&shown(&mut policy)[..6]), texts(&before[..6]));
}

#[test]
fn a_move_away_and_back_leaves_no_trace_in_answers_and_change_sets() {
    let mut policy = policy();
    for (path, parent) in [("/projects/A/pipelines/y", "/projects/B"), ("/projects/B/pipelines/y", "/projects/A")] {
        policy.admin("moveObject", json!({"path": path, "newParent": parent})).unwrap();
    }
    assert_without_history(&mut policy);
}

#[test]
fn a_refused_proposal_leaves_no_trace_in_answers_and_change_sets() {
    let mut policy = policy();
    let before = shown(&mut policy);
    let steps = [
        rename("/projects/A/pipelines/x", "w"),
        relocate("/projects/A/propertySheets/x", "/projects/B"),
        json!({"command": "deleteObject", "arguments": {"path": "/projects/A/procedures/x"}}),
        json!({"command": "no such command"}),
    ];
    let refused = policy.propose("user:admin", 0, &steps).unwrap_err();
    assert_eq!((&refused["code"], &refused["command"]), (&json!("InvalidRequestName"), &json!(3)));
    assert_eq!(texts(&shown(&mut policy)), texts(&before));
    assert_without_history(&mut policy);
}

fn step() -> impl Strategy<Value = Value> {
    let any = |words: &'static [&'static str]| proptest::sample::select(words);
    prop_oneof![
        3 => (any(&PATHS), any(&NAMES)).prop_map(|(path, name)| rename(path, name)),
        3 => (any(&PATHS), any(&PARENTS)).prop_map(|(path, parent)| relocate(path, parent)),
        1 => any(&PATHS).prop_map(|path| json!({"command": "deleteObject", "arguments": {"path": path}})),
        2 => any(&PATHS).prop_map(|path| json!({"command": "createObject", "arguments": {"path": path}})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_history_a_restored_policy_answers_and_proposes_the_same_bytes(
        requests in proptest::collection::vec((step(), any::<bool>()), 1..16),
    ) {
        let mut policy = policy();
        for (step, is_refused) in requests {
            let end = is_refused.then(|| json!({"command": "no such command"}));
            let commands: Vec<Value> = std::iter::once(step).chain(end).collect();
            // A step that cannot be done is one that is refused.
            let _ = policy.propose("user:admin", 0, &commands);
        }
        assert_without_history(&mut policy);
    }
}

#[test]
fn what_was_looked_up_before_the_schema_changed_is_answered_as_after_it() {
    let schema = |names: serde_json::Value| {
        json!({"name": "small", "privileges": ["read"],
            "roles": {"read": "read", "modify": "read", "changePermissions": "read"},
            "types": [{"name": "door", "names": names}]})
    };
    let mut policy = Policy::of(&schema(json!([])));
    policy.admin("createObject", json!({"path": "/doors/back"})).unwrap();
    assert_eq!(policy.state.check_names("user:admin", "read", "/doors/back", 0).ok(), Some(true));
    policy.admin("setSchema", json!({"schema": schema(json!(["front"]))})).unwrap();
    let answer = |state: &portcullis_engine::State| {
        let checked = state.check_names("user:admin", "read", "/doors/back", 0);
        checked.map_err(|refusal| refusal.code().into_owned())
    };
    assert_eq!(answer(&policy.state), answer(&policy.replayed()));
}
