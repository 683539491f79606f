//! Personas: traces and limits. What must be true of them whatever is commanded is for `tests/tests/properties`.

use crate::policy::Policy;
use serde_json::{Value, json};

fn call(command: &str, arguments: Value) -> Value {
    json!({"command": command, "arguments": arguments})
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
