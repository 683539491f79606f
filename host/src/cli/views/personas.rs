//! Personas, their categories and pages.

use super::{field, is_set, list, text};
use crate::cli::paper::{Ink, Paper, Row, plain, span};
use serde_json::Value;

/// Personas with what they show.
pub(super) fn draw(value: &Value, paper: &mut Paper) {
    let personas = list(value, "persona");
    if personas.is_empty() {
        return paper.line(0, &[span(Ink::Faint, "no personas")]);
    }
    for (index, persona) in personas.iter().enumerate() {
        if index > 0 {
            paper.gap();
        }
        draw_persona(persona, paper);
    }
}

fn draw_persona(persona: &Value, paper: &mut Paper) {
    let mut head = vec![span(Ink::Strong, text(persona, "personaName"))];
    if is_set(persona, "isDefault") {
        head.push(plain("  the default"));
    }
    if !text(persona, "homePageName").is_empty() {
        head.push(plain(format!("  home page {}", text(persona, "homePageName"))));
    }
    paper.line(0, &head);
    if !text(persona, "description").is_empty() {
        paper.line(2, &[span(Ink::Faint, text(persona, "description"))]);
    }
    match list(persona, "personaDetail") {
        [] => paper.line(2, &[span(Ink::Faint, "shows nothing")]),
        details => draw_details(details, paper),
    }
}

fn draw_details(details: &[Value], paper: &mut Paper) {
    paper.table(2, &details.iter().map(category_row).collect::<Vec<_>>());
}

/// What a persona shows of one category.
pub(super) fn draw_detail(value: &Value, paper: &mut Paper) {
    match list(value, "personaDetail") {
        [] => paper.line(0, &[span(Ink::Faint, "the persona does not show that category")]),
        details => draw_details(details, paper),
    }
}

/// Categories with their pages.
pub(super) fn draw_categories(value: &Value, paper: &mut Paper) {
    let row = |category: &Value| -> Row {
        let mut row = category_row(category);
        row.push(vec![span(Ink::Faint, text(category, "description"))]);
        row
    };
    paper.table(0, &list(value, "personaCategory").iter().map(row).collect::<Vec<_>>());
}

/// A category's name and the names of its pages.
fn category_row(category: &Value) -> Row {
    let pages = list(field(category, "personaPages"), "personaPage");
    let names: Vec<&str> = pages.iter().map(|page| text(page, "personaPageName")).collect();
    let shown = if names.is_empty() { span(Ink::Faint, "no pages") } else { plain(names.join(", ")) };
    vec![vec![plain(text(category, "personaCategoryName"))], vec![shown]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_persona_is_its_name_its_home_page_and_a_line_for_each_category() {
        let pages = json!({"personaPage": [{"personaPageName": "pipeline"}, {"personaPageName": "release"}]});
        let details = json!([{"personaCategoryName": "releases", "personaPages": pages}]);
        let global =
            json!({"personaName": "Global", "isDefault": "1", "homePageName": "pipeline", "personaDetail": details});
        let mut paper = Paper::for_stdout();
        draw(&json!({"persona": [global, {"personaName": "New", "personaDetail": []}]}), &mut paper);
        let wanted = "Global  the default  home page pipeline\n  releases  pipeline, release\n\nNew\n  shows nothing\n";
        assert_eq!(paper.into_text(), wanted);
    }
}
