//! Answers as rows: `--output csv` and `simple`.
//!
//! * Where an answer is nothing but one list (most are), each of its elements is a row. Every other answer is one row.
//! * A field inside a field is a column `outer.inner`. Columns stand in the order in which the answer first has them;
//!   what an element lacks is an empty cell. Booleans are 1 and 0.
//! * A list inside an element is one cell, a line for each value. A value that has one field is that field's; one that
//!   has several stands there as JSON.
//! * No rows: no text at all, not even a header.

use super::simple_text;
use crate::cli::text::clean;
use serde_json::Value;
use std::borrow::Cow;

/// A spreadsheet takes what begins so for a formula, which could do anything.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The lines of a cell: one, except for a list.
type Cell = Vec<String>;

/// RFC 4180: a header, then the rows, each line ended by CR and LF, in UTF-8. What a spreadsheet would take for a
/// formula has an apostrophe before it. Characters that would disturb a terminal are escaped, as in a table; the only
/// line ends inside a cell are those of a list. Who wants every byte asks for JSON.
pub(in crate::cli) fn to_csv(value: &Value) -> String {
    let Rows { columns, rows } = Rows::of(value);
    if columns.is_empty() {
        return String::new();
    }
    let header = line(columns.iter().map(|name| csv_cell(std::slice::from_ref(name))), ",", "\r\n");
    let rows = rows.iter().map(|row| line(row.iter().map(|cell| csv_cell(cell)), ",", "\r\n"));
    std::iter::once(header).chain(rows).collect()
}

/// The values alone, with a tab between them and a line end behind each row. In a value, tab, line end, carriage return
/// and backslash are `\t`, `\n`, `\r` and `\\`; other characters that would disturb a terminal are escaped too.
pub(in crate::cli) fn to_simple(value: &Value) -> String {
    let Rows { columns, rows } = Rows::of(value);
    if columns.is_empty() {
        return String::new();
    }
    rows.iter().map(|row| line(row.iter().map(|cell| simple_cell(cell)), "\t", "\n")).collect()
}

fn line(cells: impl Iterator<Item = String>, between: &str, end: &str) -> String {
    let mut line = cells.collect::<Vec<_>>().join(between);
    line.push_str(end);
    line
}

fn csv_cell(lines: &[String]) -> String {
    let text = lines.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n");
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text };
    let is_plain = !text.contains([',', '"', '\n']) && text.trim() == text;
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

fn simple_cell(lines: &[String]) -> String {
    let escaped = |c: char| match c {
        '\t' => Cow::Borrowed("\\t"),
        '\n' => Cow::Borrowed("\\n"),
        '\r' => Cow::Borrowed("\\r"),
        '\\' => Cow::Borrowed("\\\\"),
        other => Cow::Owned(other.to_string()),
    };
    let text: String = lines.join("\n").chars().map(escaped).collect();
    clean(&text).into_owned()
}

/// An answer as a rectangle.
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Rows {
    fn of(answer: &Value) -> Self {
        let (name, elements) = elements(answer);
        let mut rows = Self { columns: Vec::new(), rows: Vec::new() };
        for element in elements {
            let mut cells = Vec::new();
            match element {
                Value::Object(fields) => fields.iter().for_each(|(field, value)| put(&mut cells, field, value)),
                simple => put(&mut cells, name, simple),
            }
            rows.push(cells);
        }
        let width = rows.columns.len();
        rows.rows.iter_mut().for_each(|row| row.resize(width, Cell::new()));
        rows
    }

    fn push(&mut self, cells: Vec<(String, Cell)>) {
        let mut row = Vec::with_capacity(self.columns.len());
        for (name, cell) in cells {
            let place = self.place(name);
            row.resize(row.len().max(place + 1), Cell::new());
            if let Some(empty) = row.get_mut(place) {
                *empty = cell;
            }
        }
        self.rows.push(row);
    }

    fn place(&mut self, name: String) -> usize {
        self.columns.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.columns.push(name);
            self.columns.len() - 1
        })
    }
}

/// What becomes rows, and the name of an element that has no fields.
fn elements(answer: &Value) -> (&str, &[Value]) {
    let mut fields = answer.as_object().into_iter().flatten();
    match (fields.next(), fields.next()) {
        (Some((name, Value::Array(values))), None) => (name, values),
        (Some((name, inner @ Value::Object(_))), None) => (name, std::slice::from_ref(inner)),
        _ => ("value", std::slice::from_ref(answer)),
    }
}

