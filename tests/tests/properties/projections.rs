//! Projections: they answer as the whole does, and equal answers are equal bytes.

use crate::cases;
use crate::policy::{Drawn, Policy, built_in, small};
use crate::world::{World, everybody, principal};
use conformance::chance::{self, PRINCIPALS, SMALL, TIMES, directory_path, iso, split};
use conformance::oracle::{Effect, Entry, Oracle, Principal};
use portcullis_engine::{Identity, Projection, SALT_BYTES, State};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SALT: [u8; SALT_BYTES] = *b"0123456789abcdef";
/// Before, at and behind every boundary.
const INSTANTS: [i64; 9] = [0, 999, 1_000, 1_001, 1_999, 2_000, 2_999, 3_000, 9_000];
/// The first instants at which something else may hold.
const TURNS: [i64; 4] = [0, TIMES[0], TIMES[1], TIMES[2]];

fn project(state: &State, who: &str, from: i64) -> Vec<u8> {
    state.project(&Identity::parse(who).unwrap(), from, &SALT).unwrap()
}

/// What a projection says about a privilege on a path.
fn answer(projection: &Projection, who: &str, privilege: &str, path: &str, now: i64) -> (bool, Option<i64>) {
    let question = projection.ask_names(who, privilege).unwrap();
    (question.check(path, now).unwrap(), question.valid_until(path, now).unwrap())
}

/// What the whole policy says.
fn whole_answer(state: &State, who: &str, privilege: &str, path: &str, now: i64) -> (bool, Option<i64>) {
    let allowed = state.check_names(who, privilege, path, now).unwrap();
    (allowed, state.valid_until(who, privilege, path, now).unwrap())
}

/// Paths of what a world knows; with properties, and with something below each that is not registered.
fn universe(world: &World, below: &[&str]) -> BTreeSet<String> {
    world.paths.iter().flat_map(|path| below.iter().map(move |end| format!("{path}{end}"))).collect()
}

/// Everything that can be asked about a principal from the beginning on.
fn all_answers(policy: &Policy, who: &str, paths: &BTreeSet<String>) -> Vec<(bool, Option<i64>)> {
    let questions = paths.iter().flat_map(|path| TURNS.map(|now| (path, now)));
    let questions = questions.flat_map(|(path, now)| policy.realm.privileges.iter().map(move |one| (path, now, one)));
    questions.map(|(path, now, privilege)| whole_answer(&policy.state, who, privilege, path, now)).collect()
}

/// Whether an entry for `named` matches `who`.
fn matches(world: &World, named: &Principal, who: &str) -> bool {
    let mut probe = Oracle { parents: [].into(), acls: [].into(), ..world.oracle.clone() };
    probe.acl("/").entries.insert(named.clone(), Entry::new([("any", Effect::Allow)]));
    probe.decide(&[principal(who)], "any", "/", 0).0
}

/// The same answers for one principal by other means: objects made in another order, and for every entry that matches
/// a group of its own that holds the principal alone. Between them what does not concern it.
fn rebuilt(world: &World, who: &str) -> Policy {
    let mut policy = Policy::of(&Drawn { realm: &SMALL, commands: Vec::new() });
    let everyone = if world.oracle.everyone_any { "any" } else { "registered" };
    policy.admin("createPolicy", json!({"schema": SMALL.schema(everyone)}));
    for path in ["/users/somebody".to_owned(), directory_path(who)] {
        policy.admin("createObject", json!({ "path": path }));
    }
    let mut objects: Vec<&String> = world
        .registered
        .iter()
        .filter(|path| path.starts_with("/folders/") || path.starts_with("/projects/"))
        .collect();
    objects.sort_by_key(|path| (path.matches('/').count(), std::cmp::Reverse(path.as_str())));
    for path in objects {
        policy.admin("createObject", json!({ "path": path }));
        let entry = json!({"path": path, "principalType": "user", "principalName": "somebody",
            "viewPrivilege": "allow", "editPrivilege": "deny", "notBefore": iso(1_000)});
        policy.admin("createAclEntry", entry);
    }
    let entries = world
        .oracle
        .acls
        .iter()
        .flat_map(|(path, acl)| acl.entries.iter().map(move |(named, entry)| (path, named, entry)));
    for (number, (path, _, entry)) in entries.filter(|(_, named, _)| matches(world, named, who)).enumerate() {
        add_by_group(&mut policy, who, &format!("own{number}"), path, entry);
    }
    for (path, _) in world.oracle.acls.iter().filter(|(_, acl)| acl.broken) {
        policy.admin("breakAclInheritance", json!({ "path": path }));
    }
    policy
}

