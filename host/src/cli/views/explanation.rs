//! A decision: in a line, why, the walk that made it, and what would turn it.

use super::{broken_mark, count, effect, field, is_set, list, number, object_name, principal_name, privileges, text};
use crate::cli::paper::{Ink, Paper, Span, plain, span};
use crate::cli::text::{continued, shell_word};
use portcullis_engine::Everyone;
use serde_json::{Map, Value};

/// Arguments of the suggested commands that are written by place.
const BY_PLACE: [&str; 2] = ["principalType", "principalName"];

/// The answer to `check`.
pub(super) fn draw_decision(value: &Value, paper: &mut Paper) {
    let reason = field(value, "reason");
    let because = because(reason, &format!("`{}`", text(reason, "object")));
    paper.line(0, &[effect(text(value, "decision")), plain(format!(": {because}"))]);
    draw_valid_until(value, paper);
}

fn because(reason: &Value, object: &str) -> String {
    let named: Vec<String> = list(reason, "aclEntry").iter().map(principal_name).collect();
    let named = named.join(" and ");
    match text(reason, "code") {
        "Admin" => "the built-in user `admin` may everything".into(),
        "EntryAllows" => format!("the entry for {named} on {object} allows it"),
        "EntryDenies" => format!("the entry for {named} on {object} denies it"),
        "InheritanceBroken" => format!("no entry says anything up to {object}, where inheritance is broken"),
        "NoEntryMatches" => "no entry on the way up says anything".into(),
        other => other.to_owned(),
    }
}

fn draw_valid_until(value: &Value, paper: &mut Paper) {
    let instant = text(value, "validUntil");
    if !instant.is_empty() {
        paper.line(0, &[plain(format!("An entry's date makes this worth asking again at {instant}."))]);
    }
}

/// The answer to `explain`.
pub(super) fn draw(value: &Value, program: &str, everyone: Everyone, paper: &mut Paper) {
    let walks = list(value, "walk");
    draw_answer(value, walks, paper);
    if everyone == Everyone::Registered {
        walks.iter().for_each(|walk| draw_who(walk, paper));
    }
    if is_set_to_no(value, "registered") {
        let words = "note: no such object is registered; it would inherit what is above it";
        paper.line(0, &[plain(words)]);
    }
    draw_valid_until(value, paper);
    for walk in walks.iter().filter(|walk| !list(walk, "object").is_empty()) {
        paper.gap();
        if walks.len() > 1 {
            paper.line(0, &[plain(format!("For {}:", text(walk, "principal")))]);
        }
        list(walk, "object").iter().for_each(|level| draw_level(level, paper));
    }
    draw_fix(list(value, "fix"), program, paper);
}

fn draw_answer(value: &Value, walks: &[Value], paper: &mut Paper) {
    let principals: Vec<&str> = walks.iter().map(|walk| text(walk, "principal")).collect();
    let (who, decision) = (principals.join(" or "), text(value, "decision"));
    let may = if decision == "allow" { "may" } else { "may not" };
    let subject = format!(": {who} {may} {} {}", text(value, "privilege"), object_at(text(value, "object"), walks));
    paper.line(0, &[effect(decision), span(Ink::Strong, subject)]);
    let reason = field(value, "reason");
    paper.line(0, &[plain(format!("why: {}", because(reason, &object_at(text(reason, "object"), walks))))]);
}

/// An object by its type and name if the walk came to it, else by its path.
fn object_at(path: &str, walks: &[Value]) -> String {
    let levels = walks.iter().flat_map(|walk| list(walk, "object"));
    match levels.into_iter().find(|level| text(level, "path") == path) {
        Some(level) => object_name(level),
        None => format!("`{path}`"),
    }
}

