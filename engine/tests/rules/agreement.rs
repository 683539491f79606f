//! Random small policies: the engine and the naive evaluator must agree on every question.

use crate::naive::{Entry, World};
use crate::policy::Policy;
use portcullis_engine::Identity;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const PRIVILEGES: [&str; 3] = ["view", "edit", "grant"];
pub(crate) const OBJECTS: [(&str, &str); 7] = [
    ("/folders/a", "/systemObjects/server"),
    ("/folders/a/folders/b", "/folders/a"),
    ("/folders/a/folders/b/folders/c", "/folders/a/folders/b"),
    ("/folders/a/folders/d", "/folders/a"),
    ("/folders/e", "/systemObjects/server"),
    ("/projects/P", "/systemObjects/server"),
    ("/systemObjects/directory", "/systemObjects/server"),
];
/// Never registered: asked about by path.
pub(crate) const UNREGISTERED: (&str, &str) = ("/folders/a/folders/b/folders/never", "/folders/a/folders/b");
pub(crate) const PRINCIPALS: [&str; 11] = [
    "user:u0",
    "user:u1",
    "user:u2",
    "user:project: P",
    "group:g0",
    "group:g1",
    "group:g2",
    "group:Everyone",
    "serviceAccount:u0",
    "serviceAccount:s",
    "user:admin",
];
/// Boundaries of windows, and, with those beside them, the times of questions.
pub(crate) const TIMES: [i64; 3] = [1_000, 2_000, 3_000];

pub(crate) fn schema(everyone: &str) -> Value {
    json!({
        "name": "small", "privileges": PRIVILEGES, "everyone": everyone,
        "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
        "types": [{"name": "folder", "parents": ["folder"], "systemObject": "server"}, {"name": "project", "systemObject": "server"}]
    })
}

/// What may be done to a policy.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Register(usize),
    Deregister(usize),
    Join { group: usize, member: usize },
    Leave { group: usize, member: usize },
    Break(usize),
    Restore(usize),
    Entry { object: usize, principal: usize, effects: [u8; 3], window: (Option<usize>, Option<usize>) },
    Unentry { object: usize, principal: usize },
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let (object, principal) = (0..OBJECTS.len() + 1, 0..PRINCIPALS.len());
    let window = (proptest::option::of(0..TIMES.len()), proptest::option::of(0..TIMES.len()));
    let entry = (object.clone(), principal.clone(), [0..3u8, 0..3u8, 0..3u8], window);
    prop_oneof![
        2 => principal.clone().prop_map(Step::Register),
        1 => principal.clone().prop_map(Step::Deregister),
        3 => (4..8usize, principal.clone()).prop_map(|(group, member)| Step::Join { group, member }),
        1 => (4..8usize, principal.clone()).prop_map(|(group, member)| Step::Leave { group, member }),
        1 => object.clone().prop_map(Step::Break),
        1 => object.clone().prop_map(Step::Restore),
        6 => entry.prop_map(|(object, principal, effects, window)| Step::Entry { object, principal, effects, window }),
        1 => (object, principal).prop_map(|(object, principal)| Step::Unentry { object, principal }),
    ]
}

fn object(index: usize) -> &'static str {
    OBJECTS.get(index).map_or("/systemObjects/server", |(path, _)| path)
}

pub(crate) fn split(principal: &str) -> (&str, &str) {
    principal.split_once(':').unwrap()
}

pub(crate) fn principal_path(principal: &str) -> String {
    let (kind, name) = split(principal);
    format!("/{kind}s/{name}")
}

/// Both sides of the comparison.
pub(crate) struct Pair {
    pub(crate) policy: Policy,
    pub(crate) world: World,
}

impl Pair {
    fn new(everyone: &str) -> Self {
        let mut policy = Policy::of(&schema(everyone));
        let mut world = World { everyone_is_any: everyone == "any", ..World::default() };
        for (path, parent) in OBJECTS {
            if !path.starts_with("/systemObjects/") {
                policy.admin("createObject", json!({ "path": path })).unwrap();
            }
            world.parents.insert(path.into(), parent.into());
        }
        world.parents.insert(UNREGISTERED.0.into(), UNREGISTERED.1.into());
        world.registered.extend(["user:admin".into(), "group:Everyone".into(), "user:default".into()]);
        Self { policy, world }
    }

