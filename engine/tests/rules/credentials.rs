//! Sessions and tokens as a host sees them: proofs, what is issued, when a session is to be extended, the next end, and
//! what of a secret is in change sets and snapshots.

use crate::policy::{Answers, Called};
use portcullis_engine::{ChangeSet, PrivateValue, Request, State};
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// An engine, what it was told, and the private values that came beside it, as a host keeps them.
struct Host {
    state: State,
    log: Vec<ChangeSet>,
    kept: Vec<PrivateValue>,
    requests: u128,
}

impl Host {
    /// A policy with the user `ann`, whose password is known, and the service account `hook`.
    fn new() -> Self {
        let mut host =
            Self { state: State::new().unwrap(), log: Vec::new(), kept: Vec::new(), requests: 0xfeed_0000_0000 };
        host.done(json!("user:admin"), 0, json!({"command": "createPolicy"}));
        let ann =
            json!({"userName": "ann", "password": PASSWORD, "email": "ann@example.org", "fullUserName": "Ann Ax"});
        host.done(json!("user:admin"), 0, json!({"command": "createUser", "arguments": ann}));
        let hook = json!({"serviceAccountName": "hook"});
        host.done(json!("user:admin"), 0, json!({"command": "createObject", "arguments": hook}));
        host
    }

    fn called(&mut self, caller: &Value, now: i64, commands: &Value) -> Called {
        self.requests += 1;
        let seed = format!("{:032x}", self.requests);
        let request = json!({"request": "propose", "caller": caller, "now": now, "seed": seed, "commands": commands});
        self.state.answered(request.to_string().as_bytes())
    }

    /// Proposes commands and applies what they change; the whole answer, and whether anything changed.
    fn propose(&mut self, caller: Value, now: i64, commands: Value) -> (Value, bool) {
        let Called { answer, changes, private } = self.called(&caller, now, &commands);
        let changed = changes.is_some();
        if let Some(set) = changes {
            self.state.apply(&set).unwrap();
            self.state.reveal(&private.values);
            self.log.push(set);
        }
        self.kept.extend(private.values);
        self.kept.retain(|value| !private.gone.contains(&value.digest()));
        (answer, changed)
    }

    /// The reply of one command that must be done.
    fn done(&mut self, caller: Value, now: i64, command: Value) -> Value {
        let (answer, _) = self.propose(caller, now, json!([command]));
        assert!(answer.get("error").is_none(), "{answer}");
        answer["replies"][0].clone()
    }

    fn refused(&mut self, caller: Value, now: i64, command: Value) -> String {
        let (answer, changed) = self.propose(caller, now, json!([command]));
        assert!(!changed, "{answer}");
        answer["error"]["code"].as_str().unwrap_or_else(|| panic!("it was done: {answer}")).to_owned()
    }

    fn ask(&mut self, caller: &Value, now: i64, command: &str) -> Value {
        let request = json!({"request": "ask", "caller": caller, "now": now, "command": command, "arguments": {}});
        self.state.answered(request.to_string().as_bytes()).answer
    }

    fn ask_code(&mut self, caller: &Value, now: i64) -> Option<String> {
        self.ask(caller, now, "getUserSettings")["error"]["code"].as_str().map(str::to_owned)
    }

    /// A new session of `ann`, as a caller.
    fn session(&mut self, now: i64, hash: &str) -> Value {
        let login = json!({"command": "login", "issue": {"hash": hash}});
        let id = self.done(json!("user:ann"), now, login)["sessionId"].clone();
        json!({ "session": id, "hash": hash })
    }

    fn token(&mut self, now: i64, hash: &str, days: u32) -> Value {
        let arguments = json!({"userAccessTokenName": format!("for {days} days"), "expirationDays": days});
        let create = json!({"command": "createUserAccessToken", "arguments": arguments, "issue": {"hash": hash}});
        json!({ "token": self.done(json!("user:ann"), now, create)["token"], "hash": hash })
    }
}

const PASSWORD: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$cGFzc3dvcmQtb2YtYW5u";
const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

fn change_own() -> Value {
    json!({"command": "changeOwnUser", "arguments": {"userName": "ann"}})
}

