//! The state: typed records with a revision, and the one way to alter them.

use crate::acl::Acls;
use crate::change::{Change, ChangeSet, Key, PrincipalType, Record};
use crate::objects::Objects;
use crate::particulars::Particulars;
use crate::principals::Principals;
use crate::private::{PrivateField, Vault};
use crate::refusal::Refusal;
use crate::schema::{DIRECTORY, PERSONA, SYSTEM_OBJECT, Schema, TypeId};
use crate::sessions::{Session, Token};
use crate::shelf::Shelf;
use std::sync::Arc;

/// The whole of a policy.
///
/// Its methods are of three families. Those that **ask** take `&self`: [`State::check`], [`State::access_to`] and the
/// like, and [`State::ask`] for requests by name. [`State::propose`] answers what a list of commands would change: it
/// makes the changes, so that each command sees those before it through the very code that decides, and takes them
/// back. [`State::apply`] takes a change set and goes one revision on. Nothing in it reads a clock, draws a random number
/// or does I/O: time and entropy come with the request.
pub struct State {
    pub(crate) schema: Arc<Schema>,
    pub(crate) policy: [u8; 16],
    pub(crate) revision: u64,
    pub(crate) at_ms: i64,
    /// The revision of the last creation, move or renaming: what was resolved for an unregistered path before it is
    /// stale.
    pub(crate) structure: u64,
    pub(crate) next: Counters,
    pub(crate) objects: Objects,
    pub(crate) principals: Principals,
    pub(crate) acls: Acls,
    pub(crate) shelf: Shelf,
    pub(crate) vault: Vault,
}

/// The next free ids. An id is given once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Counters {
    pub(crate) object: u32,
    pub(crate) principal: u32,
    pub(crate) entry: u32,
    /// Of sessions and tokens.
    pub(crate) credential: u32,
}

impl Default for Counters {
    fn default() -> Self {
        Self { object: 1, principal: 1, entry: 1, credential: 1 }
    }
}

/// What a policy is before its first request: the least schema that is valid.
const NO_SCHEMA: &str = r#"{"name":"none","privileges":["read"],"roles":{"read":"read","modify":"read","changePermissions":"read"},"types":[]}"#;

impl State {
    /// A state with no policy in it, at revision 0. The only command that it takes is `createPolicy`.
    ///
    /// # Errors
    ///
    /// None in practice: the schema that it begins with is built in.
    pub fn new() -> Result<Self, Box<Refusal>> {
        Ok(Self {
            schema: Arc::new(Schema::parse(NO_SCHEMA)?),
            policy: [0; 16],
            revision: 0,
            at_ms: 0,
            structure: 0,
            next: Counters::default(),
            objects: Objects::default(),
            principals: Principals::default(),
            acls: Acls::default(),
            shelf: Shelf::default(),
            vault: Vault::default(),
        })
    }

