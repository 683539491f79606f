//! Accounts: what no case file can say, because the host comes between or because it is about the records.

use crate::policy::{Answers, Called};
use portcullis_engine::{Change, Key, State};
use serde_json::{Value, json};

const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA";

/// A policy with the user `ann`.
fn policy() -> State {
    let mut state = State::new().unwrap();
    done(&mut state, "createPolicy", json!({}));
    done(&mut state, "createUser", json!({"userName": "ann", "password": HASH, "fullUserName": "Ann", "email": "a@b"}));
    state
}

fn propose(state: &mut State, who: &str, command: &str, arguments: &Value) -> Called {
    let commands = [json!({"command": command, "arguments": arguments})];
    let seed = format!("{:032x}", state.revision() + 1);
    let request = json!({"request": "propose", "caller": who, "now": 0, "seed": seed, "commands": commands});
    state.answered(request.to_string().as_bytes())
}

fn done_by(state: &mut State, who: &str, command: &str, arguments: Value) -> Called {
    let called = propose(state, who, command, &arguments);
    assert!(called.answer["error"].is_null(), "{command}: {}", called.answer);
    if let Some(set) = &called.changes {
        state.apply(set).unwrap();
        state.reveal(&called.private.values);
    }
    called
}

fn done(state: &mut State, command: &str, arguments: Value) -> Called {
    done_by(state, "user:admin", command, arguments)
}

fn refused(state: &mut State, who: &str, command: &str, arguments: Value) -> (String, String) {
    let answer = propose(state, who, command, &arguments).answer;
    let text = |name: &str| answer["error"][name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("message"))
}

fn changes(called: &Called) -> &[Change] {
    called.changes.as_ref().map_or(&[], |set| &set.changes)
}

#[test]
fn a_password_that_no_host_has_hashed_is_refused_and_not_repeated() {
    let mut state = policy();
    for password in ["in plain words", "", "$2b$12$in plain words", "x$argon2id$in plain words"] {
        for (who, command, user) in [
            ("user:admin", "createUser", "bob"),
            ("user:admin", "modifyUser", "ann"),
            ("user:ann", "changeOwnUser", "ann"),
        ] {
            let (code, message) = refused(&mut state, who, command, json!({"userName": user, "password": password}));
            assert_eq!(code, "InvalidArgument", "{command} {password}");
            assert!(message.contains("hashed by the host") && !message.contains("plain words"), "{message}");
        }
    }
    let structure = json!({"userName": "bob", "password": {"in": "plain words"}});
    let (code, message) = refused(&mut state, "user:admin", "createUser", structure);
    assert!(code == "InvalidArgument" && !message.contains("plain words"), "{message}");
}

#[test]
fn texts_that_are_kept_have_at_most_four_thousand_characters() {
    let mut state = policy();
    let (fits, too_long) = ("é".repeat(4_000), "é".repeat(4_001));
    for name in ["fullUserName", "email"] {
        done(&mut state, "modifyUser", json!({"userName": "ann", name: fits}));
        let (code, message) =
            refused(&mut state, "user:ann", "changeOwnUser", json!({"userName": "ann", name: too_long}));
        assert!(code == "ValueTooLong" && message.contains(name), "{message}");
        assert!(!message.contains('é'), "a private text is not repeated");
    }
    let hash = format!("$argon2id${too_long}");
    let (code, _) = refused(&mut state, "user:admin", "modifyUser", json!({"userName": "ann", "password": hash}));
    assert_eq!(code, "ValueTooLong");
}

#[test]
fn a_user_hears_of_at_most_a_thousand_build_classes() {
    let mut state = policy();
    for class in 1..=1_000 {
        done_by(&mut state, "user:ann", "setBuildEndNotification", json!({"buildClassId": class, "enabled": true}));
    }
    let more = json!({"buildClassId": 1_001, "enabled": true});
    assert_eq!(refused(&mut state, "user:ann", "setBuildEndNotification", more.clone()).0, "InvalidArgument");
    let again = json!({"buildClassId": 500, "enabled": true});
    assert!(done_by(&mut state, "user:ann", "setBuildEndNotification", again).changes.is_none());
    done_by(&mut state, "user:ann", "setBuildEndNotification", json!({"buildClassId": 500, "enabled": false}));
    done_by(&mut state, "user:ann", "setBuildEndNotification", more);
}

#[test]
fn an_account_that_is_again_as_it_began_leaves_no_record() {
    for (set, back) in [
        (
            (
                "user:admin",
                "setPermissions",
                json!({"principalType": "user", "entityName": "ann", "permissions": "UserModify"}),
            ),
            ("user:admin", "setPermissions", json!({"principalType": "user", "entityName": "ann", "permissions": ""})),
        ),
        (
            ("user:admin", "modifyUser", json!({"userName": "ann", "disabled": true})),
            ("user:admin", "modifyUser", json!({"userName": "ann", "disabled": false})),
        ),
        (
            ("user:ann", "setUserSettings", json!({"watchMessages": "Y", "notificationLevel": "Error"})),
            ("user:ann", "setUserSettings", json!({"watchMessages": "N", "notificationLevel": "Info"})),
        ),
        (
            ("user:ann", "setBuildEndNotification", json!({"buildClassId": 7, "enabled": true})),
            ("user:ann", "setBuildEndNotification", json!({"buildClassId": 7, "enabled": false})),
        ),
    ] {
        let mut state = policy();
        assert_eq!(changes(&done_by(&mut state, set.0, set.1, set.2)).len(), 1);
        let called = done_by(&mut state, back.0, back.1, back.2);
        assert!(matches!(changes(&called), [Change::Delete(Key::Particulars(_))]), "{:?}", called.changes);
    }
}

#[test]
fn what_is_private_goes_with_its_user_and_with_its_erasure() {
    for command in ["eraseUser", "deleteUser"] {
        let mut state = policy();
        assert_eq!(state.private_digests().count(), 3, "name, address and password");
        let called = done(&mut state, command, json!({"userName": "ann"}));
        assert_eq!(called.private.gone.len(), 3, "{command}");
        assert_eq!(state.private_digests().count(), 0, "{command}");
    }
}

#[test]
fn a_private_value_that_is_replaced_or_cleared_is_to_be_erased() {
    let mut state = policy();
    let replaced = done(&mut state, "modifyUser", json!({"userName": "ann", "email": "c@d"})).private;
    assert_eq!((replaced.values.len(), replaced.gone.len()), (1, 1));
    let cleared = done(&mut state, "modifyUser", json!({"userName": "ann", "email": ""})).private;
    assert_eq!((cleared.values.len(), cleared.gone.len()), (0, 1));
    let same = done(&mut state, "modifyUser", json!({"userName": "ann", "fullUserName": "Ann"}));
    assert!(same.changes.is_none() && same.private.is_empty());
}
