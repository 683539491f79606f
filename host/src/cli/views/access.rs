//! Who has what on an object, and what somebody has on which objects.

use super::{list, principal_name, privileges, text};
use crate::cli::paper::{Ink, Paper, Row, plain, span};
use serde_json::Value;

/// Letters that are not a privilege's first, by long use.
const KNOWN_LETTERS: [(&str, char); 2] = [("execute", 'x'), ("changePermissions", 'p')];

pub(super) fn draw(value: &Value, paper: &mut Paper) {
    let principals = list(value, "principal");
    let objects = list(value, "object");
    let Some(first) = principals.first().or(objects.first()) else {
        return paper.line(0, &[plain(nobody(value))]);
    };
    let letters = letters(&privileges(first).map(|(name, _)| name).collect::<Vec<_>>());
    let mut rows = vec![row(if objects.is_empty() { "principal" } else { "object" }, Ink::Faint, &letters, |_| true)];
    for held in principals.iter().chain(objects) {
        let name = if objects.is_empty() { principal_name(held) } else { text(held, "path").to_owned() };
        let allowed: Vec<bool> = privileges(held).map(|(_, word)| word == "allow").collect();
        rows.push(row(&name, Ink::Plain, &letters, |at| allowed.get(at).copied().unwrap_or(false)));
    }
    paper.table(0, &rows);
    paper.gap();
    let legend: Vec<String> = letters.iter().map(|(letter, name)| format!("{letter} {name}")).collect();
    paper.line(0, &[span(Ink::Faint, legend.join(", "))]);
}

fn nobody(value: &Value) -> &'static str {
    if value.get("object").is_some() { "nothing on any object" } else { "nobody has anything" }
}

/// The marks come first: they are as wide in every row, and names are not.
fn row(name: &str, ink: Ink, letters: &[(char, String)], holds: impl Fn(usize) -> bool) -> Row {
    let marks = letters.iter().enumerate().map(|(at, (letter, _))| if holds(at) { *letter } else { '-' });
    let marks: Vec<String> = marks.map(String::from).collect();
    let mark_ink = if ink == Ink::Plain { Ink::Good } else { ink };
    vec![vec![span(mark_ink, marks.join(" "))], vec![span(ink, name)]]
}

/// A letter for each privilege, no letter twice: the usual one, else the first of the name that is still free.
fn letters(privileges: &[&str]) -> Vec<(char, String)> {
    let mut letters: Vec<(char, String)> = Vec::new();
    for name in privileges {
        let usual = KNOWN_LETTERS.iter().find(|(known, _)| known == name).map(|(_, letter)| *letter);
        let wanted = usual.into_iter().chain(name.chars()).chain('a'..='z').chain('A'..='Z').chain('0'..='9');
        let free = |letter: &char| !letters.iter().any(|(taken, _)| taken == letter);
        if let Some(letter) = wanted.into_iter().find(free) {
            letters.push((letter, (*name).to_owned()));
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters_of(names: &[&str]) -> String {
        letters(names).into_iter().map(|(letter, _)| letter).collect()
    }

    #[test]
    fn privileges_have_letters_of_their_own() {
        assert_eq!(letters_of(&["read", "modify", "execute", "changePermissions"]), "rmxp");
        assert_eq!(letters_of(&["view", "edit", "delete", "void", "v"]), "vedoa");
    }
}