    /// How many change sets have been applied.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The time of the last change set; milliseconds since 1970, UTC.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// The policy's schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether any entry is dated: if none is, no decision looks at the time.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.acls.is_dated()
    }

    /// How many objects there are, system objects included.
    #[must_use]
    pub fn object_count(&self) -> usize {
        self.objects.len()
    }

    /// Bytes on the heap for objects and the ways to find them, the text of the names not counted.
    #[must_use]
    pub fn object_heap_bytes(&self) -> usize {
        self.objects.heap_bytes()
    }

    /// Takes a change set and goes one revision on.
    ///
    /// # Errors
    ///
    /// `Damaged` where the set is not for the next revision or a change does not fit the state, which no set that
    /// [`State::propose`] made for this state does. The state is then as it was.
    pub fn apply(&mut self, set: &ChangeSet) -> Result<(), Box<Refusal>> {
        if set.revision != self.revision + 1 {
            let (given, next) = (set.revision, self.revision + 1);
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("the change set is for revision {given}, where {next} comes next"),
            ));
        }
        let before = self.mark();
        self.revision = set.revision;
        let mut undo = Vec::with_capacity(set.changes.len());
        for change in &set.changes {
            match self.check_id(change).and_then(|()| self.change(change)) {
                Ok(inverse) => undo.push(inverse),
                Err(refusal) => {
                    self.revert(undo, before);
                    return Err(refusal);
                }
            }
        }
        self.at_ms = self.at_ms.max(set.at_ms);
        self.gone_digests(&undo).iter().for_each(|digest| self.vault.forget(digest));
        Ok(())
    }

    /// What [`State::revert`] goes back to, beside the records.
    pub(crate) fn mark(&self) -> Mark {
        Mark { revision: self.revision, structure: self.structure, next: self.next }
    }

    /// Takes changes back, the last first.
    pub(crate) fn revert(&mut self, undo: Vec<Change>, before: Mark) {
        for inverse in undo.into_iter().rev() {
            // An inverse puts back what was there a moment ago, so it fits.
            let reverted = self.change(&inverse);
            debug_assert!(reverted.is_ok(), "{reverted:?}");
        }
        self.revision = before.revision;
        self.structure = before.structure;
        self.next = before.next;
    }

    /// A new record's id must be the next one: ids are never used again.
    fn check_id(&self, change: &Change) -> Result<(), Box<Refusal>> {
        let (what, id, next, known) = match change {
            Change::Put(Record::Object { id, .. }) => {
                ("object", *id, self.next.object, self.objects.get(*id).is_some())
            }
            Change::Put(Record::Principal { id, .. }) => {
                ("principal", *id, self.next.principal, self.principals.get(*id).is_some())
            }
            Change::Put(Record::Entry { object, principal, id, .. }) => {
                let old = self.acls.entry(&self.objects, *object, *principal).map(|entry| entry.id);
                ("entry", *id, self.next.entry, old == Some(*id))
            }
            Change::Put(record @ (Record::Token(Token { id, .. }) | Record::Session(Session { id, .. }))) => {
                ("session or token", *id, self.next.credential, self.shelf.get(&record.key()).is_some())
            }
            Change::Put(_) | Change::Delete(_) => return Ok(()),
        };
        if known || id == next {
            return Ok(());
        }
        Err(Refusal::told(
            Refusal::Damaged,
            format_args!("the change set puts {what} {id}, where {next} is the next new one"),
        ))
    }

    /// Makes one change and gives back the change that takes it back.
    pub(crate) fn change(&mut self, change: &Change) -> Result<Change, Box<Refusal>> {
        match change {
            Change::Put(record) => self.put(record),
            Change::Delete(key) => self.delete(key),
        }
    }

    fn put(&mut self, record: &Record) -> Result<Change, Box<Refusal>> {
        let old = self.record(&record.key());
        match record {
            Record::Policy { id, schema } => self.put_policy(*id, schema)?,
            Record::Object { id, kind, parent, name, inheriting } => {
                self.put_object(*id, kind, *parent, name, *inheriting)?;
                self.next.object = self.next.object.max(id.saturating_add(1));
            }
            Record::Principal { id, kind, name } => {
                let registered = self.principal_object(*kind, name).is_some();
                self.principals.put(*id, *kind, name, registered)?;
                self.next.principal = self.next.principal.max(id.saturating_add(1));
            }
            Record::Member { group, member } => self.principals.put_member(*group, *member)?,
            Record::Entry { object, principal, qualifier, id, allow, deny, window } => {
                let entry = crate::acl::Entry { principal: *principal, id: *id, allow: *allow, deny: *deny };
                self.put_entry(*object, entry, *window, qualifier)?;
                self.next.entry = self.next.entry.max(id.saturating_add(1));
            }
            Record::Particulars { .. }
            | Record::Private { .. }
            | Record::Token(_)
            | Record::Session(_)
            | Record::Assignment { .. } => self.put_on_shelf(record)?,
        }
        Ok(old.map_or_else(|| Change::Delete(record.key()), Change::Put))
    }

    fn delete(&mut self, key: &Key) -> Result<Change, Box<Refusal>> {
        let Some(old) = self.record(key) else {
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("the change set deletes a record that is not there"),
            ));
        };
        match key {
            Key::Policy => self.put_policy([0; 16], NO_SCHEMA)?,
            Key::Object(id) => self.delete_object(*id)?,
            Key::Principal(id) => self.delete_principal(*id)?,
            Key::Member { group, member } => self.principals.delete_member(*group, *member),
            Key::Entry { object, principal, .. } => {
                self.acls.delete_entry(&mut self.objects, *object, *principal);
                self.principals.count_entry(*principal, -1);
            }
            Key::Particulars(_)
            | Key::Private { .. }
            | Key::Token { .. }
            | Key::Session { .. }
            | Key::Assignment { .. } => self.shelf.remove(key),
        }
        Ok(Change::Put(old))
    }

    /// The record that stands under a key.
    pub(crate) fn record(&self, key: &Key) -> Option<Record> {
        match key {
            Key::Policy => {
                (self.policy != [0; 16]).then(|| Record::Policy { id: self.policy, schema: self.schema.json().into() })
            }
            Key::Object(id) => self.object_record(*id),
            Key::Principal(id) => self.principals.get(*id).map(|principal| Record::Principal {
                id: *id,
                kind: principal.kind,
                name: self.principals.name(*id).into(),
            }),
            Key::Member { group, member } => {
                let members = self.principals.get(*group).map(|principal| principal.members.binary_search(member));
                matches!(members, Some(Ok(_))).then_some(Record::Member { group: *group, member: *member })
            }
            Key::Entry { object, principal, qualifier } => {
                let (acl, entry) = self.acls.find(&self.objects, *object, *principal)?;
                qualifier.is_empty().then(|| Record::Entry {
                    object: *object,
                    principal: *principal,
                    qualifier: String::new(),
                    id: entry.id,
                    allow: entry.allow,
                    deny: entry.deny,
                    window: acl.window(entry.id),
                })
            }
            Key::Particulars(_)
            | Key::Private { .. }
            | Key::Token { .. }
            | Key::Session { .. }
            | Key::Assignment { .. } => self.shelf.get(key).cloned(),
        }
    }

    /// Puts a record on the shelf, if what it is about is there.
    pub(crate) fn put_on_shelf(&mut self, record: &Record) -> Result<(), Box<Refusal>> {
        let bears = |id: u32, kinds: &[PrincipalType]| {
            let known = self.principals.get(id).filter(|known| known.registered);
            known.is_some_and(|known| kinds.contains(&known.kind))
        };
        use PrincipalType::{Group, ServiceAccount, User};
        let fits = match record {
            Record::Particulars { object, particulars } => {
                let persona = match particulars {
                    Particulars::DefaultPersona(persona) => self.kind_name(*persona) == PERSONA,
                    _ => true,
                };
                persona && particulars.is_in_order() && particulars.object_types().contains(&self.kind_name(*object))
            }
            Record::Token(token) => bears(token.user, &[User]),
            Record::Session(session) => bears(session.principal, &[User, ServiceAccount]),
            Record::Assignment { persona, principal, .. } => {
                bears(*principal, &[User, Group]) && self.kind_name(*persona) == PERSONA
            }
            Record::Private { owner, field: PrivateField::SecretHash, .. } => *owner < self.next.credential,
            Record::Private { owner, .. } => self.kind_name(*owner) == User.as_str(),
            _ => true,
        };
        if !fits {
            return Err(Refusal::told(Refusal::Damaged, format_args!("the change set is about what is not there")));
        }
        if let Record::Token(Token { id, .. }) | Record::Session(Session { id, .. }) = record {
            self.next.credential = self.next.credential.max(id.saturating_add(1));
        }
        self.shelf.put(record.clone());
        Ok(())
    }

    fn object_record(&self, id: u32) -> Option<Record> {
        let object = self.objects.get(id)?;
        Some(Record::Object {
            id,
            kind: self.schema.object_type(object.kind()).name.clone(),
            parent: object.parent(),
            name: self.objects.name(id).into(),
            inheriting: self.acls.inheriting(&self.objects, id),
        })
    }

    fn put_policy(&mut self, id: [u8; 16], json: &str) -> Result<(), Box<Refusal>> {
        let schema = Schema::parse(json).map_err(|refusal| Refusal::Damaged(refusal.to_string()))?;
        if self.first_misfit(&schema).is_some() {
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("the schema leaves an object without its type or its place"),
            ));
        }
        let old = std::mem::replace(&mut self.schema, Arc::new(schema));
        let renumber = |kind: TypeId| self.schema.type_by_name(&old.object_type(kind).name);
        self.policy = id;
        self.objects.renumber(index_seed(id), &self.schema, renumber);
        self.principals.set_everyone(self.schema.everyone());
        Ok(())
    }

    /// The first object that another schema would leave without its type or its place.
    pub(crate) fn first_misfit(&self, schema: &Schema) -> Option<u32> {
        self.objects.first_misfit(schema, |kind| schema.type_by_name(&self.schema.object_type(kind).name))
    }

    fn put_object(
        &mut self,
        id: u32,
        kind: &str,
        parent: u32,
        name: &str,
        inheriting: bool,
    ) -> Result<(), Box<Refusal>> {
        let unknown = || Refusal::told(Refusal::Damaged, format_args!("the schema has no type `{kind}`"));
        let kind = self.schema.type_by_name(kind).ok_or_else(unknown)?;
        self.check_place(kind, parent)?;
        let before = self.objects.get(id).map(|object| (object.parent(), self.objects.name(id).to_owned()));
        if before.as_ref().is_none_or(|(old, named)| *old != parent || named != name) {
            self.structure = self.revision;
        }
        self.objects.put(&self.schema, id, kind, parent, name)?;
        if before.as_ref().is_some_and(|(old, _)| *old != parent) {
            self.acls.forget_links(&mut self.objects);
        }
        self.acls.set_inheriting(&mut self.objects, id, inheriting);
        for name in before.iter().map(|(_, named)| named.as_str()).chain([name]) {
            self.refresh_registration(kind, name);
        }
        Ok(())
    }

    fn delete_object(&mut self, id: u32) -> Result<(), Box<Refusal>> {
        let Some(object) = self.objects.get(id) else { return Ok(()) };
        let kind = object.kind();
        let field = |field| self.shelf.get(&Key::Private { owner: id, field }).is_some();
        let is_private = PrivateField::PERSONAL.into_iter().any(field);
        let owns = self.principal_of(id).is_some_and(|principal| self.has_own(principal));
        let has_more = self.shelf.get(&Key::Particulars(id)).is_some() || is_private || owns;
        if has_more
            || object.has_children()
            || self.acls.of(&self.objects, id).is_some_and(|acl| !acl.entries.is_empty())
        {
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("object {id} still has children, entries or something of its own"),
            ));
        }
        self.acls.set_inheriting(&mut self.objects, id, true);
        let name = self.objects.name(id).to_owned();
        self.objects.delete(id);
        self.refresh_registration(kind, &name);
        Ok(())
    }

    fn delete_principal(&mut self, id: u32) -> Result<(), Box<Refusal>> {
        let object =
            self.principals.get(id).and_then(|known| self.principal_object(known.kind, self.principals.name(id)));
        if self.has_own(id) || object.is_some() {
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("principal {id} is still there, or has something of its own"),
            ));
        }
        self.principals.delete(id)
    }

    /// Whether a principal has sessions, tokens or personas.
    fn has_own(&self, principal: u32) -> bool {
        let credentials = self.tokens_of(principal).next().is_some() || self.sessions_of(principal).next().is_some();
        credentials || self.assignments_of(principal).next().is_some()
    }

    /// A principal is registered while its object stands in the directory.
    fn refresh_registration(&mut self, kind: TypeId, name: &str) {
        let Ok(principal_type) = PrincipalType::parse(&self.schema.object_type(kind).name) else { return };
        if let Some(principal) = self.principals.find(principal_type, name) {
            let registered = self.principal_object(principal_type, name).is_some();
            self.principals.set_registered(principal, registered);
        }
    }

    /// The object that a registered principal is.
    pub(crate) fn principal_object(&self, kind: PrincipalType, name: &str) -> Option<u32> {
        let directory = self.objects.system_object(DIRECTORY)?;
        self.objects.child(directory, self.schema.type_by_name(kind.as_str())?, name.as_bytes())
    }

    pub(crate) fn put_entry(
        &mut self,
        object: u32,
        entry: crate::acl::Entry,
        window: crate::change::Window,
        qualifier: &str,
    ) -> Result<(), Box<Refusal>> {
        let masks = (entry.allow | entry.deny) & !self.schema.all_privileges() == 0 && entry.allow & entry.deny == 0;
        let known = self.objects.get(object).is_some() && self.principals.get(entry.principal).is_some();
        if !masks || !known || !qualifier.is_empty() {
            return Err(Refusal::told(
                Refusal::Damaged,
                format_args!("the entry {} of object {object} does not fit", entry.id),
            ));
        }
        if self.acls.put_entry(&mut self.objects, object, entry, window) {
            self.principals.count_entry(entry.principal, 1);
        }
        Ok(())
    }

    /// Whether the schema lets an object of this type lie there.
    fn check_place(&self, kind: TypeId, parent: u32) -> Result<(), Box<Refusal>> {
        if self.objects.may_lie(&self.schema, kind, parent) {
            return Ok(());
        }
        let name = &self.schema.object_type(kind).name;
        Err(Refusal::told(
            Refusal::Damaged,
            format_args!("an object of type `{name}` may not lie under object {parent}"),
        ))
    }

    /// The principal that an object of the directory is.
    pub(crate) fn principal_of(&self, object: u32) -> Option<u32> {
        let kind = PrincipalType::parse(self.kind_name(object)).ok()?;
        self.principals.find(kind, self.objects.name(object))
    }

    /// The type whose objects are `server` and its like.
    pub(crate) fn is_system_object(&self, id: u32) -> bool {
        self.objects.get(id).is_some_and(|object| object.kind() == SYSTEM_OBJECT)
    }
}

/// See [`State::mark`].
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    revision: u64,
    structure: u64,
    next: Counters,
}

/// The seed of the index of objects. It differs from policy to policy, and four of its sixteen bytes are in no answer:
/// who may create objects cannot choose names that collide without guessing those.
pub(crate) fn index_seed(policy: [u8; 16]) -> u64 {
    policy.iter().fold(0, |seed: u64, byte| seed.rotate_left(8) ^ u64::from(*byte))
}
