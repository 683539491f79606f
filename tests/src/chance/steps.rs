//! Commands that alter who may do what.

use super::{NAMES, PRINCIPALS, Realm, TIMES, call, directory_path, early, iso, on, split};
use crate::case::Call;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(super) fn step(realm: &'static Realm) -> BoxedStrategy<Call> {
    prop_oneof![
        40 => entry(realm),
        4 => inheritance(realm),
        3 => object(realm),
        3 => bearer(),
        16 => membership(),
        2 => place(realm),
        1 => name(),
        1 => import(realm),
        1 => everyone(realm),
    ]
    .boxed()
}

fn path(realm: &'static Realm) -> impl Strategy<Value = &'static str> + Clone {
    early(realm.objects)
}

fn principal() -> impl Strategy<Value = &'static str> + Clone {
    early(&PRINCIPALS)
}

/// For each privilege nothing, `inherit`, `allow` or `deny`.
fn effects(realm: &'static Realm) -> impl Strategy<Value = Vec<Value>> {
    let effect = prop_oneof![
        1 => Just(Value::Null), 2 => Just(json!("inherit")), 4 => Just(json!("allow")), 4 => Just(json!("deny")),
    ];
    vec(effect, realm.privileges.len())
}

/// The boundaries of a window: not said, taken away, or an instant.
fn window() -> impl Strategy<Value = [Value; 2]> {
    let instant = select(&TIMES[..]).prop_map(|at| json!(iso(at)));
    let boundary = prop_oneof![5 => Just(Value::Null), 1 => Just(json!("")), 4 => instant];
    [boundary.clone(), boundary].prop_map(|[first, end]| match (first.as_str(), end.as_str()) {
        (Some(one), Some(other)) if !other.is_empty() && one > other => [end, first],
        (Some(one), Some(other)) if !one.is_empty() && one == other => [first, Value::Null],
        _ => [first, end],
    })
}

fn says(realm: &'static Realm, words: Vec<Value>) -> Map<String, Value> {
    realm.privileges.iter().map(|privilege| format!("{privilege}Privilege")).zip(words).collect()
}

fn entry(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let command =
        select(&["createAclEntry", "createAclEntry", "createAclEntry", "modifyAclEntry", "deleteAclEntry"][..]);
    (command, path(realm), principal(), effects(realm), window()).prop_map(
        move |(command, path, principal, words, [first, end])| {
            let (kind, name) = split(principal);
            let mut fields = json!({"path": path, "principalType": kind, "principalName": name});
            if let Some(fields) = fields.as_object_mut().filter(|_| command != "deleteAclEntry") {
                fields.extend(says(realm, words));
                fields.extend([("notBefore".to_owned(), first), ("notAfter".to_owned(), end)]);
            }
            call(command, fields)
        },
    )
}

fn inheritance(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let command = select(&["breakAclInheritance", "restoreAclInheritance"][..]);
    (command, path(realm)).prop_map(|(command, path)| on(command, path))
}

fn object(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let command = select(&["createObject", "createObject", "createObject", "deleteObject"][..]);
    (command, path(realm)).prop_map(|(command, path)| on(command, path))
}

/// A user, group or service account comes or goes.
fn bearer() -> impl Strategy<Value = Call> {
    let command = select(&["createObject", "createObject", "createObject", "deleteObject"][..]);
    (command, principal()).prop_map(|(command, principal)| on(command, &directory_path(principal)))
}

fn membership() -> impl Strategy<Value = Call> {
    let command = select(&["addGroupMember", "addGroupMember", "addGroupMember", "removeGroupMember"][..]);
    (command, select(&["g0", "g1", "g2"][..]), select(&PRINCIPALS[..])).prop_map(|(command, group, member)| {
        let (kind, name) = split(member);
        call(command, json!({"groupName": group, "userName": name, "memberType": kind}))
    })
}

/// An object gets another place or name.
fn place(realm: &'static Realm) -> impl Strategy<Value = Call> {
    (path(realm), option::weighted(0.7, path(realm)), option::weighted(0.7, select(&NAMES[..]))).prop_map(
        |(path, parent, name)| call("moveObject", json!({"path": path, "newParent": parent, "newName": name})),
    )
}

/// Whoever bears a name gets another.
fn name() -> impl Strategy<Value = Call> {
    (principal(), select(&NAMES[..])).prop_map(|(principal, name)| match split(principal) {
        ("group", group) => call("modifyGroup", json!({"groupName": group, "newName": name})),
        _ => call("moveObject", json!({"path": directory_path(principal), "newName": name})),
    })
}

/// Whether Everyone holds whom nobody knows.
fn everyone(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let word = select(&["registered", "any"][..]);
    word.prop_map(|everyone| call("setSchema", json!({"schema": realm.schema(everyone)})))
}

fn import(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let list = (path(realm), any::<bool>(), vec((principal(), effects(realm)), 0..3));
    let list = list.prop_map(move |(path, inheriting, entries)| {
        let entries = entries.into_iter().map(|(principal, words)| {
            let (kind, name) = split(principal);
            let mut fields =
                Map::from_iter([("principalType".to_owned(), json!(kind)), ("principalName".to_owned(), json!(name))]);
            fields.extend(says(realm, words).into_iter().filter(|(_, word)| !word.is_null()));
            Value::Object(fields)
        });
        json!({"path": path, "acl": {"inheriting": inheriting, "entries": entries.collect::<Vec<_>>()}})
    });
    vec(list, 1..3).prop_map(|objects| call("import", json!({ "objects": objects })))
}
