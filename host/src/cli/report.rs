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
    if let Some(fields) = report.as_object_mut() {
        fields.insert("changed".into(), done.changed.into());
        fields.insert("revision".into(), done.revision.into());
        fields.insert("read".into(), read(summary));
        fields.insert("missedAcl".into(), summary.missed_acls.iter().map(missed).collect());
        fields.insert("skipped".into(), summary.skipped.iter().map(skipped).collect());
    }
    report
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
