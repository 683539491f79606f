//! What commands answer.

use super::described;
use crate::prose::{Field, Shape};
use crate::schema::Schema;
use serde_json::{Map, Value, json};

/// What has this shape. An object has no field but those that its shape lists.
pub(super) fn describe(shape: Shape, schema: &Schema) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Words(words) | Shape::Privileges(words) => json!({ "enum": words }),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Instant => json!({ "type": "string", "format": "date-time" }),
        Shape::Flag => json!({ "const": "1" }),
        Shape::Switch => json!({ "enum": ["1", "0"] }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Json => json!({}),
        Shape::Object(fields) => object(fields, schema),
        Shape::Objects(fields) => json!({ "type": "array", "items": object(fields, schema) }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
    }
}

fn object(fields: &[Field], schema: &Schema) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for field in fields {
        for name in names(field, schema) {
            if field.always {
                required.push(name.clone().into());
            }
            properties.insert(name, described(describe(field.shape, schema), field.about));
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The names of the fields that one stands for.
fn names(field: &Field, schema: &Schema) -> Vec<String> {
    match field.shape {
        Shape::Privileges(_) => schema.privileges().iter().map(|name| format!("{name}Privilege")).collect(),
        _ => vec![field.name.into()],
    }
}
