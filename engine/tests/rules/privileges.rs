//! Which privilege a command needs (`domain.md` §1): each row of the table with a caller who has just that and one who
//! lacks just that; and what no refusal tells.

mod table;

use crate::policy::{Answers, Called, Policy};
use portcullis_engine::{COMMANDS, PrivateValue, State, command};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use table::{Row, rows};

/// What a command needs.
#[derive(Clone, Copy)]
enum Needs {
    /// These privileges on these objects, all of them.
    All(&'static [(&'static str, &'static str)]),
    /// Nothing to be let through; but only with these privileges does the answer show this text.
    Shows(&'static [(&'static str, &'static str)], &'static str),
    /// That the caller is a user: it is about the caller.
    User,
    /// That the caller comes with a token or a session: it is about that.
    Credential(&'static str),
    /// Nothing.
    Nothing,
    /// That the caller is `admin`.
    Admin,
    /// Nobody may.
    Never,
}

const PRIVILEGES: [&str; 4] = ["read", "modify", "execute", "changePermissions"];
const HASHED: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA";
const OTHER_HASHED: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$b3RoZXI";
/// Stand in the table for ids that are known only when the policy is there.
const BOBS_SESSION: &str = "BOBS SESSION";
const ACCOUNT_SESSION: &str = "SESSION OF THE ACCOUNT";

/// The policy in which the table is tried, and the ids of sessions and tokens in it. Nobody may anything yet but what
/// `server` gives to all.
struct Fixture {
    state: State,
    values: Vec<PrivateValue>,
    ids: Vec<(&'static str, String)>,
    /// Everything there is an object for.
    paths: Vec<String>,
}

/// A fixture of one's own: as it was made once.
fn fixture() -> Fixture {
    static MADE: OnceLock<(Vec<u8>, Fixture)> = OnceLock::new();
    let (snapshot, made) = MADE.get_or_init(|| {
        let made = make_fixture();
        (made.state.snapshot(), made)
    });
    let mut state = State::restore(snapshot).unwrap();
    state.reveal(&made.values);
    Fixture { state, values: made.values.clone(), ids: made.ids.clone(), paths: made.paths.clone() }
}

fn make_fixture() -> Fixture {
    let state = Policy::new().state;
    let mut fixture = Fixture { state, values: Vec::new(), ids: Vec::new(), paths: Vec::new() };
    for path in [
        "/users/ann",
        "/users/bob",
        "/users/gone",
        "/groups/G",
        "/groups/H",
        "/groups/gone",
        "/serviceAccounts/ci",
        "/serviceAccounts/gone",
        "/projects/P",
        "/projects/T",
        "/projects/P/pipelines/Q",
        "/projects/P/pipelines/Q/stages/S",
    ] {
        fixture.admin("createObject", json!({ "path": path }));
    }
    fixture.admin("breakAclInheritance", json!({"path": "/projects/P/pipelines/Q/stages/S"}));
    let entry =
        |path: &str, kind: &str, name: &str| json!({"path": path, "principalType": kind, "principalName": name});
    fixture.admin("createAclEntry", entry("/projects/P/pipelines/Q", "user", "bob"));
    for (kind, name) in [("user", "gone"), ("group", "gone"), ("serviceAccount", "gone"), ("user", "project: gone")] {
        fixture.admin("createAclEntry", entry("/systemObjects/server", kind, name));
    }
    for path in ["/users/gone", "/groups/gone", "/serviceAccounts/gone"] {
        fixture.admin("deleteObject", json!({ "path": path }));
    }
    fixture.admin("addGroupMember", json!({"groupName": "G", "userName": "bob"}));
    fixture.admin("addGroupMember", json!({"groupName": "H", "userName": "ann"}));
    for (kind, name) in [("user", "bob"), ("group", "G")] {
        let flags = json!({"principalType": kind, "entityName": name, "permissions": "UserModify"});
        fixture.admin("setPermissions", flags);
    }
    let details = json!([{"personaCategory": "deployment"}]);
    fixture.admin("createPersona", json!({"personaName": "own", "personaDetails": details}));
    fixture.admin("assignPersonaToUser", json!({"personaName": "own", "userNames": ["bob"]}));
    fixture.admin("assignPersonaToGroup", json!({"personaName": "own", "groupNames": ["G"]}));
    fixture.issue("user:bob", "createUserAccessToken", json!({"userAccessTokenName": "t"}), "BOBS TOKEN");
    fixture.issue("user:ann", "createUserAccessToken", json!({"userAccessTokenName": "t"}), "token");
    fixture.issue("user:bob", "login", json!({}), BOBS_SESSION);
    fixture.issue("user:ann", "login", json!({}), "session");
    fixture.issue("user:admin", "createSession", json!({"serviceAccountName": "ci"}), ACCOUNT_SESSION);
    let tree = fixture.call(&json!("user:admin"), "tree", json!({})).answer["replies"][0]["object"].clone();
    fixture.paths = tree.as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect();
    fixture
}

/// The hash of every secret here.
fn hash() -> String {
    "5e".repeat(32)
}

impl Fixture {
    /// Proposes a command, be it a question or a change.
    fn call(&mut self, caller: &Value, command: &str, arguments: Value) -> Called {
        let call = json!({"command": command, "arguments": arguments, "issue": {"hash": hash()}});
        let request =
            json!({"request": "propose", "caller": caller, "now": 0, "seed": "5e".repeat(16), "commands": [call]});
        self.state.answered(request.to_string().as_bytes())
    }

    fn keep(&mut self, called: Called) -> Value {
        assert!(called.answer["error"].is_null(), "{}", called.answer);
        if let Some(set) = called.changes {
            self.state.apply(&set).unwrap();
            self.state.reveal(&called.private.values);
            self.values.extend(called.private.values);
        }
        called.answer["replies"][0].clone()
    }

    fn admin(&mut self, command: &str, arguments: Value) {
        let called = self.call(&json!("user:admin"), command, arguments);
        self.keep(called);
    }

    fn issue(&mut self, caller: &str, command: &str, arguments: Value, what: &'static str) {
        let called = self.call(&json!(caller), command, arguments);
        let reply = self.keep(called);
        let id = reply.get("token").unwrap_or(&reply["sessionId"]).as_str().unwrap().to_owned();
        self.ids.push((what, id));
    }

    fn id(&self, what: &str) -> &str {
        &self.ids.iter().find(|(known, _)| *known == what).unwrap().1
    }

    /// Gives a principal an entry on every object there is: what `word` says of each privilege.
    fn give(&mut self, kind: &str, name: &str, word: impl Fn(&str, &str) -> &'static str) {
        let commands: Vec<Value> = self
            .paths
            .iter()
            .map(|path| {
                let mut arguments = json!({"path": path, "principalType": kind, "principalName": name});
                for privilege in PRIVILEGES {
                    arguments[format!("{privilege}Privilege")] = word(privilege, path).into();
                }
                json!({"command": "createAclEntry", "arguments": arguments})
            })
            .collect();
        let request = json!({"request": "propose", "caller": "user:admin", "now": 0, "seed": "5e".repeat(16), "commands": commands});
        let called = self.state.answered(request.to_string().as_bytes());
        self.keep(called);
    }

    /// The same with a new entry for everything: `allow` where the privilege is among `allowed`, else `deny`.
    fn give_just(&mut self, allowed: &[(&str, &str)]) {
        self.give("user", "ann", |privilege, path| if allowed.contains(&(privilege, path)) { "allow" } else { "deny" });
    }

    fn give_all_but(&mut self, denied: Option<(&str, &str)>) {
        self.give("user", "ann", |privilege, path| if denied == Some((privilege, path)) { "deny" } else { "allow" });
    }

    /// One of the table's commands. The policy stays as it is.
    fn try_row(&mut self, caller: &Value, row: &Row) -> Result<Value, Value> {
        let mut arguments = row.arguments.clone();
        if let Some(id) = arguments.get_mut("sessionId") {
            *id = self.id(id.as_str().unwrap()).into();
        }
        let before = self.state.snapshot();
        let Called { answer, changes, .. } = self.call(caller, row.command, arguments);
        assert!(self.state.snapshot() == before, "a proposal altered the state");
        match answer.get("error") {
            None => Ok(answer["replies"][0].clone()),
            Some(error) => {
                assert!(changes.is_none(), "{} is refused and changes something", row.command);
                Err(error.clone())
            }
        }
    }

    /// The caller who comes with ann's token or session.
    fn bearer(&self, credential: &str, hash: String) -> Value {
        json!({credential: self.id(credential), "hash": hash})
    }
}

fn ann() -> Value {
    json!("user:ann")
}

/// What is wrong with what came of a trial, if anything.
fn let_through(result: &Result<Value, Value>) -> Option<String> {
    result.as_ref().err().map(|error| format!("is refused: {error}"))
}

fn denied(result: &Result<Value, Value>) -> Option<String> {
    match result {
        Err(error) if error["code"] == "AccessDenied" => None,
        other => Some(format!("is not denied but {other:?}")),
    }
}

/// Whoever may not read whose session it is is told that there is none.
fn denied_or_unknown(result: &Result<Value, Value>, row: &Row) -> Option<String> {
    let is_session = row.arguments.get("sessionId").is_some();
    match result {
        Err(error) if is_session && error["code"] == "NoSuchSession" => None,
        other => denied(other),
    }
}

fn shows(result: &Result<Value, Value>, text: &str, wanted: bool) -> Option<String> {
    match result {
        Ok(reply) if reply.to_string().contains(text) == wanted => None,
        other => Some(format!("should show {text}: {wanted}; but {other:?}")),
    }
}

/// Every fault of a row: what it needs must be enough, and each part of it needed whatever else the caller may.
fn faults(row: &Row) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |what: String, fault: Option<String>| {
        found.extend(fault.map(|fault| format!("{} {}, {what}: {fault}", row.command, row.arguments)));
    };
    let with = |give: &dyn Fn(&mut Fixture), caller: &dyn Fn(&Fixture) -> Value| {
        let mut fixture = fixture();
        give(&mut fixture);
        let caller = caller(&fixture);
        fixture.try_row(&caller, row)
    };
    let as_ann = |give: &dyn Fn(&mut Fixture)| with(give, &|_| ann());
    let nothing = |fixture: &mut Fixture| fixture.give_just(&[]);
    let everything = |fixture: &mut Fixture| fixture.give_all_but(None);
    match row.needs {
        Needs::All(needs) => {
            look("with just enough".into(), let_through(&as_ann(&|fixture| fixture.give_just(needs))));
            for need in needs {
                let rest: Vec<_> = needs.iter().copied().filter(|other| other != need).collect();
                let lacking = as_ann(&|fixture| fixture.give_just(&rest));
                look(format!("with just enough but {need:?}"), denied_or_unknown(&lacking, row));
                let lacking = as_ann(&|fixture| fixture.give_all_but(Some(*need)));
                look(format!("with everything but {need:?}"), denied(&lacking));
            }
        }
        Needs::Shows(needs, text) => {
            look("with just enough".into(), shows(&as_ann(&|fixture| fixture.give_just(needs)), text, true));
            // What comes before the last is needed to be let through at all, as another row says.
            if let Some(need) = needs.last() {
                let lacking = as_ann(&|fixture| fixture.give_all_but(Some(*need)));
                look(format!("with everything but {need:?}"), shows(&lacking, text, false));
            }
        }
        Needs::User => {
            look("by a user who may nothing".into(), let_through(&as_ann(&nothing)));
            let by_account =
                with(&|fixture| fixture.give("serviceAccount", "ci", |_, _| "allow"), &|_| json!("serviceAccount:ci"));
            look("by a service account that may everything".into(), denied(&by_account));
            let by_project = with(&|_| (), &|_| json!("user:project: T"));
            look("by a project".into(), denied(&by_project));
        }
        Needs::Credential(credential) => {
            let (wrong, right) = ("00".repeat(32), hash());
            look("with it".into(), let_through(&with(&nothing, &|fixture| fixture.bearer(credential, right.clone()))));
            let forged = with(&everything, &|fixture| fixture.bearer(credential, wrong.clone()));
            let code = if credential == "token" { "InvalidCredentials" } else { "InvalidSessionId" };
            let is_refused = forged.as_ref().is_err_and(|error| error["code"] == code);
            look("with a forged one".into(), (!is_refused).then(|| format!("{forged:?}")));
        }
        Needs::Nothing => look("with nothing".into(), let_through(&as_ann(&nothing))),
        Needs::Admin => {
            look("by admin".into(), let_through(&with(&nothing, &|_| json!("user:admin"))));
            look("with everything".into(), denied(&as_ann(&everything)));
        }
        Needs::Never => {
            for who in ["user:admin", "user:ann"] {
                let result = with(&everything, &|_| json!(who));
                look(format!("by {who}"), result.is_ok().then(|| format!("{result:?}")));
            }
        }
    }
    found
}

#[test]
fn each_row_of_the_table_is_enough_and_each_part_of_it_is_needed() {
    let faults: Vec<String> = rows().iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_command_has_a_row() {
    let named: BTreeSet<&str> = rows().iter().map(|row| row.command).collect();
    let all: BTreeSet<&str> = COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(named, all);
}

#[test]
fn who_is_not_registered_commands_nothing_whatever_entries_say() {
    let mut fixture = fixture();
    fixture.give("user", "ghost", |_, _| "allow");
    for row in rows().iter().filter(|row| !command(row.command).unwrap().asks()) {
        let result = fixture.try_row(&json!("user:ghost"), row);
        assert_eq!(denied(&result), None, "{} {}", row.command, row.arguments);
    }
}

#[test]
fn what_is_a_users_own_is_no_other_users() {
    let mut fixture = fixture();
    fixture.give_all_but(None);
    for name in ["bob", "admin", "nobody"] {
        let change =
            Row { command: "changeOwnUser", arguments: json!({"userName": name, "email": "x"}), needs: Needs::User };
        assert_eq!(denied(&fixture.try_row(&ann(), &change)), None, "{name}");
    }
}

#[test]
fn a_token_makes_no_tokens_and_changes_no_passwords() {
    let mut fixture = fixture();
    fixture.give_all_but(None);
    let of_token = fixture.bearer("token", hash());
    let called = fixture.call(&of_token, "login", json!({}));
    let session = fixture.keep(called)["sessionId"].clone();
    for caller in [of_token, json!({"session": session, "hash": hash()})] {
        for (command, arguments) in [
            ("createUserAccessToken", json!({"userAccessTokenName": "new"})),
            ("modifyUserAccessToken", json!({"userAccessTokenName": "t", "newName": "new"})),
            ("changeOwnUser", json!({"userName": "ann", "password": OTHER_HASHED})),
            ("modifyUser", json!({"userName": "ann", "password": OTHER_HASHED})),
            ("modifyUser", json!({"userName": "bob", "password": OTHER_HASHED})),
        ] {
            let row = Row { command, arguments, needs: Needs::User };
            assert_eq!(denied(&fixture.try_row(&caller, &row)), None, "{command}");
        }
    }
}

/// The code of the refusal of two commands in one request.
fn in_one_request(fixture: &mut Fixture, caller: &Value, first: (&str, Value), second: &str) -> Value {
    let commands = [(first.0, first.1), (second, json!({}))]
        .map(|(command, arguments)| json!({"command": command, "arguments": arguments, "issue": {"hash": hash()}}));
    let request =
        json!({"request": "propose", "caller": caller, "now": 0, "seed": "5e".repeat(16), "commands": commands});
    fixture.state.answered(request.to_string().as_bytes()).answer["error"]["code"].clone()
}

#[test]
fn what_ends_with_a_token_is_not_issued_anew_by_the_request_that_revokes_it() {
    let mut fixture = fixture();
    let of_token = fixture.bearer("token", hash());
    for (first, code) in [("revokeUserAccessTokens", json!("ExpiredSession")), ("getUserSettings", Value::Null)] {
        assert_eq!(in_one_request(&mut fixture, &of_token, (first, json!({})), "loginSso"), code, "{first}");
    }
}

#[test]
fn what_ends_with_disabling_is_not_issued_anew_by_the_request_that_disables() {
    let mut fixture = fixture();
    fixture.give_all_but(None);
    for (disabled, code) in [(true, json!("LoginDisabled")), (false, Value::Null)] {
        for issue in ["login", "createUserAccessToken"] {
            let disable = ("modifyUser", json!({"userName": "ann", "disabled": disabled}));
            assert_eq!(in_one_request(&mut fixture, &ann(), disable, issue), code, "{issue}");
        }
    }
}

#[test]
fn a_service_account_ends_its_session_and_does_not_prolong_it() {
    let mut fixture = fixture();
    let caller = json!({"session": fixture.id(ACCOUNT_SESSION), "hash": hash()});
    let arguments = json!({"sessionId": ACCOUNT_SESSION, "expirationDate": "9999-01-01T00:00:00Z"});
    let prolong = Row { command: "modifySession", arguments, needs: Needs::Nothing };
    assert_eq!(denied(&fixture.try_row(&caller, &prolong)), None);
    assert!(fixture.try_row(&json!("serviceAccount:ci"), &prolong).is_err());
    let end = Row { command: "deleteSession", arguments: json!({"sessionId": ACCOUNT_SESSION}), needs: Needs::Nothing };
    assert_eq!(let_through(&fixture.try_row(&caller, &end)), None);
}

#[test]
fn only_admin_changes_admin_also_where_one_privilege_plays_every_role() {
    let roles = json!({"read": "all", "modify": "all", "changePermissions": "all"});
    let mut policy = Policy::of(&json!({"name": "plain", "privileges": ["all"], "roles": roles, "types": []}));
    policy.admin("createObject", json!({"path": "/users/ann"})).unwrap();
    let all =
        |path: &str| json!({"path": path, "principalType": "user", "principalName": "ann", "allPrivilege": "allow"});
    policy.admin("createAclEntry", all("/systemObjects/server")).unwrap();
    policy.admin("createAclEntry", all("/users/admin")).unwrap();
    for (command, arguments) in [
        ("modifyUser", json!({"userName": "admin", "password": HASHED})),
        ("breakAclInheritance", json!({"path": "/users/admin"})),
    ] {
        let answer = policy.try_out("user:ann", 0, &[json!({"command": command, "arguments": arguments})]).answer;
        assert_eq!(answer["error"]["code"], "AccessDenied", "{command}");
        policy.admin(command, arguments).unwrap();
    }
}

#[test]
fn a_policy_is_begun_by_admin_alone() {
    let begin = |who: &str| {
        let request =
            json!({"request": "propose", "caller": who, "now": 0, "seed": "5e".repeat(16), "command": "createPolicy"});
        State::new().unwrap().answered(request.to_string().as_bytes()).answer["error"]["code"].clone()
    };
    assert_eq!(begin("user:admin"), Value::Null);
    for who in ["user:ann", "group:admin", "serviceAccount:admin", "user:default"] {
        assert_eq!(begin(who), "AccessDenied", "{who}");
    }
}

/// Names in the table of what there is, and for each one of the same form that nobody has.
const NAMES: [(&str, &str); 14] = [
    ("bob", "bxb"),
    ("admin", "admix"),
    ("G", "X"),
    ("H", "Y"),
    ("ci", "cx"),
    ("own", "oxn"),
    ("Global", "Globax"),
    ("deployment", "deploymenx"),
    ("application", "applicatiox"),
    ("t", "x"),
    ("P", "N"),
    ("T", "U"),
    ("Q", "R"),
    ("S", "V"),
];

/// The texts in a command's arguments, each as the way to it.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| texts(item, &format!("{at}/{i}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| texts(item, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// A text with the last name in it replaced, if that is `real`.
fn renamed(text: &str, real: &str, made_up: &str) -> Option<String> {
    let above = text.strip_suffix(real)?;
    (above.is_empty() || above.ends_with(['/', ':'])).then(|| format!("{above}{made_up}"))
}

/// The calls of a row, each with a name that there is and with one that there is not.
fn made_up(row: &Row) -> Vec<(Row, &'static str, &'static str)> {
    let mut found = Vec::new();
    texts(&row.arguments, "", &mut found);
    // What a thing is to be called names nothing; and whoever gets as far as lists and tokens may look at them.
    let others = ["/newName", "/permissions", "/principalType", "/privilege", "/principalName", "/userAccessTokenName"];
    found.retain(|(way, _)| !others.contains(&way.as_str()));
    let replace = |(way, text): &(String, String), (real, made_up): (&'static str, &'static str)| {
        let mut arguments = row.arguments.clone();
        *arguments.pointer_mut(way)? = renamed(text, real, made_up)?.into();
        Some((Row { command: row.command, arguments, needs: row.needs }, real, made_up))
    };
    found.iter().flat_map(|text| NAMES.iter().filter_map(move |names| replace(text, *names))).collect()
}

/// Without the name, in quotes or at the end of a path.
fn generalised(text: &str, name: &str) -> String {
    let forms = [("'", "'"), ("`", "`"), ("/", "\""), ("/", "'"), ("\"", "\"")];
    forms.iter().fold(text.to_owned(), |text, (open, close)| text.replace(&format!("{open}{name}{close}"), "NAME"))
}

#[test]
fn who_may_not_read_is_not_told_what_there_is() {
    let mut told = BTreeSet::new();
    let mut compared = 0;
    let others = ["modify", "execute", "changePermissions"];
    let is_project = |path: &str| path.starts_with("/projects/");
    for (allowed, projects) in
        [(&others[..0], false), (&others[..0], true), (&others[..1], false), (&others[2..], true), (&others, false)]
    {
        let mut fixture = fixture();
        let may = |privilege: &str, path: &str| {
            allowed.contains(&privilege) || (projects && privilege == "read" && is_project(path))
        };
        fixture.give("user", "ann", |privilege, path| if may(privilege, path) { "allow" } else { "deny" });
        for row in rows() {
            let calls = made_up(&row).into_iter();
            for (other, real, made_up) in calls.filter(|(_, real, _)| !projects || !["P", "T", "Q", "S"].contains(real))
            {
                let [one, two] = [&row, &other].map(|row| {
                    let text = |error: Value| format!("{}: {}", error["code"], error["message"]);
                    let text = |error| generalised(&generalised(&text(error), real), made_up);
                    fixture.try_row(&ann(), row).map_err(text)
                });
                compared += 1;
                let is_told = match (&one, &two) {
                    (Ok(_), Ok(_)) => false,
                    (Err(one), Err(two)) if allowed.is_empty() => one != two,
                    // Whoever may change it without looking at it gets further, but is denied what is missing.
                    (_, two) => two.is_ok() || two.as_ref().is_err_and(|two| !two.starts_with("\"AccessDenied\"")),
                };
                if is_told {
                    told.insert(format!(
                        "{} {} with {allowed:?}, projects {projects}: {one:?} but {two:?}",
                        row.command, other.arguments
                    ));
                }
            }
        }
    }
    assert!(compared > 400, "{compared}");
    assert!(told.is_empty(), "{}", told.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn who_may_not_read_whose_session_it_is_is_not_told_that_it_is_one() {
    let mut fixture = fixture();
    fixture.give_just(&[]);
    for row in rows().iter().filter(|row| row.arguments.get("sessionId").is_some()) {
        let id = fixture.id(row.arguments["sessionId"].as_str().unwrap()).to_owned();
        let made_up = format!("{}77", &id[..id.len() - 2]);
        let other = fixture.call(&ann(), row.command, {
            let mut arguments = row.arguments.clone();
            arguments["sessionId"] = made_up.clone().into();
            arguments
        });
        let text = fixture.try_row(&ann(), row).unwrap_err().to_string();
        assert_eq!(
            text.replace(&id, "ID"),
            other.answer["error"].to_string().replace(&made_up, "ID"),
            "{}",
            row.command
        );
    }
}
