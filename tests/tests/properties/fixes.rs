//! The fix of a denial.

use crate::cases;
use crate::policy::{Policy, small};
use crate::world::{World, everybody};
use conformance::chance::split;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Whether `admin`'s commands would make it allowed.
fn would_allow(policy: &mut Policy, commands: &[Value], question: &Value, now: i64) -> bool {
    let check = json!({"command": "check", "arguments": question});
    let commands: Vec<Value> = commands.iter().cloned().chain([check]).collect();
    let (answer, _) = policy.try_out("propose", "user:admin", now, &commands);
    answer["replies"].as_array().and_then(|replies| replies.last()).is_some_and(|reply| reply["decision"] == "allow")
}

/// Every change to one entry that a fix could be made of: an entry of the lists on the way says something else, or a new
/// one comes.
fn single_changes(world: &World, who: &str, privilege: &str, path: &str) -> Vec<Value> {
    let change = |command: &str, object: &str, (kind, name): (&str, &str), says: &str| {
        json!({"command": command, "arguments": {"path": object, "principalType": kind, "principalName": name,
            "notBefore": "", "notAfter": "", format!("{privilege}Privilege"): says}})
    };
    let mut changes = Vec::new();
    for object in world.chain(path) {
        for named in world.oracle.acls.get(&object).into_iter().flat_map(|acl| acl.entries.keys()) {
            let named = (named.kind.as_str(), named.name.as_str());
            changes.extend(["allow", "inherit"].map(|says| change("modifyAclEntry", &object, named, says)));
        }
        changes.push(change("createAclEntry", &object, split(who), "allow"));
    }
    changes
}

fn fix(policy: &mut Policy, question: &Value, now: i64) -> Option<Vec<Value>> {
    policy.ask(now, "explain", question.clone())["fix"].as_array().cloned()
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn doing_the_smallest_fix_of_a_denial_allows(drawn in small(0..80), now in select(&[0, 1_000, 2_500][..])) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for (path, who) in world.paths.iter().flat_map(|path| everybody().map(move |who| (path, who))) {
            for privilege in drawn.realm.privileges {
                let question = json!({"path": path, "principal": who, "privilege": privilege});
                let Some(fix) = fix(&mut policy, &question, now) else { continue };
                let allows = !fix.is_empty() && would_allow(&mut policy, &fix, &question, now);
                prop_assert!(allows, "{} at {}: {:?}", question, now, fix);
                if fix.len() > 1 {
                    let allows = |one: &Value| would_allow(&mut policy, std::slice::from_ref(one), &question, now);
                    let smaller = single_changes(&world, who, privilege, path).into_iter().find(allows);
                    prop_assert_eq!(smaller, None, "{} at {} is fixed by less than {:?}", question, now, fix);
                }
            }
        }
    }
}
