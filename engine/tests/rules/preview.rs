//! Random policies and lists of commands: a preview tells what doing them and asking about everybody and everything
//! tells, and leaves the policy as it was.

use crate::policy::{Answers, Policy};
use portcullis_engine::{Handle, Identity, PrincipalType, State};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PRIVILEGES: [&str; 3] = ["view", "edit", "grant"];
const PATHS: [&str; 8] = [
    "/folders/a",
    "/folders/a/folders/b",
    "/folders/a/folders/b/folders/c",
    "/folders/a/folders/d",
    "/folders/e",
    "/folders/e/folders/b",
    "/systemObjects/server",
    "/systemObjects/directory",
];
const PRINCIPALS: [&str; 9] = [
    "user:u0",
    "user:u1",
    "group:g0",
    "group:g1",
    "group:Everyone",
    "serviceAccount:s",
    "user:named only",
    "user:project: a",
    "user:admin",
];
const TIMES: [i64; 2] = [1_000, 2_000];

fn schema(everyone: &str) -> Value {
    json!({
        "name": "small", "privileges": PRIVILEGES, "everyone": everyone,
        "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
        "types": [{"name": "folder", "parents": ["folder"], "systemObject": "server"}]
    })
}

fn entry(command: &str, path: &str, principal: &str, effects: [u8; 3], until: Option<usize>) -> Value {
    let (kind, name) = principal.split_once(':').unwrap();
    let mut arguments = json!({"path": path, "principalType": kind, "principalName": name});
    if command != "deleteAclEntry" {
        for (privilege, effect) in PRIVILEGES.iter().zip(effects) {
            arguments[format!("{privilege}Privilege")] = ["inherit", "allow", "deny"][usize::from(effect)].into();
        }
        arguments["notAfter"] =
            until.map_or(String::new(), |at| format!("1970-01-01T00:00:0{}Z", TIMES[at] / 1_000)).into();
    }
    json!({"command": command, "arguments": arguments})
}

fn on(command: &str, path: &str) -> Value {
    json!({"command": command, "arguments": {"path": path}})
}

fn directory_path(principal: &str) -> String {
    let (kind, name) = principal.split_once(':').unwrap();
    format!("/{kind}s/{name}")
}

fn member(command: &str, group: &str, member: &str) -> Value {
    let (kind, name) = member.split_once(':').unwrap();
    json!({"command": command, "arguments": {"groupName": group, "userName": name, "memberType": kind}})
}

