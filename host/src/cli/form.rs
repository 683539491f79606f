//! The forms of an answer: `--output table`, `json`, `xml`, `csv`, `simple` or `silent`.

pub(super) mod rows;

use super::failure::{Failure, UsageError};
use super::vendor::Tool;
use quick_xml::escape::partial_escape;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// For people.
    Table,
    /// For programs: the engine's own answer.
    Json,
    /// For programs that spoke to the vendor's server.
    Xml,
    /// For spreadsheets.
    Csv,
    /// For pipelines of a shell.
    Simple,
    /// For nobody: only errors and the exit code tell.
    Silent,
}

/// Their names.
pub(super) const FORMS: [(&str, Form); 6] = [
    ("table", Form::Table),
    ("json", Form::Json),
    ("xml", Form::Xml),
    ("csv", Form::Csv),
    ("simple", Form::Simple),
    ("silent", Form::Silent),
];

impl Form {
    /// The form that is asked for; else XML under the name of a vendor's tool; else a table on a terminal and JSON
    /// elsewhere.
    pub(super) fn new(given: Option<&str>, tool: Option<Tool>) -> Result<Self, UsageError> {
        match given {
            Some(given) => Self::named(given),
            None if tool.is_some() => Ok(Self::Xml),
            None if io::stdout().is_terminal() => Ok(Self::Table),
            None => Ok(Self::Json),
        }
    }

    fn named(given: &str) -> Result<Self, UsageError> {
        let found = FORMS.into_iter().find(|(name, _)| *name == given);
        found.map(|(_, form)| form).ok_or_else(|| {
            let expected = "`table`, `json`, `xml`, `csv`, `simple` or `silent`";
            UsageError::InvalidValue { option: "--output", given: given.to_owned(), expected }
        })
    }

    /// The form of an error: as the answer's would be, but for people where people read it, and where the answer's has
    /// no place for one.
    pub(super) fn of_error(given: Option<&str>, tool: Option<Tool>) -> Self {
        match given.map(Self::named) {
            Some(Ok(form @ (Self::Json | Self::Xml))) => form,
            Some(Ok(_)) => Self::Table,
            _ if io::stdout().is_terminal() || io::stderr().is_terminal() => Self::Table,
            _ if tool.is_some() => Self::Xml,
            _ => Self::Json,
        }
    }
}

/// Writes an answer to standard output. A reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error.to_string())),
        _ => Ok(()),
    }
}

/// Writes an error to standard error.
pub(super) fn print_error(failure: &Failure, form: Form) {
    let (code, message) = (failure.code(), failure.to_string());
    let error = json!({ "error": { "code": code, "message": message } });
    note(&match form {
        Form::Json => to_json(&error),
        Form::Xml => to_xml(&error),
        _ => format!("error {code}: {}\n", super::text::clean(&message)),
    });
}

/// Says which options were passed over, where people read it: a script that was written for the vendor's tool may take
/// every word on standard error for a failure.
pub(super) fn note_skipped(options: &[&str]) {
    if !options.is_empty() && io::stderr().is_terminal() {
        let listed: Vec<String> = options.iter().map(|name| format!("`--{name}`")).collect();
        note(&format!("note: passed over, for there is no server: {}\n", listed.join(", ")));
    }
}

/// Writes to standard error what is no error. Whether anybody reads it is not our affair.
pub(super) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// One JSON document. Of control characters JSON itself leaves some as they are; they are escaped too, because a
/// terminal may obey them.
pub(super) fn to_json(value: &Value) -> String {
    let mut text = format!("{value:#}\n");
    if text.contains(is_late_control) {
        let escaped = |c: char| if is_late_control(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
        text = text.chars().map(escaped).collect();
    }
    text
}

fn is_late_control(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}')
}

/// One XML document, `<response>`: an element for a field, lists as repeated elements, nothing for what is empty,
/// booleans as 1 and 0.
pub(super) fn to_xml(value: &Value) -> String {
    let mut text = String::new();
    put_element(&mut text, "response", value, 0);
    if text.is_empty() { "<response/>\n".into() } else { text }
}

fn put_element(text: &mut String, name: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Array(values) => values.iter().for_each(|value| put_element(text, name, value, depth)),
        Value::Object(fields) => {
            let mut inner = String::new();
            fields.iter().for_each(|(name, value)| put_element(&mut inner, name, value, depth + 1));
            if !inner.is_empty() {
                text.push_str(&format!("{indent}<{name}>\n{inner}{indent}</{name}>\n"));
            }
        }
        simple => {
            let content = simple_text(simple);
            if !content.is_empty() {
                text.push_str(&format!("{indent}<{name}>{}</{name}>\n", xml_text(&content)));
            }
        }
    }
}

fn simple_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether [`to_xml`] has to replace characters of the value.
pub(super) fn is_altered_in_xml(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(is_altered_in_xml),
        Value::Object(fields) => fields.values().any(is_altered_in_xml),
        Value::String(text) => text.contains(is_no_xml),
        _ => false,
    }
}

/// A character that XML 1.0 cannot hold, not even escaped.
fn is_no_xml(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}') && !matches!(c, '\t' | '\n' | '\r')
}

/// What XML cannot hold becomes U+FFFD; control characters that it can are escaped.
fn xml_text(text: &str) -> String {
    let allowed = |c: char| if is_no_xml(c) { char::REPLACEMENT_CHARACTER } else { c };
    let text: String = text.chars().map(allowed).collect();
    let escaped = partial_escape(text);
    let shown = |c: char| if is_late_control(c) { format!("&#{};", u32::from(c)) } else { c.to_string() };
    if escaped.contains(is_late_control) { escaped.chars().map(shown).collect() } else { escaped.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_has_repeated_elements_and_none_that_are_empty() {
        let value = json!({"object": [{"name": "a<b"}, {"name": ""}, {"open": true, "n": 3}], "none": [], "no": null});
        let wanted = "<response>\n  <object>\n    <name>a&lt;b</name>\n  </object>\n  <object>\n    <open>1</open>\n    <n>3</n>\n  </object>\n</response>\n";
        assert_eq!(to_xml(&value), wanted);
        assert_eq!(to_xml(&json!({})), "<response/>\n");
    }

    #[test]
    fn xml_has_a_text_for_every_kind_of_value() {
        let value = json!({
            "no": false, "yes": true, "most": u64::MAX, "less": -1, "text": " true\n", "at": "2026-11-21T09:30:00.000Z",
            "list": [true, 0, null, "", "x"], "lists": [["a"], [], ["b", {"c": false}]], "none": {"a": {"b": []}},
        });
        let wanted = "<no>0</no>|<yes>1</yes>|<most>18446744073709551615</most>|<less>-1</less>|<text> true\n</text>|\
            <at>2026-11-21T09:30:00.000Z</at>|<list>1</list>|<list>0</list>|<list>x</list>|\
            <lists>a</lists>|<lists>b</lists>|<lists>|  <c>0</c>|</lists>";
        let lines: String = wanted.split('|').map(|line| format!("  {line}\n")).collect();
        assert_eq!(to_xml(&value), format!("<response>\n{lines}</response>\n"));
    }

    #[test]
    fn xml_holds_no_character_that_it_may_not() {
        assert_eq!(xml_text("a\u{0}\u{1b}\u{9b}\r\u{ffff}"), "a\u{fffd}\u{fffd}&#155;&#13;\u{fffd}");
    }

    #[test]
    fn json_escapes_every_control_character() {
        assert_eq!(to_json(&json!("\u{1b}\u{9b}\u{7f}é")), "\"\\u001b\\u009b\\u007fé\"\n");
    }
}
