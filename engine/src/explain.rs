//! Explanations: a decision's reasons in words that a program can read, and what would turn a denial.
//!
//! Nothing here evaluates: what is rendered is what [`State::decide`] saw.

use crate::acl::Entry;
use crate::decision::{Decision, Reason, SeenList, Walk};
use crate::evaluate::Nobody;
use crate::fields::{Fields, Json};
use crate::instant::to_iso;
use crate::principals::{EVERYONE, Principals, Ways};
use crate::state::State;

impl State {
    /// The answer to a check: the decision, its reason, and until when it stands.
    pub(crate) fn render_decision(&self, decision: &Decision) -> Fields {
        Fields::default()
            .text("decision", effect(decision.is_allowed()))
            .value("reason", self.render_reason(decision))
            .maybe("validUntil", decision.valid_until.map(to_iso))
    }

    fn render_reason(&self, decision: &Decision) -> Json {
        let reason = decision.reason();
        let mut rendered = Fields::default().text("code", reason.code());
        if let Some(walk) = decision.walks.get(decision.deciding)
            && let Some(last) = walk.lists.last()
            && matches!(reason, Reason::EntryAllows | Reason::EntryDenies | Reason::InheritanceBroken)
        {
            rendered = rendered.text("object", &self.path(last.object));
            let ways = ways(&self.principals, walk);
            let deciding = deciding(last, decision.privilege, reason);
            let entries =
                deciding.map(|(entry, holds)| self.render_entry(walk, &ways, entry, *holds, decision.privilege).done());
            let entries: Vec<Json> = entries.collect();
            if !entries.is_empty() {
                rendered = rendered.list("aclEntry", entries);
            }
        }
        rendered.done()
    }

    /// The whole explanation: every list on the way, what matched and through which group, where inheritance is
    /// broken, and for a denial the smallest set of changes that would allow it.
    pub(crate) fn render_explanation(&self, decision: &Decision, now: i64) -> Fields {
        let located = &decision.located;
        let privilege = self.privilege_names(decision.privilege).next().unwrap_or_default();
        let walks = decision.walks.iter().map(|walk| self.render_walk(decision, walk)).collect();
        let answer = Fields::default()
            .text("object", &self.located_path(located))
            .maybe("registered", (!located.missing.is_empty()).then(|| "0".to_owned()))
            .text("privilege", privilege)
            .and(self.render_decision(decision))
            .list("walk", walks);
        if decision.is_allowed() { answer } else { answer.list("fix", self.render_fix(decision, now)) }
    }

    fn render_walk(&self, decision: &Decision, walk: &Walk) -> Json {
        // An object without a list says nothing, but a reader wants to see the way; the lists are those of the walk.
        let mut lists = walk.lists.iter().peekable();
        let stop = walk.lists.last().filter(|_| walk.reason != Reason::NoEntryMatches).map(|list| list.object);
        let ways = ways(&self.principals, walk);
        let mut levels = Vec::new();
        if walk.reason != Reason::Admin {
            for object in self.objects.ancestry(decision.located.object) {
                let seen = lists.next_if(|list| list.object == object);
                let decides = Some(object) == stop && walk.reason != Reason::InheritanceBroken;
                levels.push(self.render_level(walk, &ways, decision.privilege, object, seen, decides));
                if Some(object) == stop {
                    break;
                }
            }
        }
        Fields::default()
            .text("principal", &walk.identity.to_string())
            .maybe("registered", (!walk.registered).then(|| "0".to_owned()))
            .text("code", walk.reason.code())
            .list("object", levels)
            .done()
    }

    fn render_level(
        &self,
        walk: &Walk,
        ways: &Ways,
        privilege: u32,
        object: u32,
        seen: Option<&SeenList>,
        decides: bool,
    ) -> Json {
        let entries = seen.map(|seen| seen.entries.as_slice()).unwrap_or_default();
        let rendered = entries.iter().map(|seen| {
            let decides = decides && says(seen, privilege, walk.reason);
            self.render_entry(walk, ways, &seen.0, seen.1, privilege).flag("decides", decides).done()
        });
        self.object_head(object)
            .text("path", &self.path(object))
            .flag("breakInheritance", !self.acls.inheriting(&self.objects, object))
            .flag("decides", decides)
            .number("entryCount", self.acls.of(&self.objects, object).map_or(0, |acl| acl.entries.len()))
            .list("aclEntry", rendered.collect())
            .done()
    }

