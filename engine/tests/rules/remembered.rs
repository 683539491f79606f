//! What the engine remembers of earlier questions: no answer depends on it.

use crate::policy::Policy;
use portcullis_engine::State;
use serde_json::{Value, json};

/// Projects A and B, of which `ann` may modify the first and `bob` the second.
fn policy() -> Policy {
    let mut policy = Policy::new();
    for (user, project) in [("ann", "A"), ("bob", "B")] {
        policy.admin("createObject", json!({"userName": user})).unwrap();
        policy.admin("createObject", json!({"projectName": project})).unwrap();
        policy.admin("createAclEntry", entry(user, project, "allow")).unwrap();
    }
    policy
}

fn entry(user: &str, project: &str, modify: &str) -> Value {
    json!({"principalType": "user", "principalName": user, "projectName": project, "modifyPrivilege": modify})
}

/// Who may modify what, asked three times: unknown, found out, remembered.
fn modifiers(policy: &Policy) -> Vec<&'static str> {
    let ask = |user: &str, project: &str| {
        let (user, path) = (format!("user:{user}"), format!("/projects/{project}"));
        let answers: Vec<bool> = (0..3).map(|_| policy.state.check_names(&user, "modify", &path, 0).unwrap()).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{user} {path}: {answers:?}");
        answers[0]
    };
    let asked = [("ann", "A", "ann A"), ("ann", "B", "ann B"), ("bob", "A", "bob A"), ("bob", "B", "bob B")];
    asked.into_iter().filter(|(user, project, _)| ask(user, project)).map(|(_, _, title)| title).collect()
}

#[test]
fn an_answer_follows_every_change_of_a_list() {
    let mut policy = policy();
    assert_eq!(modifiers(&policy), ["ann A", "bob B"]);
    policy.admin("modifyAclEntry", entry("ann", "A", "deny")).unwrap();
    assert_eq!(modifiers(&policy), ["bob B"]);
    policy.admin("deleteAclEntry", entry("bob", "B", "")).unwrap_err();
    let gone = json!({"principalType": "user", "principalName": "bob", "projectName": "B"});
    policy.admin("deleteAclEntry", gone).unwrap();
    assert!(modifiers(&policy).is_empty());
    policy.admin("createAclEntry", json!({"principalType": "group", "principalName": "Everyone", "systemObjectName": "projects", "modifyPrivilege": "allow"})).unwrap();
    assert_eq!(modifiers(&policy), ["ann B", "bob A", "bob B"]);
    policy.admin("breakAclInheritance", json!({"projectName": "B"})).unwrap();
    assert_eq!(modifiers(&policy), ["bob A"]);
}

#[test]
fn what_is_only_proposed_leaves_nothing_behind() {
    let mut policy = policy();
    assert_eq!(modifiers(&policy), ["ann A", "bob B"]);
    let deny = json!({"command": "modifyAclEntry", "arguments": entry("ann", "A", "deny")});
    let ask =
        json!({"command": "check", "arguments": {"principal": "user:ann", "privilege": "modify", "projectName": "A"}});
    let tried = policy.try_out("user:admin", 0, &[deny, ask]);
    assert_eq!(tried.answer["replies"][1]["decision"], "deny");
    assert_eq!(modifiers(&policy), ["ann A", "bob B"]);
}

#[test]
fn a_name_that_comes_to_another_bearer_means_that_one() {
    let mut policy = policy();
    assert_eq!(modifiers(&policy), ["ann A", "bob B"]);
    for (from, to) in [("A", "C"), ("B", "A"), ("C", "B")] {
        policy.admin("moveObject", json!({"path": format!("/projects/{from}"), "newName": to})).unwrap();
    }
    assert_eq!(modifiers(&policy), ["ann B", "bob A"]);
    for (from, to) in [("ann", "cid"), ("bob", "ann"), ("cid", "bob")] {
        policy.admin("moveObject", json!({"path": format!("/users/{from}"), "newName": to})).unwrap();
    }
    assert_eq!(modifiers(&policy), ["ann A", "bob B"]);
}

#[test]
fn a_path_means_the_same_whatever_was_asked_before() {
    let mut policy = policy();
    for path in ["/projects/A/propertySheets/s", "/projects/A/propertySheets/s/propertySheets/n"] {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    let paths = [
        "/projects/A",
        "/projects/A/properties/x",
        "/projects/A/properties/x/propertySheets/n",
        "/projects/A/propertySheets/s",
        "/projects/A/propertySheets/s/properties/x",
        "/projects/A/propertySheets/s/properties/x/y",
        "/projects/A/propertySheets/s/properties/x/propertySheets/n",
        "/projects/A/propertySheets/s/propertySheets/n",
        "/projects/A/propertySheets/s/propertySheets/never",
        "/projects/A/propertySheets/s/propertySheets/never/propertySheets/n",
        "/projects/A/nothing/x",
        "/systemObjects/server",
        "/systemObjects/projects/nothing/x",
    ];
    let asked = |state: &State, path: &str| state.resolve(path).map_err(|refusal| refusal.to_string());
    let snapshot = policy.state.snapshot();
    let fresh = |path: &str| asked(&State::restore(&snapshot).unwrap(), path);
    let used = State::restore(&snapshot).unwrap();
    for path in paths.iter().chain(paths.iter().rev()).chain(&paths) {
        assert_eq!(asked(&used, path), fresh(path), "{path}");
    }
}

#[test]
fn an_entry_that_ends_ends_for_those_who_asked_before() {
    let mut policy = policy();
    let mut ends = entry("ann", "A", "allow");
    ends["notAfter"] = json!("1970-01-01T00:00:01Z");
    policy.admin("modifyAclEntry", ends).unwrap();
    let ask = |now| policy.state.check_names("user:ann", "modify", "/projects/A", now).unwrap();
    assert_eq!([0, 999, 1000, 0, 1000].map(ask), [true, true, false, true, false]);
}

#[test]
fn many_threads_that_ask_at_once_get_the_answers_that_one_gets() {
    let mut policy = policy();
    let paths: Vec<String> = (0..400).map(|number| format!("/projects/A/procedures/p{number}")).collect();
    let commands: Vec<Value> =
        paths.iter().map(|path| json!({"command": "createObject", "arguments": {"path": path}})).collect();
    policy.propose("user:admin", 0, &commands).unwrap();
    let broken: Vec<Value> = (0..400)
        .step_by(3)
        .map(|at| json!({"command": "breakAclInheritance", "arguments": {"path": paths[at]}}))
        .collect();
    policy.propose("user:admin", 0, &broken).unwrap();
    let state = &policy.state;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let paths = &paths;
            scope.spawn(move || {
                for round in 0..8 {
                    for turn in 0..400 {
                        let at = (turn * 7 + thread * 100 + round) % 400;
                        let allowed = state.check_names("user:ann", "modify", &paths[at], 0).unwrap();
                        assert_eq!(allowed, at % 3 != 0, "{}", paths[at]);
                    }
                }
            });
        }
    });
}