#[test]
fn only_the_whole_hash_of_its_own_secret_proves_a_session() {
    let mut host = Host::new();
    let (one, two) = (host.session(0, ONE), host.session(0, TWO));
    let token = host.token(0, &"ab".repeat(32), 0);
    let mut other = Host::new();
    other.done(json!("user:admin"), 0, json!({"command": "createObject", "arguments": {"userName": "another policy"}}));
    assert_eq!(host.ask_code(&one, 0), None);
    assert_eq!(host.ask_code(&token, 0), None);
    let mut wrong = vec![
        json!({"session": one["session"], "hash": TWO}),
        json!({"session": one["session"], "hash": ""}),
        json!({"session": one["session"], "hash": &ONE[..63]}),
        json!({"session": one["session"], "hash": format!("{ONE}1")}),
        json!({"session": two["session"], "hash": ONE}),
        json!({"session": token["token"], "hash": token["hash"]}),
        json!({"session": "", "hash": ""}),
        json!({"session": "00000000-0000-0000-0000-000000000001", "hash": ONE}),
        json!({"session": "ann", "hash": ONE}),
    ];
    // Another policy's id: the same numbers behind another beginning.
    let id = one["session"].as_str().unwrap();
    wrong.push(json!({"session": format!("00000000{}", &id[8..]), "hash": ONE}));
    for caller in wrong {
        assert_eq!(host.ask_code(&caller, 0).as_deref(), Some("InvalidSessionId"), "{caller}");
        assert_eq!(host.refused(caller.clone(), 0, change_own()), "InvalidSessionId", "{caller}");
    }
    for caller in [json!({"session": id}), json!({"session": null, "hash": ONE}), json!({"session": 1, "hash": ONE})] {
        assert_eq!(host.ask_code(&caller, 0).as_deref(), Some("InvalidArgument"), "{caller}");
    }
    for caller in [json!({"token": one["session"], "hash": ONE}), json!({"token": token["token"], "hash": ONE})] {
        assert_eq!(host.ask_code(&caller, 0).as_deref(), Some("InvalidCredentials"), "{caller}");
    }
}

#[test]
fn a_host_that_makes_no_secret_gets_no_session_and_no_token() {
    let mut host = Host::new();
    for command in ["createSession", "createUserAccessToken", "login"] {
        let arguments = if command == "createSession" { json!({"serviceAccountName": "hook"}) } else { json!({}) };
        let caller = if command == "createSession" { "user:admin" } else { "user:ann" };
        let without = json!({"command": command, "arguments": arguments});
        assert_eq!(host.refused(json!(caller), 0, without), "NotConfigured", "{command}");
        for hash in ["", "secret", &ONE[1..], &ONE.replace('1', "g")] {
            let issue = json!({"command": command, "arguments": arguments, "issue": {"hash": hash}});
            assert_eq!(host.refused(json!(caller), 0, issue), "InvalidArgument", "{command} {hash}");
        }
    }
}

#[test]
fn a_session_is_no_credential_for_another_and_a_token_alone_is_one() {
    let mut host = Host::new();
    let (session, token) = (host.session(0, ONE), host.token(0, TWO, 0));
    let login = json!({"command": "login", "issue": {"hash": "ab".repeat(32)}});
    assert_eq!(host.refused(session, 0, login.clone()), "InvalidCredentials");
    assert_eq!(host.refused(json!("serviceAccount:hook"), 0, login.clone()), "AccessDenied");
    assert_eq!(host.refused(json!("user:nobody"), 0, login.clone()), "AccessDenied");
    let made = host.done(token, 0, login)["sessionId"].clone();
    let made = json!({"session": made, "hash": "ab".repeat(32)});
    let create = json!({"command": "createUserAccessToken", "issue": {"hash": ONE}});
    assert_eq!(host.refused(made, 0, create), "AccessDenied", "it is a token's");
}

