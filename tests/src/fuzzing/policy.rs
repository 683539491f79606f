//! A policy with something of everything, and what is asked of any.

use portcullis_engine::{ChangeSet, Refusal, State};
use serde_json::{Value, json};

/// The instant at which it was made, and at which it is asked; milliseconds since 1970.
pub(super) const NOW: i64 = 1_767_225_600_000;

/// What makes the policy: groups in groups, entries that deny, that are dated and that stop the inheritance, personas, a
/// service account, a token and a session.
pub(super) fn commands() -> Vec<Value> {
    let hash = "ab".repeat(32);
    [
        json!({"command": "createPolicy"}),
        json!({"command": "createObject", "arguments": {"path": "/users/ann"}}),
        json!({"command": "modifyUser",
            "arguments": {"userName": "ann", "fullUserName": "Ann Arbor", "email": "ann@example.org"}}),
        json!({"command": "createObject", "arguments": {"path": "/users/bob"}}),
        json!({"command": "createGroup", "arguments": {"groupName": "dev"}}),
        json!({"command": "createGroup", "arguments": {"groupName": "all"}}),
        json!({"command": "addGroupMember", "arguments": {"groupName": "dev", "userName": "ann"}}),
        json!({"command": "addGroupMember", "arguments": {"groupName": "all", "userName": "dev", "memberType": "group"}}),
        json!({"command": "createObject", "arguments": {"path": "/serviceAccounts/ci"}}),
        json!({"command": "createObject", "arguments": {"path": "/projects/Web"}}),
        json!({"command": "createObject", "arguments": {"path": "/projects/Web/procedures/Build"}}),
        json!({"command": "createObject", "arguments": {"path": "/projects/Web/procedures/Build/steps/compile"}}),
        json!({"command": "createObject", "arguments": {"path": "/projects/100%25"}}),
        json!({"command": "createAclEntry", "arguments": {"path": "/projects/Web", "principalType": "group",
            "principalName": "all", "readPrivilege": "allow", "modifyPrivilege": "deny"}}),
        json!({"command": "createAclEntry", "arguments": {"path": "/projects/Web/procedures/Build", "principalType": "user",
            "principalName": "ann", "modifyPrivilege": "allow", "changePermissionsPrivilege": "allow",
            "notBefore": "2026-01-01T00:00:00.000Z", "notAfter": "2027-01-01T00:00:00.000Z"}}),
        json!({"command": "createAclEntry", "arguments": {"path": "/projects/100%25", "principalType": "user",
            "principalName": "nobody yet", "executePrivilege": "allow"}}),
        json!({"command": "breakAclInheritance", "arguments": {"path": "/projects/Web/procedures/Build/steps/compile"}}),
        json!({"command": "createPersonaPage", "arguments": {"personaPageName": "runs"}}),
        json!({"command": "createPersonaCategory", "arguments": {"personaCategoryName": "testing", "personaPages": ["runs"]}}),
        json!({"command": "createPersona", "arguments": {"personaName": "QA"}}),
        json!({"command": "createUserAccessToken", "issue": {"hash": hash},
            "arguments": {"userAccessTokenName": "ci", "expirationDays": "30"}}),
    ]
    .to_vec()
}

/// The policy. What it does not take of [`commands`] is a fault of this module, and a test says so.
pub(super) fn state() -> State {
    let mut state = new();
    for command in commands() {
        // One that is refused is found by the test below.
        drop(propose(&mut state, &command));
    }
    state
}

/// A state with no policy in it.
pub(super) fn new() -> State {
    let state = State::new();
    assert!(state.is_ok(), "the engine begins");
    state.unwrap_or_else(|_| std::process::abort())
}

/// Does what `admin` commands, and returns the answer.
pub(super) fn propose(state: &mut State, command: &Value) -> Result<Value, Box<Refusal>> {
    let called = state.call(request(command).to_string().as_bytes());
    if let Some(set) = &called.changes {
        state.apply(set)?;
    }
    state.reveal(&called.private.values);
    Ok(serde_json::from_str(&called.answer).unwrap_or_default())
}

