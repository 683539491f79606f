//! What commands take.

use super::{described, reference};
use crate::command::{Argument, ArgumentKind, Command};
use crate::prose::shared::{ENTRY_WORDS, PRINCIPAL_TYPES};
use crate::prose::{self, Prose};
use crate::schema::Schema;
use serde_json::{Map, Value, json};

/// What several commands take.
pub(super) fn define(defs: &mut Map<String, Value>, schema: &Schema, commands: &[&Command]) {
    let types: Vec<&str> = schema.types().map(|(_, kind)| kind.name.as_str()).collect();
    defs.insert("principalType".into(), json!({ "enum": PRINCIPAL_TYPES }));
    defs.insert("privilege".into(), json!({ "enum": schema.privileges() }));
    defs.insert("objectType".into(), json!({ "enum": types }));
    if commands.iter().any(|command| command.privileges) {
        // The empty text is `inherit` too.
        let words: Vec<&str> = ENTRY_WORDS.iter().copied().chain([""]).collect();
        defs.insert("privilegeWord".into(), json!({ "description": prose::PRIVILEGES, "enum": words }));
    }
    if commands.iter().any(|command| command.locates) {
        defs.insert("locators".into(), locators(schema));
    }
}

/// The arguments that address an object: none is required, because any of them may be enough.
fn locators(schema: &Schema) -> Value {
    let mut properties = Map::new();
    for (name, about) in prose::ADDRESSES {
        properties.insert((*name).into(), described(named_text(name), about));
    }
    for name in schema.locators() {
        let about = schema.locator(name).map(|locator| {
            let (kind, outer) = (&schema.object_type(locator.kind).name, if locator.outer { "outer " } else { "" });
            format!("The name of the {outer}{kind}.")
        });
        properties.insert(name.into(), described(text(), &about.unwrap_or_default()));
    }
    json!({ "description": prose::LOCATORS, "properties": properties })
}

/// A command's arguments.
pub(super) fn describe(command: &Command, prose: &Prose, schema: &Schema) -> Value {
    let mut properties = Map::new();
    for argument in command.arguments {
        let about = prose.argument(argument.name).unwrap_or_default();
        properties.insert(argument.name.into(), described(value(argument), about));
    }
    if command.privileges {
        let names = schema.privileges().iter().map(|name| format!("{name}Privilege"));
        properties.extend(names.map(|name| (name, reference("privilegeWord"))));
    }
    let required = command.arguments.iter().filter(|argument| argument.required).map(|argument| argument.name);
    let mut arguments = json!({ "type": "object", "properties": properties, "required": required.collect::<Value>() });
    if let Some(arguments) = arguments.as_object_mut() {
        // `additionalProperties` would not see those of the locators.
        let closed = if command.locates { "unevaluatedProperties" } else { "additionalProperties" };
        arguments.extend(command.locates.then(|| ("$ref".into(), "#/$defs/locators".into())));
        arguments.insert(closed.into(), false.into());
    }
    arguments
}

fn value(argument: &Argument) -> Value {
    match argument.kind {
        ArgumentKind::Text => named_text(argument.name),
        // Principals are texts, or objects where the request vouches for their groups.
        ArgumentKind::Texts if argument.name == "principal" => reference("principals"),
        ArgumentKind::Texts => json!({ "anyOf": [text(), { "type": "array", "items": text() }] }),
        ArgumentKind::Boolean => json!({ "enum": [true, false, 1, 0, "true", "false", "1", "0"] }),
        ArgumentKind::Count => json!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$" }),
        // An empty text clears the side of a window that it is about.
        ArgumentKind::Instant if matches!(argument.name, "notBefore" | "notAfter") => {
            json!({ "type": "string", "anyOf": [{ "format": "date-time" }, { "const": "" }] })
        }
        ArgumentKind::Instant => json!({ "type": "string", "format": "date-time" }),
        ArgumentKind::Word(words) => json!({ "enum": words }),
        ArgumentKind::Date | ArgumentKind::Password => text(),
        ArgumentKind::Json => json!({}),
    }
}

/// A text; the words that it may be, where its name says that they are few.
fn named_text(name: &str) -> Value {
    match name {
        "privilege" | "objectType" => reference(name),
        _ => text(),
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}
