//! The judge of changes: whether a row of the table (`domain.md` §1) gives a caller each record that was changed.

use super::model::{CHANGE, EVERYONE, MODIFY, Model};
use portcullis_engine::{Change, Key, Particulars, PrincipalType, PrivateField, Record};
use std::collections::BTreeSet;

/// Who makes changes.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) kind: PrincipalType,
    pub(super) name: String,
    /// The session it came with.
    pub(super) session: Option<u32>,
    /// Whether all that it has is a token, or what was exchanged for one.
    pub(super) by_token: bool,
}

/// One command's changes, and the state before.
pub(super) struct Judge<'a> {
    pub(super) before: &'a Model,
    pub(super) after: &'a Model,
    pub(super) caller: &'a Caller,
    pub(super) now: i64,
    matching: BTreeSet<u32>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(before: &'a Model, after: &'a Model, caller: &'a Caller, now: i64) -> Self {
        let matching = before.principal(caller.kind, &caller.name).map(|id| before.matching(id)).unwrap_or_default();
        Self { before, after, caller, now, matching }
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.before.principal(self.caller.kind, &self.caller.name)
    }

    /// “only `admin` changes `admin`”
    pub(super) fn has(&self, mask: u32, object: u32) -> bool {
        let changes = mask & (MODIFY | CHANGE) != 0;
        let held = self.before.allowed(&self.matching, object, self.now) & mask == mask;
        held && !(changes && self.before.is_admins(object))
    }

    pub(super) fn has_on(&self, mask: u32, system: &str) -> bool {
        self.has(mask, self.before.system(system))
    }

    /// Whether the caller may modify a user, a group or a service account.
    pub(super) fn modifies(&self, principal: u32) -> bool {
        self.before.home(principal).is_some_and(|home| self.has(MODIFY, home))
    }

    pub(super) fn is_self(&self, principal: u32) -> bool {
        self.id() == Some(principal)
    }

    /// “Unregistered callers may ask, not command”; a project is as registered as its project.
    pub(super) fn is_registered(&self) -> bool {
        let project = self.caller.name.strip_prefix("project: ").filter(|_| self.caller.kind == PrincipalType::User);
        let projects = self.before.system("projects");
        self.id().is_some_and(|id| self.before.home(id).is_some())
            || project.is_some_and(|name| self.before.child(projects, "project", name).is_some())
    }

    /// Every change that no row gives.
    pub(super) fn faults(&self, changes: &[Change]) -> Vec<String> {
        let mut found = Vec::new();
        if !changes.is_empty() && !self.is_registered() {
            found.push("whoever is not registered changes something".to_owned());
        }
        found.extend(changes.iter().filter(|change| !self.is_given(change)).map(|change| format!("{change:?}")));
        found
    }

    fn is_given(&self, change: &Change) -> bool {
        let key = match change {
            Change::Put(record) => record.key(),
            Change::Delete(key) => key.clone(),
        };
        match (&key, change) {
            (Key::Policy, _) => false,
            (Key::Object(id), Change::Put(_)) => self.may_put_object(*id),
            (Key::Object(id), Change::Delete(_)) => self.may_delete(*id),
            (Key::Entry { object, principal, .. }, _) => self.may_change_entry(*object, *principal),
            (Key::Principal(id), Change::Put(record)) => self.may_put_principal(*id, record),
            (Key::Principal(id), Change::Delete(_)) => self.is_named_by_nothing(*id),
            (Key::Member { group, member }, put) => {
                let ends = matches!(put, Change::Delete(_)) && [group, member].iter().any(|id| self.goes(**id));
                *group != EVERYONE && (self.modifies(*group) || ends)
            }
            (Key::Particulars(object), _) => self.may_change_particulars(*object),
            (Key::Private { owner, field: PrivateField::SecretHash }, _) => self.may_change_secret(*owner),
            (Key::Private { owner, field }, _) => self.may_change_account(*owner, *field),
            (Key::Token { id, .. }, _) => self.may_change_token(*id),
            (Key::Session { id, .. }, _) => self.may_change_session(*id),
            (Key::Assignment { principal, persona }, put) => {
                let goes = self.goes(*principal) || !self.after.objects.contains_key(persona);
                self.has_on(MODIFY, "personas") || matches!(put, Change::Delete(_)) && goes
            }
        }
    }

    fn may_put_object(&self, id: u32) -> bool {
        let Some(new) = self.after.objects.get(&id) else { return false };
        let Some(old) = self.before.objects.get(&id) else {
            return self.has(MODIFY, new.parent) && self.may_bear(&new.kind, &new.name);
        };
        let flips = old.inheriting != new.inheriting;
        let moves = old.parent != new.parent;
        let renames = old.name != new.name;
        old.kind == new.kind
            && (!flips || self.has(CHANGE, id))
            && (!moves || self.has(MODIFY, new.parent) && self.has(CHANGE, id) && self.may_remove(id))
            && (!renames || self.may_rename(id) && self.may_bear(&new.kind, &new.name))
    }

    fn may_rename(&self, id: u32) -> bool {
        match self.before.objects[&id].kind.as_str() {
            "group" => self.has(MODIFY, id),
            kind if kind.starts_with("persona") => self.has_on(MODIFY, "personas"),
            _ => self.may_remove(id),
        }
    }

    /// “`modify` on the container, the object, and every descendant with broken inheritance”
    pub(super) fn may_remove(&self, id: u32) -> bool {
        let below = self.before.subtree(id);
        let broken = below.iter().filter(|id| !self.before.objects[id].inheriting);
        self.has(MODIFY, self.before.objects[&id].parent)
            && self.has(MODIFY, id)
            && broken.into_iter().all(|id| self.has(MODIFY, *id))
    }

    /// “a name that entries already carry needs `admin`”; and some names are nobody else's.
    fn may_bear(&self, kind: &str, name: &str) -> bool {
        let (kind, name) = match (kind, PrincipalType::parse(kind)) {
            ("project", _) => (PrincipalType::User, format!("project: {name}")),
            (_, Ok(kind)) => (kind, name.to_owned()),
            _ => return true,
        };
        let is_kept = ["admin", "default", "Everyone"].contains(&name.as_str());
        let known = self.before.principal(kind, &name);
        !is_kept && known.is_none_or(|id| !self.before.entries.keys().any(|(_, principal)| *principal == id))
    }

    /// An object goes with the one whose removal was asked for.
    fn may_delete(&self, id: u32) -> bool {
        let gone = |id: &u32| !self.after.objects.contains_key(id);
        let removed = self.before.ancestry(id).map(|(id, _)| id).take_while(gone);
        removed.into_iter().any(|top| match self.before.objects[&top].kind.as_str() {
            "user" | "group" if self.has(MODIFY, top) => true,
            kind if kind.starts_with("persona") && self.has_on(MODIFY, "personas") => true,
            _ => self.may_remove(top),
        })
    }

    /// Whether the principal is removed, by somebody who may.
    fn goes(&self, principal: u32) -> bool {
        let home = self.before.home(principal).filter(|home| !self.after.objects.contains_key(home));
        home.is_some_and(|home| self.may_delete(home))
    }

    fn may_change_entry(&self, object: u32, principal: u32) -> bool {
        let Some(new) = self.after.objects.get(&object) else { return self.may_delete(object) };
        if self.before.objects.contains_key(&object) {
            return self.has(CHANGE, object);
        }
        let name = self.after.principals.get(&principal);
        match new.kind.as_str() {
            "credential" => self.is_self(principal),
            "project" => name.is_some_and(|known| known.1 == format!("project: {}", new.name)),
            _ => false,
        }
    }

    /// One that entries name, or that is new as its object is; or one that is called what its object is called now.
    fn may_put_principal(&self, id: u32, record: &Record) -> bool {
        let Record::Principal { kind, name, .. } = record else { return false };
        let is_named = self.after.entries.keys().any(|(_, principal)| *principal == id);
        let project = name.strip_prefix("project: ");
        let project = project.and_then(|name| self.after.child(self.after.system("projects"), "project", name));
        let bearer = self.after.home(id).or(project);
        match self.before.principals.get(&id) {
            None => is_named || bearer.is_some(),
            Some(old) => {
                let was = bearer.and_then(|bearer| self.before.objects.get(&bearer));
                let called =
                    was.map(|was| if project == bearer { format!("project: {}", was.name) } else { was.name.clone() });
                old.0 == *kind
                    && called.as_ref() == Some(&old.1)
                    && bearer.is_some_and(|bearer| self.may_rename(bearer))
            }
        }
    }

    fn is_named_by_nothing(&self, id: u32) -> bool {
        let entries = self.after.entries.keys().any(|(_, principal)| *principal == id);
        let members = self.after.members.iter().any(|(group, member)| *group == id || *member == id);
        !entries && !members && (self.before.home(id).is_none() || self.goes(id))
    }

    /// Flags, whether one is disabled, and settings are one record, and each is another's to change.
    fn may_change_particulars(&self, object: u32) -> bool {
        if !self.after.objects.contains_key(&object) {
            return self.may_delete(object);
        }
        let account = |model: &Model| match model.particulars.get(&object) {
            None => Some(Default::default()),
            Some(Particulars::Account(account)) => Some(account.clone()),
            Some(_) => None,
        };
        let (Some(old), Some(new)) = (account(self.before), account(self.after)) else {
            return self.has_on(MODIFY, "personas");
        };
        let settings = |account: &portcullis_engine::Account| {
            (account.watches_messages, account.notification_level, account.build_classes.clone())
        };
        let is_own = self.before.bearer(object).is_some_and(|id| self.is_self(id));
        (old.permissions == new.permissions || self.has_on(CHANGE, "directory"))
            && (old.disabled == new.disabled || self.has(MODIFY, object))
            && (settings(&old) == settings(&new) || is_own)
    }

    /// “that session … may not create or modify tokens or change passwords”
    fn may_change_account(&self, owner: u32, field: PrivateField) -> bool {
        let Some(known) = self.after.objects.get(&owner) else { return self.may_delete(owner) };
        if !self.before.objects.contains_key(&owner) {
            return known.kind == "user";
        }
        let is_own = self.before.bearer(owner).is_some_and(|id| self.is_self(id));
        (is_own || self.has(MODIFY, owner)) && !(field == PrivateField::Password && self.caller.by_token)
    }

    fn may_change_secret(&self, owner: u32) -> bool {
        let is_token = [self.before, self.after].iter().any(|model| model.tokens.contains_key(&owner));
        if is_token { self.may_change_token(owner) } else { self.may_change_session(owner) }
    }

    /// “disabling … a user ends all tokens and sessions”: nothing is issued for one.
    fn is_enabled(&self, principal: u32) -> bool {
        let account = self.before.home(principal).and_then(|home| self.before.particulars.get(&home));
        !matches!(account, Some(Particulars::Account(account)) if account.disabled)
    }

    fn may_change_token(&self, id: u32) -> bool {
        let (old, new) = (self.before.tokens.get(&id), self.after.tokens.get(&id));
        let Some(user) = old.or(new).map(|token| token.user) else { return false };
        match (old, new) {
            (None, Some(_)) | (Some(_), Some(_)) => {
                self.is_self(user) && self.is_enabled(user) && !self.caller.by_token
            }
            _ => self.is_self(user) || self.modifies(user) || self.goes(user),
        }
    }

    fn may_change_session(&self, id: u32) -> bool {
        let (old, new) = (self.before.sessions.get(&id), self.after.sessions.get(&id));
        let Some(bearer) = old.or(new).map(|session| session.principal) else { return false };
        let is_user = self.before.principals.get(&bearer).is_some_and(|known| known.0 == PrincipalType::User);
        let is_this = self.caller.session == Some(id);
        match (old, new) {
            (None, Some(new)) if is_user => {
                let exchanged = self.before.tokens.get(&new.token).is_some_and(|token| token.user == bearer);
                self.is_self(bearer) && self.is_enabled(bearer) && self.caller.by_token == exchanged
            }
            (None, Some(_)) => self.modifies(bearer),
            (Some(old), Some(new)) => {
                let is_extended = old.limit_ms == new.limit_ms && old.idle_ms == new.idle_ms && is_this;
                is_extended || self.modifies(bearer)
            }
            _ => is_this || is_user && self.is_self(bearer) || self.modifies(bearer) || self.goes(bearer),
        }
    }
}