/// A request of `admin`.
pub(super) fn request(command: &Value) -> Value {
    json!({"request": "propose", "caller": "user:admin", "now": NOW, "seed": "00112233445566778899aabbccddeeff",
        "commands": [command]})
}

/// Asks the state for whatever walks over all of it, and does what takes new ids: none of this may panic, what it answers
/// must be an answer, and what it proposes must fit.
pub(super) fn question(state: &mut State) {
    let asks = [
        json!({"command": "tree", "arguments": {}}),
        json!({"command": "access", "arguments": {"path": "/projects/Web"}}),
        json!({"command": "access", "arguments": {"principal": "user:ann"}}),
        json!({"command": "getUsers", "arguments": {}}),
        json!({"command": "getPersonas", "arguments": {}}),
        json!({"command": "getAccess", "arguments": {"path": "/projects/Web/procedures/Build"}}),
        json!({"command": "explain", "arguments":
            {"principal": "user:ann", "privilege": "read", "path": "/projects/Web/procedures/Build/steps/compile"}}),
    ];
    for mut ask in asks {
        if let Some(fields) = ask.as_object_mut() {
            fields.extend([
                ("request".into(), "ask".into()),
                ("caller".into(), "user:admin".into()),
                ("now".into(), NOW.into()),
            ]);
        }
        is_answer(&state.call(ask.to_string().as_bytes()).answer);
    }
    let commands = [
        json!({"command": "createPolicy"}),
        json!({"command": "createObject", "arguments": {"path": "/users/zoe"}}),
        json!({"command": "createAclEntry", "arguments": {"path": "/systemObjects/server", "principalType": "user", "principalName": "zoe"}}),
        json!({"command": "deleteObject", "arguments": {"path": "/projects/Web"}}),
        json!({"command": "createUserAccessToken", "issue": {"hash": "ab".repeat(32)},
            "arguments": {"userAccessTokenName": "another"}}),
    ];
    for command in commands {
        let proposed = propose(state, &command);
        assert!(proposed.is_ok(), "what was proposed does not fit: {proposed:?}");
    }
}

/// Answers a request and checks what must be true of every answer: it is JSON, the state is as it was, a refusal changes
/// nothing, and what is to be changed can be written, read and applied.
pub(super) fn check_call(state: &mut State, request: &[u8]) {
    let before = state.snapshot();
    let called = state.call(request);
    assert!(state.snapshot() == before, "the call itself changed the state");
    let answer = is_answer(&called.answer);
    let is_refused = answer.get("error").is_some();
    assert!(!is_refused || called.changes.is_none(), "what is refused changes something");
    assert!(!is_refused || called.private.values.is_empty() && called.private.gone.is_empty(), "and is told");
    let Some(set) = called.changes else { return };
    let bytes = set.encode();
    assert_eq!(
        ChangeSet::decode(&bytes).as_ref().map_err(ToString::to_string),
        Ok(&set),
        "it is read as it was written"
    );
    check_applied(&before, &set);
}

/// Applies the change set to what the snapshot is of: it must fit, and lead to a state whose snapshot can be read.
fn check_applied(before: &[u8], set: &ChangeSet) {
    let restored = State::restore(before).and_then(|mut state| state.apply(set).map(|()| state.snapshot()));
    assert!(
        restored.is_ok(),
        "what was proposed does not fit: {}",
        restored.err().map(|error| error.to_string()).unwrap_or_default()
    );
    let after = restored.unwrap_or_default();
    assert!(State::restore(&after).is_ok_and(|state| state.snapshot() == after), "and leads to no state");
}

/// The answer, which must be a JSON object.
pub(super) fn is_answer(json: &str) -> Value {
    let answer: Value = serde_json::from_str(json).unwrap_or_default();
    assert!(answer.is_object(), "this is no answer: {json}");
    answer
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_policy_takes_all_of_its_commands() {
        let mut state = new();
        for command in commands() {
            let answer = propose(&mut state, &command).unwrap();
            assert!(answer.get("error").is_none(), "{command}: {answer}");
        }
        question(&mut state);
    }
}