/// What is to be known of a principal that nobody registered, where `Everyone` holds the registered only.
fn draw_who(walk: &Value, paper: &mut Paper) {
    let principal = text(walk, "principal");
    let is_project = principal.starts_with("user:project: ");
    let entries = || list(walk, "object").iter().flat_map(|level| list(level, "aclEntry"));
    let is_in_group = entries().any(|entry| text(entry, "principalType") == "group");
    if is_set_to_no(walk, "registered") && !is_project && !is_in_group {
        paper.line(0, &[plain(format!("note: {principal} is not registered, and so in no group"))]);
    }
}

fn is_set_to_no(value: &Value, name: &str) -> bool {
    text(value, name) == "0"
}

/// One object on the way up, and the entries that matched.
fn draw_level(level: &Value, paper: &mut Paper) {
    let entries = list(level, "aclEntry");
    let total = number(level, "entryCount");
    let matching = match (total, entries.len() as u64) {
        (0, _) => "no entries".to_owned(),
        (1, 0) => "1 entry, which does not match".to_owned(),
        (total, 0) => format!("{total} entries, none matches"),
        (total, 1) => format!("1 of {} matches", count(total, "entry", "entries")),
        (total, found) => format!("{found} of {total} entries match"),
    };
    paper.line(2, &[plain(object_name(level)), plain("  "), span(Ink::Faint, matching)]);
    for entry in entries {
        paper.hanging(if is_set(entry, "decides") { "    ▸ " } else { "      " }, "        ", &matched(entry, level));
    }
    if is_set(level, "breakInheritance") {
        paper.line(4, &[broken_mark(), span(Ink::Faint, ": nothing above it counts")]);
    }
}

fn matched(entry: &Value, level: &Value) -> Vec<Span> {
    let mut words = vec![plain(principal_name(entry))];
    for (privilege, word) in privileges(entry) {
        words.extend([plain("  "), effect(word), plain(format!(" {privilege}"))]);
    }
    // The last group is the one that the entry names.
    let through: Vec<&str> = list(entry, "through").iter().filter_map(Value::as_str).collect();
    if let Some((_, between)) = through.split_last().filter(|(_, between)| !between.is_empty()) {
        words.push(plain(format!(", through {}", between.join(", then "))));
    }
    if is_set(entry, "notInEffect") {
        words.push(span(Ink::Faint, ", not in effect now"));
    } else if is_set(entry, "decides") {
        words.push(span(Ink::Strong, "  decides"));
    } else if is_set(level, "decides") {
        words.push(span(Ink::Faint, ", overruled: a denial on the same object wins"));
    }
    words
}

/// The commands that would turn a denial, to be pasted into a shell.
fn draw_fix(commands: &[Value], program: &str, paper: &mut Paper) {
    if commands.is_empty() {
        return;
    }
    paper.gap();
    paper.line(0, &[plain("To allow it:")]);
    for command in commands {
        let empty = Map::new();
        let arguments = field(command, "arguments").as_object().unwrap_or(&empty);
        paper.verbatim(&command_line(program, text(command, "command"), arguments));
    }
}

/// A command line for a shell, continued on more lines where it is long.
fn command_line(program: &str, command: &str, arguments: &Map<String, Value>) -> String {
    let words = arguments.iter().map(|(name, value)| argument_words(name, value.as_str().unwrap_or_default()));
    continued(&format!("{program} {command}"), words)
}

fn argument_words(name: &str, value: &str) -> String {
    let is_dash = value.starts_with(['-', '–', '—', '―', '−']);
    match () {
        () if is_dash => format!("--{name}={}", shell_word(value)),
        () if BY_PLACE.contains(&name) => shell_word(value),
        () => format!("--{name} {}", shell_word(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_suggested_command_can_be_pasted() {
        let arguments = json!({"principalType": "user", "principalName": "-x y", "path": "/projects/It's", "readPrivilege": "allow"});
        let line = command_line("portcullis", "createAclEntry", arguments.as_object().unwrap_or(&Map::new()));
        let wanted = "  portcullis createAclEntry user --principalName='-x y' \\\n    --path '/projects/It'\\''s' --readPrivilege allow";
        assert_eq!(line, wanted);
    }
}
