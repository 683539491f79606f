//! Projections: whom they answer, what is not in them, their form, and damage. That they answer as the whole does is for
//! `tests/tests/properties`.

use crate::damage::small_policy;
use crate::policy::Policy;
use portcullis_engine::{Identity, Projection, State};
use proptest::prelude::*;
use serde_json::json;

const SALT: [u8; 16] = *b"0123456789abcdef";
fn project(state: &State, principal: &str, from: i64) -> Vec<u8> {
    state.project(&Identity::parse(principal).unwrap(), from, &SALT).unwrap()
}

/// What a projection says about a privilege on a path.
fn answer(projection: &Projection, principal: &str, privilege: &str, path: &str, now: i64) -> (bool, Option<i64>) {
    let question = projection.ask_names(principal, privilege).unwrap();
    (question.check(path, now).unwrap(), question.valid_until(path, now).unwrap())
}

/// Objects of the built-in schema: property sheets, several and nested, names that need escapes, types that lie under
/// system objects and in one another.
const BUILT_IN: [&str; 14] = [
    "/projects/A",
    // The second sheet comes first: which sheet a property's path means is not for the names to say.
    "/projects/A/propertySheets/s2",
    "/projects/A/propertySheets/s1",
    "/projects/A/propertySheets/s1/propertySheets/n",
    "/projects/A/pipelines/Q",
    "/projects/A/pipelines/Q/propertySheets/t",
    "/projects/A/pipelines/Q/stages/S",
    "/projects/A/pipelines/Q/stages/S/gates/PRE",
    "/projects/A/credentials/a%2Fb",
    "/users/ann",
    "/artifacts/k",
    "/artifacts/k/artifactVersions/v",
    "/artifacts/k/emailNotifiers/e",
    "/systemObjects/directory/propertySheets/d",
];
const BUILT_IN_PRIVILEGES: [&str; 4] = ["read", "modify", "execute", "changePermissions"];

fn built_in_policy() -> Policy {
    let mut policy = Policy::new();
    for path in ["/groups/G", "/groups/H"] {
        policy.admin("createObject", json!({"path": path})).unwrap();
    }
    for path in BUILT_IN {
        policy.admin("createObject", json!({ "path": path })).unwrap();
    }
    policy.admin("addGroupMember", json!({"groupName": "G", "userName": "ann"})).unwrap();
    policy.admin("addGroupMember", json!({"groupName": "H", "userName": "G", "memberType": "group"})).unwrap();
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_no_path_is_refused_in_the_words_of_the_whole(path in "(/|%2F|%25|%|[a-z]|projects|properties|systemObjects|users|gates|PRE|é){0,12}") {
        let policy = built_in_policy();
        let projection = Projection::load(&project(&policy.state, "user:ann", 0)).unwrap();
        let given = projection.ask_names("user:ann", "read").unwrap().check(&path, 0);
        prop_assert_eq!(given, policy.state.check_names("user:ann", "read", &path, 0), "{}", path);
    }
}

#[test]
fn what_names_nothing_is_refused_in_the_words_of_the_whole() {
    let policy = built_in_policy();
    let projection = Projection::load(&project(&policy.state, "user:ann", 0)).unwrap();
    let question = projection.ask_names("user:ann", "read").unwrap();
    let long = format!("/projects/{}", "x".repeat(300));
    let paths = [
        ("", "InvalidArgument"),
        ("projects/A", "InvalidArgument"),
        ("/projects", "InvalidArgument"),
        ("/projects/A/", "InvalidArgument"),
        ("/projects//A", "InvalidArgument"),
        ("/projects/A%2f", "InvalidArgument"),
        ("/projects/A/users/ann", "InvalidArgument"),
        ("/projects/A/properties", "InvalidArgument"),
        ("/projects/A/pipelines/Q/stages/S/gates/WHEN", "InvalidArgument"),
        ("/systemObjects/nothing", "InvalidSystemObject"),
        (long.as_str(), "NameTooLong"),
    ];
    for (path, code) in paths {
        let refusal = question.check(path, 0).unwrap_err();
        assert_eq!(refusal.code(), code, "{path}");
        assert_eq!(Err(refusal.clone()), policy.state.check_names("user:ann", "read", path, 0));
        assert_eq!(question.valid_until(path, 0), Err(refusal));
    }
    let refusal = projection.ask_names("user:ann", "Read").err().unwrap();
    assert_eq!(refusal.code(), "InvalidPrivilege");
    assert_eq!(Err(refusal), policy.state.check_names("user:ann", "Read", "/projects/A", 0));
}

