//! A second evaluator, written from `domain.md` §1 alone and as simply as it goes. It shares no code with the engine.

use std::collections::{BTreeMap, BTreeSet};

/// A line of a list. Effects: privilege → true for allow, false for deny.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) principal: String,
    pub(crate) effects: BTreeMap<String, bool>,
    pub(crate) not_before: Option<i64>,
    pub(crate) not_after: Option<i64>,
}

/// Objects by path, principals as `TYPE:NAME`.
#[derive(Clone, Default, Debug)]
pub(crate) struct World {
    pub(crate) parents: BTreeMap<String, String>,
    pub(crate) broken: BTreeSet<String>,
    pub(crate) entries: BTreeMap<String, Vec<Entry>>,
    pub(crate) registered: BTreeSet<String>,
    /// (group, member)
    pub(crate) members: BTreeSet<(String, String)>,
    pub(crate) everyone_is_any: bool,
}

/// The answer for one privilege.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    pub(crate) reason: &'static str,
    pub(crate) valid_until: Option<i64>,
}

impl World {
    /// “the user's own, those of every group the user is in, those of the group Everyone”
    pub(crate) fn matching(&self, principal: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([principal.to_owned()]);
        let is_user = principal.starts_with("user:") && !principal.starts_with("user:project: ");
        if is_user && (self.registered.contains(principal) || self.everyone_is_any) {
            found.insert("group:Everyone".into());
        }
        loop {
            let more: Vec<String> = self
                .members
                .iter()
                .filter(|(group, member)| found.contains(member) && !found.contains(group))
                .map(|(group, _)| group.clone())
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    pub(crate) fn check(&self, principal: &str, privilege: &str, path: &str, now: i64) -> Answer {
        if principal == "user:admin" {
            return Answer { allowed: true, reason: "Admin", valid_until: None };
        }
        let matching = self.matching(principal);
        let mut valid_until: Option<i64> = None;
        let mut at = Some(path.to_owned());
        while let Some(object) = at {
            let (mut allow, mut deny) = (false, false);
            for entry in self.entries.get(&object).into_iter().flatten() {
                let Some(effect) = entry.effects.get(privilege).filter(|_| matching.contains(&entry.principal)) else {
                    continue;
                };
                for boundary in [entry.not_before, entry.not_after].into_iter().flatten().filter(|&at| at > now) {
                    valid_until = Some(valid_until.map_or(boundary, |least| least.min(boundary)));
                }
                let begun = entry.not_before.is_none_or(|first| first <= now);
                let ended = entry.not_after.is_some_and(|end| end <= now);
                if begun && !ended {
                    *(if *effect { &mut allow } else { &mut deny }) = true;
                }
            }
            if deny {
                return Answer { allowed: false, reason: "EntryDenies", valid_until };
            }
            if allow {
                return Answer { allowed: true, reason: "EntryAllows", valid_until };
            }
            if self.broken.contains(&object) {
                return Answer { allowed: false, reason: "InheritanceBroken", valid_until };
            }
            at = self.parents.get(&object).cloned();
        }
        Answer { allowed: false, reason: "NoEntryMatches", valid_until }
    }
}
