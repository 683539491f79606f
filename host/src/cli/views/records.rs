//! Lists of records that are alike, as a table with a heading; and secrets.

use super::{list, text};
use crate::cli::paper::{Ink, Paper, Row, plain, span};
use serde_json::Value;

/// The records of the answer's one list.
pub(super) fn draw(value: &Value, paper: &mut Paper) {
    let records = value.as_object().and_then(|fields| fields.keys().next()).map(|name| list(value, name));
    let records = records.unwrap_or_default();
    if records.is_empty() {
        return paper.line(0, &[span(Ink::Faint, "none")]);
    }
    let columns = columns(records);
    let heading: Row = columns.iter().map(|name| vec![span(Ink::Faint, name)]).collect();
    let row = |record: &Value| -> Row { columns.iter().map(|name| vec![plain(cell(record, name))]).collect() };
    let rows: Vec<Row> = std::iter::once(heading).chain(records.iter().map(row)).collect();
    paper.table(0, &rows);
}

/// Every field that one of the records has, in the order in which they come.
fn columns(records: &[Value]) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for name in records.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    columns
}

fn cell(record: &Value, name: &str) -> String {
    match record.get(name) {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => text(record, name).to_owned(),
    }
}

/// A secret, on a line of its own and never broken, so that it can be copied.
pub(super) fn draw_secret(value: &Value, paper: &mut Paper) {
    let secret = ["sessionId", "token"].map(|name| text(value, name)).into_iter().find(|secret| !secret.is_empty());
    paper.verbatim(secret.unwrap_or_default());
    paper.line(0, &[span(Ink::Faint, "shown only this once; whoever has it, may act by it")]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_stand_in_columns_whatever_each_of_them_lacks() {
        let records =
            json!([{"userName": "ann", "groupName": ["a", "b"]}, {"userName": "bob", "email": "b@example.org"}]);
        let mut paper = Paper::for_stdout();
        draw(&json!({ "userInfo": records }), &mut paper);
        let wanted = "userName  groupName  email\nann       a, b\nbob                  b@example.org\n";
        assert_eq!(paper.into_text(), wanted);
    }

    #[test]
    fn a_secret_is_not_broken() {
        let token = format!("pct_{}", "x".repeat(200));
        let mut paper = Paper::for_stdout();
        draw_secret(&json!({ "token": token }), &mut paper);
        assert!(paper.into_text().starts_with(&format!("{token}\n")));
    }
}
