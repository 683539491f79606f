//! Requests and answers as JSON Schema, derived from the command table, its documentation and a policy's schema.

mod arguments;
mod envelope;
mod reply;

use crate::command::{COMMANDS, Command, Issues};
use crate::prose::{self, Prose};
use crate::schema::Schema;
use serde_json::{Map, Value, json};

/// The requests to the engine and its answers as one JSON Schema document (draft 2020-12), for a policy with this
/// schema: with `only`, as if there were no other command.
///
/// The document itself describes a request, `#/$defs/answer` its answer. Of each command there are `<name>.call`,
/// `<name>.arguments` and `<name>.reply`. Requests are described as they should be written; the engine also takes
/// texts for numbers, and much else that means the same. The same arguments give the same bytes.
///
/// ```
/// use portcullis_engine::{Schema, command, request_schema};
///
/// let document = request_schema(&Schema::cdro(), Some(command("check")?));
/// let decision = document.pointer("/$defs/check.reply/properties/decision/enum");
/// assert_eq!(decision, Some(&serde_json::json!(["allow", "deny"])));
/// # Ok::<(), Box<portcullis_engine::Refusal>>(())
/// ```
#[must_use]
pub fn request_schema(schema: &Schema, only: Option<&'static Command>) -> Value {
    let commands: Vec<&Command> = only.map_or_else(|| COMMANDS.iter().collect(), |command| vec![command]);
    let mut defs = Map::new();
    envelope::define(&mut defs, schema, &commands);
    arguments::define(&mut defs, schema, &commands);
    for command in commands {
        define(&mut defs, schema, command);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Portcullis",
        "description": format!("Requests to the engine and its answers, for policies with the schema `{}`.", schema.name()),
        "$ref": "#/$defs/request",
        "$defs": defs,
    })
}

/// The call, the arguments and the answer of one command.
fn define(defs: &mut Map<String, Value>, schema: &Schema, command: &Command) {
    let Some(prose) = prose::of(command.name) else { return };
    defs.insert(format!("{}.call", command.name), call(command, prose));
    defs.insert(format!("{}.arguments", command.name), arguments::describe(command, prose, schema));
    defs.insert(format!("{}.reply", command.name), reply::describe(prose.result, schema));
}

/// A command with its arguments, open for what an envelope adds.
fn call(command: &Command, prose: &Prose) -> Value {
    let needs_arguments = command.arguments.iter().any(|argument| argument.required);
    let about = [prose.summary, prose.details].join(" ");
    let mut call = json!({
        "description": about.trim_end(),
        "type": "object",
        "properties": {
            "command": { "const": command.name },
            "arguments": reference(&format!("{}.arguments", command.name)),
        },
        "required": if needs_arguments { &["command", "arguments"][..] } else { &["command"] },
    });
    if let Some(fields) = call.as_object_mut().filter(|_| command.deprecated) {
        fields.insert("deprecated".into(), true.into());
    }
    if let Some(fields) = call.pointer_mut("/properties").and_then(Value::as_object_mut)
        && command.issues != Issues::Nothing
    {
        fields.insert("issue".into(), issue());
    }
    call
}

/// What the host has made for a command that issues a secret.
fn issue() -> Value {
    json!({
        "description": "From the host alone: the SHA-256 of the secret that it has made, and how long a login session lasts \
            without being used, in milliseconds.",
        "type": "object",
        "properties": {
            "hash": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "idleMs": { "type": "integer", "minimum": 1 },
        },
        "required": ["hash"],
        "additionalProperties": false,
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// What fits one of several definitions.
fn any_of(names: impl IntoIterator<Item = String>) -> Value {
    let references: Vec<Value> = names.into_iter().map(|name| reference(&name)).collect();
    json!({ "anyOf": references })
}

/// The same schema with what people should know.
fn described(mut schema: Value, about: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".into(), about.into());
    }
    schema
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn definition(schema: &Schema, name: &str) -> Value {
        request_schema(schema, None)["$defs"][name].clone()
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let whole = std::iter::once(None).chain(COMMANDS.iter().map(Some));
        for document in whole.map(|only| request_schema(&Schema::cdro(), only)) {
            let text = document.to_string();
            let references = text.split("\"#/$defs/").skip(1).filter_map(|rest| rest.split('"').next());
            assert!(references.clone().count() > 5);
            for name in references {
                assert!(document["$defs"].get(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn a_required_argument_is_required_and_an_unknown_one_is_none() {
        let found = definition(&Schema::cdro(), "addGroupMember.arguments");
        assert_eq!(found["required"], json!(["groupName", "userName"]));
        assert_eq!(found["additionalProperties"], false);
        assert_eq!(found["properties"].as_object().unwrap().len(), 3);
    }

    #[test]
    fn locators_and_privileges_are_those_of_the_schema() {
        let hospital = Schema::parse(
            r#"{"name": "hospital", "privileges": ["view", "edit", "grant"],
                "roles": {"read": "view", "modify": "edit", "changePermissions": "grant"},
                "types": [{"name": "department"}, {"name": "record", "parents": ["department"]}]}"#,
        );
        let hospital = hospital.unwrap();
        let entry = definition(&hospital, "createAclEntry.arguments");
        assert_eq!(entry["properties"]["viewPrivilege"], reference("privilegeWord"));
        assert_eq!(entry["properties"].get("readPrivilege"), None);
        let locators = definition(&hospital, "locators");
        assert!(locators["properties"].get("recordName").is_some());
        assert!(locators["properties"].get("pipelineName").is_none());
        assert_eq!(definition(&hospital, "privilege")["enum"], json!(["view", "edit", "grant"]));
        let held = definition(&hospital, "checkAccess.reply");
        let required = &held["properties"]["access"]["required"];
        assert_eq!(*required, json!(["viewPrivilege", "editPrivilege", "grantPrivilege"]));
    }

    #[test]
    fn what_changes_the_policy_cannot_be_asked() {
        let ask = definition(&Schema::cdro(), "ask").to_string();
        assert!(ask.contains("check.call") && !ask.contains("createObject.call"));
        let only = request_schema(&Schema::cdro(), COMMANDS.iter().find(|command| !command.asks()));
        assert_eq!(only["$defs"].get("ask"), None);
    }
}