    /// Does a step on both sides, unless the engine refuses it.
    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Register(who) => {
                let path = principal_path(PRINCIPALS[*who]);
                if self.policy.admin("createObject", json!({ "path": path })).is_ok() {
                    self.world.registered.insert(PRINCIPALS[*who].into());
                }
            }
            Step::Deregister(who) => {
                let gone = PRINCIPALS[*who];
                if self.policy.admin("deleteObject", json!({ "path": principal_path(gone) })).is_ok() {
                    self.world.registered.remove(gone);
                    self.world.members.retain(|(group, member)| group != gone && member != gone);
                }
            }
            Step::Join { group, member } => self.member("addGroupMember", *group, *member),
            Step::Leave { group, member } => self.member("removeGroupMember", *group, *member),
            Step::Break(at) => {
                self.policy.admin("breakAclInheritance", json!({ "path": object(*at) })).unwrap();
                self.world.broken.insert(object(*at).into());
            }
            Step::Restore(at) => {
                self.policy.admin("restoreAclInheritance", json!({ "path": object(*at) })).unwrap();
                self.world.broken.remove(object(*at));
            }
            Step::Entry { object: at, principal, effects, window } => {
                self.entry(object(*at), PRINCIPALS[*principal], *effects, *window);
            }
            Step::Unentry { object: at, principal } => {
                let (kind, name) = split(PRINCIPALS[*principal]);
                let arguments = json!({"path": object(*at), "principalType": kind, "principalName": name});
                if self.policy.admin("deleteAclEntry", arguments).is_ok() {
                    let list = self.world.entries.get_mut(object(*at)).unwrap();
                    list.retain(|entry| entry.principal != PRINCIPALS[*principal]);
                }
            }
        }
    }

    fn member(&mut self, command: &str, group: usize, member: usize) {
        let (kind, name) = split(PRINCIPALS[member]);
        let group_name = split(PRINCIPALS[group]).1;
        let arguments = json!({"groupName": group_name, "userName": name, "memberType": kind});
        if self.policy.admin(command, arguments).is_ok() {
            let pair = (PRINCIPALS[group].to_owned(), PRINCIPALS[member].to_owned());
            match command {
                "addGroupMember" => self.world.members.insert(pair),
                _ => self.world.members.remove(&pair),
            };
        }
    }

    fn entry(&mut self, path: &str, principal: &str, effects: [u8; 3], window: (Option<usize>, Option<usize>)) {
        let (kind, name) = split(principal);
        let mut arguments = Map::new();
        arguments.insert("path".into(), path.into());
        arguments.insert("principalType".into(), kind.into());
        arguments.insert("principalName".into(), name.into());
        let mut said = BTreeMap::new();
        for (privilege, effect) in PRIVILEGES.iter().zip(effects) {
            let word = ["inherit", "allow", "deny"][usize::from(effect)];
            arguments.insert(format!("{privilege}Privilege"), word.into());
            if effect > 0 {
                said.insert((*privilege).to_owned(), effect == 1);
            }
        }
        let instants =
            [("notBefore", window.0), ("notAfter", window.1)].map(|(side, at)| (side, at.map(|at| TIMES[at])));
        for (side, instant) in instants {
            arguments.insert(side.into(), instant.map_or(String::new(), iso).into());
        }
        let is_new = self.policy.admin("createAclEntry", Value::Object(arguments.clone())).is_ok();
        if is_new || self.policy.admin("modifyAclEntry", Value::Object(arguments)).is_ok() {
            let list = self.world.entries.entry(path.into()).or_default();
            list.retain(|entry| entry.principal != principal);
            let [(_, not_before), (_, not_after)] = instants;
            list.push(Entry { principal: principal.into(), effects: said, not_before, not_after });
        }
    }
}

pub(crate) fn iso(instant: i64) -> String {
    format!("1970-01-01T00:00:{:02}Z", instant / 1_000)
}

pub(crate) fn iso_millis(instant: i64) -> String {
    format!("1970-01-01T00:00:{:02}.000Z", instant / 1_000)
}

