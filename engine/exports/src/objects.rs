//! The objects of an export, as its folders and files give them.

use crate::export::{Acl, Attributes, Export, ImportedObject, Member};
use crate::names;
use crate::principals::{self, Unfit, Wrong};
use crate::source::Place;
use crate::summary::{MissedAcl, SkipReason, Skips, Summary};
use portcullis_engine::{Address, PrincipalType, Refusal, SYSTEM_OBJECT, Schema, TypeId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// An object of the export.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Object {
    index: usize,
    pub(crate) kind: TypeId,
}

/// Gathers the objects.
pub(crate) struct Objects<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) privileges: Arc<[String]>,
    list: Vec<ImportedObject>,
    parents: Vec<Option<Object>>,
    known: HashMap<(Option<Object>, TypeId, String), Object>,
    members: HashSet<(Object, String)>,
    pub(crate) summary: Summary,
    pub(crate) skips: Skips,
}

impl<'a> Objects<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            privileges: schema.privileges().into(),
            list: Vec::new(),
            parents: Vec::new(),
            known: HashMap::new(),
            members: HashSet::new(),
            summary: Summary::default(),
            skips: Skips::default(),
        }
    }

    pub(crate) fn into_export(mut self, files: u64) -> Export {
        self.summary.files = files;
        self.summary.skipped = self.skips.into_list();
        Export { objects: self.list, summary: self.summary }
    }

    /// The type of the objects in a collection; `parent` is None for the top of the export.
    pub(crate) fn child_kind(&self, parent: Option<Object>, collection: &str) -> Option<TypeId> {
        match parent {
            // The exporter's folder of system objects is in the singular.
            None if collection == "systemObject" => Some(SYSTEM_OBJECT),
            None => self.schema.root_type(collection),
            Some(parent) => self.schema.child_type(parent.kind, collection),
        }
    }

    /// Whether the schema has objects of this type and name.
    fn admits(&self, kind: TypeId, name: &str) -> bool {
        let names =
            if kind == SYSTEM_OBJECT { self.schema.system_objects() } else { &self.schema.object_type(kind).names };
        !name.is_empty() && (names.is_empty() || names.iter().any(|known| known == name))
    }

    /// The object of that parent, type and name; a new one if it is not known yet.
    ///
    /// What the engine would refuse is unfit here, where its place is known.
    pub(crate) fn register(&mut self, parent: Option<Object>, kind: TypeId, name: &str) -> Result<Object, Unfit> {
        let key = (parent, kind, name.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let path = self.new_path(parent, kind, name)?;
        let object = Object { index: self.list.len(), kind };
        self.list.push(ImportedObject { path, acl: None, attributes: None, members: Vec::new() });
        self.parents.push(parent);
        self.known.insert(key, object);
        *self.summary.objects.entry(self.schema.object_type(kind).name.clone()).or_default() += 1;
        Ok(object)
    }

    fn new_path(&self, parent: Option<Object>, kind: TypeId, name: &str) -> Result<String, Unfit> {
        if !self.admits(kind, name) {
            return Err(Unfit::LeftOut(SkipReason::UnknownName));
        }
        principals::check_length(name)?;
        let definition = self.schema.object_type(kind);
        if let Ok(principal) = PrincipalType::parse(&definition.name) {
            principals::check_registered(principal, name)?;
        }
        let mut path = parent.map_or("", |parent| self.path(parent)).to_owned();
        path.push('/');
        path.push_str(&definition.collection);
        names::push_segment(&mut path, name);
        match Address::parse(self.schema, &path) {
            Ok(_) => Ok(path),
            Err(refusal) => Err(refused(&definition.name, &refusal)),
        }
    }

    /// The object's path.
    pub(crate) fn path(&self, object: Object) -> &str {
        self.list.get(object.index).map_or("", |object| object.path.as_str())
    }

    /// The object that this one lies under; None at the top of the export.
    pub(crate) fn parent(&self, object: Object) -> Option<Object> {
        self.parents.get(object.index).copied().flatten()
    }

    /// Gives the object its list. False if it has one that says something else.
    pub(crate) fn set_acl(&mut self, object: Object, acl: Acl) -> bool {
        let Some(object) = self.list.get_mut(object.index) else { return false };
        if object.acl.as_ref().is_some_and(|known| !known.says_the_same(&acl)) {
            return false;
        }
        self.summary.acls_found += 1;
        self.summary.acls_taken += 1;
        if object.acl.is_none() {
            self.summary.acls += 1;
            self.summary.entries += acl.entries.len() as u64;
            object.acl = Some(acl);
        }
        true
    }

    /// Adds a user to a group.
    pub(crate) fn add_member(&mut self, group: Object, user: &str) {
        if self.members.insert((group, user.to_owned()))
            && let Some(group) = self.list.get_mut(group.index)
        {
            group.members.push(Member { member_type: "user", member_name: user.to_owned() });
            self.summary.members += 1;
        }
    }

    /// Has something noted of an object's attributes.
    pub(crate) fn note(&mut self, object: Object, note: impl FnOnce(&mut Attributes)) {
        if let Some(object) = self.list.get_mut(object.index) {
            note(object.attributes.get_or_insert_default());
        }
    }

    /// Assigns a persona to a user or a group.
    pub(crate) fn assign(&mut self, bearer: Object, persona: String) {
        let assignments = &mut self.summary.assignments;
        if let Some(bearer) = self.list.get_mut(bearer.index) {
            let personas = &mut bearer.attributes.get_or_insert_default().personas;
            if !personas.contains(&persona) {
                personas.push(persona);
                *assignments += 1;
            }
        }
    }

    /// Notes a list that is found and not taken.
    pub(crate) fn miss_acl(&mut self, place: Place, why: String) {
        self.summary.acls_found += 1;
        self.summary.missed_acls.push(MissedAcl { place, why });
    }
}

fn refused(kind: &str, refusal: &Refusal) -> Unfit {
    Wrong { expected: format!("a name that a {kind} may have"), found: refusal.to_string() }.into()
}