#[test]
fn admin_may_everything_for_ever() {
    let mut policy = built_in_policy();
    policy.admin("breakAclInheritance", json!({"path": "/projects/A"})).unwrap();
    let bytes = project(&policy.state, "user:admin", 0);
    assert_eq!(bytes.len(), project(&Policy::new().state, "user:admin", 0).len(), "no object has a row");
    let projection = Projection::load(&bytes).unwrap();
    for privilege in BUILT_IN_PRIVILEGES {
        assert_eq!(answer(&projection, "user:admin", privilege, "/projects/A/properties/x", 7), (true, None));
    }
}

#[test]
fn another_principal_is_refused() {
    let policy = built_in_policy();
    let projection = Projection::load(&project(&policy.state, "user:ann", 0)).unwrap();
    for other in ["user:bob", "group:ann", "serviceAccount:ann", "user:ann ", "ann", "", "user:admin"] {
        let refusal = projection.ask_names(other, "read").err().unwrap();
        assert_eq!(refusal.code(), "NotInProjection", "{other}");
    }
}

#[test]
fn the_groups_that_a_request_vouches_for_are_part_of_who_one_is() {
    let mut policy = built_in_policy();
    let entry =
        json!({"path": "/projects/A", "principalType": "group", "principalName": "H", "modifyPrivilege": "allow"});
    policy.admin("createAclEntry", entry).unwrap();
    let with = |groups: Option<&[&str]>| {
        let mut identity = Identity::parse("user:new").unwrap();
        identity.groups = groups.map(|groups| groups.iter().map(|group| (*group).to_owned()).collect());
        identity
    };
    let made_for = with(Some(&["x", "G"]));
    let projection = Projection::load(&policy.state.project(&made_for, 0, &SALT).unwrap()).unwrap();
    for same in [made_for, with(Some(&["G", "x", "G"]))] {
        assert_eq!(projection.ask(&same, "modify").unwrap().check("/projects/A", 0), Ok(true));
    }
    for other in [with(None), with(Some(&[])), with(Some(&["x"])), with(Some(&["xG"]))] {
        assert_eq!(projection.ask(&other, "modify").err().unwrap().code(), "NotInProjection");
    }
}

/// What each of these does to a policy is not `user:ann`'s concern.
#[test]
fn what_is_not_the_principals_concern_is_not_in_the_bytes() {
    let mut policy = built_in_policy();
    let granted =
        [("group", "G", "/projects/A"), ("group", "H", "/projects/A/pipelines/Q"), ("user", "bob", "/artifacts/k")];
    for (kind, name, path) in granted {
        let entry = json!({"path": path, "principalType": kind, "principalName": name, "modifyPrivilege": "allow", "notAfter": "1970-01-01T00:00:02Z"});
        policy.admin("createAclEntry", entry).unwrap();
    }
    let before = project(&policy.state, "user:ann", 0);
    let harmless = [
        ("another revision", "createObject", json!({"path": "/users/bob"})),
        ("a group with another name", "moveObject", json!({"path": "/groups/G", "newName": "other"})),
        ("a new object", "createObject", json!({"path": "/projects/A/pipelines/Q/stages/new"})),
        (
            "a move of what has no list",
            "moveObject",
            json!({"path": "/projects/A/pipelines/Q/stages/S", "newName": "elsewhere"}),
        ),
        (
            "somebody else's entry",
            "createAclEntry",
            json!({"path": "/projects/A", "principalType": "user", "principalName": "bob", "modifyPrivilege": "deny"}),
        ),
        ("a redundant membership", "addGroupMember", json!({"groupName": "H", "userName": "ann"})),
        (
            "a redundant entry",
            "createAclEntry",
            json!({"path": "/projects/A/pipelines/Q", "principalType": "user", "principalName": "ann", "readPrivilege": "allow"}),
        ),
        (
            "what is over",
            "createAclEntry",
            json!({"path": "/artifacts/k", "principalType": "user", "principalName": "ann", "readPrivilege": "deny", "notAfter": "1969-01-01T00:00:00Z"}),
        ),
        ("a restoration of what was never broken", "restoreAclInheritance", json!({"path": "/projects/A"})),
    ];
    for (what, command, arguments) in harmless {
        policy.admin(command, arguments).unwrap();
        assert!(project(&policy.state, "user:ann", 0) == before, "{what}");
    }
    let entry = json!({"path": "/artifacts/k", "principalType": "user", "principalName": "ann", "readPrivilege": "deny", "notAfter": ""});
    policy.admin("modifyAclEntry", entry).unwrap();
    assert!(project(&policy.state, "user:ann", 0) != before);
}