    /// An entry that matched: whom it names, what it says, through which groups it reached the principal.
    fn render_entry(&self, walk: &Walk, ways: &Ways, entry: &Entry, holds: bool, privilege: u32) -> Fields {
        let says = effect(entry.allow & privilege != 0);
        let through = through(&self.principals, walk, ways, entry.principal);
        let mut rendered = self.render_principal(entry.principal);
        for name in self.privilege_names(privilege) {
            rendered = rendered.text(&format!("{name}Privilege"), says);
        }
        if !through.is_empty() {
            rendered = rendered.list("through", through);
        }
        rendered.flag("notInEffect", !holds)
    }

    pub(crate) fn privilege_names(&self, mask: u32) -> impl Iterator<Item = &str> {
        let named = self.schema.privileges().iter().enumerate();
        named.filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, name)| name.as_str())
    }

    /// The fewest changes to access control lists that would allow it, as commands that can be sent as they are.
    ///
    /// An entry of the principal's own on the object, or on what is registered of its path, is one change and beats
    /// whatever is further up. Only where that very list denies is more needed: each denying entry must give way.
    fn render_fix(&self, decision: &Decision, now: i64) -> Vec<Json> {
        let fixes = decision.walks.iter().map(|walk| self.fix(decision, walk, now));
        fixes.min_by_key(Vec::len).unwrap_or_default()
    }

    fn fix(&self, decision: &Decision, walk: &Walk, now: i64) -> Vec<Json> {
        let target = decision.located.object;
        let denying: Vec<Entry> = match walk.lists.first() {
            Some(list) if list.object == target && walk.reason == Reason::EntryDenies && walk.lists.len() == 1 => {
                deciding(list, decision.privilege, walk.reason).map(|(entry, _)| *entry).collect()
            }
            _ => Vec::new(),
        };
        if denying.is_empty() {
            return vec![self.allow_own(decision, walk, now)];
        }
        if self.allowed_without(walk, target, decision.privilege, now) {
            return denying
                .iter()
                .map(|entry| self.set_entry(entry, target, decision.privilege, "inherit", now))
                .collect();
        }
        // One of the denials becomes the allowance: the principal's own, so that nobody else gains, if it is among them.
        let own = denying.iter().position(|entry| Some(entry.principal) == walk.id).unwrap_or(0);
        let changed = denying.iter().enumerate();
        let word = |index| if index == own { "allow" } else { "inherit" };
        changed.map(|(index, entry)| self.set_entry(entry, target, decision.privilege, word(index), now)).collect()
    }

    /// Whether it would be allowed if the denials of `target`'s own list were not there: by another entry of that
    /// list, which the walk saw, or by what comes after it on the same walk.
    fn allowed_without(&self, walk: &Walk, target: u32, privilege: u32, now: i64) -> bool {
        let seen = walk.lists.first().map(|list| list.entries.as_slice()).unwrap_or_default();
        if seen.iter().any(|(entry, holds)| *holds && entry.allow & privilege != 0) {
            return true;
        }
        let parent = self.objects.get(target).map_or(0, |object| object.parent());
        self.acls.inheriting(&self.objects, target)
            && self.walk(&self.closure_of(&walk.identity), parent, privilege, now, &mut Nobody).allowed == privilege
    }

    fn allow_own(&self, decision: &Decision, walk: &Walk, now: i64) -> Json {
        let target = decision.located.object;
        let own = walk.id.and_then(|id| self.acls.entry(&self.objects, target, id));
        if let Some(entry) = own {
            return self.set_entry(entry, target, decision.privilege, "allow", now);
        }
        let identity = &walk.identity;
        let principal =
            Fields::default().text("principalType", identity.kind.as_str()).text("principalName", &identity.name);
        self.render_command("createAclEntry", principal, target, decision.privilege, "allow", Fields::default())
    }

    fn set_entry(&self, entry: &Entry, object: u32, privilege: u32, word: &str, now: i64) -> Json {
        let window = self.acls.of(&self.objects, object).map(|acl| acl.window(entry.id)).unwrap_or_default();
        let mut dates = Fields::default();
        if word == "allow" && !window.holds(now) {
            dates = dates.text("notBefore", "").text("notAfter", "");
        }
        let command = self.render_principal(entry.principal);
        self.render_command("modifyAclEntry", command, object, privilege, word, dates)
    }

    fn render_command(
        &self,
        command: &str,
        principal: Fields,
        object: u32,
        privilege: u32,
        word: &str,
        dates: Fields,
    ) -> Json {
        let mut arguments = principal.text("path", &self.path(object));
        for privilege in self.privilege_names(privilege) {
            arguments = arguments.text(&format!("{privilege}Privilege"), word);
        }
        Fields::default().text("command", command).value("arguments", arguments.and(dates).done()).done()
    }

    /// A principal as answers name it.
    pub(crate) fn render_principal(&self, id: u32) -> Fields {
        let kind = self.principals.get(id).map_or("", |known| known.kind.as_str());
        Fields::default().text("principalType", kind).text("principalName", self.principals.name(id))
    }
}

