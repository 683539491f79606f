//! Handles: right through renames and moves, stale when they should be, never allowed by accident.

use crate::policy::Policy;
use portcullis_engine::Identity;
use serde_json::json;

/// A project with a pipeline, on which `ann` may modify.
fn policy() -> Policy {
    let mut policy = Policy::new();
    for path in ["/users/ann", "/projects/A", "/projects/B", "/projects/A/pipelines/Q"] {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    let entry = json!({"path": "/projects/A/pipelines/Q", "principalType": "user", "principalName": "ann", "modifyPrivilege": "allow"});
    policy.admin("createAclEntry", entry).unwrap();
    policy
}

fn may_modify(policy: &Policy, handle: portcullis_engine::Handle) -> bool {
    let ann = policy.state.principal(&Identity::parse("user:ann").unwrap());
    policy.state.check(ann, handle, policy.state.schema().privilege("modify").unwrap(), 0)
}

#[test]
fn a_handle_stays_right_through_a_rename_and_a_move() {
    let mut policy = policy();
    let handle = policy.state.resolve("/projects/A/pipelines/Q").unwrap();
    policy.admin("moveObject", json!({"path": "/projects/A/pipelines/Q", "newName": "R"})).unwrap();
    policy.admin("moveObject", json!({"path": "/projects/A/pipelines/R", "newParent": "/projects/B"})).unwrap();
    policy.admin("createObject", json!({"path": "/projects/A/pipelines/Q"})).unwrap();
    assert!(may_modify(&policy, handle) && !policy.state.is_stale(handle));
    let other = policy.state.resolve("/projects/A/pipelines/Q").unwrap();
    assert!(!may_modify(&policy, other), "the name came back as another object");
}

#[test]
fn a_principals_handle_stays_right_through_its_rename() {
    let mut policy = policy();
    let ann = policy.state.principal(&Identity::parse("user:ann").unwrap());
    policy.admin("moveObject", json!({"path": "/users/ann", "newName": "anna"})).unwrap();
    assert_eq!(policy.state.principal(&Identity::parse("user:anna").unwrap()), ann);
    let stranger = policy.state.principal(&Identity::parse("user:never seen").unwrap());
    assert_eq!(policy.state.principal(&Identity::parse("user:ann").unwrap()), stranger, "nobody has that name now");
}

#[test]
fn a_handle_of_a_deleted_object_is_stale_even_when_its_name_comes_back() {
    let mut policy = policy();
    let handle = policy.state.resolve("/projects/A/pipelines/Q").unwrap();
    policy.admin("deleteObject", json!({"path": "/projects/A/pipelines/Q"})).unwrap();
    policy.admin("createObject", json!({"path": "/projects/A/pipelines/Q"})).unwrap();
    assert!(policy.state.is_stale(handle) && !may_modify(&policy, handle));
}

#[test]
fn a_handle_of_an_unregistered_path_is_stale_from_the_next_creation_move_or_renaming_on() {
    for command in ["createObject", "moveObject", "rename"] {
        let mut policy = policy();
        let handle = policy.state.resolve("/projects/A/pipelines/Q/stages/never").unwrap();
        assert!(may_modify(&policy, handle), "it inherits from the pipeline");
        let entry =
            json!({"path": "/projects/B", "principalType": "user", "principalName": "x", "readPrivilege": "allow"});
        policy.admin("createAclEntry", entry).unwrap();
        assert!(may_modify(&policy, handle), "a list's change moves nothing");
        match command {
            "createObject" => policy.admin(command, json!({"path": "/projects/A/pipelines/Q/stages/never"})),
            "moveObject" => {
                policy.admin(command, json!({"path": "/projects/A/pipelines/Q", "newParent": "/projects/B"}))
            }
            _ => policy.admin("moveObject", json!({"path": "/projects/A/pipelines/Q", "newName": "R"})),
        }
        .unwrap();
        assert!(policy.state.is_stale(handle) && !may_modify(&policy, handle), "{command}");
    }
}

#[test]
fn a_handle_of_an_unregistered_path_is_not_stale_by_the_creation_that_came_before_it() {
    let mut policy = policy();
    policy.admin("createObject", json!({"path": "/projects/C"})).unwrap();
    let handle = policy.state.resolve("/projects/A/pipelines/Q/stages/never").unwrap();
    assert!(may_modify(&policy, handle) && !policy.state.is_stale(handle));
}

#[test]
fn a_stale_handle_stays_stale_in_a_restored_and_in_a_replayed_state() {
    let mut policy = policy();
    let handle = policy.state.resolve("/projects/A/pipelines/never").unwrap();
    policy.admin("createObject", json!({"path": "/projects/A/pipelines/never"})).unwrap();
    let restored = portcullis_engine::State::restore(&policy.state.snapshot()).unwrap();
    assert!(restored.is_stale(handle) && policy.replayed().is_stale(handle));
}

#[test]
fn a_proposal_that_creates_leaves_handles_fresh() {
    let mut policy = policy();
    let handle = policy.state.resolve("/projects/A/pipelines/Q/stages/never").unwrap();
    let create = json!({"command": "createObject", "arguments": {"path": "/projects/C"}});
    policy.try_out("user:admin", 0, &[create]);
    assert!(!policy.state.is_stale(handle) && may_modify(&policy, handle));
}

#[test]
fn the_handle_of_nobody_matches_nothing() {
    let policy = policy();
    let stranger = policy.state.principal(&Identity::parse("user:nobody knows").unwrap());
    let server = policy.state.resolve("/systemObjects/server").unwrap();
    let read = policy.state.schema().privilege("read").unwrap();
    assert!(!policy.state.check(stranger, server, read, 0));
}

#[test]
fn the_handle_of_a_user_whom_nobody_knows_is_in_everyone_where_the_schema_says_any() {
    for (everyone, strangers_may) in [("any", true), ("registered", false)] {
        let mut policy = Policy::of(&json!({
            "name": "open", "privileges": ["view"], "everyone": everyone, "types": [{"name": "page"}],
            "roles": {"read": "view", "modify": "view", "changePermissions": "view"}
        }));
        policy.admin("createObject", json!({"path": "/pages/home"})).unwrap();
        let entry = json!({"path": "/pages/home", "principalType": "group", "principalName": "Everyone", "viewPrivilege": "allow"});
        policy.admin("createAclEntry", entry).unwrap();
        let home = policy.state.resolve("/pages/home").unwrap();
        for (who, may) in [
            ("user:stranger", strangers_may),
            ("user:default", true),
            ("user:project: P", false),
            ("group:stranger", false),
            ("serviceAccount:stranger", false),
        ] {
            let handle = policy.state.principal(&Identity::parse(who).unwrap());
            let told = [
                policy.state.check(handle, home, 1, 0),
                policy.state.check_path(handle, 1, "/pages/home", 0).unwrap(),
                policy.state.check_names(who, "view", "/pages/home", 0).unwrap(),
            ];
            assert_eq!(told, [may; 3], "{who} where Everyone is {everyone}");
        }
    }
}