#[test]
fn no_name_of_anyone_or_anything_is_in_the_bytes() {
    let mut policy = Policy::new();
    let names = ["Xanadu", "Quetzal", "Zanzibar", "Wyvern", "Kraken"];
    for path in
        ["/projects/Xanadu", "/projects/Xanadu/pipelines/Quetzal", "/users/Zanzibar", "/groups/Wyvern", "/users/Kraken"]
    {
        policy.admin("createObject", json!({"path": path})).unwrap();
    }
    policy.admin("addGroupMember", json!({"groupName": "Wyvern", "userName": "Kraken"})).unwrap();
    let granted = [("user", "Zanzibar", "/projects/Xanadu"), ("group", "Wyvern", "/projects/Xanadu/pipelines/Quetzal")];
    for (kind, name, path) in granted {
        let entry = json!({"path": path, "principalType": kind, "principalName": name, "modifyPrivilege": "allow"});
        policy.admin("createAclEntry", entry).unwrap();
    }
    let has = |bytes: &[u8], name: &str| bytes.windows(name.len()).any(|part| part == name.as_bytes());
    let snapshot = policy.state.snapshot();
    for principal in ["user:Kraken", "user:Zanzibar", "user:admin", "group:Wyvern"] {
        let bytes = project(&policy.state, principal, 0);
        for name in names {
            assert!(has(&snapshot, name), "the search finds what is there");
            assert!(!has(&bytes, name), "{name} in that for {principal}");
        }
    }
}

#[test]
fn another_salt_gives_other_keys_and_the_same_answers() {
    let policy = small_policy();
    let ann = Identity::parse("user:ann").unwrap();
    let (one, other) = (project(&policy.state, "user:ann", 0), policy.state.project(&ann, 0, &[9; 16]).unwrap());
    // The one row's key, before the number of its timeline.
    let key = |bytes: &[u8]| bytes[bytes.len() - 9..bytes.len() - 1].to_vec();
    assert_ne!(key(&one), key(&other));
    assert_eq!(one.len(), other.len());
    assert_eq!(answer(&Projection::load(&other).unwrap(), "user:ann", "r", "/boxes/a", 0), (true, None));
    assert_eq!(answer(&Projection::load(&other).unwrap(), "user:ann", "w", "/boxes/a", 0), (false, Some(1_000)));
}

#[test]
fn more_timelines_than_a_byte_can_count_are_told_apart() {
    let mut policy = Policy::new();
    let path = |number: u32| format!("/projects/p{number}");
    let end = |number: u32| 1_000 * i64::from(number + 1);
    let commands = (0..300).flat_map(|number| {
        let minutes = format!("1970-01-01T00:{:02}:{:02}Z", (number + 1) / 60, (number + 1) % 60);
        let entry = json!({"path": path(number), "principalType": "user", "principalName": "ann",
            "modifyPrivilege": "allow", "notAfter": minutes});
        [
            json!({"command": "createObject", "arguments": {"path": path(number)}}),
            json!({"command": "createAclEntry", "arguments": entry}),
        ]
    });
    policy.propose("user:admin", 0, &commands.collect::<Vec<_>>()).unwrap();
    let projection = Projection::load(&project(&policy.state, "user:ann", 0)).unwrap();
    for number in 0..300 {
        let answer = |now| answer(&projection, "user:ann", "modify", &path(number), now);
        assert_eq!(answer(end(number) - 1), (true, Some(end(number))), "{number}");
        assert_eq!(answer(end(number)), (false, None), "{number}");
    }
}