pub(crate) fn all_paths() -> Vec<&'static str> {
    OBJECTS.iter().map(|(path, _)| *path).chain(["/systemObjects/server", UNREGISTERED.0]).collect()
}

/// Not registered and not named by any entry.
pub(crate) const STRANGERS: [&str; 4] =
    ["user:stranger", "group:stranger", "serviceAccount:stranger", "user:project: stranger"];

/// By handles, by a handle and a path, and by names: the same answer.
fn agree_on_handles(pair: &Pair, principal: &str, privilege: &str, path: &str, now: i64) -> bool {
    let state = &pair.policy.state;
    let mask = state.schema().privilege(privilege).unwrap();
    let handle = state.principal(&Identity::parse(principal).unwrap());
    let by_names = state.check_names(principal, privilege, path, now).unwrap();
    let what = format!("{principal} {privilege} {path} at {now}, by names {by_names}");
    assert_eq!(state.check(handle, state.resolve(path).unwrap(), mask, now), by_names, "by handles, {what}");
    assert_eq!(state.check_path(handle, mask, path, now).unwrap(), by_names, "by a path, {what}");
    by_names
}

fn agree_on_checks(pair: &mut Pair, now: i64) {
    for principal in PRINCIPALS.into_iter().chain(STRANGERS) {
        for path in all_paths() {
            for privilege in PRIVILEGES {
                let expected = pair.world.check(principal, privilege, path, now);
                let what = format!("{principal} {privilege} {path} at {now}");
                let by_names = agree_on_handles(pair, principal, privilege, path, now);
                assert_eq!(by_names, expected.allowed, "{what}");
                let question = json!({"path": path, "principal": principal, "privilege": privilege});
                let explained = pair.policy.ask("user:admin", now, "explain", question).unwrap();
                assert_eq!(explained["decision"] == "allow", expected.allowed, "{what}");
                assert_eq!(explained["reason"]["code"], expected.reason, "{what}");
                let until = explained["validUntil"].as_str().map(str::to_owned);
                assert_eq!(until, expected.valid_until.map(iso_millis), "{what}");
            }
        }
    }
}

fn agree_on_several(pair: &mut Pair, now: i64) {
    for (first, second) in [("user:u0", "user:u1"), ("user:project: P", "group:g0"), ("user:stranger", "user:u2")] {
        for path in all_paths() {
            for privilege in PRIVILEGES {
                let both = [first, second].map(|one| pair.world.check(one, privilege, path, now));
                let question = json!({"path": path, "principal": [first, second], "privilege": privilege});
                let decided = pair.policy.ask("user:admin", now, "check", question).unwrap();
                let expected = both.iter().any(|answer| answer.allowed);
                assert_eq!(
                    decided["decision"] == "allow",
                    expected,
                    "{first} and {second} {privilege} {path} at {now}"
                );
            }
        }
    }
}

fn agree_on_access(pair: &mut Pair, now: i64) {
    let known = pair.world.registered.iter().cloned();
    let named = pair.world.entries.values().flatten().map(|entry| entry.principal.clone());
    let known: BTreeSet<String> = known.chain(named).collect();
    let is_allowed = |pair: &Pair, principal: &str, path: &str| {
        PRIVILEGES.iter().any(|privilege| pair.world.check(principal, privilege, path, now).allowed)
    };
    for path in all_paths().into_iter().filter(|path| *path != UNREGISTERED.0) {
        let answer = pair.policy.ask("user:admin", now, "access", json!({ "path": path })).unwrap();
        let label = |held: &Value| {
            format!("{}:{}", held["principalType"].as_str().unwrap(), held["principalName"].as_str().unwrap())
        };
        let listed: BTreeSet<String> = answer["principal"].as_array().unwrap().iter().map(label).collect();
        let expected = known.iter().filter(|principal| is_allowed(pair, principal, path)).cloned().collect();
        assert_eq!(listed, expected, "access to {path} at {now}");
    }
    for principal in PRINCIPALS.into_iter().chain(["user:stranger"]) {
        let answer = pair.policy.ask("user:admin", now, "access", json!({ "principal": principal })).unwrap();
        let listed = answer["object"].as_array().unwrap().iter().map(|held| held["path"].as_str().unwrap());
        let listed: BTreeSet<&str> = listed.collect();
        for path in all_paths().into_iter().filter(|path| *path != UNREGISTERED.0) {
            assert_eq!(
                listed.contains(path),
                is_allowed(pair, principal, path),
                "access of {principal}: {path} at {now}"
            );
        }
    }
}

