//! Personas under random commands: what a persona shows is always in the category, its home page is one that it
//! shows, there is always one default, and a merged persona is what the answers about its parts say.

use crate::policy::Policy;
use proptest::prelude::*;
use serde_json::{Value, json};

const PERSONAS: [&str; 5] = ["Global", "Release Manager", "p", "q", "Z"];
const CATEGORIES: [&str; 5] = ["deployment", "administration", "c", "d", "nowhere"];
const PAGES: [&str; 6] = ["pipeline", "application", "user", "x", "y", ""];

fn any_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(words)
}

fn some_pages() -> impl Strategy<Value = Vec<&'static str>> + Clone {
    proptest::collection::vec(any_of(&PAGES), 0..4)
}

fn call(command: &str, arguments: Value) -> Value {
    let given = |(name, value): (String, Value)| (!value.is_null()).then_some((name, value));
    let arguments: serde_json::Map<_, _> =
        arguments.as_object().cloned().unwrap_or_default().into_iter().filter_map(given).collect();
    json!({"command": command, "arguments": arguments})
}

/// Creating or modifying a persona, with any of its arguments.
fn persona_command() -> impl Strategy<Value = Value> {
    let details = proptest::collection::vec((any_of(&CATEGORIES), proptest::option::of(some_pages())), 0..3);
    let switches = (any::<bool>(), proptest::option::of(any::<bool>()), any::<bool>());
    (any_of(&PERSONAS), details, proptest::option::of(any_of(&PAGES)), switches).prop_map(
        |(name, details, home, (create, default, clear))| {
            let details: Vec<Value> = details
                .into_iter()
                .map(|(category, pages)| json!({"personaCategory": category, "personaPages": pages}))
                .collect();
            let clear = if create { Value::Null } else { clear.into() };
            let command = if create { "createPersona" } else { "modifyPersona" };
            call(
                command,
                json!({"personaName": name, "personaDetails": details, "homePageName": home, "isDefault": default, "clearDetails": clear}),
            )
        },
    )
}

fn command() -> impl Strategy<Value = Value> {
    let (persona, category, page) = (any_of(&PERSONAS), any_of(&CATEGORIES), any_of(&PAGES));
    let detail = (persona.clone(), category.clone(), proptest::option::of(some_pages()));
    let of_detail = |command: &'static str| {
        move |(persona, category, pages)| {
            call(command, json!({"personaName": persona, "personaCategoryName": category, "personaPages": pages}))
        }
    };
    prop_oneof![
        6 => persona_command(),
        3 => detail.clone().prop_map(of_detail("addPersonaDetail")),
        3 => detail.prop_map(of_detail("removePersonaDetail")),
        2 => (category.clone(), some_pages()).prop_map(|(name, pages)| call("createPersonaCategory", json!({"personaCategoryName": name, "personaPages": pages}))),
        3 => (category.clone(), some_pages(), any::<bool>()).prop_map(|(name, pages, clear)| call("modifyPersonaCategory", json!({"personaCategoryName": name, "personaPages": pages, "clearPages": clear}))),
        2 => page.clone().prop_map(|name| call("createPersonaPage", json!({"personaPageName": name}))),
        1 => persona.prop_map(|name| call("deletePersona", json!({"personaName": name}))),
        1 => category.prop_map(|name| call("deletePersonaCategory", json!({"personaCategoryName": name}))),
        1 => page.prop_map(|name| call("deleteObject", json!({"personaPageName": name}))),
        3 => assignment("User", "userNames", "ann"),
        3 => assignment("Group", "groupNames", "G"),
    ]
}

/// Assigning a persona, or unassigning it.
fn assignment(kind: &'static str, argument: &'static str, name: &'static str) -> impl Strategy<Value = Value> {
    (any_of(&PERSONAS), any_of(&["assignPersonaTo", "unassignPersonaFrom"])).prop_map(move |(persona, verb)| {
        call(&format!("{verb}{kind}"), json!({"personaName": persona, argument: name}))
    })
}

fn list(value: &Value, field: &str) -> Vec<Value> {
    value[field].as_array().cloned().unwrap_or_default()
}