/// How long a projection is, and its check sum.
fn print(bytes: &[u8]) -> (usize, String) {
    (bytes.len(), format!("{:016x}", u64::from_le_bytes(bytes[8..16].try_into().unwrap())))
}

#[test]
fn the_form_of_version_1_is_frozen() {
    let small = project(&small_policy().state, "user:ann", 0);
    assert!(small.starts_with(b"PCLPROJ\x01"));
    assert_eq!(print(&small), (331, "5f8de01e48438190".into()), "a projection in a browser is of no use any more");
    // The same in `face_check.rs`, on another target.
    let mut policy = Policy::new();
    for path in ["/projects/Default", "/users/dev"] {
        policy.admin("createObject", json!({"path": path})).unwrap();
    }
    let entry = json!({"path": "/projects/Default", "principalType": "user", "principalName": "dev",
        "modifyPrivilege": "allow", "notAfter": "1970-01-01T00:00:01Z"});
    policy.admin("createAclEntry", entry).unwrap();
    assert_eq!(print(&project(&policy.state, "user:dev", 0)), (1717, "0d677c3c33ddfd50".into()));
}

#[test]
fn a_damaged_projection_is_refused() {
    let bytes = project(&small_policy().state, "user:ann", 0);
    for place in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[place / 8] ^= 1 << (place % 8);
        assert_eq!(Projection::load(&damaged).err().unwrap().code(), "Damaged", "bit {place}");
    }
    for length in 0..bytes.len() {
        assert_eq!(Projection::load(&bytes[..length]).err().unwrap().code(), "Damaged", "{length} bytes");
    }
    assert!(Projection::load(&[bytes.as_slice(), &[0]].concat()).is_err());
    let mut newer = bytes;
    newer[7] = 200;
    assert!(Projection::load(&newer).err().unwrap().to_string().contains("version 200"));
}

#[test]
fn a_snapshot_is_no_projection_and_a_projection_no_snapshot() {
    let policy = small_policy();
    assert_eq!(Projection::load(&policy.state.snapshot()).err().unwrap().code(), "Damaged");
    assert_eq!(State::restore(&project(&policy.state, "user:ann", 0)).err().unwrap().code(), "Damaged");
}

/// Bytes with a head that is right for them: the reader must not trust what the check sum vouches for.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = twox_hash::XxHash64::oneshot(0, &bytes[16..]);
    bytes[8..16].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// It is refused, or answers; it never panics.
fn try_forged(bytes: Vec<u8>) {
    match Projection::load(&resealed(bytes)) {
        Err(refusal) => assert_eq!(refusal.code(), "Damaged"),
        Ok(projection) => {
            let Ok(question) = projection.ask_names("user:ann", "r") else { return };
            for path in ["/boxes/a", "/systemObjects/server", "/users/ann", "/boxes/a/properties/x", ""] {
                drop(question.check(path, i64::MAX));
                drop(question.valid_until(path, i64::MIN));
            }
        }
    }
}

#[test]
fn a_forged_projection_is_refused_or_answers() {
    let bytes = project(&small_policy().state, "user:ann", 0);
    for place in 16 * 8..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[place / 8] ^= 1 << (place % 8);
        try_forged(forged);
    }
    (16..bytes.len()).for_each(|length| try_forged(bytes[..length].to_vec()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn forged_anywhere_it_is_refused_or_answers(
        places in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = project(&small_policy().state, "user:ann", 0);
        for (place, byte) in places {
            let at = 16 + place.index(bytes.len() - 16);
            bytes[at] = byte;
        }
        try_forged(bytes);
    }
}