/// An entry that reaches a principal through a group which holds nobody else.
fn add_by_group(policy: &mut Policy, who: &str, group: &str, path: &str, entry: &Entry) {
    let (kind, name) = split(who);
    policy.admin("createObject", json!({"path": format!("/groups/{group}")}));
    policy.admin("addGroupMember", json!({"groupName": group, "userName": name, "memberType": kind}));
    let mut arguments = json!({"path": path, "principalType": "group", "principalName": group});
    for (privilege, effect) in &entry.effects {
        arguments[format!("{privilege}Privilege")] = json!(if *effect == Effect::Allow { "allow" } else { "deny" });
    }
    for (side, instant) in [("notBefore", entry.not_before), ("notAfter", entry.not_after)] {
        arguments[side] = json!(instant.map_or(String::new(), iso));
    }
    policy.admin("createAclEntry", arguments);
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn a_projection_equals_the_whole_for_its_principal(
        drawn in small(0..80),
        from in select(&INSTANTS[..]),
        salt in any::<[u8; SALT_BYTES]>(),
    ) {
        let policy = Policy::of(&drawn);
        let mut world = World::of(&policy);
        let paths = universe(&world, &["", "/folders/new"]);
        let parents = paths.iter().filter_map(|path| Some((path.clone(), path.strip_suffix("/folders/new")?.to_owned())));
        world.oracle.parents.extend(parents);
        for who in everybody() {
            let bytes = policy.state.project(&Identity::parse(who).unwrap(), from, &salt).unwrap();
            let projection = Projection::load(&bytes).unwrap();
            // What cannot lie there is no path.
            for path in paths.iter().filter(|path| policy.state.resolve(path).is_ok()) {
                for (privilege, now) in drawn.realm.privileges.iter().flat_map(|one| INSTANTS.map(|now| (one, now))) {
                    // An earlier instant counts as the one that it was made for.
                    let expected = world.decide(who, privilege, path, now.max(from));
                    let given = answer(&projection, who, privilege, path, now);
                    prop_assert_eq!(given, expected, "{} {} {} at {}, from {}", who, privilege, path, now, from);
                    prop_assert_eq!(given.0, policy.state.check_names(who, privilege, path, now.max(from)).unwrap());
                }
            }
        }
    }

    #[test]
    fn a_projection_of_the_built_in_schema_equals_the_whole(
        drawn in built_in(0..80),
        from in select(&[0, 1_000, 1_500][..]),
    ) {
        let policy = Policy::of(&drawn);
        let ends =
            ["", "/properties/x", "/properties/x%2F/y", "/emailNotifiers/never", "/propertySheets/s1/properties/x"];
        let paths = universe(&World::of(&policy), &ends);
        for who in ["user:u0", "group:g0", "user:project: P"] {
            let projection = Projection::load(&project(&policy.state, who, from)).unwrap();
            for path in paths.iter().filter(|path| policy.state.resolve(path).is_ok()) {
                let privileges = drawn.realm.privileges.iter();
                for (privilege, now) in privileges.flat_map(|one| [1_500, 2_000].map(|now| (one, now))) {
                    let expected = whole_answer(&policy.state, who, privilege, path, now);
                    let given = answer(&projection, who, privilege, path, now);
                    prop_assert_eq!(given, expected, "{} {} {} at {}", who, privilege, path, now);
                }
            }
        }
    }

    #[test]
    fn the_same_answers_by_other_means_are_the_same_bytes(drawn in small(0..80), from in select(&INSTANTS[..])) {
        let policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for who in ["user:u0", "user:u2", "serviceAccount:s", "group:g1"] {
            if world.registered.contains(&directory_path(who)) {
                let other = rebuilt(&world, who);
                prop_assert!(project(&policy.state, who, from) == project(&other.state, who, from), "{}", who);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn another_step_gives_other_bytes_exactly_where_it_gives_other_answers(
        drawn in small(0..40),
        last in chance::step(&SMALL),
    ) {
        let before = Policy::of(&drawn);
        let mut after = before.copy();
        after.take(&last);
        let mut paths = universe(&World::of(&before), &["", "/folders/new"]);
        paths.extend(universe(&World::of(&after), &["", "/folders/new"]));
        paths.retain(|path| before.state.resolve(path).is_ok());
        for who in PRINCIPALS {
            let same = all_answers(&before, who, &paths) == all_answers(&after, who, &paths);
            let same_bytes = project(&before.state, who, 0) == project(&after.state, who, 0);
            prop_assert_eq!(same, same_bytes, "{}: {:?}", who, last);
        }
    }
}

/// Two that differ must be told apart: a comparison of bytes that are always the same would show nothing.
#[test]
fn other_answers_are_other_bytes() {
    let mut policy = Policy::of(&Drawn { realm: &SMALL, commands: Vec::new() });
    policy.admin("createPolicy", json!({"schema": SMALL.schema("registered")}));
    let before = project(&policy.state, "user:u0", 0);
    policy.admin("createObject", json!({"path": "/folders/a"}));
    assert!(project(&policy.state, "user:u0", 0) == before);
    let entry: Value =
        json!({"path": "/folders/a", "principalType": "user", "principalName": "u0", "viewPrivilege": "allow"});
    policy.admin("createAclEntry", entry);
    assert!(project(&policy.state, "user:u0", 0) != before);
}