/// The names of the pages of a detail or a category.
fn pages(of: &Value) -> Vec<String> {
    let named = list(&of["personaPages"], "personaPage");
    named.iter().map(|page| page["personaPageName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What is wrong with the personas, as the answers show them.
fn faults(policy: &mut Policy, now: i64) -> Vec<String> {
    let mut ask = |command: &str| policy.ask("user:admin", now, command, json!({})).unwrap();
    let categories = list(&ask("getPersonaCategories"), "personaCategory");
    let personas = list(&ask("getPersonas"), "persona");
    let defaults: Vec<&Value> = personas.iter().filter(|persona| persona["isDefault"] == "1").collect();
    let mut faults = Vec::new();
    if !matches!(defaults.as_slice(), [one] if one["homePageName"].is_string()) {
        faults.push(format!("the default is not one with a home page: {defaults:?}"));
    }
    for persona in &personas {
        let details = list(persona, "personaDetail");
        let shown: Vec<String> = details.iter().flat_map(pages).collect();
        if persona["homePageName"].as_str().is_some_and(|home| !shown.iter().any(|page| page == home)) {
            faults.push(format!("a home page that is not shown: {persona}"));
        }
        if !is_part(&details, &categories) {
            faults.push(format!("details that are no part of the categories: {persona}"));
        }
    }
    faults
}

/// Whether the details are categories in their order, with pages of theirs in the order of these.
fn is_part(details: &[Value], categories: &[Value]) -> bool {
    let mut categories = categories.iter();
    details.iter().all(|detail| {
        let category = categories.find(|category| category["personaCategoryName"] == detail["personaCategoryName"]);
        category.is_some_and(|category| {
            let mut all = pages(category).into_iter();
            pages(detail).iter().all(|page| all.any(|known| known == *page))
        })
    })
}

/// What `merged` must answer about ann, from what the personas are one by one.
fn merged(policy: &mut Policy, now: i64) -> Value {
    let mut ask = |command: &str, arguments: Value| policy.ask("user:admin", now, command, arguments).unwrap();
    let assigned = list(&ask("getPersonas", json!({"userName": "ann"})), "persona");
    let all = list(&ask("getPersonas", json!({})), "persona");
    let categories = list(&ask("getPersonaCategories", json!({})), "personaCategory");
    let several: Vec<&Value> = assigned.iter().filter(|persona| !list(persona, "personaDetail").is_empty()).collect();
    if several.is_empty() {
        return all.into_iter().find(|persona| persona["isDefault"] == "1").unwrap_or_default();
    }
    if let [one] = assigned.as_slice() {
        return one.clone();
    }
    let names: Vec<&str> = several.iter().filter_map(|persona| persona["personaName"].as_str()).collect();
    let details: Vec<Value> = several.iter().flat_map(|persona| list(persona, "personaDetail")).collect();
    let home = several.iter().find_map(|persona| persona["homePageName"].as_str().map(str::to_owned));
    let home = home.or_else(|| details.iter().find_map(|detail| pages(detail).first().cloned()));
    let mut merged = json!({"personaName": names.join(" ")});
    if let Some(home) = home {
        merged["homePageName"] = home.into();
    }
    let united = categories.iter().filter_map(|category| united(category, &details));
    merged["personaDetail"] = united.collect();
    merged
}

/// What details show of a category together.
fn united(category: &Value, details: &[Value]) -> Option<Value> {
    let name = &category["personaCategoryName"];
    let of_it: Vec<&Value> = details.iter().filter(|detail| detail["personaCategoryName"] == *name).collect();
    let shown: Vec<Value> = pages(category)
        .into_iter()
        .filter(|page| of_it.iter().any(|detail| pages(detail).contains(page)))
        .map(|page| json!({"personaPageName": page}))
        .collect();
    (!of_it.is_empty()).then(|| json!({"personaCategoryName": name, "personaPages": {"personaPage": shown}}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_commanded_personas_show_what_there_is_and_one_is_the_default(
        commands in proptest::collection::vec(command(), 1..40),
    ) {
        let mut policy = Policy::new();
        policy.admin("createObject", json!({"path": "/users/ann"})).unwrap();
        policy.admin("createObject", json!({"path": "/groups/G"})).unwrap();
        policy.admin("addGroupMember", json!({"groupName": "G", "userName": "ann"})).unwrap();
        for (now, command) in (0..).zip(&commands) {
            // Some are refused; two in a row share an instant.
            let _ = policy.propose("user:admin", now / 2, std::slice::from_ref(command));
            let found = faults(&mut policy, now);
            prop_assert!(found.is_empty(), "{} after {}", found.join("; "), command);
            let reply = policy.ask("user:admin", now, "getPersonas", json!({"userName": "ann", "merged": true})).unwrap();
            prop_assert_eq!(&reply["persona"], &json!([merged(&mut policy, now)]));
        }
        prop_assert!(policy.replayed().snapshot() == policy.state.snapshot(), "the log leads elsewhere");
    }
}

#[test]
fn what_was_set_and_is_cleared_again_leaves_no_trace() {
    let snapshot = |commands: &[Value]| {
        let mut policy = Policy::new();
        policy.propose("user:admin", 0, commands).unwrap();
        policy.state.snapshot()
    };
    let made = |kind: &str| json!({"command": "createObject", "arguments": {format!("{kind}Name"): "p"}});
    for (kind, cleared) in [("persona", "clearDetails"), ("personaCategory", "clearPages"), ("personaPage", "")] {
        let name = format!("{kind}Name");
        let capitalised = kind.replacen('p', "P", 1);
        let create = call(&format!("create{capitalised}"), json!({&name: "p", "description": "x"}));
        let mut clear = json!({&name: "p", "description": ""});
        if !cleared.is_empty() {
            clear[cleared] = true.into();
        }
        let modify = call(&format!("modify{capitalised}"), clear);
        assert!(snapshot(&[create, modify]) == snapshot(&[made(kind)]), "{kind}");
    }
}

#[test]
fn texts_that_are_too_long_are_refused_by_their_argument() {
    let mut policy = Policy::new();
    let long = "x".repeat(4_001);
    for (command, name, argument) in [
        ("createPersona", "personaName", "description"),
        ("createPersonaCategory", "personaCategoryName", "description"),
        ("createPersonaPage", "personaPageName", "description"),
        ("createPersonaPage", "personaPageName", "url"),
    ] {
        let error = policy.admin(command, json!({name: "p", argument: long})).unwrap_err();
        assert_eq!(error["code"], "ValueTooLong", "{command}");
        assert!(error["message"].as_str().unwrap().contains(argument), "{command}");
        let error = policy.admin(command, json!({name: "n".repeat(256)})).unwrap_err();
        assert_eq!(error["code"], "NameTooLong", "{command}");
        policy.admin(command, json!({name: format!("{command} {argument}"), argument: "x".repeat(4_000)})).unwrap();
    }
}