/// The value's cell; where it has fields, a cell for each of them.
fn put(cells: &mut Vec<(String, Cell)>, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, value)| put(cells, &format!("{name}.{field}"), value)),
        Value::Array(values) => cells.push((name.to_owned(), values.iter().map(list_line).collect())),
        simple => cells.push((name.to_owned(), vec![simple_text(simple)])),
    }
}

/// A value of a list that is a cell.
fn list_line(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.len() == 1 => fields.values().map(list_line).collect(),
        Value::Object(_) | Value::Array(_) => value.to_string(),
        simple => simple_text(simple),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_element_of_the_list_is_a_row() {
        let value = json!({"user": [{"userName": "a", "mutable": true}, {"userName": "b", "email": "b@x", "age": 3}]});
        assert_eq!(to_csv(&value), "userName,mutable,email,age\r\na,1,,\r\nb,,b@x,3\r\n");
        assert_eq!(to_simple(&value), "a\t1\t\t\nb\t\tb@x\t3\n");
    }

    #[test]
    fn every_other_answer_is_one_row() {
        assert_eq!(to_csv(&json!({"access": {"read": "allow", "modify": "deny"}})), "read,modify\r\nallow,deny\r\n");
        let check = json!({"decision": "deny", "reason": {"code": "X", "at": {"path": "/p"}}, "none": null});
        assert_eq!(to_csv(&check), "decision,reason.code,reason.at.path,none\r\ndeny,X,/p,\r\n");
        assert_eq!(to_simple(&json!({"sessionId": "s"})), "s\n");
        assert_eq!(to_csv(&json!({"name": ["a", "b"]})), "name\r\na\r\nb\r\n");
    }

    #[test]
    fn nothing_has_no_header() {
        for nothing in [json!({}), json!({"object": []}), json!({"object": [{}]}), json!({"access": {}})] {
            assert_eq!((to_csv(&nothing), to_simple(&nothing)), (String::new(), String::new()), "{nothing}");
        }
    }

    #[test]
    fn a_list_in_an_element_is_one_cell() {
        let pages = json!({"page": [{"name": "a"}, {"name": "b,c"}]});
        let value = json!({"persona": [{"n": 1, "pages": pages, "flag": ["x"], "e": [{"k": 1, "v": "\""}], "no": []}]});
        let wanted = "n,pages.page,flag,e,no\r\n1,\"a\nb,c\",x,\"{\"\"k\"\":1,\"\"v\"\":\"\"\\\"\"\"\"}\",\r\n";
        assert_eq!(to_csv(&value), wanted);
        assert_eq!(to_simple(&value), "1\ta\\nb,c\tx\t{\"k\":1,\"v\":\"\\\\\"\"}\t\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"] {
            assert_eq!(to_csv(&json!({"n": formula})), format!("n\r\n'{formula}\r\n"));
            assert_eq!(to_simple(&json!({"n": formula})), format!("{formula}\n"), "a pipeline has none");
        }
        assert_eq!(to_csv(&json!({"n": "=\"a\",b"})), "n\r\n\"'=\"\"a\"\",b\"\r\n");
        let lists = json!({"user": [{"group": ["=x", "=y"]}, {"group": [["=x"]]}, {"group": "\t=y"}]});
        assert_eq!(to_csv(&lists), "group\r\n\"'=x\n=y\"\r\n\"[\"\"=x\"\"]\"\r\n\\u{9}=y\r\n");
        assert_eq!(to_csv(&json!({"n": "a=b-c"})), "n\r\na=b-c\r\n");
    }

    #[test]
    fn quotes_stand_where_they_must() {
        assert_eq!(
            to_csv(&json!({"a,b": " x ", "c": "say \"so\"", "d": ""})),
            "\"a,b\",c,d\r\n\" x \",\"say \"\"so\"\"\",\r\n"
        );
    }

    #[test]
    fn no_value_breaks_its_row_or_disturbs_a_terminal() {
        let value = json!({"n": "a\tb\nc\r\\d\u{1b}[2J\u{9b}\u{202e}", "m": "z"});
        assert_eq!(to_simple(&value), "a\\tb\\nc\\r\\\\d\\u{1b}[2J\\u{9b}\\u{202e}\tz\n");
        assert_eq!(to_csv(&value), "n,m\r\na\\u{9}b\\u{a}c\\u{d}\\d\\u{1b}[2J\\u{9b}\\u{202e},z\r\n");
    }
}
