//! Damage and nonsense: refused, never a panic, and nothing is changed by it.

use crate::policy::{Answers, Called, Policy};
use portcullis_engine::{ChangeSet, State};
use proptest::prelude::*;
use serde_json::json;

/// A small policy in which every kind of record stands, and one of each has gone.
pub(crate) fn small_policy() -> Policy {
    let mut policy = Policy::of(&json!({
        "name": "s", "privileges": ["r", "w"], "roles": {"read": "r", "modify": "w", "changePermissions": "w"},
        "types": [{"name": "box", "collection": "boxes"}]
    }));
    let commands = [
        ("createObject", json!({"path": "/boxes/a"})),
        ("createObject", json!({"path": "/boxes/gone"})),
        ("createObject", json!({"path": "/users/ann"})),
        ("createObject", json!({"path": "/groups/G"})),
        ("addGroupMember", json!({"groupName": "G", "userName": "ann"})),
        (
            "createAclEntry",
            json!({"path": "/boxes/a", "principalType": "group", "principalName": "G", "rPrivilege": "allow"}),
        ),
        (
            "createAclEntry",
            json!({"path": "/boxes/a", "principalType": "user", "principalName": "ann", "wPrivilege": "deny",
            "notBefore": "1970-01-01T00:00:01Z", "notAfter": "1970-01-01T00:00:02Z"}),
        ),
        (
            "createAclEntry",
            json!({"path": "/boxes/gone", "principalType": "user", "principalName": "x", "rPrivilege": "deny"}),
        ),
        ("breakAclInheritance", json!({"path": "/boxes/a"})),
        ("deleteObject", json!({"path": "/boxes/gone"})),
        ("removeGroupMember", json!({"groupName": "G", "userName": "ann"})),
        ("addGroupMember", json!({"groupName": "G", "userName": "ann"})),
    ];
    for (command, arguments) in commands {
        policy.admin(command, arguments).unwrap();
    }
    policy
}

#[test]
fn a_snapshot_with_any_one_bit_flipped_is_refused() {
    let snapshot = small_policy().state.snapshot();
    for at in 0..snapshot.len() {
        for bit in 0..8 {
            let mut damaged = snapshot.clone();
            damaged[at] ^= 1 << bit;
            let refusal =
                State::restore(&damaged).err().unwrap_or_else(|| panic!("bit {bit} of byte {at} is not seen"));
            assert_eq!(refusal.code(), "Damaged");
        }
    }
}

#[test]
fn a_snapshot_cut_short_or_followed_by_more_is_refused() {
    let snapshot = small_policy().state.snapshot();
    for length in 0..snapshot.len() {
        assert!(State::restore(&snapshot[..length]).is_err(), "{length} of {} bytes", snapshot.len());
    }
    assert!(State::restore(&[snapshot.as_slice(), &[0]].concat()).is_err());
    assert!(State::restore(&[0; 4096]).is_err());
}

#[test]
fn a_newer_snapshot_or_change_set_is_refused_as_such() {
    let mut policy = small_policy();
    let mut snapshot = policy.state.snapshot();
    snapshot[7] = 200;
    assert!(State::restore(&snapshot).err().unwrap().to_string().contains("version 200"));
    let mut set = policy.log.remove(0).encode();
    set[0] = 200;
    assert!(ChangeSet::decode(&set).unwrap_err().to_string().contains("version 200"));
}

/// What a damaged set may do: be refused and leave the state as it was, or be a set like any other, after which the
/// state can still be saved and loaded.
fn try_damaged(before: &State, snapshot: &[u8], bytes: &[u8]) {
    let Ok(set) = ChangeSet::decode(bytes) else { return };
    let mut state = State::restore(snapshot).unwrap();
    match state.apply(&set) {
        Err(refusal) => {
            assert_eq!(refusal.code(), "Damaged", "{refusal}");
            assert!(state.snapshot() == snapshot, "refused, and yet it changed something: {set:?}");
        }
        Ok(()) => {
            assert_eq!(state.revision(), before.revision() + 1);
            let after = state.snapshot();
            let restored =
                State::restore(&after).unwrap_or_else(|refusal| panic!("applied, not restored: {refusal}; {set:?}"));
            assert!(restored.snapshot() == after, "{set:?}");
        }
    }
}

