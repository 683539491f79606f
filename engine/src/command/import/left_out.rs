//! What an import left out, since the policy has something that it may not lose, or lacks what it would need.

use crate::address::shorten;
use crate::fields::{Fields, Json};
use crate::state::State;

/// Counts what was left out, sorted by name and reason, with the first object that it was left out of.
#[derive(Default)]
pub(super) struct LeftOut(Vec<Row>);

struct Row {
    name: String,
    why: &'static str,
    count: usize,
    first: u32,
}

impl LeftOut {
    /// Notes something of a kind and a name, such as the persona `Ghost`, which was to be an object's.
    pub(super) fn add(&mut self, kind: &str, name: &str, why: &'static str, object: u32) {
        let name = if name.is_empty() { kind.to_owned() } else { format!("{kind} {}", shorten(name)) };
        let key = (name.as_str(), why);
        let place = self.0.binary_search_by(|row| (row.name.as_str(), row.why).cmp(&key)).unwrap_or_else(|place| {
            self.0.insert(place, Row { name, why, count: 0, first: object });
            place
        });
        if let Some(row) = self.0.get_mut(place) {
            row.count += 1;
        }
    }

    /// What was left out as the answer has it, by name.
    pub(super) fn into_values(self, state: &State) -> Vec<Json> {
        let told = |row: &Row| {
            let fields = Fields::default().text("name", &row.name).number("count", row.count).text("why", row.why);
            fields.text("first", &state.path(row.first)).done()
        };
        self.0.iter().map(told).collect()
    }
}