#[test]
fn an_answer_says_who_a_session_is_and_from_the_hour_on_that_it_is_to_be_extended() {
    let mut host = Host::new();
    let session = host.session(0, ONE);
    let due = |host: &mut Host, now: i64| host.ask(&session, now, "getUserSettings").get("extendSession").is_some();
    assert_eq!(host.ask(&session, 0, "getUserSettings")["caller"], "user:ann");
    assert_eq!(host.ask(&json!("user:ann"), 0, "getUserSettings").get("caller"), None);
    assert!(!due(&mut host, HOUR_MS - 1));
    assert!(due(&mut host, HOUR_MS));
    let before = host.log.len();
    let (answer, changed) = host.propose(session.clone(), HOUR_MS, json!([]));
    assert!(changed && answer["replies"] == json!([]), "{answer}");
    assert_eq!(host.log.len(), before + 1);
    assert!(host.log[before].commands.is_empty() && host.log[before].changes.len() == 1);
    assert!(!due(&mut host, HOUR_MS) && !due(&mut host, 2 * HOUR_MS - 1) && due(&mut host, 2 * HOUR_MS));
    assert!(!host.propose(session.clone(), 2 * HOUR_MS - 1, json!([])).1);
    assert_eq!(host.ask_code(&session, HOUR_MS + 3 * DAY_MS - 1), None);
    assert_eq!(host.ask_code(&session, HOUR_MS + 3 * DAY_MS).as_deref(), Some("ExpiredSession"));
}

#[test]
fn a_request_extends_its_session_once_and_one_that_is_refused_or_ends_it_does_not() {
    let mut host = Host::new();
    let session = host.session(0, ONE);
    let (answer, changed) = host.propose(session.clone(), DAY_MS, json!([change_own(), {"command": "nonsense"}]));
    assert!(answer.get("error").is_some() && !changed);
    assert_eq!(host.ask_code(&session, 3 * DAY_MS).as_deref(), Some("ExpiredSession"), "a refusal is no use");
    host.propose(session.clone(), DAY_MS, json!([change_own(), change_own(), change_own()]));
    assert_eq!(host.log.last().unwrap().changes.len(), 1);
    assert_eq!(host.ask_code(&session, 4 * DAY_MS - 1), None);
    let (answer, _) = host.propose(session.clone(), 2 * DAY_MS, json!([change_own(), {"command": "logout"}]));
    assert!(answer.get("error").is_none(), "{answer}");
    assert_eq!(host.ask_code(&session, 2 * DAY_MS).as_deref(), Some("InvalidSessionId"));
}

#[test]
fn a_session_of_a_short_idle_time_does_not_end_while_it_is_used() {
    for idle_ms in [2, 1000, HOUR_MS / 2, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 3 * HOUR_MS] {
        let mut host = Host::new();
        let login = json!({"command": "login", "issue": {"hash": ONE, "idleMs": idle_ms}});
        let id = host.done(json!("user:ann"), 0, login)["sessionId"].clone();
        let session = json!({"session": id, "hash": ONE});
        let step = (idle_ms / 2).max(1);
        for use_ms in (1..8).map(|number| number * step) {
            let (answer, _) = host.propose(session.clone(), use_ms, json!([change_own()]));
            assert!(answer.get("error").is_none(), "idle {idle_ms}, used at {use_ms}: {answer}");
        }
        let last = 7 * step;
        assert_eq!(host.ask_code(&session, last + idle_ms).as_deref(), Some("ExpiredSession"), "idle {idle_ms}");
    }
}

#[test]
fn the_next_end_is_the_first_after_an_instant_of_any_session_or_token() {
    let mut host = Host::new();
    assert_eq!(host.state.next_end_ms(i64::MIN), None);
    let session = host.session(10, ONE);
    assert_eq!(host.state.next_end_ms(0), Some(10 + 3 * DAY_MS));
    host.token(20, TWO, 1);
    host.token(20, &"ab".repeat(32), 0);
    let create = json!({"command": "createSession", "arguments": {"serviceAccountName": "hook", "expirationDate": "1970-01-03T00:00:00Z"}, "issue": {"hash": ONE}});
    host.done(json!("user:admin"), 30, create);
    let ends = [20 + DAY_MS, 2 * DAY_MS, 10 + 3 * DAY_MS];
    for (after, end) in [(0, 0), (ends[0] - 1, 0), (ends[0], 1), (ends[1] - 1, 1), (ends[1], 2), (ends[2] - 1, 2)] {
        assert_eq!(host.state.next_end_ms(after), Some(ends[end]), "after {after}");
    }
    assert_eq!(host.state.next_end_ms(ends[2]), None);
    host.propose(session, DAY_MS, json!([]));
    assert_eq!(host.state.next_end_ms(ends[1]), Some(4 * DAY_MS), "its end has moved");
}

