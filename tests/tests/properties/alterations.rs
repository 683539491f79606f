//! What a change to a policy must not do to anybody.

use crate::cases;
use crate::policy::{Policy, small};
use crate::world::{World, everybody, principal};
use conformance::chance::{PRINCIPALS, iso, split};
use conformance::oracle::Effect;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const INSTANTS: [i64; 3] = [0, 1_000, 2_500];

/// A question about a principal: privilege, path and instant.
type Question = (&'static str, String, i64);

/// The engine's answers about somebody: whether, and until when.
fn answers(policy: &Policy, world: &World, who: &str) -> BTreeMap<Question, (bool, Option<i64>)> {
    let mut answers = BTreeMap::new();
    for (path, now) in world.paths.iter().flat_map(|path| INSTANTS.map(|now| (path, now))) {
        for privilege in policy.realm.privileges {
            let allowed = policy.state.check_names(who, privilege, path, now).unwrap();
            let until = policy.state.valid_until(who, privilege, path, now).unwrap();
            answers.insert((*privilege, path.clone(), now), (allowed, until));
        }
    }
    answers
}

/// Every deny there is: object, principal, privilege.
fn denies(world: &World) -> Vec<(String, String, String)> {
    let mut denies = Vec::new();
    for (object, acl) in &world.oracle.acls {
        for (named, entry) in &acl.entries {
            let denied = entry.effects.iter().filter(|(_, effect)| **effect == Effect::Deny);
            denies.extend(
                denied.map(|(privilege, _)| {
                    (object.clone(), format!("{}:{}", named.kind, named.name), privilege.clone())
                }),
            );
        }
    }
    denies
}

fn removal((object, named, privilege): &(String, String, String)) -> Value {
    let (kind, name) = split(named);
    json!({"path": object, "principalType": kind, "principalName": name, format!("{privilege}Privilege"): "inherit"})
}

/// The principal, and of a group everybody whom it holds.
fn reached(world: &World, member: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::from([principal(member)]);
    loop {
        let held = world.oracle.members.iter().filter(|(_, group)| reached.contains(group));
        let held: Vec<_> = held.map(|(member, _)| member.clone()).filter(|member| !reached.contains(member)).collect();
        if held.is_empty() {
            return reached.iter().map(|one| format!("{}:{}", one.kind, one.name)).collect();
        }
        reached.extend(held);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn removing_a_deny_never_removes_access(drawn in small(20..80), at in any::<Index>()) {
        let policy = Policy::of(&drawn);
        let world = World::of(&policy);
        let denies = denies(&world);
        prop_assume!(!denies.is_empty());
        let before: Vec<_> = everybody().map(|who| answers(&policy, &world, who)).collect();
        for removed in denies.iter().cycle().skip(at.index(denies.len())).take(denies.len().min(6)) {
            let mut policy = policy.copy();
            policy.admin("modifyAclEntry", removal(removed));
            for (who, before) in everybody().zip(&before) {
                let after = answers(&policy, &world, who);
                let lost = before.iter().find(|(question, (allowed, _))| *allowed && !after[*question].0);
                prop_assert!(lost.is_none(), "{} loses {:?} without the deny {:?}", who, lost, removed);
            }
        }
    }

    #[test]
    fn adding_a_member_to_a_group_changes_nobody_else(
        drawn in small(20..80),
        group in select(&["g0", "g1", "g2"][..]),
        member in select(&PRINCIPALS[..]),
    ) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        let before: Vec<_> = everybody().map(|who| answers(&policy, &world, who)).collect();
        let (kind, name) = split(member);
        let arguments = json!({"groupName": group, "userName": name, "memberType": kind});
        let add = json!({"command": "addGroupMember", "arguments": arguments});
        prop_assume!(policy.propose("user:admin", 0, &[add]).is_ok());
        let reached = reached(&world, member);
        // Whom Everyone holds, it holds by a rule.
        let by_rule = |who: &str| who.starts_with("user:") && !who.starts_with("user:project: ");
        let is_reached = |who: &str| reached.contains(who) || (reached.contains("group:Everyone") && by_rule(who));
        for (who, before) in everybody().zip(before).filter(|(who, _)| !is_reached(who)) {
            prop_assert_eq!(answers(&policy, &world, who), before, "{} and {} in {}", who, member, group);
        }
    }
}

/// The reach is not so wide that nobody is left to look at, nor so narrow that a member's own change is overlooked.
#[test]
fn the_member_itself_is_changed_by_what_its_group_may() {
    let drawn = crate::policy::Drawn { realm: &conformance::chance::SMALL, commands: Vec::new() };
    let mut policy = Policy::of(&drawn);
    policy.admin("createPolicy", json!({"schema": drawn.realm.schema("registered")}));
    for path in ["/folders/a", "/users/u0", "/users/u1", "/groups/g0"] {
        policy.admin("createObject", json!({ "path": path }));
    }
    let entry = json!({"path": "/folders/a", "principalType": "group", "principalName": "g0",
        "viewPrivilege": "allow", "notAfter": iso(1_000)});
    policy.admin("createAclEntry", entry);
    let world = World::of(&policy);
    let [before, other] = ["user:u0", "user:u1"].map(|who| answers(&policy, &world, who));
    policy.admin("addGroupMember", json!({"groupName": "g0", "userName": "u0"}));
    assert_ne!(answers(&policy, &world, "user:u0"), before);
    assert_eq!(answers(&policy, &world, "user:u1"), other);
}