/// The entries that made the decision: those in effect that say what it says.
fn deciding(list: &SeenList, privilege: u32, reason: Reason) -> impl Iterator<Item = &(Entry, bool)> {
    list.entries.iter().filter(move |seen| says(seen, privilege, reason))
}

/// Whether an entry is in effect and says what was decided.
fn says((entry, holds): &(Entry, bool), privilege: u32, reason: Reason) -> bool {
    match reason {
        Reason::EntryAllows => *holds && entry.allow & privilege != 0,
        Reason::EntryDenies => *holds && entry.deny & privilege != 0,
        _ => false,
    }
}

/// The names of the groups by which an entry reaches the principal: the innermost first, the one that it names last.
fn through(principals: &Principals, walk: &Walk, ways: &Ways, named: u32) -> Vec<Json> {
    let way = ways.to(named).into_iter().filter(|id| Some(*id) != walk.id);
    way.map(|id| Json::text(principals.name(id))).collect()
}

/// The ways from the principal, and from the groups that the request vouches for, to every group that holds them.
fn ways(principals: &Principals, walk: &Walk) -> Ways {
    let vouched = walk.identity.groups.iter().flatten();
    let vouched = vouched.filter_map(|name| principals.find(crate::PrincipalType::Group, name));
    let known = walk.registered || walk.identity.groups.is_some();
    let in_everyone = principals.belongs_to_everyone(walk.identity.kind, &walk.identity.name, known);
    let start: Vec<u32> = walk.id.into_iter().chain(vouched).chain(in_everyone.then_some(EVERYONE)).collect();
    principals.ways(&start)
}

fn effect(allowed: bool) -> &'static str {
    if allowed { "allow" } else { "deny" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_decides_while_it_is_in_effect_and_says_what_was_decided() {
        let entry = |allow, deny| Entry { principal: 1, id: 1, allow, deny };
        let (allows, denies, other) = (entry(0b01, 0b10), entry(0b10, 0b01), entry(0b10, 0b100));
        let says_of_each = |holds, reason| [allows, denies, other].map(|entry| says(&(entry, holds), 0b01, reason));
        assert_eq!(says_of_each(true, Reason::EntryAllows), [true, false, false]);
        assert_eq!(says_of_each(true, Reason::EntryDenies), [false, true, false]);
        assert_eq!(says_of_each(true, Reason::InheritanceBroken), [false; 3]);
        assert_eq!(says_of_each(false, Reason::EntryAllows), [false; 3]);
        assert_eq!(says_of_each(false, Reason::EntryDenies), [false; 3]);
    }
}
