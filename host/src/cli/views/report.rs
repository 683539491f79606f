//! What the program itself reports: the log, an import, and names with values.

use super::{count, field, list, number, text};
use crate::cli::paper::{Ink, Paper, Row, plain, span};
use serde_json::Value;

/// The change sets, newest first.
pub(super) fn draw_log(value: &Value, paper: &mut Paper) {
    let sets = list(value, "changeSet");
    if sets.is_empty() {
        return paper.line(0, &[span(Ink::Faint, "no change sets")]);
    }
    let titles = ["revision", "time", "caller", "commands", "changes"];
    let mut rows = vec![titles.iter().map(|title| vec![span(Ink::Faint, title)]).collect::<Vec<_>>()];
    rows.extend(sets.iter().map(|set| {
        let cells = [
            format!("{:>8}", number(set, "revision")),
            text(set, "time").to_owned(),
            text(set, "caller").to_owned(),
            commands(list(set, "command")),
            format!("{:>7}", number(set, "changes")),
        ];
        cells.into_iter().map(|cell| vec![plain(cell)]).collect()
    }));
    paper.table(0, &rows);
}

/// The commands' names, one after the other repeated as a number of times.
fn commands(names: &[Value]) -> String {
    let runs = names.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), run.first()?.as_str()?)));
    let named = runs.map(|(times, name)| if times == 1 { name.to_owned() } else { format!("{name} ×{times}") });
    named.collect::<Vec<_>>().join(", ")
}

/// What was read, what was left out and why, and what changed.
pub(super) fn draw_import(value: &Value, paper: &mut Paper) {
    let read = field(value, "read");
    draw_read(read, paper);
    for missed in list(value, "missedAcl") {
        let words = format!("not taken: the list at {}: {}", text(missed, "place"), text(missed, "why"));
        paper.line(0, &[span(Ink::Bad, words)]);
    }
    draw_skipped(list(value, "skipped"), paper);
    let (changes, revision) = (number(field(value, "import"), "changes"), number(value, "revision"));
    let outcome = match field(value, "changed").as_bool() {
        Some(true) => format!("{} made; revision {revision}", count(changes, "change", "changes")),
        _ => format!("nothing to change: all of it was there; still revision {revision}"),
    };
    paper.line(0, &[span(Ink::Strong, outcome)]);
}

fn draw_read(read: &Value, paper: &mut Paper) {
    let objects: Vec<(&String, u64)> = field(read, "objects")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(kind, number)| (kind, number.as_u64().unwrap_or_default()))
        .collect();
    let total = objects.iter().map(|(_, number)| number).sum();
    let (files, total) = (count(number(read, "files"), "file", "files"), count(total, "object", "objects"));
    paper.line(0, &[plain(format!("read {files} with {total}"))]);
    let named: Vec<String> = objects.iter().map(|(kind, number)| format!("{number}\u{a0}{kind}")).collect();
    if !named.is_empty() {
        paper.line(2, &[span(Ink::Faint, named.join(", "))]);
    }
    let (taken, found) = (number(read, "aclsTaken"), number(read, "aclsFound"));
    let entries = count(number(read, "entries"), "entry", "entries");
    let members = count(number(read, "members"), "member", "members");
    let assignments = count(number(read, "assignments"), "assignment", "assignments");
    paper.line(0, &[plain(format!("took {taken} of {found} access control lists, with {entries}"))]);
    paper.line(0, &[plain(format!("took {members} of groups and {assignments} of personas"))]);
}

fn draw_skipped(skipped: &[Value], paper: &mut Paper) {
    if skipped.is_empty() {
        return;
    }
    paper.line(0, &[plain("left out, or of note:")]);
    let row = |skipped: &Value| -> Row {
        vec![
            vec![plain(format!("{:>6}×", number(skipped, "count")))],
            vec![plain(text(skipped, "name"))],
            vec![plain(text(skipped, "why")), span(Ink::Faint, format!(" ({})", text(skipped, "first")))],
        ]
    };
    paper.table(0, &skipped.iter().map(row).collect::<Vec<_>>());
}

/// A log that is sound.
pub(super) fn draw_verified(value: &Value, paper: &mut Paper) {
    let sets = count(number(value, "revision"), "change set", "change sets");
    paper.line(0, &[span(Ink::Good, "sound"), plain(format!(": {sets}, each in its place; the log stands at"))]);
    paper.verbatim(text(value, "head"));
    if text(value, "kept").is_empty() {
        let hint = "Keep that line elsewhere: only `verify --head` with it finds out whether the end was cut off.";
        paper.line(0, &[span(Ink::Faint, hint)]);
    }
}

/// Names and values, whatever they are.
pub(super) fn draw_fields(value: &Value, paper: &mut Paper) {
    draw_below(value, 0, paper);
}

fn draw_below(value: &Value, indent: usize, paper: &mut Paper) {
    match value {
        Value::Object(fields) => {
            let is_simple = |value: &Value| !value.is_object() && simple_list(value).is_some();
            let simple = fields.iter().filter(|(_, value)| is_simple(value));
            let row =
                |(name, value): (&String, &Value)| vec![vec![span(Ink::Faint, name)], vec![plain(simple_text(value))]];
            paper.table(indent, &simple.map(row).collect::<Vec<_>>());
            for (name, value) in fields.iter().filter(|(_, value)| !is_simple(value)) {
                draw_named(name, value, indent, paper);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| draw_below(value, indent, paper)),
        simple => paper.line(indent, &[plain(simple_text(simple))]),
    }
}

fn draw_named(name: &str, value: &Value, indent: usize, paper: &mut Paper) {
    for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
        paper.line(indent, &[span(Ink::Faint, name)]);
        draw_below(value, indent + 2, paper);
    }
}

/// The words of a list, or the one word that a value is; none where there is more in it.
fn simple_list(value: &Value) -> Option<Vec<&Value>> {
    let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    several.iter().map(|value| (!value.is_object() && !value.is_array()).then_some(value)).collect()
}

fn simple_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(several) => several.iter().map(simple_text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
