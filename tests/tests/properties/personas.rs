//! Personas: what they show is always in the categories, one of them is the default, and a merged one is what the answers
//! about its parts say.

use crate::cases;
use crate::policy::{Drawn, Policy};
use conformance::case::Call;
use conformance::chance::{self, BUILT_IN};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The policy that commands about personas make, one behind the other; some of them are refused.
fn policy() -> Policy {
    let mut policy = Policy::of(&Drawn { realm: &BUILT_IN, commands: Vec::new() });
    policy.admin("createPolicy", json!({}));
    for path in ["/users/u0", "/users/u1", "/users/one", "/groups/g0", "/groups/g1"] {
        policy.admin("createObject", json!({ "path": path }));
    }
    policy.admin("addGroupMember", json!({"groupName": "g0", "userName": "u0"}));
    policy.admin("addGroupMember", json!({"groupName": "g1", "userName": "g0", "memberType": "group"}));
    policy
}

fn commands() -> impl Strategy<Value = Vec<Call>> {
    vec(chance::persona_step(), 1..40)
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
fn faults(policy: &mut Policy) -> Vec<String> {
    let categories = list(&policy.ask(0, "getPersonaCategories", json!({})), "personaCategory");
    let personas = list(&policy.ask(0, "getPersonas", json!({})), "persona");
    let defaults: Vec<&Value> = personas.iter().filter(|persona| persona["isDefault"] == "1").collect();
    let known = list(&policy.ask(0, "getPersonaPages", json!({})), "personaPage");
    let is_known = |name: &String| known.iter().any(|page| page["personaPageName"] == name.as_str());
    let mut faults = Vec::new();
    if let Some(gone) = categories.iter().flat_map(pages).find(|name| !is_known(name)) {
        faults.push(format!("a category has the page `{gone}`, which does not exist"));
    }
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

fn merged(policy: &mut Policy, user: &str) -> Value {
    policy.ask(0, "getPersonas", json!({"userName": user, "merged": true}))["persona"].clone()
}

/// What `merged` must answer about a user, from what the personas are one by one.
fn united_by_hand(policy: &mut Policy, user: &str) -> Value {
    let assigned = list(&policy.ask(0, "getPersonas", json!({ "userName": user })), "persona");
    let all = list(&policy.ask(0, "getPersonas", json!({})), "persona");
    let categories = list(&policy.ask(0, "getPersonaCategories", json!({})), "personaCategory");
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
    #![proptest_config(cases(48))]

    #[test]
    fn whatever_is_commanded_personas_show_what_there_is_and_one_is_the_default(commands in commands()) {
        let mut policy = policy();
        for command in &commands {
            if policy.take(command) {
                let found = faults(&mut policy);
                prop_assert!(found.is_empty(), "{} after {:?}", found.join("; "), command);
            }
        }
    }

    #[test]
    fn merging_one_persona_is_that_persona(commands in commands()) {
        let mut policy = policy();
        for command in &commands {
            policy.take(command);
        }
        // What Everyone has, this user would have as well.
        for persona in list(&policy.ask(0, "getPersonas", json!({"userName": "one"})), "persona") {
            let arguments = json!({"personaName": persona["personaName"], "groupNames": ["Everyone"]});
            policy.admin("unassignPersonaFromGroup", arguments);
        }
        let personas = list(&policy.ask(0, "getPersonas", json!({})), "persona");
        for persona in personas.iter().filter(|persona| !list(persona, "personaDetail").is_empty()) {
            let mut policy = policy.copy();
            policy.admin("assignPersonaToUser", json!({"personaName": persona["personaName"], "userNames": ["one"]}));
            prop_assert_eq!(merged(&mut policy, "one"), json!([persona]));
        }
    }

    #[test]
    fn a_merged_persona_is_what_its_parts_are_one_by_one(commands in commands()) {
        let mut policy = policy();
        for (now, command) in (0..).zip(&commands) {
            // Two in a row share an instant.
            let _ = policy.propose("user:admin", now / 2, &[crate::policy::to_json(command)]);
            let expected = united_by_hand(&mut policy, "u0");
            prop_assert_eq!(merged(&mut policy, "u0"), json!([expected]), "after {:?}", command);
        }
    }
}