#[test]
fn a_change_set_with_any_one_bit_flipped_never_breaks_the_state() {
    let policy = small_policy();
    let mut state = State::new().unwrap();
    for set in &policy.log {
        let (bytes, snapshot) = (set.encode(), state.snapshot());
        for place in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[place / 8] ^= 1 << (place % 8);
            try_damaged(&state, &snapshot, &damaged);
        }
        state.apply(set).unwrap();
    }
}

#[test]
fn a_change_set_out_of_turn_is_refused() {
    let policy = small_policy();
    let mut state = State::new().unwrap();
    assert_eq!(state.apply(&policy.log[1]).unwrap_err().code(), "Damaged");
    state.apply(&policy.log[0]).unwrap();
    assert_eq!(state.apply(&policy.log[0]).unwrap_err().code(), "Damaged");
    assert_eq!(state.revision(), 1);
}

/// A request as it should be, to be bent.
const REQUEST: &str = r#"{"request":"propose","caller":{"type":"user","name":"admin","groups":["G"]},"now":5,"seed":"00112233445566778899aabbccddeeff","commands":[{"command":"createAclEntry","arguments":{"principalType":"user","principalName":"é🚪","path":"/boxes/a%2F","rPrivilege":"allow","notBefore":"1970-01-01T00:00:01Z"}}]}"#;

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        proptest::sample::select(vec![
            "/boxes/a",
            "user:ann",
            "group:G",
            "r",
            "user",
            "%",
            "/",
            "project: ",
            "allow",
            "createObject"
        ])
        .prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let words = proptest::sample::select(vec![
            "path",
            "principal",
            "privilege",
            "type",
            "name",
            "groups",
            "objects",
            "boxName",
            "limit",
        ]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::vec((words, inner), 0..4).prop_map(|fields| serde_json::Value::Object(
                fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_neither_a_change_set_nor_a_snapshot_that_breaks_anything(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let state = State::new().unwrap();
        prop_assert!(State::restore(&bytes).is_err());
        try_damaged(&state, &state.snapshot(), &bytes);
        try_damaged(&state, &state.snapshot(), &[&[1, 1], bytes.as_slice()].concat());
    }

    #[test]
    fn random_bytes_in_a_call_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut policy = small_policy();
        let Called { answer, changes, .. } = policy.state.answered(&bytes);
        prop_assert!(answer["error"]["code"].is_string() && changes.is_none());
    }

    #[test]
    fn a_bent_request_is_answered_and_changes_nothing(
        places in proptest::collection::vec((0..REQUEST.len(), any::<u8>()), 1..4),
        cut in proptest::option::of(0..REQUEST.len()),
    ) {
        let mut policy = small_policy();
        let mut bytes = REQUEST.as_bytes().to_vec();
        places.into_iter().for_each(|(at, byte)| bytes[at] = byte);
        bytes.truncate(cut.unwrap_or(bytes.len()));
        let before = policy.state.snapshot();
        let Called { answer, changes, .. } = policy.state.answered(&bytes);
        prop_assert!(answer["error"]["code"].is_string() || answer["replies"].is_array(), "{}", answer);
        prop_assert!(policy.state.snapshot() == before);
        if let Some(set) = changes {
            policy.state.apply(&set).unwrap();
        }
    }

    #[test]
    fn any_value_for_any_argument_of_any_command_is_answered(
        command in (0..portcullis_engine::COMMANDS.len()).prop_map(|at| &portcullis_engine::COMMANDS[at]),
        values in proptest::collection::vec(json_value(), 8),
        locator in proptest::sample::select(vec!["path", "boxName", "objectId", "objectType", "rPrivilege", "systemObjectName"]),
        asks in any::<bool>(),
    ) {
        let mut policy = small_policy();
        let names = command.arguments.iter().map(|argument| argument.name).chain([locator]);
        let arguments: serde_json::Map<_, _> = names.map(str::to_owned).zip(values).collect();
        let call = json!({"command": command.name, "arguments": arguments});
        let answer = match asks {
            true => policy.ask("user:admin", 0, command.name, serde_json::Value::Object(arguments.clone())),
            false => policy.propose("user:admin", 0, &[call]),
        };
        if let Err(error) = answer {
            prop_assert!(error["code"].is_string() && error["code"] != "Damaged", "{}", error);
        }
        prop_assert!(policy.replayed().snapshot() == policy.state.snapshot());
    }
}
