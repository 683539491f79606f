//! Random sequences of commands, sensible and not, by whoever: proposing alters nothing, what is proposed is applied,
//! and the log leads to the same state again.

use crate::policy::{Called, Policy};
use portcullis_engine::State;
use proptest::prelude::*;
use serde_json::{Value, json};

const CALLERS: [&str; 4] = ["user:admin", "user:ann", "user:stranger", "serviceAccount:ci"];
const PATHS: [&str; 16] = [
    "/projects/A",
    "/projects/B",
    "/projects/A/pipelines/Q",
    "/projects/B/pipelines/Q",
    "/projects/A/pipelines/Q/stages/S",
    "/projects/A/pipelines/Q/stages/S/tasks/T",
    "/projects/A/pipelines/Q/stages/S/tasks/T/tasks/T",
    "/projects/A/credentials/C",
    "/projects/A/properties/x",
    "/users/ann",
    "/users/bob",
    "/groups/G",
    "/groups/H",
    "/serviceAccounts/ci",
    "/systemObjects/projects",
    "/nonsense",
];
const NAMES: [&str; 8] = ["A", "B", "ann", "bob", "G", "H", "project: A", "Everyone"];

fn command() -> impl Strategy<Value = Value> {
    let (path, name, kind) = (any_of(&PATHS), any_of(&NAMES), any_of(&["user", "group", "serviceAccount"]));
    let word = any_of(&["allow", "deny", "inherit", "maybe"]);
    let entry = (path.clone(), kind.clone(), name.clone(), word.clone(), word);
    let says = |command: &'static str| {
        move |(path, kind, name, read, modify)| {
            json!({"command": command, "arguments": {"path": path, "principalType": kind, "principalName": name,
                "readPrivilege": read, "modifyPrivilege": modify, "changePermissionsPrivilege": read}})
        }
    };
    let on = |command: &'static str| {
        any_of(&PATHS).prop_map(move |path| json!({"command": command, "arguments": {"path": path}}))
    };
    let member = (name.clone(), name.clone(), kind.clone());
    let joins = |command: &'static str| move |(group, member, kind)| json!({"command": command, "arguments": {"groupName": group, "userName": member, "memberType": kind}});
    prop_oneof![
        6 => on("createObject"),
        2 => on("deleteObject"),
        2 => (path.clone(), name.clone()).prop_map(|(path, name)| json!({"command": "moveObject", "arguments": {"path": path, "newName": name}})),
        2 => (path.clone(), path.clone()).prop_map(|(path, to)| json!({"command": "moveObject", "arguments": {"path": path, "newParent": to}})),
        4 => entry.clone().prop_map(says("createAclEntry")),
        2 => entry.prop_map(says("modifyAclEntry")),
        1 => (path.clone(), kind, name).prop_map(|(path, kind, name)| json!({"command": "deleteAclEntry", "arguments": {"path": path, "principalType": kind, "principalName": name}})),
        1 => on("breakAclInheritance"),
        1 => on("restoreAclInheritance"),
        3 => member.clone().prop_map(joins("addGroupMember")),
        1 => member.prop_map(joins("removeGroupMember")),
        1 => path.prop_map(|path| json!({"command": "import", "arguments": {"objects": [{"path": path,
            "acl": {"inheriting": false, "entries": [{"principalType": "user", "principalName": "ann", "readPrivilege": "allow"}]},
            "members": []}]}})),
    ]
}

fn any_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(words)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_commanded_a_proposal_alters_nothing_and_the_log_leads_here_again(
        requests in proptest::collection::vec((any_of(&CALLERS), proptest::collection::vec(command(), 1..5)), 1..25),
    ) {
        let mut policy = Policy::new();
        for (at, (caller, commands)) in requests.iter().enumerate() {
            let before = policy.state.snapshot();
            let first = policy.try_out(caller, at as i64, commands).answer;
            prop_assert!(policy.state.snapshot() == before, "a proposal altered the state");
            let Called { answer: second, changes, .. } = policy.try_out(caller, at as i64, commands);
            prop_assert_eq!(first, second, "the same question has the same answer");
            let Some(set) = changes else { continue };
            policy.state.apply(&set).unwrap();
            policy.log.push(set);
            let after = policy.state.snapshot();
            prop_assert!(State::restore(&after).unwrap().snapshot() == after, "a snapshot gives another");
        }
        prop_assert!(policy.replayed().snapshot() == policy.state.snapshot(), "the log leads elsewhere");
    }

    #[test]
    fn a_request_refused_at_its_end_takes_all_of_it_back(commands in proptest::collection::vec(command(), 1..12)) {
        let mut policy = Policy::new();
        let done: Vec<Value> =
            commands.into_iter().filter(|command| policy.propose("user:admin", 0, std::slice::from_ref(command)).is_ok()).collect();
        let mut again = Policy::new();
        let before = again.state.snapshot();
        let refused: Vec<Value> = done.iter().cloned().chain([json!({"command": "no such command"})]).collect();
        let Called { answer, changes, .. } = again.try_out("user:admin", 0, &refused);
        prop_assert_eq!(&answer["error"]["code"], "InvalidRequestName");
        prop_assert!(changes.is_none() && again.state.snapshot() == before);
        // One request after another, or all in one: the same but for the revisions.
        let Called { answer, changes, .. } = again.try_out("user:admin", 0, &done);
        prop_assert!(answer.get("error").is_none(), "{}", answer);
        let together: Vec<_> = changes.into_iter().flat_map(|set| set.changes).collect();
        let apart: Vec<_> = policy.log.iter().skip(1).flat_map(|set| set.changes.clone()).collect();
        prop_assert_eq!(together, apart);
    }
}
