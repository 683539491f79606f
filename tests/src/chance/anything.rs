//! Any command there is, with arguments that mostly make sense: drawn by what the table of commands says of them.

use super::{NAMES, PRINCIPALS, Realm, STRANGERS, TIMES, call, directory_path, early, iso, split};
use crate::case::Call;
use portcullis_engine::{Argument, ArgumentKind, COMMANDS, Command, PERMISSIONS};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

const PERSONAS: [&str; 5] = ["p", "Global", "q", "Release Manager", "Z"];
const CATEGORIES: [&str; 5] = ["c", "deployment", "administration", "d", "nowhere"];
const PAGES: [&str; 6] = ["x", "pipeline", "application", "y", "user", ""];

/// A field of a command's arguments, or none.
type Field = BoxedStrategy<Option<(String, Value)>>;

/// Any command at all.
pub(super) fn any_command(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let known = COMMANDS.iter().map(|command| arguments_of(command, realm));
    let unknown = select(&["", "check ", "Check", "noSuchCommand", "\u{0}"][..]).prop_map(|name| call(name, json!({})));
    prop_oneof![60 => Union::new(known), 1 => unknown]
}

/// A question.
pub(super) fn any_question(realm: &'static Realm) -> impl Strategy<Value = Call> {
    Union::new(COMMANDS.iter().filter(|command| command.asks()).map(|command| arguments_of(command, realm)))
}

/// A command that alters personas, or who has which.
pub(super) fn persona_command(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let frequent = ["createPersona", "modifyPersona", "assignPersonaToUser", "assignPersonaToGroup"];
    let all = COMMANDS.iter().filter(|command| !command.asks() && command.name.contains("Persona"));
    let page = select(&PAGES[..]).prop_map(|name| call("deleteObject", json!({"personaPageName": name})));
    let weighted =
        all.map(|command| (if frequent.contains(&command.name) { 3 } else { 1 }, arguments_of(command, realm)));
    Union::new_weighted(weighted.chain([(1, page.boxed())]).collect())
}

fn arguments_of(command: &'static Command, realm: &'static Realm) -> BoxedStrategy<Call> {
    let mut fields: Vec<Field> = command.arguments.iter().map(|argument| field(argument, realm)).collect();
    if command.locates {
        fields.push(locator(realm));
    }
    if command.privileges {
        fields.extend(realm.privileges.iter().map(|privilege| effect(privilege)));
    }
    let name = command.name;
    fields
        .prop_map(move |fields| Call { command: name.into(), arguments: fields.into_iter().flatten().collect() })
        .boxed()
}

/// Whether it is there, and mostly as it should be.
fn field(argument: &'static Argument, realm: &'static Realm) -> Field {
    let value = prop_oneof![40 => value(argument, realm), 1 => misfit()];
    let share = if argument.required { 0.99 } else { 0.4 };
    option::weighted(share, value).prop_map(|value| Some((argument.name.to_owned(), value?))).boxed()
}

fn effect(privilege: &'static str) -> Field {
    let word = option::of(select(&["allow", "deny", "inherit", "", "maybe"][..]));
    word.prop_map(move |word| Some((format!("{privilege}Privilege"), json!(word?)))).boxed()
}

/// What no argument takes, or few.
fn misfit() -> impl Strategy<Value = Value> {
    let texts = select(&["", " ", "\u{0}", "\u{7f}é\u{2028}", "-1", "1e3", "true", "/", "%"][..]).prop_map(Value::from);
    let numbers = select(&[0_i64, -1, i64::MAX, i64::MIN][..]).prop_map(Value::from);
    let others =
        select(vec![Value::Null, json!([]), json!({}), json!([[]]), json!(true), json!(0.5), json!("x".repeat(300))]);
    prop_oneof![texts, numbers, others]
}

/// Where it is: by path, by name, by an id, or not said.
fn locator(realm: &'static Realm) -> Field {
    let path = anywhere(realm).prop_map(|path| Some(("path".to_owned(), path)));
    let named =
        select(&["projectName", "pipelineName", "userName", "groupName", "personaName", "systemObjectName"][..]);
    let named = (named, name()).prop_map(|(locator, name)| Some((locator.to_owned(), name)));
    let id = select(&["project-0", "folder-00000000-0000-0000-0000-000000000000", "x"][..]);
    let id = id.prop_map(|id| Some(("objectId".to_owned(), json!(id))));
    prop_oneof![12 => path, 2 => named, 1 => id, 1 => Just(None)].boxed()
}

fn anywhere(realm: &'static Realm) -> impl Strategy<Value = Value> {
    let known = early(realm.objects).prop_map(Value::from);
    let stray = select(realm.strays).prop_map(Value::from);
    let own = early(&PRINCIPALS).prop_map(|principal| json!(directory_path(principal)));
    let property = select(realm.objects).prop_map(|path| json!(format!("{path}/properties/x%2F")));
    let nonsense =
        select(&["", "/", "//", "/projects", "/projects/P/", "/projects/%2f", "/é/é"][..]).prop_map(Value::from);
    prop_oneof![8 => known, 2 => stray, 4 => own, 1 => property, 1 => nonsense]
}

fn name() -> impl Strategy<Value = Value> {
    let bearers = PRINCIPALS.iter().chain(&STRANGERS).map(|principal| split(principal).1);
    select(bearers.chain(NAMES).collect::<Vec<_>>()).prop_map(Value::from)
}

