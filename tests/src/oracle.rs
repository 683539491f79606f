//! What the rules of access say, as plainly as they can be said: the judge of the engine's answers.
//!
//! Written from the reference alone. It shares no code and no type with the engine and remembers nothing between two
//! questions: every one walks its chain from the beginning. The comments quote the rule that a line stands for.
//!
//! ```
//! use conformance::oracle::{Effect, Entry, Oracle, Principal};
//!
//! let (ann, bob) = (Principal::new("user", "ann"), Principal::new("user", "bob"));
//! let mut oracle = Oracle::default();
//! oracle.parents.insert("/projects/Web".into(), "/".into());
//! oracle.registered.insert("ann".into());
//! oracle.acl("/").entries.insert(Principal::everyone(), Entry::new([("read", Effect::Allow)]));
//! assert_eq!(oracle.decide(&[ann], "read", "/projects/Web", 0), (true, None));
//! assert_eq!(oracle.decide(&[bob], "read", "/projects/Web", 0), (false, None));
//! ```

use std::collections::{BTreeMap, BTreeSet};

/// A principal, be it registered or not. "A name belongs to its type", "names compare bytewise".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// "Types `user`, `group`, `serviceAccount`."
    pub kind: String,
    /// Of a project principal `project: NAME`.
    pub name: String,
}

impl Principal {
    /// A principal of the type `kind`.
    pub fn new(kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), name: name.to_owned() }
    }
    /// The built-in group that holds all users.
    pub fn everyone() -> Self {
        Self::new("group", "Everyone")
    }
}

/// What an entry says of a privilege; of one with `inherit` it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the reference's own")]
pub enum Effect {
    Allow,
    Deny,
}

/// "An entry holds for each of them `allow`, `deny` or `inherit`"; `inherit` is a privilege that is not named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the reference's own; instants in milliseconds")]
pub struct Entry {
    pub effects: BTreeMap<String, Effect>,
    pub not_before: Option<i64>,
    pub not_after: Option<i64>,
}

impl Entry {
    /// An entry that always holds.
    pub fn new<const N: usize>(effects: [(&str, Effect); N]) -> Self {
        let effects = effects.map(|(privilege, effect)| (privilege.to_owned(), effect));
        Self { effects: effects.into(), not_before: None, not_after: None }
    }
    /// "Outside `[notBefore, notAfter)` it is as if absent."
    fn holds(&self, now: i64) -> bool {
        self.not_before.is_none_or(|first| first <= now) && self.not_after.is_none_or(|end| now < end)
    }
}

/// The list of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the reference's own")]
pub struct Acl {
    pub broken: bool,
    pub entries: BTreeMap<Principal, Entry>,
}

/// A policy. All is public: a test alters it as it alters the engine's.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    /// By object, its parent; the root has none. An address has a parent whether or not the object is registered.
    pub parents: BTreeMap<String, String>,
    /// By object, its list. "An unknown object has an empty inheriting ACL", and so has one that is not here.
    pub acls: BTreeMap<String, Acl>,
    /// Pairs of a member and the group that it was added to; who is in `Everyone` is a rule and stands in none.
    pub members: BTreeSet<(Principal, Principal)>,
    /// The names of the registered users, without project principals; `admin` need not be named.
    pub registered: BTreeSet<String>,
    /// "A schema may say `everyone: any`": users that are not registered are in `Everyone` as well.
    pub everyone_any: bool,
}

impl Oracle {
    /// The list of an object, to be altered; made where there is none.
    pub fn acl(&mut self, object: &str) -> &mut Acl {
        self.acls.entry(object.to_owned()).or_default()
    }
    /// Whether any of `principals` has `privilege` on `object` at `now`, and until when that is certain.
    ///
    /// "Evaluate each on its own and allow what any one of them is allowed"; each one's `validUntil` counts.
    pub fn decide(&self, principals: &[Principal], privilege: &str, object: &str, now: i64) -> (bool, Option<i64>) {
        let decide_one = |principal| self.decide_one(principal, privilege, object, now);
        let each: Vec<_> = principals.iter().map(decide_one).collect();
        (each.iter().any(|(allowed, _)| *allowed), each.iter().filter_map(|(_, until)| *until).min())
    }
    /// "Evaluation", 1 to 4.
    fn decide_one(&self, principal: &Principal, privilege: &str, object: &str, now: i64) -> (bool, Option<i64>) {
        if *principal == Principal::new("user", "admin") {
            return (true, None); // 1. "`admin` is allowed everything"
        }
        let (matching, empty) = (self.matching(principal), Acl::default());
        let (mut at, mut until) = (object, None);
        loop {
            let acl = self.acls.get(at).unwrap_or(&empty);
            let entries = acl.entries.iter().filter(|(named, _)| matching.contains(named)); // 2. "entries that match"
            let said: Vec<_> = entries.filter_map(|(_, entry)| Some((entry, *entry.effects.get(privilege)?))).collect();
            let boundaries = said.iter().flat_map(|(entry, _)| [entry.not_before, entry.not_after]).flatten();
            until = boundaries.chain(until).filter(|boundary| *boundary > now).min(); // "the least boundary after `now`"
            let says = |effect| said.iter().any(|(entry, its)| *its == effect && entry.holds(now));
            match self.parents.get(at) {
                _ if says(Effect::Deny) => return (false, until), // "Any matching `deny` denies."
                _ if says(Effect::Allow) => return (true, until), // "Otherwise any matching `allow` allows."
                Some(parent) if !acl.broken => at = parent,       // "Otherwise go to the parent."
                _ => return (false, until), // 3. "broken … ends the walk", 4. "Nothing matched: denied."
            }
        }
    }
    /// "The user's own, those of every group the user is in, those of the group `Everyone`."
    fn matching(&self, principal: &Principal) -> BTreeSet<Principal> {
        let mut found = BTreeSet::from([principal.clone()]); // "a group … matches itself and the groups that hold it"
        found.extend(self.is_in_everyone(principal).then(Principal::everyone));
        loop {
            let held = self.members.iter().filter(|(member, _)| found.contains(member) && self.may_be_member(member));
            let more: BTreeSet<_> = held.map(|(_, group)| group.clone()).collect();
            if more.is_subset(&found) {
                return found;
            }
            found.extend(more); // "membership is transitive"
        }
    }
    /// "`Everyone` holds all users … project principals and service accounts are not in it"; a group never is.
    fn is_in_everyone(&self, principal: &Principal) -> bool {
        let is_project = principal.name.starts_with("project: ");
        principal.kind == "user" && !is_project && (self.everyone_any || self.registered.contains(&principal.name))
    }
    /// "An unregistered user is in no group."
    fn may_be_member(&self, principal: &Principal) -> bool {
        principal.kind != "user" || self.registered.contains(&principal.name)
    }
}