#[test]
fn whoever_logs_in_often_keeps_no_heap_of_ended_sessions() {
    let mut host = Host::new();
    for day in 0..40 {
        host.session(day * DAY_MS, ONE);
    }
    let sessions = host.state.private_digests().count() - 3;
    assert_eq!(sessions, 3, "those of the last three days");
}

#[test]
fn a_log_without_the_private_values_proves_nobody_and_knows_no_password() {
    let mut host = Host::new();
    let session = host.session(0, ONE);
    assert_eq!(host.state.password_of("ann"), Some(PASSWORD));
    assert_eq!(host.state.password_of("nobody"), None);
    let mut replayed = State::new().unwrap();
    for set in &host.log {
        replayed.apply(&ChangeSet::decode(&set.encode()).unwrap()).unwrap();
    }
    assert!(replayed.snapshot() == host.state.snapshot(), "private values are no part of the state");
    let mut bare = Host { state: replayed, log: Vec::new(), kept: Vec::new(), requests: 0 };
    assert_eq!(bare.state.password_of("ann"), None);
    assert_eq!(bare.ask_code(&session, 0).as_deref(), Some("InvalidSessionId"));
    bare.state.reveal(&host.kept);
    assert_eq!(bare.state.password_of("ann"), Some(PASSWORD));
    assert_eq!(bare.ask_code(&session, 0), None);
    bare.state = State::restore(&host.state.snapshot()).unwrap();
    assert_eq!(bare.ask_code(&session, 0).as_deref(), Some("InvalidSessionId"));
}

#[test]
fn erasing_a_user_names_every_private_value_that_is_to_go_and_leaves_none() {
    let mut host = Host::new();
    let session = host.session(0, ONE);
    host.token(0, TWO, 0);
    assert_eq!(host.kept.len(), 5, "a password, an address, a name, two secrets");
    host.done(json!("user:admin"), 0, json!({"command": "eraseUser", "arguments": {"userName": "ann"}}));
    assert!(host.kept.is_empty());
    assert_eq!(host.state.private_digests().count(), 0);
    assert_eq!(host.state.password_of("ann"), None);
    assert_eq!(host.ask_code(&session, 0).as_deref(), Some("InvalidSessionId"));
}

#[test]
fn no_change_set_and_no_snapshot_has_a_private_value() {
    let mut host = Host::new();
    let session = host.session(0, ONE);
    host.token(0, TWO, 0);
    host.done(
        session,
        HOUR_MS,
        json!({"command": "changeOwnUser", "arguments": {"userName": "ann", "email": "new@example.org"}}),
    );
    let mut all: Vec<u8> = host.log.iter().flat_map(ChangeSet::encode).collect();
    all.extend(host.state.snapshot());
    all.extend(format!("{:?}", host.log).into_bytes());
    let has = |needle: &[u8]| all.windows(needle.len()).any(|bytes| bytes == needle);
    assert!(has(b"changeOwnUser") && has(b"for 0 days"), "the search finds what is there");
    for private in [PASSWORD, "cGFzc3dvcmQtb2YtYW5u", "ann@example.org", "new@example.org", "Ann Ax", ONE, TWO] {
        assert!(!has(private.as_bytes()), "{private}");
    }
    assert!(!has(&[0x11; 32]) && !has(&[0x22; 32]), "nor a hash in its bytes");
}

#[test]
fn what_came_with_a_request_is_in_no_debug_text_of_it() {
    let request = |commands: Value, caller: Value| {
        let seed = "0".repeat(32);
        let json = json!({"request": "propose", "caller": caller, "now": 0, "seed": seed, "commands": commands});
        format!("{:?}", Request::parse(json.to_string().as_bytes()).unwrap())
    };
    let session = json!({"session": "00000000-0000-0000-0000-000000000001", "hash": ONE});
    let shown = request(json!([{"command": "login", "issue": {"hash": TWO}}]), session);
    assert!(!shown.contains(ONE) && !shown.contains(TWO), "{shown}");
}