/// As the argument's name, or else its kind, says.
fn value(argument: &'static Argument, realm: &'static Realm) -> BoxedStrategy<Value> {
    let one_of = |words: &'static [&'static str]| early(words).prop_map(Value::from).boxed();
    let some = |words: &'static [&'static str]| vec(select(words), 0..3).prop_map(Value::from).boxed();
    match argument.name {
        "userName" => {
            prop_oneof![3 => select(&["u0", "u1", "u2", "admin", "new"][..]).prop_map(Value::from), 1 => name()].boxed()
        }
        "groupName" => one_of(&["g0", "g1", "g2", "Everyone", "new"]),
        "userNames" => some(&["u0", "u1", "u2"]),
        "groupNames" => some(&["g0", "g1", "Everyone"]),
        "principalName" | "entityName" | "newName" => name().boxed(),
        "serviceAccountName" => one_of(&["s", "u0", "nobody"]),
        "newParent" => anywhere(realm).boxed(),
        "principal" => identities(),
        "privilege" => select(realm.privileges).prop_map(Value::from).boxed(),
        "permissions" => some_flags(),
        "personaName" => one_of(&PERSONAS),
        "personaCategoryName" => one_of(&CATEGORIES),
        "personaPageName" | "homePageName" => one_of(&PAGES),
        "personaPages" => some(&PAGES),
        "personaDetails" => details(),
        "objects" => vec(imported(realm), 0..3).prop_map(Value::from).boxed(),
        "schema" => select(&["registered", "any"][..]).prop_map(|everyone| realm.schema(everyone)).boxed(),
        "sessionId" => one_of(&["$session", "nothing"]),
        "token" => one_of(&["$token", "nothing"]),
        "userAccessTokenName" => one_of(&["t", "u"]),
        "timeZone" => one_of(&["UTC", "Europe/Berlin", "Nowhere/Land"]),
        "expirationDate" => one_of(&["2030-01-01", "1970-01-01T00:00:02Z", "2026-03-29T02:30:00", "never"]),
        _ => of_kind(argument.kind),
    }
}

fn of_kind(kind: ArgumentKind) -> BoxedStrategy<Value> {
    match kind {
        ArgumentKind::Boolean => select(vec![json!(true), json!(false), json!("1"), json!("0")]).boxed(),
        ArgumentKind::Count => (0..4_u64).prop_map(Value::from).boxed(),
        ArgumentKind::Word(words) => select(words).prop_map(Value::from).boxed(),
        ArgumentKind::Instant | ArgumentKind::Date => select(&TIMES[..]).prop_map(|at| json!(iso(at))).boxed(),
        ArgumentKind::Texts => vec(name(), 0..3).prop_map(Value::from).boxed(),
        ArgumentKind::Text | ArgumentKind::Password | ArgumentKind::Json => {
            select(&["", "x", "a text with ß and \"quotes\"\n", "*"][..]).prop_map(Value::from).boxed()
        }
    }
}

fn identities() -> BoxedStrategy<Value> {
    let one = select(PRINCIPALS.iter().chain(&STRANGERS).copied().collect::<Vec<_>>());
    let vouched = (select(&["user", "serviceAccount"][..]), name(), vec(select(&["g0", "g1", "nobody"][..]), 0..3))
        .prop_map(|(kind, name, groups)| json!({"type": kind, "name": name, "groups": groups}));
    let one = prop_oneof![3 => one.prop_map(Value::from), 1 => vouched].boxed();
    prop_oneof![2 => one.clone(), 1 => vec(one, 0..3).prop_map(Value::from)].boxed()
}

fn some_flags() -> BoxedStrategy<Value> {
    let flags = select(&PERMISSIONS[..]).prop_map(|flag| flag.to_string());
    let flag = prop_oneof![9 => flags, 1 => Just("Nothing".to_owned())];
    vec(flag, 0..4).prop_map(|flags| json!(flags.join(" "))).boxed()
}

fn details() -> BoxedStrategy<Value> {
    let pages = option::of(vec(select(&PAGES[..]), 0..4));
    let detail = (select(&CATEGORIES[..]), pages).prop_map(|(category, pages)| {
        let pages = pages.map(|pages| ("personaPages".to_owned(), json!(pages)));
        Value::Object(Map::from_iter(std::iter::once(("personaCategory".to_owned(), json!(category))).chain(pages)))
    });
    vec(detail, 0..3).prop_map(Value::from).boxed()
}

/// An object with what an export may say of it.
fn imported(realm: &'static Realm) -> impl Strategy<Value = Value> {
    let member = select(&PRINCIPALS[..]).prop_map(|principal| {
        let (kind, name) = split(principal);
        json!({"principalType": kind, "principalName": name})
    });
    let user = (select(&["u0", "u1", "é"][..]), select(&["", "Ann", "Ängström"][..]))
        .prop_map(|(user, full)| json!({"path": format!("/users/{user}"), "fullUserName": full, "email": "a@b"}));
    let group = (select(&["g0", "g1", "Everyone"][..]), vec(member, 0..3))
        .prop_map(|(group, members)| json!({"path": format!("/groups/{group}"), "members": members}));
    let list = (anywhere(realm), any::<bool>(), select(realm.privileges)).prop_map(|(path, inheriting, privilege)| {
        let entry = json!({"principalType": "user", "principalName": "u0", format!("{privilege}Privilege"): "deny"});
        json!({"path": path, "acl": {"inheriting": inheriting, "entries": [entry]}})
    });
    let persona = (select(&PERSONAS[..]), details())
        .prop_map(|(name, details)| json!({"path": format!("/personas/{name}"), "personaDetails": details}));
    prop_oneof![user, group, list, persona]
}