/// Every change to one entry that a fix could be made of: an entry of the lists on the way says something else, goes,
/// or a new one comes.
fn single_changes(pair: &Pair, privilege: &str, path: &str, principal: &str) -> Vec<Value> {
    let mut changes = Vec::new();
    let mut at = Some(path.to_owned());
    while let Some(object) = at {
        for entry in pair.world.entries.get(&object).into_iter().flatten() {
            let (kind, name) = split(&entry.principal);
            for word in ["allow", "inherit"] {
                changes.push(json!({"command": "modifyAclEntry", "arguments": {"path": object, "principalType": kind,
                    "principalName": name, "notBefore": "", "notAfter": "", format!("{privilege}Privilege"): word}}));
            }
        }
        let (kind, name) = split(principal);
        changes.push(json!({"command": "createAclEntry", "arguments": {"path": object, "principalType": kind,
            "principalName": name, format!("{privilege}Privilege"): "allow"}}));
        at = pair.world.parents.get(&object).cloned();
    }
    changes
}

/// Whether `admin`'s commands would make it allowed.
fn would_allow(pair: &mut Pair, commands: &[Value], question: &Value, now: i64) -> bool {
    let mut commands = commands.to_vec();
    commands.push(json!({"command": "check", "arguments": question}));
    let answer = pair.policy.try_out("user:admin", now, &commands).answer;
    let last = answer["replies"].as_array().and_then(|replies| replies.last()).cloned();
    last.is_some_and(|reply| reply["decision"] == "allow")
}

fn fixes_allow_and_are_smallest(pair: &mut Pair, now: i64) {
    for principal in PRINCIPALS {
        for (path, _) in OBJECTS {
            for privilege in PRIVILEGES {
                let question = json!({"path": path, "principal": principal, "privilege": privilege});
                let explained = pair.policy.ask("user:admin", now, "explain", question.clone()).unwrap();
                let Some(fix) = explained["fix"].as_array().cloned() else { continue };
                assert!(!fix.is_empty() && would_allow(pair, &fix, &question, now), "{question} at {now}: {fix:?}");
                if fix.len() > 1 {
                    let smaller = single_changes(pair, privilege, path, principal);
                    let smaller =
                        smaller.into_iter().find(|one| would_allow(pair, std::slice::from_ref(one), &question, now));
                    assert_eq!(smaller, None, "{question} at {now} is fixed by less than {fix:?}");
                }
            }
        }
    }
}

pub(crate) fn policy_of(steps: &[Step], everyone: &str) -> Pair {
    let mut pair = Pair::new(everyone);
    steps.iter().for_each(|step| pair.take(step));
    pair
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_decides_explains_and_lists_as_the_naive_evaluator_does(
        steps in proptest::collection::vec(step(), 0..40),
        any in any::<bool>(),
    ) {
        let mut pair = policy_of(&steps, if any { "any" } else { "registered" });
        for now in [0, 1_000, 2_000, 3_000] {
            agree_on_checks(&mut pair, now);
            agree_on_several(&mut pair, now);
            agree_on_access(&mut pair, now);
        }
    }

    #[test]
    fn the_fix_of_every_denial_allows_and_no_smaller_one_does(steps in proptest::collection::vec(step(), 0..40)) {
        let mut pair = policy_of(&steps, "registered");
        for now in [0, 2_000] {
            fixes_allow_and_are_smallest(&mut pair, now);
        }
    }

    #[test]
    fn a_restored_and_a_replayed_policy_decide_like_the_first(steps in proptest::collection::vec(step(), 0..40)) {
        let mut pair = policy_of(&steps, "registered");
        let snapshot = pair.policy.state.snapshot();
        prop_assert!(pair.policy.replayed().snapshot() == snapshot);
        pair.policy.state = portcullis_engine::State::restore(&snapshot).unwrap();
        agree_on_checks(&mut pair, 1_000);
    }
}
