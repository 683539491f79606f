//! Access control lists, entries and objects.

use super::{broken_mark, entry_words, is_set, list, object_name, principal_name, privilege_rows, text};
use crate::cli::paper::{Ink, Paper, Row, plain, span};
use serde_json::Value;

/// The lists on the way up, the nearest first.
pub(super) fn draw(value: &Value, paper: &mut Paper) {
    for (index, object) in list(value, "object").iter().enumerate() {
        if index > 0 {
            paper.gap();
        }
        let mut head = vec![span(Ink::Strong, object_name(object))];
        if is_set(object, "breakInheritance") {
            head.extend([plain("  "), broken_mark()]);
        }
        paper.line(0, &head);
        draw_entries(list(object, "aclEntry"), paper);
    }
}

fn draw_entries(entries: &[Value], paper: &mut Paper) {
    if entries.is_empty() {
        return paper.line(2, &[span(Ink::Faint, "no entries")]);
    }
    let rows: Vec<Row> =
        entries.iter().map(|entry| vec![vec![plain(principal_name(entry))], entry_words(entry)]).collect();
    paper.table(2, &rows);
}

/// One entry, a privilege to a line.
pub(super) fn draw_entry(entry: &Value, paper: &mut Paper) {
    paper.line(0, &[span(Ink::Strong, principal_name(entry))]);
    let dates = [("from", text(entry, "notBefore")), ("until", text(entry, "notAfter"))];
    let dates = dates.into_iter().filter(|(_, instant)| !instant.is_empty());
    let mut rows: Vec<Row> = privilege_rows(entry).collect();
    rows.extend(dates.map(|(word, instant)| vec![vec![plain(word)], vec![plain(instant)]]));
    paper.table(2, &rows);
}

/// Objects with their types.
pub(super) fn draw_objects(value: &Value, paper: &mut Paper) {
    let objects = list(value, "object");
    if objects.is_empty() {
        return paper.line(0, &[span(Ink::Faint, "no objects")]);
    }
    let row =
        |object: &Value| vec![vec![span(Ink::Faint, text(object, "objectType"))], vec![plain(text(object, "path"))]];
    paper.table(0, &objects.iter().map(row).collect::<Vec<_>>());
}
