//! Random small policies and random sequences of requests: the one generator of all tests that throw dice.
//!
//! Everything is drawn as what a caller would send. What an engine refuses of it is left out by whoever plays it, so the
//! generator needs to know no rule.

pub mod acts;
mod anything;
mod steps;

use crate::case::Call;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What there may be in a random policy: a schema, and the objects that lie in it at first.
#[derive(Debug)]
pub struct Realm {
    /// The privileges.
    pub privileges: &'static [&'static str],
    /// The objects, by path, each behind the one that it lies under; the system objects among them are always there.
    pub objects: &'static [&'static str],
    /// Paths of objects that nothing here registers.
    pub strays: &'static [&'static str],
    /// The collections at the top, and what their objects lie under.
    tops: &'static [(&'static str, &'static str)],
    /// The schema, but for `everyone`.
    schema: fn() -> Value,
}

/// A schema of a user's own: folders in folders, and projects.
pub static SMALL: Realm = Realm {
    privileges: &["view", "edit", "grant"],
    objects: &[
        "/folders/a",
        "/folders/a/folders/b",
        "/systemObjects/server",
        "/folders/a/folders/b/folders/c",
        "/systemObjects/directory",
        "/folders/a/folders/d",
        "/folders/e",
        "/folders/e/folders/b",
        "/projects/P",
    ],
    strays: &["/folders/a/folders/b/folders/never", "/folders/never", "/projects/P2", "/folders/never/folders/a"],
    tops: &[("folders", "/systemObjects/server"), ("projects", "/systemObjects/server")],
    schema: small_schema,
};

/// The schema of CD/RO: property sheets, several and nested, types in one another, a name that needs an escape.
pub static BUILT_IN: Realm = Realm {
    privileges: &["read", "modify", "execute", "changePermissions"],
    objects: &[
        "/projects/P",
        "/projects/P/pipelines/Q",
        "/systemObjects/server",
        // The second sheet comes first: which sheet a property's path means is not for the names to say.
        "/projects/P/propertySheets/s2",
        "/projects/P/propertySheets/s1",
        "/projects/P/pipelines/Q/stages/S",
        "/systemObjects/projects",
        "/projects/P/propertySheets/s1/propertySheets/n",
        "/systemObjects/directory",
        "/projects/P/pipelines/Q/propertySheets/t",
        "/projects/P/pipelines/Q/stages/S/tasks/T",
        "/projects/P/pipelines/Q/stages/S/gates/PRE",
        "/projects/P/credentials/a%2Fb",
        "/artifacts/k",
        "/artifacts/k/artifactVersions/v",
        "/artifacts/k/emailNotifiers/e",
        "/systemObjects/directory/propertySheets/d",
    ],
    strays: &["/projects/never", "/projects/P/pipelines/Q/stages/never", "/artifacts/never/artifactVersions/v"],
    tops: &[("projects", "/systemObjects/projects"), ("artifacts", "/systemObjects/artifacts")],
    schema: built_in_schema,
};

/// Everybody that memberships and entries are drawn for, the early ones more often; whether they are registered is for
/// the dice to say.
pub const PRINCIPALS: [&str; 12] = [
    "user:u0",
    "group:g0",
    "group:g1",
    "user:u1",
    "group:Everyone",
    "group:g2",
    "user:u2",
    "serviceAccount:s",
    "serviceAccount:u0",
    "user:project: P",
    "user:admin",
    "user:named only",
];
/// Of these, those that a policy mostly has.
const BEARERS: usize = 9;
/// Never registered and never named by an entry.
pub const STRANGERS: [&str; 4] =
    ["user:stranger", "group:stranger", "serviceAccount:stranger", "user:project: stranger"];
/// The boundaries of dated entries, in milliseconds since 1970.
pub const TIMES: [i64; 3] = [1_000, 2_000, 3_000];
/// New names of objects and accounts: of others, of nobody, and such as take more than a byte for a character.
const NAMES: [&str; 9] = ["a", "b", "z", "P", "u1", "g2", "project: P", "Éß", "日本😀"];

