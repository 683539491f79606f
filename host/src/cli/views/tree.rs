//! The objects as they lie in one another, each with its entries.

use super::{broken_mark, count, entry_words, is_set, list, number, principal_name, text};
use crate::cli::paper::{Ink, Paper, plain, span};
use portcullis_engine::{PERSONA, PERSONA_CATEGORY, PERSONA_PAGE};
use serde_json::Value;

pub(super) fn draw(value: &Value, paper: &mut Paper) {
    let all = list(value, "object");
    let shown = worth_showing(all);
    let top = shown.first().map_or(0, |object| number(object, "depth"));
    for (object, branch) in shown.iter().zip(branches(&shown, top)) {
        draw_object(object, &branch, paper);
    }
    let hidden = (all.len() - shown.len()) as u64;
    if hidden > 0 {
        let words = count(hidden, "system object or persona", "system objects and personas");
        let words = format!("{words} without entries {}", if hidden == 1 { "is" } else { "are" });
        paper.gap();
        paper.line(0, &[span(Ink::Faint, format!("{words} not shown"))]);
    }
}

/// What every policy comes with would hide what the tree is asked for: system objects, personas and theirs are left out
/// where they say nothing, and nothing below them does.
fn worth_showing(all: &[Value]) -> Vec<&Value> {
    let mut shown: Vec<&Value> = Vec::new();
    for object in all.iter().rev() {
        let has_children = shown.last().is_some_and(|next| number(next, "depth") > number(object, "depth"));
        if has_children || says_something(object) {
            shown.push(object);
        }
    }
    shown.reverse();
    shown
}

fn says_something(object: &Value) -> bool {
    !PREDEFINED.contains(&text(object, "objectType"))
        || number(object, "depth") == 0
        || is_set(object, "breakInheritance")
        || !list(object, "aclEntry").is_empty()
}

/// The types of the objects that every policy comes with, principals aside.
const PREDEFINED: [&str; 4] = ["systemObject", PERSONA, PERSONA_CATEGORY, PERSONA_PAGE];

fn draw_object(object: &Value, branch: &Branch, paper: &mut Paper) {
    let mut head = vec![
        span(Ink::Faint, format!("{} ", text(object, "objectType"))),
        span(Ink::Strong, text(object, "objectName")),
    ];
    if is_set(object, "breakInheritance") {
        head.extend([plain("  "), broken_mark()]);
    }
    paper.hanging(&branch.own, &format!("{}   ", branch.below), &head);
    for entry in list(object, "aclEntry") {
        let mut words = vec![plain(format!("{}  ", principal_name(entry)))];
        words.extend(entry_words(entry));
        paper.hanging(&format!("{}   ", branch.below), &format!("{}     ", branch.below), &words);
    }
}

/// What stands before an object's line, and before the lines that belong to it.
struct Branch {
    own: String,
    below: String,
}

/// The branches of a tree that is given by the depth of each row, read from the end: there one knows what follows.
fn branches(rows: &[&Value], top: u64) -> Vec<Branch> {
    // For each depth, whether a later row continues it.
    let mut continues: Vec<bool> = Vec::new();
    let mut branches: Vec<Branch> = rows
        .iter()
        .rev()
        .map(|row| {
            let depth = usize::try_from(number(row, "depth").saturating_sub(top)).unwrap_or_default();
            let has_children = continues.get(depth + 1).copied().unwrap_or(false);
            continues.resize(depth + 1, false);
            let is_last = !continues.get_mut(depth).is_some_and(|on| std::mem::replace(on, true));
            branch(continues.get(1..depth).unwrap_or_default(), depth == 0, is_last, has_children)
        })
        .collect();
    branches.reverse();
    branches
}

fn branch(above: &[bool], is_top: bool, is_last: bool, has_children: bool) -> Branch {
    let above: String = above.iter().map(|on| if *on { "│  " } else { "   " }).collect();
    let stem = if has_children { "│" } else { " " };
    match is_last {
        _ if is_top => Branch { own: String::new(), below: stem.into() },
        true => Branch { own: format!("{above}└─ "), below: format!("{above}   {stem}") },
        false => Branch { own: format!("{above}├─ "), below: format!("{above}│  {stem}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_branch_goes_on_as_long_as_a_sibling_follows() {
        let depths = [0, 1, 2, 2, 1, 2, 3].map(|depth| json!({ "depth": depth }));
        let rows: Vec<&Value> = depths.iter().collect();
        let drawn: Vec<String> =
            branches(&rows, 0).into_iter().map(|branch| branch.own + "|" + &branch.below).collect();
        let wanted = [
            "|│",
            "├─ |│  │",
            "│  ├─ |│  │   ",
            "│  └─ |│      ",
            "└─ |   │",
            "   └─ |      │",
            "      └─ |          ",
        ];
        assert_eq!(drawn, wanted);
    }
}