/// One command, which may well be refused.
fn command() -> impl Strategy<Value = Value> {
    let path = || proptest::sample::select(&PATHS[..]);
    let principal = || proptest::sample::select(&PRINCIPALS[..]);
    let group = || proptest::sample::select(&["g0", "g1"][..]);
    let effects = || [0..3u8, 0..3u8, 0..3u8];
    let until = || proptest::option::of(0..TIMES.len());
    let put = proptest::sample::select(&["createAclEntry", "createAclEntry", "modifyAclEntry", "deleteAclEntry"][..]);
    let flip = proptest::sample::select(&["breakAclInheritance", "restoreAclInheritance"][..]);
    let objects = proptest::sample::select(&["createObject", "createObject", "deleteObject"][..]);
    let members = proptest::sample::select(&["addGroupMember", "addGroupMember", "removeGroupMember"][..]);
    prop_oneof![
        8 => (put, path(), principal(), effects(), until())
            .prop_map(|(command, path, principal, effects, until)| entry(command, path, principal, effects, until)),
        2 => (flip, path()).prop_map(|(command, path)| on(command, path)),
        4 => (objects.clone(), path()).prop_map(|(command, path)| on(command, path)),
        3 => (objects, principal()).prop_map(|(command, principal)| on(command, &directory_path(principal))),
        2 => (path(), path()).prop_map(|(path, to)| {
            json!({"command": "moveObject", "arguments": {"path": path, "newParent": to}})
        }),
        1 => (path(), proptest::sample::select(&["a", "b", "z"][..])).prop_map(|(path, name)| {
            json!({"command": "moveObject", "arguments": {"path": path, "newName": name}})
        }),
        3 => (members, group(), principal()).prop_map(|(command, group, one)| member(command, group, one)),
        1 => (group(), proptest::sample::select(&["g0", "g1", "g2"][..])).prop_map(|(group, name)| {
            json!({"command": "modifyGroup", "arguments": {"groupName": group, "newName": name}})
        }),
        1 => any::<bool>().prop_map(|any| {
            let everyone = if any { "any" } else { "registered" };
            json!({"command": "setSchema", "arguments": {"schema": schema(everyone)}})
        }),
    ]
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

/// The two states, and who looks at them.
struct Oracle<'a> {
    sides: [&'a State; 2],
    caller: &'a str,
    now: i64,
}

impl Oracle<'_> {
    fn identity(&self, id: u32) -> Option<Identity> {
        self.sides[1].identity(id).or_else(|| self.sides[0].identity(id))
    }

    fn ids(is_there: impl Fn(u32) -> bool) -> Vec<u32> {
        (1..200).filter(|id| is_there(*id)).collect()
    }

    /// The handles of everybody before and after, and what they are called. Whoever goes is who comes back under that
    /// name; otherwise nobody knows them.
    fn people(&self) -> Vec<(String, [u32; 2])> {
        let nobody = |identity: &Identity| {
            let stranger = identity.kind == PrincipalType::User && !identity.name.starts_with("project: ");
            if stranger { u32::MAX } else { 0 }
        };
        let [before, after] = self.sides;
        let mut people = Vec::new();
        let mut back = Vec::new();
        for id in Self::ids(|id| before.identity(id).is_some()) {
            let old = before.identity(id).unwrap();
            let found = after.principal(&old);
            let is_new = after.identity(found).is_some() && before.identity(found).is_none();
            let now = match after.identity(id) {
                Some(_) => id,
                None if is_new => found,
                None => nobody(&old),
            };
            back.push(now);
            let name = after.identity(now).unwrap_or(old.clone()).to_string();
            let readable = self.may_ask_about(before, &old.to_string());
            people.extend(readable.then_some((name, [id, now])));
        }
        for id in Self::ids(|id| before.identity(id).is_none() && after.identity(id).is_some()) {
            let identity = self.identity(id).unwrap();
            if !back.contains(&id) && self.may_ask_about(after, &identity.to_string()) {
                people.push((identity.to_string(), [nobody(&identity), id]));
            }
        }
        people.retain(|(name, _)| name != "user:admin");
        people.sort_by_key(|(name, _)| {
            let (kind, name) = name.split_once(':').unwrap();
            (kind.to_owned(), name.to_lowercase(), name.to_owned())
        });
        people
    }

    fn may_ask_about(&self, state: &State, principal: &str) -> bool {
        principal == self.caller
            || state.check_names(self.caller, "view", &directory_path(principal), self.now).unwrap()
    }

    fn is_there(&self, side: usize, object: u32) -> bool {
        !self.sides[side].is_stale(Handle { object, stamp: 0 })
    }

    /// Every object of either state: its path, and the one that it lies under.
    fn objects(&self) -> BTreeMap<u32, (String, Option<u32>)> {
        let ids = Self::ids(|id| self.is_there(0, id) || self.is_there(1, id));
        let place = |id: u32| {
            let state = self.sides[usize::from(self.is_there(1, id))];
            let path = state.path(id);
            let parent = parent(&path).map(|path| state.resolve(&path).unwrap().object);
            (path, parent)
        };
        ids.into_iter().map(|id| (id, place(id))).collect()
    }

    fn is_visible(&self, object: u32) -> bool {
        let state = self.sides[usize::from(!self.is_there(0, object))];
        let caller = state.principal(&Identity::parse(self.caller).unwrap());
        state.check(caller, Handle { object, stamp: 0 }, 1, self.now)
    }

    fn difference(&self, handles: [u32; 2], object: u32) -> (Vec<String>, Vec<String>) {
        let may = |side: usize, bit: u32| {
            self.sides[side].check(handles[side], Handle { object, stamp: 0 }, 1 << bit, self.now)
        };
        let names = |from: usize, to: usize| {
            let bits = (0..3).filter(|bit| may(to, *bit) && !may(from, *bit));
            bits.map(|bit| PRIVILEGES[bit as usize].to_owned()).collect()
        };
        (names(0, 1), names(1, 0))
    }

    fn rows(&self) -> Vec<Row> {
        let objects = self.objects();
        let visible: Vec<u32> = objects.keys().copied().filter(|id| self.is_visible(*id)).collect();
        let above = |id: u32| {
            let mut at = objects[&id].1;
            while let Some(above) = at.filter(|above| !visible.contains(above)) {
                at = objects[&above].1;
            }
            at
        };
        let object_id = |id: u32| object_id(self.sides[usize::from(self.is_there(1, id))], id);
        let mut rows = Vec::new();
        for (name, handles) in self.people() {
            let differences: BTreeMap<u32, _> = visible.iter().map(|id| (*id, self.difference(handles, *id))).collect();
            let none = (Vec::new(), Vec::new());
            let handed_down = |id: u32| above(id).map_or(&none, |above| &differences[&above]);
            let begins: Vec<u32> = visible.iter().copied().filter(|id| differences[id] != *handed_down(*id)).collect();
            let row_of = |id: u32| std::iter::successors(Some(id), |at| above(*at)).find(|at| begins.contains(at));
            for id in &begins {
                let below = visible.iter().filter(|one| row_of(**one) == Some(*id)).count() as u64 - 1;
                let (gains, loses) = differences[id].clone();
                rows.push((
                    !self.is_there(1, *id),
                    (objects[id].0.clone(), object_id(*id), name.clone(), gains, loses, below),
                ));
            }
        }
        rows.sort_by_key(|(is_gone, row)| (row.0.clone(), *is_gone));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

fn parent(path: &str) -> Option<String> {
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    match steps.as_slice() {
        ["systemObjects", "server"] => None,
        ["systemObjects" | "folders", _] => Some("/systemObjects/server".into()),
        [_, _] => Some("/systemObjects/directory".into()),
        [above @ .., _, _] => Some(format!("/{}", above.join("/"))),
        _ => panic!("{path}"),
    }
}

/// As the answers have it.
fn object_id(state: &State, object: u32) -> String {
    let request = json!({"request": "ask", "caller": "user:admin", "now": 0, "command": "getAccess",
        "arguments": {"path": state.path(object)}});
    let mut copy = State::restore(&state.snapshot()).unwrap();
    let answer = copy.answered(request.to_string().as_bytes()).answer;
    answer["reply"]["object"][0]["objectId"].as_str().unwrap().to_owned()
}

/// A policy in which `u0` may do everything from the root on, as far as nothing denies it.
fn policy_of(commands: &[Value]) -> Policy {
    let mut policy = Policy::of(&schema("registered"));
    for path in PATHS.iter().take(6) {
        policy.propose("user:admin", 0, &[on("createObject", path)]).unwrap();
    }
    for principal in &PRINCIPALS[..4] {
        policy.propose("user:admin", 0, &[on("createObject", &directory_path(principal))]).unwrap();
    }
    policy
        .propose("user:admin", 0, &[entry("createAclEntry", "/systemObjects/server", "user:u0", [1; 3], None)])
        .unwrap();
    for command in commands {
        let done = policy.propose("user:admin", 0, std::slice::from_ref(command));
        if done.is_err() {
            let _ = policy.propose("user:admin", 0, &[instead(command)]);
        }
    }
    policy
}

/// What is there already may be modified.
fn instead(command: &Value) -> Value {
    let mut other = command.clone();
    if command["command"] == "createAclEntry" {
        other["command"] = "modifyAclEntry".into();
    }
    other
}

/// Of these commands, those that the caller may do behind each other.
fn possible(policy: &mut Policy, caller: &str, now: i64, commands: Vec<Value>) -> Vec<Value> {
    let mut possible = Vec::new();
    for command in commands {
        for one in [instead(&command), command] {
            possible.push(one);
            if policy.try_out(caller, now, &possible).answer.get("error").is_none() {
                break;
            }
            possible.pop();
        }
    }
    possible
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_preview_is_what_doing_it_and_asking_about_everything_tells(
        given in proptest::collection::vec(command(), 0..40),
        commands in proptest::collection::vec(command(), 1..8),
        caller in proptest::sample::select(&["user:admin", "user:u0", "user:u1"][..]),
        now in proptest::sample::select(&[500_i64, 1_500][..]),
    ) {
        let mut policy = policy_of(&given);
        let commands = possible(&mut policy, caller, now, commands);
        let proposed = policy.try_out(caller, now, &commands);
        let (snapshot, revision) = (policy.state.snapshot(), policy.state.revision());
        let answer = preview(&mut policy.state, caller, now, &commands, json!({}));
        prop_assert!(policy.state.snapshot() == snapshot && policy.state.revision() == revision);
        prop_assert_eq!(&answer["replies"], &proposed.answer["replies"]);
        let mut after = State::restore(&snapshot).unwrap();
        proposed.changes.iter().for_each(|set| after.apply(set).unwrap());
        let oracle = Oracle { sides: [&policy.state, &after], caller, now };
        prop_assert_eq!(rows(&answer), oracle.rows(), "{} {:?}", caller, commands);
    }
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
    let entries = [entry("createAclEntry", "/systemObjects/server", "group:Everyone", [1, 0, 0], None)];
    let mut policy = policy_of(&entries);
    let any = json!({"command": "setSchema", "arguments": {"schema": schema("any")}});
    policy.propose("user:admin", 0, &[any]).unwrap();
    let commands = [entry("createAclEntry", "/folders/a", "user:new", [1, 1, 0], None)];
    let expected = [("user:new".to_owned(), "/folders/a".to_owned(), vec!["edit".to_owned()])];
    assert_eq!(gains(&mut policy.state, "user:admin", &commands), expected);
}

#[test]
fn what_lies_below_what_may_not_be_read_has_a_row_of_its_own() {
    let entries = [
        entry("createAclEntry", "/folders/a", "user:u0", [2, 0, 0], None),
        entry("createAclEntry", "/folders/a/folders/b", "user:u0", [1, 0, 0], None),
    ];
    let mut policy = policy_of(&entries);
    let commands = [entry("createAclEntry", "/folders/a", "user:u1", [0, 1, 0], None)];
    let row = |path: &str| ("user:u1".to_owned(), path.to_owned(), vec!["edit".to_owned()]);
    assert_eq!(gains(&mut policy.state, "user:admin", &commands), [row("/folders/a")]);
    assert_eq!(gains(&mut policy.state, "user:u0", &commands), [row("/folders/a/folders/b")]);
}

#[test]
fn a_preview_comes_in_parts_as_well() {
    let mut policy = policy_of(&[]);
    let commands = [entry("createAclEntry", "/systemObjects/server", "group:Everyone", [2, 1, 1], None)];
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
    let mut policy = policy_of(&[entry("createAclEntry", "/folders/e", "user:u1", [0, 1, 0], Some(0))]);
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