impl Realm {
    /// The schema's JSON, where `everyone` is `registered` or `any`.
    #[must_use]
    pub fn schema(&self, everyone: &str) -> Value {
        let mut schema = (self.schema)();
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("everyone".into(), everyone.into());
        }
        schema
    }

    /// The path of what an object lies under, be it registered or not: `domain.md` §1, "Objects, locators, parents".
    /// Nothing for `server`.
    #[must_use]
    pub fn parent(&self, path: &str) -> Option<String> {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        match steps.as_slice() {
            ["systemObjects", "server"] => None,
            ["systemObjects", _] => Some("/systemObjects/server".into()),
            ["users" | "groups" | "serviceAccounts", _] => Some("/systemObjects/directory".into()),
            ["personas" | "personaCategories" | "personaPages", _] => Some("/systemObjects/personas".into()),
            [collection, _] => self.tops.iter().find(|(top, _)| top == collection).map(|(_, above)| (*above).into()),
            [above @ .., _, _] => Some(format!("/{}", above.join("/"))),
            _ => None,
        }
    }
}

/// The commands of `admin` that make a random policy, each a request of its own; some of them will be refused.
pub fn policy(realm: &'static Realm, steps: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Call>> {
    let everyone = select(&["registered", "any"][..]);
    let there = vec(prop::bool::weighted(0.9), BEARERS);
    (everyone, there, vec(steps::step(realm), steps)).prop_map(move |(everyone, there, steps)| {
        let people = PRINCIPALS.iter().zip(there).filter(|(_, is_there)| *is_there);
        let people = people.map(|(principal, _)| on("createObject", &directory_path(principal)));
        let own = realm.objects.iter().filter(|path| !is_system_object(path));
        let objects = own.map(|path| on("createObject", path));
        // The predefined personas come with the schema that is built in, not with one that is the same.
        let is_default = std::ptr::eq(realm, &raw const BUILT_IN) && everyone == "registered";
        let create = call("createPolicy", json!({ "schema": (!is_default).then(|| realm.schema(everyone)) }));
        std::iter::once(create).chain(objects).chain(people).chain(steps).collect()
    })
}

fn is_system_object(path: &str) -> bool {
    path.starts_with("/systemObjects/") && path.matches('/').count() == 2
}

/// A command that alters who may do what; it may well be refused.
pub fn step(realm: &'static Realm) -> impl Strategy<Value = Call> {
    steps::step(realm)
}

/// A command about personas; it may well be refused.
pub fn persona_step() -> impl Strategy<Value = Call> {
    anything::persona_command(&BUILT_IN)
}

/// The type and the name of a principal as these constants write it.
#[must_use]
pub fn split(principal: &str) -> (&str, &str) {
    principal.split_once(':').unwrap_or(("user", principal))
}

/// The path of a principal's own object.
#[must_use]
pub fn directory_path(principal: &str) -> String {
    let (kind, name) = split(principal);
    format!("/{kind}s/{name}")
}

/// An instant in ISO 8601, to the second.
#[must_use]
pub fn iso(instant_ms: i64) -> String {
    let instant = chrono::DateTime::from_timestamp_millis(instant_ms);
    instant.map(|instant| instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
}

/// A command with its arguments: those that are `null` are left out.
fn call(command: &str, arguments: Value) -> Call {
    let arguments = match arguments {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    };
    Call { command: command.into(), arguments }
}

/// One of them; early ones more often, so that commands meet in the same places.
fn early(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    let places = [0..all.len(), 0..all.len(), 0..all.len()];
    places.prop_map(|places| places.into_iter().min().and_then(|least| all.get(least)).copied().unwrap_or_default())
}

fn on(command: &str, path: &str) -> Call {
    call(command, json!({ "path": path }))
}

fn small_schema() -> Value {
    json!({
        "name": "small", "privileges": SMALL.privileges,
        "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
        "types": [
            {"name": "folder", "parents": ["folder"], "systemObject": "server"},
            {"name": "project", "systemObject": "server"}
        ]
    })
}

fn built_in_schema() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let text = portcullis_engine::Schema::cdro().json().to_owned();
        serde_json::from_str(&text).unwrap_or_default()
    });
    SCHEMA.clone()
}
