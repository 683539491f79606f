//! Listings of access: what asking one by one gives.

use crate::policy::Policy;
use serde_json::{Value, json};

const PRINCIPALS: [&str; 6] = ["user:ann", "user:bob", "user:cid", "group:g", "group:Everyone", "user:admin"];
const PRIVILEGES: [&str; 4] = ["read", "modify", "execute", "changePermissions"];
const PATHS: [&str; 6] = [
    "/projects/A",
    "/projects/A/procedures/p",
    "/projects/A/procedures/p/steps/s",
    "/projects/A/procedures/q",
    "/projects/B",
    "/projects/B/procedures/r",
];

/// Lists that allow what lies above denies, and the other way round; a broken one; one that says something to a group.
fn policy() -> Policy {
    let mut policy = Policy::new();
    for path in PATHS.into_iter().chain(["/users/ann", "/users/bob", "/users/cid", "/groups/g"]) {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    policy.admin("addGroupMember", json!({"groupName": "g", "userName": "bob"})).unwrap();
    for (path, kind, name, says) in [
        ("/projects/A", "user", "ann", &[("read", "allow"), ("modify", "allow")][..]),
        ("/projects/A", "group", "g", &[("read", "allow"), ("execute", "allow")]),
        ("/projects/A/procedures/p", "user", "ann", &[("read", "deny"), ("modify", "deny")]),
        ("/projects/A/procedures/p/steps/s", "user", "ann", &[("modify", "allow")]),
        ("/projects/A/procedures/q", "group", "g", &[("read", "deny")]),
        ("/projects/B/procedures/r", "user", "cid", &[("read", "allow")]),
    ] {
        let mut entry = json!({"path": path, "principalType": kind, "principalName": name});
        says.iter().for_each(|(privilege, effect)| entry[format!("{privilege}Privilege")] = json!(effect));
        policy.admin("createAclEntry", entry).unwrap();
    }
    policy.admin("breakAclInheritance", json!({"path": "/projects/B"})).unwrap();
    policy
}

/// What is allowed on an object to any of `who`, asked one by one.
fn allowed(policy: &Policy, who: &[&str], path: &str) -> Vec<&'static str> {
    let may = |one: &&str, privilege| policy.state.check_names(one, privilege, path, 0).unwrap();
    PRIVILEGES.into_iter().filter(|privilege| who.iter().any(|one| may(one, privilege))).collect()
}

/// The privileges that a row of a listing says are allowed.
fn listed(row: &Value) -> Vec<&'static str> {
    PRIVILEGES.into_iter().filter(|privilege| row[format!("{privilege}Privilege")] == "allow").collect()
}

#[test]
fn what_somebody_may_do_to_which_objects_is_what_asking_about_each_gives() {
    let mut policy = policy();
    let pairs = PRINCIPALS.iter().flat_map(|one| PRINCIPALS.map(|other| vec![*one, other]));
    let mut found = 0;
    for who in pairs {
        for asked in [None, Some("read"), Some("modify"), Some("execute")] {
            let mut arguments = json!({"principal": who, "path": "/projects/A"});
            asked.iter().for_each(|privilege| arguments["privilege"] = json!(privilege));
            let reply = policy.ask("user:admin", 0, "access", arguments).unwrap();
            let rows = reply["object"].as_array().unwrap();
            let rows: Vec<_> = rows.iter().map(|row| (row["path"].as_str().unwrap(), listed(row))).collect();
            let each = PATHS.iter().filter(|path| path.starts_with("/projects/A"));
            let expected: Vec<_> = each
                .map(|path| (*path, allowed(&policy, &who, path)))
                .filter(|(_, allowed)| asked.map_or(!allowed.is_empty(), |privilege| allowed.contains(&privilege)))
                .collect();
            assert_eq!(rows, expected, "{who:?} {asked:?}");
            found += rows.len();
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn who_may_do_what_to_an_object_is_what_asking_about_each_gives() {
    let mut policy = policy();
    for path in PATHS {
        let reply = policy.ask("user:admin", 0, "access", json!({ "path": path })).unwrap();
        for who in PRINCIPALS {
            let is_it = |row: &&Value| {
                who == format!("{}:{}", row["principalType"].as_str().unwrap(), row["principalName"].as_str().unwrap())
            };
            let rows = reply["principal"].as_array().unwrap().iter().filter(is_it).map(listed);
            let allowed = allowed(&policy, &[who], path);
            let expected = Some(allowed).filter(|allowed| !allowed.is_empty());
            assert_eq!(rows.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>(), "{who} {path}");
        }
    }
}

#[test]
fn a_list_of_paths_is_answered_as_each_of_them_is() {
    let policy = policy();
    for who in PRINCIPALS.into_iter().chain(["user:nobody knows"]) {
        for privilege in PRIVILEGES {
            let ask = |path| u8::from(policy.state.check_names(who, privilege, path, 0).unwrap());
            let answers = policy.state.filter(who, privilege, PATHS.into_iter(), 0).unwrap();
            assert_eq!(answers, PATHS.map(ask), "{who} {privilege}");
        }
    }
}
