//! What an import left out, since the policy has something that it may not lose, or lacks what it would need.

use crate::address::shorten;
use crate::fields::Fields;
use crate::state::State;
use serde_json::Value;
use std::collections::BTreeMap;

/// Counts what was left out, by name and reason, with the first object that it was left out of.
#[derive(Default)]
pub(super) struct LeftOut(BTreeMap<(String, &'static str), (usize, u32)>);

impl LeftOut {
    /// Notes something of a kind and a name, such as the persona `Ghost`, which was to be an object's.
    pub(super) fn add(&mut self, kind: &str, name: &str, why: &'static str, object: u32) {
        let name = if name.is_empty() { kind.to_owned() } else { format!("{kind} {}", shorten(name)) };
        self.0.entry((name, why)).or_insert((0, object)).0 += 1;
    }

    /// What was left out as the answer has it, by name.
    pub(super) fn into_values(self, state: &State) -> Vec<Value> {
        let told = |((name, why), (count, first)): ((String, &str), (usize, u32))| {
            let fields = Fields::default().text("name", &name).number("count", count).text("why", why);
            fields.text("first", &state.path(first)).done()
        };
        self.0.into_iter().map(told).collect()
    }
}
