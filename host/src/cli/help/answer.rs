//! What a command answers, as help shows it.

use crate::cli::paper::{Ink, Paper, Row, plain, span};
use portcullis_engine::prose::{Field, Shape};

/// A field of an answer, as people read of it.
pub(in crate::cli) struct Line {
    /// In how many others it is.
    pub(in crate::cli) depth: usize,
    /// Its name, in brackets if it may be missing, with dots if it may be there again.
    pub(in crate::cli) name: String,
    /// What it means.
    pub(in crate::cli) meaning: String,
}

/// What the marks in the names mean.
pub(in crate::cli) const MARKS: &str = "In brackets: not always there. With …: a list; in XML, repeated.";

/// What an answer is that has no fields.
pub(in crate::cli) fn whole(shape: Shape) -> Option<&'static str> {
    match shape {
        Shape::Object([]) => Some("Nothing."),
        Shape::Json => Some("JSON."),
        Shape::Text => Some("Text."),
        _ => None,
    }
}

/// The fields of an answer, each followed by those within it.
pub(in crate::cli) fn lines(shape: Shape) -> Vec<Line> {
    let mut lines = Vec::new();
    add_lines(&mut lines, shape.fields(), 0);
    lines
}

fn add_lines(lines: &mut Vec<Line>, fields: &[Field], depth: usize) {
    for field in fields {
        lines.push(Line { depth, name: marked(field), meaning: meaning(field) });
        add_lines(lines, field.shape.fields(), depth + 1);
    }
}

/// The fields of an answer, those within another one further in.
pub(super) fn draw(shape: Shape, paper: &mut Paper) {
    if let Some(whole) = whole(shape) {
        return paper.line(2, &[plain(whole)]);
    }
    let row = |Line { depth, name, meaning }: Line| -> Row {
        vec![vec![plain(format!("{}{name}", "  ".repeat(depth)))], vec![plain(meaning)]]
    };
    paper.table(2, &lines(shape).into_iter().map(row).collect::<Vec<_>>());
    if has_marks(shape.fields()) {
        paper.line(2, &[span(Ink::Faint, MARKS)]);
    }
}

/// The name as usage lines have it: in brackets if it may be missing, with dots if it may be there again.
fn marked(field: &Field) -> String {
    let dots = if is_repeated(field.shape) { "…" } else { "" };
    if field.always { format!("{}{dots}", field.name) } else { format!("[{}{dots}]", field.name) }
}

fn is_repeated(shape: Shape) -> bool {
    matches!(shape, Shape::Objects(_) | Shape::Texts)
}

fn has_marks(fields: &[Field]) -> bool {
    fields.iter().any(|field| !field.always || is_repeated(field.shape) || has_marks(field.shape.fields()))
}

/// What a field means, and the words that it may hold.
fn meaning(field: &Field) -> String {
    let words = match field.shape {
        Shape::Words(words) | Shape::Privileges(words) => words,
        Shape::Flag => &["1"],
        Shape::Switch => &["1", "0"],
        Shape::Boolean => &["true", "false"],
        _ => &[],
    };
    let words: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => field.about.to_owned(),
        [only] => format!("{} Then {only}.", field.about),
        [first @ .., last] => {
            format!("{}: {} or {last}.", field.about.trim_end_matches('.'), first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_engine::prose;

    #[test]
    fn every_field_of_an_answer_is_shown_below_the_one_that_holds_it() {
        let shape = prose::of("explain").map_or(Shape::Text, |prose| prose.result);
        let mut paper = Paper::for_stdout();
        draw(shape, &mut paper);
        let text = paper.into_text();
        let names: Vec<&str> = text.lines().filter_map(|line| line.split("  ").find(|part| !part.is_empty())).collect();
        let place = |name: &str| names.iter().position(|known| *known == name);
        assert!(
            place("reason") < place("[aclEntry…]") && place("[aclEntry…]") < place("[<privilege>Privilege]"),
            "{text}"
        );
        assert!(text.contains("\n    code"), "{text}");
        assert!(text.lines().count() >= lines(shape).len());
    }

    #[test]
    fn a_command_that_answers_nothing_says_so() {
        let mut paper = Paper::for_stdout();
        draw(prose::shared::NOTHING, &mut paper);
        assert_eq!(paper.into_text(), "  Nothing.\n");
    }
}
