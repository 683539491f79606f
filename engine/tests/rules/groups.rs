//! Groups without number: questions about who is in all of them are answered, and soon.

use crate::policy::Policy;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const GROUPS: usize = 3_000;

/// The user `ann` is in every group, and one list names them all; the last of them denies.
fn policy() -> Policy {
    let mut policy = Policy::new();
    let member = json!([{"memberType": "user", "memberName": "ann"}]);
    let groups = (0..GROUPS).map(|group| json!({"path": format!("/groups/g{group:04}"), "members": member}));
    let entries: Vec<Value> = (0..GROUPS).map(|group| entry(group, group + 1 == GROUPS)).collect();
    let project = json!({"path": "/projects/P", "acl": {"inheriting": true, "entries": entries}});
    let objects: Vec<Value> = groups.chain([project]).collect();
    policy.admin("import", json!({ "objects": objects })).unwrap();
    policy
}

fn entry(group: usize, denies: bool) -> Value {
    let modify = if denies { "deny" } else { "allow" };
    let name = format!("g{group:04}");
    json!({"principalType": "group", "principalName": name, "readPrivilege": "allow", "modifyPrivilege": modify})
}

fn question(privilege: &str) -> Value {
    json!({"path": "/projects/P", "principal": "user:ann", "privilege": privilege})
}

/// A search for each entry through all groups took minutes in a build like the tests'.
const SOON: Duration = Duration::from_secs(15);

#[test]
fn who_is_in_thousands_of_groups_that_one_list_names_is_decided_and_explained_soon() {
    let mut policy = policy();
    let begin = Instant::now();
    for (privilege, decision, deciding) in [("read", "allow", GROUPS), ("modify", "deny", 1)] {
        let checked = policy.ask("user:admin", 0, "check", question(privilege)).unwrap();
        assert_eq!(checked["decision"], decision, "{privilege}");
        assert_eq!(checked["reason"]["aclEntry"].as_array().map(Vec::len), Some(deciding), "{privilege}");
        let explained = policy.ask("user:admin", 0, "explain", question(privilege)).unwrap();
        assert_eq!(explained["decision"], decision, "{privilege}");
        let entries = explained["walk"][0]["object"][0]["aclEntry"].as_array().cloned().unwrap_or_default();
        assert_eq!(entries.len(), GROUPS, "{privilege}");
        for seen in entries {
            assert_eq!(seen["through"], json!([seen["principalName"]]), "{privilege}");
        }
    }
    assert!(begin.elapsed() < SOON, "the answers took {:?}", begin.elapsed());
}
