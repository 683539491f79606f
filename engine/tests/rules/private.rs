//! Private values and whoever proves a session: what no case can say, because it is about seeds, bytes and records.

use crate::policy::{Answers, Called};
use portcullis_engine::{
    Change, ChangeSet, Key, Particulars, Persona, PrivateField, Record, Request, Session, State, Token,
};
use serde_json::{Value, json};

const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA";
const SECRET: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

fn propose(state: &mut State, caller: Value, seed: u32, commands: Value) -> Called {
    let seed = format!("{seed:032x}");
    let request = json!({"request": "propose", "caller": caller, "now": 0, "seed": seed, "commands": commands});
    state.answered(request.to_string().as_bytes())
}

fn done(state: &mut State, caller: Value, seed: u32, commands: Value) -> Value {
    let Called { answer, changes, private } = propose(state, caller, seed, commands);
    state.apply(&changes.expect("it changes something")).unwrap();
    state.reveal(&private.values);
    answer["replies"].clone()
}

/// A policy with the users ann and bob, and a session of ann, whose id it gives.
fn policy() -> (State, String) {
    let mut state = State::new().unwrap();
    let user = |name: &str| json!({"command": "createUser", "arguments": {"userName": name, "password": HASH}});
    done(&mut state, "user:admin".into(), 1, json!([{"command": "createPolicy"}, user("ann"), user("bob")]));
    let login = json!([{"command": "login", "issue": {"hash": SECRET}}]);
    let session = done(&mut state, "user:ann".into(), 2, login)[0]["sessionId"].as_str().unwrap().to_owned();
    (state, session)
}

fn email(state: &mut State, user: &str) -> Value {
    let request = json!({"request": "ask", "caller": "user:admin", "now": 0, "command": "getUser",
        "arguments": {"userName": user}});
    state.answered(request.to_string().as_bytes()).answer["reply"]["userInfo"]["email"].clone()
}

fn with_email(user: &str) -> Value {
    json!([{"command": "modifyUser", "arguments": {"userName": user, "email": "a@example.org"}}])
}

#[test]
fn a_seed_that_comes_twice_takes_no_value_away() {
    let (mut state, _) = policy();
    done(&mut state, "user:admin".into(), 9, with_email("ann"));
    propose(&mut state, "user:admin".into(), 9, with_email("bob"));
    assert_eq!(email(&mut state, "ann"), "a@example.org");
    done(&mut state, "user:admin".into(), 9, with_email("bob"));
    let digests: Vec<_> = state.private_digests().collect();
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "two values have one digest");
}

#[test]
fn what_a_batch_has_ended_is_of_no_use_to_what_follows() {
    let (mut state, session) = policy();
    let caller = json!({"session": session, "hash": SECRET});
    let token = json!({"command": "createUserAccessToken", "issue": {"hash": SECRET}});
    let Called { answer, changes, .. } =
        propose(&mut state, caller.clone(), 3, json!([{"command": "logout"}, token.clone()]));
    assert_eq!((&answer["error"]["code"], &answer["error"]["command"]), (&json!("ExpiredSession"), &json!(1)));
    assert!(changes.is_none());
    let made = done(&mut state, caller, 4, json!([token]))[0]["token"].as_str().unwrap().to_owned();
    let revoke = json!({"command": "revokeUserAccessTokens"});
    let login = json!({"command": "login", "issue": {"hash": SECRET}});
    let caller = json!({"token": made, "hash": SECRET});
    let answer = propose(&mut state, caller, 5, json!([revoke, login])).answer;
    assert_eq!(answer["error"]["code"], "ExpiredSession");
}

#[test]
fn a_caller_is_one_thing_and_a_time_can_be_written() {
    let request = |caller: Value, now: i64| {
        let request = json!({"request": "ask", "caller": caller, "now": now, "command": "getSchema"});
        Request::parse(request.to_string().as_bytes()).map(drop).map_err(|refusal| refusal.code().into_owned())
    };
    let refused = Err("InvalidArgument".to_owned());
    assert_eq!(request(json!({"token": "t", "hash": "h", "type": "user", "name": "admin"}), 0), refused);
    assert_eq!(request(json!({"token": "t", "session": "s"}), 0), refused);
    assert_eq!(request("user:admin".into(), 253_402_300_800_000), refused);
    assert_eq!(request("user:admin".into(), 253_402_300_799_999), Ok(()));
}

#[test]
fn nothing_private_is_printed() {
    let (mut state, session) = policy();
    let request = json!({"request": "propose", "caller": {"session": session, "hash": SECRET}, "now": 0,
    "seed": "0".repeat(32), "commands": [
        {"command": "changeOwnUser", "arguments": {"userName": "ann", "password": HASH, "email": "ann@example.org"}},
        {"command": "createUserAccessToken", "issue": {"hash": SECRET}},
        {"command": "getUser", "arguments": {"userName": "ann"}},
    ]});
    let request = Request::parse(request.to_string().as_bytes()).unwrap();
    let proposal = state.propose(&request).unwrap();
    let printed = format!("{request:?} {proposal:?} {:?}", proposal.changes);
    for secret in [HASH, SECRET, "ann@example.org"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn a_change_set_about_what_is_not_there_is_refused() {
    let (state, _) = policy();
    let session = |principal| {
        let (token, idle_ms, limit_ms) = (0, 1, None);
        Record::Session(Session { principal, id: 2, token, created_ms: 0, extended_ms: 0, idle_ms, limit_ms })
    };
    let token = |user| {
        let (name, description) = (String::new(), String::new());
        Record::Token(Token { user, id: 2, name, description, created_ms: 0, expires_ms: None })
    };
    let private = |owner, field| Record::Private { owner, field, digest: [0; 32] };
    let details = vec![(3, vec![]), (2, vec![])];
    let persona = Particulars::Persona(Persona { details, ..Persona::default() });
    let hostile = [
        Change::Delete(Key::Principal(4)),
        Change::Put(session(1)),
        Change::Put(session(99)),
        Change::Put(token(1)),
        Change::Put(private(999, PrivateField::Password)),
        Change::Put(private(1, PrivateField::Email)),
        Change::Put(private(99, PrivateField::SecretHash)),
        Change::Put(Record::Particulars { object: 1, particulars: Particulars::DefaultPersona(1) }),
        Change::Put(Record::Particulars { object: 1, particulars: persona }),
        Change::Put(Record::Assignment { persona: 1, principal: 4, at_ms: 0 }),
        Change::Put(Record::Member { group: 1, member: 1 }),
    ];
    for change in hostile {
        let mut copy = State::restore(&state.snapshot()).unwrap();
        let set = ChangeSet {
            revision: state.revision() + 1,
            at_ms: 0,
            caller: String::new(),
            commands: vec![],
            changes: vec![change.clone()],
        };
        assert_eq!(
            copy.apply(&set).map_err(|refusal| refusal.code().into_owned()),
            Err("Damaged".into()),
            "{change:?}"
        );
        assert_eq!(copy.snapshot(), state.snapshot());
    }
}
