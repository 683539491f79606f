//! What a case expects of an answer: the fields that it lists, or exactly these.
//!
//! An object must have the listed fields; a list must be as long as the expected one and match it item by item;
//! `null` stands for a field that must not be there, `"*"` for any text that is not empty (an opaque id). Everything
//! else must be equal.

use serde_json::{Map, Value};

/// Where an answer is not what is expected; nothing where it is.
///
/// ```
/// use conformance::expectation::difference;
/// use serde_json::json;
///
/// let answer = json!({"object": [{"objectName": "Default", "objectId": "project-1"}]});
/// assert_eq!(difference(&json!({"object": [{"objectName": "Default"}]}), &answer, false), None);
/// assert!(difference(&json!({"object": [{"objectName": "Default"}]}), &answer, true).is_some());
/// assert!(difference(&json!({"object": []}), &answer, false).is_some());
/// ```
#[must_use]
pub fn difference(expected: &Value, found: &Value, exactly: bool) -> Option<String> {
    differ("answer", expected, Some(found), exactly)
}

fn differ(place: &str, expected: &Value, found: Option<&Value>, exactly: bool) -> Option<String> {
    match (expected, found) {
        (Value::Null, None) => None,
        (Value::String(any), Some(Value::String(text))) if any == "*" && !text.is_empty() => None,
        (Value::Object(expected), Some(Value::Object(found))) => objects(place, expected, found, exactly),
        (Value::Array(expected), Some(Value::Array(found))) => lists(place, expected, found, exactly),
        (expected, Some(found)) if expected == found => None,
        (expected, None) => Some(format!("{place} is not there, where {expected} is expected")),
        (expected, Some(found)) => Some(format!("{place} is {found}, where {expected} is expected")),
    }
}

fn objects(place: &str, expected: &Map<String, Value>, found: &Map<String, Value>, exactly: bool) -> Option<String> {
    let wrong = expected.iter().find_map(|(name, value)| {
        let place = format!("{place}.{name}");
        differ(&place, value, found.get(name), exactly)
    });
    let more = || found.keys().find(|name| !expected.contains_key(*name));
    wrong.or_else(|| Some(format!("{place} also has `{}`", more().filter(|_| exactly)?)))
}

fn lists(place: &str, expected: &[Value], found: &[Value], exactly: bool) -> Option<String> {
    if expected.len() != found.len() {
        let list = Value::from(found);
        return Some(format!("{place} has {} items, where {} are expected: {list}", found.len(), expected.len()));
    }
    let pairs = expected.iter().zip(found).enumerate();
    pairs
        .into_iter()
        .find_map(|(at, (expected, found))| differ(&format!("{place}[{at}]"), expected, Some(found), exactly))
}
