//! Answers that the program itself gives, as values.

use super::place::Done;
use crate::import::{MissedAcl, Skipped, Summary};
use crate::service::LogRow;
use crate::store::Mark;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

/// What `import` did: the engine's reply, and beside it what was read and what was left out.
pub(super) fn import(summary: &Summary, done: Done) -> Value {
    let mut report = done.reply;
    let left_out = take_left_out(&mut report);
    if let Some(fields) = report.as_object_mut() {
        fields.insert("changed".into(), done.changed.into());
        fields.insert("revision".into(), done.revision.into());
        fields.insert("read".into(), read(summary));
        fields.insert("missedAcl".into(), summary.missed_acls.iter().map(missed).collect());
        // What the export holds and is not read, and what was read and the policy could not take over.
        fields.insert("skipped".into(), summary.skipped.iter().map(skipped).chain(left_out).collect());
    }
    report
}

/// What the policy could not take over, which is in the engine's reply.
fn take_left_out(report: &mut Value) -> Vec<Value> {
    let told = report.get_mut("import").and_then(Value::as_object_mut);
    match told.and_then(|told| told.remove("leftOut")) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    }
}

fn read(summary: &Summary) -> Value {
    json!({
        "files": summary.files,
        "objects": summary.objects,
        "aclsFound": summary.acls_found,
        "aclsTaken": summary.acls_taken,
        "acls": summary.acls,
        "entries": summary.entries,
        "members": summary.members,
        "assignments": summary.assignments,
    })
}

fn missed(missed: &MissedAcl) -> Value {
    json!({ "place": missed.place.to_string(), "why": missed.why })
}

fn skipped(skipped: &Skipped) -> Value {
    json!({
        "name": skipped.name,
        "count": skipped.count,
        "why": skipped.reason.clause(),
        "first": skipped.first.to_string(),
    })
}

/// Where the log stands.
pub(super) fn head(mark: &Mark) -> Value {
    let text = mark.to_string();
    let hash = text.split_once(':').map_or("", |(_, hash)| hash);
    json!({ "revision": mark.revision, "hash": hash, "head": text })
}

/// A log that is sound.
pub(super) fn verified(mark: &Mark, kept: Option<&Mark>) -> Value {
    let mut report = head(mark);
    if let (Some(kept), Some(fields)) = (kept, report.as_object_mut()) {
        fields.insert("kept".into(), kept.to_string().into());
    }
    json!({ "verified": report })
}

/// The change sets of a log.
#[derive(Default)]
pub(super) struct LogReport(Vec<Value>);

impl LogReport {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn extend(&mut self, rows: Vec<LogRow>) {
        self.0.extend(rows.into_iter().map(|row| {
            let mark = row.mark.to_string();
            json!({
                "revision": row.mark.revision,
                "time": time(row.at_ms),
                "caller": row.caller,
                "command": row.commands,
                "changes": row.changes,
                "hash": mark.split_once(':').map_or("", |(_, hash)| hash),
            })
        }));
    }

    pub(super) fn into_value(self) -> Value {
        json!({ "changeSet": self.0 })
    }
}

/// ISO 8601 with milliseconds and `Z`; a time that no calendar has, as its number.
fn time(at_ms: i64) -> String {
    match DateTime::from_timestamp_millis(at_ms) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        None => at_ms.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::import::{Place, SkipReason};

    #[test]
    fn what_was_not_read_and_what_was_not_taken_over_stand_in_one_list() {
        let first = Place { file: "users/u/user.dsl".into(), line: 2, column: 3 };
        let unread = Skipped { reason: SkipReason::Password, name: "password".into(), count: 2, first };
        let summary = Summary { assignments: 3, skipped: vec![unread], ..Summary::default() };
        let left_out = json!({ "name": "persona Ghost", "count": 1, "why": "no such persona", "first": "/users/u" });
        let reply = json!({ "import": { "objects": 1, "changes": 0, "leftOut": [left_out] } });
        let report = import(&summary, Done { revision: 7, reply, changed: false });
        assert_eq!(report["import"], json!({ "objects": 1, "changes": 0 }));
        let password = json!({
            "name": "password", "count": 2, "why": "passwords are never imported", "first": "users/u/user.dsl:2:3",
        });
        assert_eq!(report["skipped"], json!([password, left_out]));
        assert_eq!(report["read"]["assignments"], 3);
    }
}
