//! The tree of objects: records by id, and the index that finds a child by its name.

use crate::arena::{Arena, Slot};
use crate::index::{Index, hash};
use crate::names::{NameId, Names};
use crate::order;
use crate::refusal::Refusal;
use crate::remembered::Texts;
use crate::schema::{SERVER, SYSTEM_OBJECT, Schema, TypeId};
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of `server`, the root.
pub(crate) const ROOT: u32 = 1;
/// Where no object or list is meant.
pub(crate) const NONE: u32 = u32::MAX;

const LIVE: u8 = 1;
const OWN_ACL: u8 = 2;
/// It has a list of its own, or something below it has.
const BEARS: u8 = 4;

/// One object: half a cache line, so that a check reads one line for it.
#[repr(align(32))]
#[derive(Default)]
pub(crate) struct Object {
    /// The place of an access control list: the object's own for good, or, while the epoch in the upper half is the
    /// current one, the nearest above. A check repairs it lazily; nothing ever rewrites a subtree.
    link: AtomicU64,
    parent: u32,
    name: NameId,
    /// Of its children those that bear lists come before all others, so that whoever looks for lists need not look at
    /// what has none.
    first_child: u32,
    next: u32,
    /// The sibling before it; of the first one, the last.
    previous: u32,
    kind: u16,
    flags: u8,
}

impl Slot for Object {
    #[inline(always)]
    fn is_live(&self) -> bool {
        self.flags & LIVE != 0
    }
}

impl Object {
    pub(crate) fn kind(&self) -> TypeId {
        TypeId(self.kind)
    }

    /// The object that it lies under; 0 for the root.
    #[inline]
    pub(crate) fn parent(&self) -> u32 {
        self.parent
    }

    /// Whether it has a list of its own, or something below it has.
    pub(crate) fn bears(&self) -> bool {
        self.flags & BEARS != 0
    }

    pub(crate) fn has_children(&self) -> bool {
        self.first_child != NONE
    }

    /// The place of its own access control list.
    pub(crate) fn own_acl(&self) -> Option<u32> {
        (self.flags & OWN_ACL != 0).then(|| self.link.load(Ordering::Relaxed) as u32)
    }

    /// The place of the nearest list, itself included, as far as that is known in this epoch.
    #[inline(always)]
    pub(crate) fn linked_acl(&self, epoch: u32) -> Option<u32> {
        let link = self.link.load(Ordering::Relaxed);
        if self.flags & OWN_ACL != 0 || (link >> 32) as u32 == epoch { Some(link as u32) } else { None }
    }

    pub(crate) fn link_acl(&self, epoch: u32, place: u32) {
        self.link.store(u64::from(epoch) << 32 | u64::from(place), Ordering::Relaxed);
    }

    fn set_own_acl(&mut self, place: Option<u32>) {
        *self.link.get_mut() = u64::from(place.unwrap_or(NONE));
        self.set(OWN_ACL, place.is_some());
    }

    fn set(&mut self, flag: u8, to: bool) {
        self.flags = if to { self.flags | flag } else { self.flags & !flag };
    }
}

/// Every object, and the ways to find one.
#[derive(Default)]
pub(crate) struct Objects {
    arena: Arena<Object>,
    names: Names,
    /// Ids of objects, by parent, type and name.
    children: Index,
    /// Keys the index by policy; see [`crate::state::index_seed`].
    seed: u64,
    /// Objects by their paths.
    paths: Texts,
    /// How often an object has lost its path, or might have.
    renamed: u64,
    /// The ids of the system objects, in the order of the schema; 0 where one is missing.
    system: Vec<(String, u32)>,
}

impl Objects {
    /// Room for so many objects, and the names that they will have, each numbered by its place and in use once.
    pub(crate) fn with_capacity(objects: usize, texts: &[&str]) -> Result<Self, Box<Refusal>> {
        let mut names = Names::with_capacity(texts.len(), texts.iter().map(|text| text.len()).sum());
        for (number, text) in texts.iter().enumerate() {
            if names.keep(text)? != NameId(number as u32) {
                return Err(Refusal::told(Refusal::Damaged, format_args!("the snapshot has a name twice")));
            }
        }
        Ok(Self { names, children: Index::with_capacity(objects), ..Self::default() })
    }

    /// Puts an object of a snapshot; [`Objects::join`] makes a tree of them once all are there.
    pub(crate) fn place(&mut self, id: u32, kind: TypeId, parent: u32, name: NameId) {
        self.names.share(name);
        self.arena.put(id, Object { parent, name, ..Object::new(kind) });
    }

    /// Joins all objects to their parents.
    pub(crate) fn join(&mut self, schema: &Schema) -> Result<(), Box<Refusal>> {
        let ids: Vec<u32> = self.arena.iter().map(|(id, _)| id).collect();
        let misfit = || Refusal::told(Refusal::Damaged, format_args!("the snapshot has an object that does not fit"));
        for &id in &ids {
            let Some(object) = self.arena.get(id) else { continue };
            let (kind, parent, name) = (object.kind(), object.parent, object.name);
            let twin = self.child(parent, kind, self.names.bytes(name));
            if (parent == 0) != (id == ROOT) || twin.is_some() || (id != ROOT && self.arena.get(parent).is_none()) {
                return Err(misfit());
            }
            self.attach(id, parent, name);
        }
        self.find_system_objects(schema);
        let placed = ids
            .iter()
            .all(|&id| self.arena.get(id).is_some_and(|object| self.may_lie(schema, object.kind(), object.parent)));
        if placed && self.subtree(ROOT).len() == ids.len() { Ok(()) } else { Err(misfit()) }
    }

    /// Takes back the use that [`Objects::with_capacity`] counted.
    pub(crate) fn release_names(&mut self, count: usize) {
        (0..count as u32).for_each(|number| self.names.release(NameId(number)));
    }

    /// How many places names may have.
    pub(crate) fn name_places(&self) -> usize {
        self.names.places()
    }

    pub(crate) fn name_text(&self, name: NameId) -> &str {
        self.names.text(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.arena.len()
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Object> {
        self.arena.get(id)
    }

    /// The same as [`Objects::get`], made part of the caller's code: for what every check does.
    #[inline(always)]
    pub(crate) fn find(&self, id: u32) -> Option<&Object> {
        self.arena.find(id)
    }

    /// Every object in the order of the ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Object)> {
        self.arena.iter()
    }

    pub(crate) fn name(&self, id: u32) -> &str {
        self.arena.get(id).map_or("", |object| self.names.text(object.name))
    }

    pub(crate) fn name_id(&self, id: u32) -> NameId {
        self.arena.get(id).map_or(NameId(NONE), |object| object.name)
    }

    /// The child of that type and name.
    #[inline]
    pub(crate) fn child(&self, parent: u32, kind: TypeId, name: &[u8]) -> Option<u32> {
        let is_it = |id| {
            self.arena.get(id).is_some_and(|object| {
                object.parent == parent && object.kind == kind.0 && self.names.bytes(object.name) == name
            })
        };
        self.children.find(self.child_hash(parent, kind, name), is_it)
    }

    /// The object whose path this is, letter by letter, if it has been found of late.
    #[inline(always)]
    pub(crate) fn recall(&self, path: &str) -> Option<u32> {
        self.paths.find(hash(self.seed, 0, path.as_bytes()), path.as_bytes(), self.renamed)
    }

    /// Keeps in mind at which object a path was found.
    pub(crate) fn remember(&self, path: &str, id: u32, gently: bool) {
        let hash = hash(self.seed, 0, path.as_bytes());
        self.paths.keep(hash, path.as_bytes(), id, self.renamed, self.arena.len(), gently);
    }

    /// The system object of that name, `server` included.
    pub(crate) fn system_object(&self, name: &str) -> Option<u32> {
        self.system.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
    }

    /// The object that what lies at the beginning of a path lies under.
    #[inline]
    pub(crate) fn system_parent(&self, schema: &Schema, kind: TypeId) -> Option<u32> {
        let index = schema.object_type(kind).system_object?;
        self.system.get(usize::from(index)).map(|(_, id)| *id).filter(|&id| id != 0)
    }

    /// The objects directly below, in the order of the ids: how they are linked tells of their history, and answers
    /// and change sets must not.
    pub(crate) fn children(&self, id: u32) -> Vec<u32> {
        order::by_number(self.linked(id).map(|(child, _)| child).collect(), |child| *child)
    }

    /// The objects directly below in no order that means anything, but that those that bear lists come first.
    pub(crate) fn linked(&self, id: u32) -> impl Iterator<Item = (u32, &Object)> {
        let with_id = |id| self.arena.find(id).map(|object| (id, object));
        let first = self.arena.find(id).map_or(NONE, |object| object.first_child);
        std::iter::successors(with_id(first), move |(_, object)| with_id(object.next))
    }

    /// Gives an object a list of its own at that place, or takes it away.
    pub(crate) fn set_own_acl(&mut self, id: u32, place: Option<u32>) {
        if let Some(object) = self.arena.get_mut(id) {
            object.set_own_acl(place);
        }
        self.note_bearing(id);
    }

    /// Says anew whether the object, and so what it lies under, bears lists; and keeps those that do before the others.
    fn note_bearing(&mut self, id: u32) {
        let mut at = id;
        while let Some(object) = self.arena.get(at) {
            let parent = object.parent;
            let bears = object.own_acl().is_some() || self.linked(at).next().is_some_and(|(_, child)| child.bears());
            if bears == object.bears() {
                return;
            }
            self.unlink(at);
            if let Some(object) = self.arena.get_mut(at) {
                object.set(BEARS, bears);
            }
            self.link(at, parent);
            at = parent;
        }
    }

    /// The object itself and what it lies under, up to the root.
    pub(crate) fn ancestry(&self, id: u32) -> impl Iterator<Item = u32> {
        let start = self.arena.get(id).map(|_| id);
        std::iter::successors(start, |&at| self.arena.get(at).map(Object::parent).filter(|&parent| parent != 0))
    }

    /// The object and everything below it, each after what it lies under.
    pub(crate) fn subtree(&self, id: u32) -> Vec<u32> {
        let mut all: Vec<u32> = self.arena.get(id).map(|_| id).into_iter().collect();
        let mut at = 0;
        while let Some(&next) = all.get(at) {
            all.extend(self.children(next));
            at += 1;
        }
        all
    }

    /// Whether the schema lets an object of this type lie there.
    pub(crate) fn may_lie(&self, schema: &Schema, kind: TypeId, parent: u32) -> bool {
        if kind == SYSTEM_OBJECT {
            return parent == 0 || parent == ROOT;
        }
        let Some(above) = self.arena.get(parent) else { return false };
        schema.is_child(above.kind(), kind) || self.system_parent(schema, kind) == Some(parent)
    }

    /// Puts a new object, or gives a known one another parent or name.
    pub(crate) fn put(
        &mut self,
        schema: &Schema,
        id: u32,
        kind: TypeId,
        parent: u32,
        name: &str,
    ) -> Result<(), Box<Refusal>> {
        let misfit = |what: &str| Refusal::told(Refusal::Damaged, format_args!("object {id} {what}"));
        match self.child(parent, kind, name.as_bytes()) {
            Some(same) if same == id => return Ok(()),
            Some(_) => return Err(misfit("has a name that another has")),
            None if (parent == 0) != (id == ROOT) => return Err(misfit("has no parent, or is a second root")),
            None if self.ancestry(parent).any(|above| above == id) => return Err(misfit("would lie under itself")),
            None => {}
        }
        let name_id = self.names.keep(name)?;
        match self.arena.get(id).map(|object| object.kind == kind.0) {
            Some(false) => {
                self.names.release(name_id);
                return Err(misfit("may not change its type"));
            }
            Some(true) => {
                self.renamed += 1;
                self.detach(id);
            }
            None => {
                self.arena.put(id, Object::new(kind));
                self.paths.fit(self.arena.len());
            }
        }
        self.attach(id, parent, name_id);
        if kind == SYSTEM_OBJECT {
            self.find_system_objects(schema);
        }
        Ok(())
    }

    /// Removes an object that has no children.
    pub(crate) fn delete(&mut self, id: u32) {
        self.renamed += 1;
        self.detach(id);
        self.arena.remove(id);
        self.system.iter_mut().filter(|(_, known)| *known == id).for_each(|(_, known)| *known = 0);
    }

    /// Joins an object to its siblings and to the index.
    fn attach(&mut self, id: u32, parent: u32, name: NameId) {
        let Some(object) = self.arena.get_mut(id) else { return };
        (object.parent, object.name) = (parent, name);
        self.link(id, parent);
        self.note_bearing(parent);
        let hash = self.hash_of(id);
        let Self { children, arena, names, seed, .. } = self;
        children.insert(hash, id, &|id| object_hash(arena, names, *seed, id));
    }

    /// Takes an object from its siblings and from the index, and lets go of its name.
    fn detach(&mut self, id: u32) {
        self.children.remove(self.hash_of(id), id);
        let Some(object) = self.arena.get(id) else { return };
        let (parent, name) = (object.parent, object.name);
        self.unlink(id);
        self.note_bearing(parent);
        self.names.release(name);
    }

    /// Puts an object among its siblings: first where it bears lists, and otherwise last.
    fn link(&mut self, id: u32, parent: u32) {
        let bears = self.arena.get(id).is_some_and(Object::bears);
        let first = self.arena.get(parent).map_or(NONE, |above| above.first_child);
        let last = self.arena.get(first).map_or(id, |first| first.previous);
        if let Some(object) = self.arena.get_mut(id) {
            (object.previous, object.next) = (last, if bears { first } else { NONE });
        }
        if let Some(first) = self.arena.get_mut(first) {
            first.previous = id;
        }
        let begins = bears || first == NONE;
        match self.arena.get_mut(if begins { parent } else { last }) {
            Some(above) if begins => above.first_child = id,
            Some(before) => before.next = id,
            None => {}
        }
    }

    /// Takes an object from among its siblings.
    fn unlink(&mut self, id: u32) {
        let Some(object) = self.arena.get(id) else { return };
        let (parent, next, previous) = (object.parent, object.next, object.previous);
        let first = self.arena.get(parent).map_or(NONE, |above| above.first_child);
        let begins = first == id;
        match self.arena.get_mut(if begins { parent } else { previous }) {
            Some(above) if begins => above.first_child = next,
            Some(before) => before.next = next,
            None => {}
        }
        // After the last one, it is the first one that knows who is last.
        let after = if next == NONE && !begins { first } else { next };
        if let Some(after) = self.arena.get_mut(after) {
            after.previous = previous;
        }
    }

    /// The first object that would lose its type or its place under another schema.
    pub(crate) fn first_misfit(&self, schema: &Schema, renumber: impl Fn(TypeId) -> Option<TypeId>) -> Option<u32> {
        self.arena.iter().find(|(id, object)| !self.fits(schema, &renumber, *id, object)).map(|(id, _)| id)
    }

    fn fits(&self, schema: &Schema, renumber: impl Fn(TypeId) -> Option<TypeId>, id: u32, object: &Object) -> bool {
        let Some(kind) = renumber(object.kind()) else { return false };
        let is_named = |name: &str, id: u32| self.name(id) == name;
        if kind == SYSTEM_OBJECT {
            return schema.system_objects().iter().any(|name| is_named(name, id));
        }
        let above = self.arena.get(object.parent).and_then(|above| renumber(above.kind()));
        let system =
            schema.object_type(kind).system_object.and_then(|index| schema.system_objects().get(usize::from(index)));
        let in_place = above == Some(SYSTEM_OBJECT) && system.is_some_and(|name| is_named(name, object.parent));
        in_place || above.is_some_and(|above| schema.is_child(above, kind))
    }

    /// Gives every object the number of its type in another schema, and the index another seed. What was found before
    /// is forgotten: the other schema may have no such path.
    pub(crate) fn renumber(&mut self, seed: u64, schema: &Schema, renumber: impl Fn(TypeId) -> Option<TypeId>) {
        self.seed = seed;
        self.renamed += 1;
        for object in self.arena.iter_mut() {
            object.kind = renumber(object.kind()).unwrap_or(SYSTEM_OBJECT).0;
        }
        let Self { children, arena, names, .. } = self;
        children.clear();
        for (id, _) in arena.iter() {
            children.insert(object_hash(arena, names, seed, id), id, &|id| object_hash(arena, names, seed, id));
        }
        self.find_system_objects(schema);
    }

    fn find_system_objects(&mut self, schema: &Schema) {
        let id_of = |name: &str| match name {
            SERVER => self.arena.get(ROOT).map_or(0, |_| ROOT),
            _ => self.child(ROOT, SYSTEM_OBJECT, name.as_bytes()).unwrap_or(0),
        };
        self.system = schema.system_objects().iter().map(|name| (name.clone(), id_of(name))).collect();
    }

    #[inline]
    fn child_hash(&self, parent: u32, kind: TypeId, name: &[u8]) -> u64 {
        hash(self.seed, u64::from(kind.0) << 32 | u64::from(parent), name)
    }

    fn hash_of(&self, id: u32) -> u64 {
        object_hash(&self.arena, &self.names, self.seed, id)
    }

    /// Lets go of every link that is not an object's own list.
    pub(crate) fn clear_links(&mut self) {
        self.arena
            .iter_mut()
            .filter(|object| object.flags & OWN_ACL == 0)
            .for_each(|object| *object.link.get_mut() = 0);
    }

    /// Bytes on the heap, the text of the names not counted.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.arena.heap_bytes() + self.children.heap_bytes() + self.names.overhead_bytes() + self.paths.heap_bytes()
    }
}

impl Object {
    fn new(kind: TypeId) -> Self {
        Self { first_child: NONE, next: NONE, previous: NONE, kind: kind.0, flags: LIVE, ..Self::default() }
    }
}

fn object_hash(arena: &Arena<Object>, names: &Names, seed: u64, id: u32) -> u64 {
    let Some(object) = arena.get(id) else { return 0 };
    hash(seed, u64::from(object.kind) << 32 | u64::from(object.parent), names.bytes(object.name))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::state::State;

    const SCHEMA: &str = r#"{"name":"small","privileges":["view"],"roles":{"read":"view","modify":"view","changePermissions":"view"},
        "types":[{"name":"folder","parents":["folder"],"systemObject":"server"}]}"#;

    /// Proposes a command, which does and undoes it, and applies what it changes, if it is not refused.
    fn run(state: &mut State, command: &str) {
        let seed = "0".repeat(32);
        let request =
            format!(r#"{{"request":"propose","caller":"user:admin","now":0,"seed":"{seed}","commands":[{command}]}}"#);
        let changes = state.call(request.as_bytes()).changes;
        assert_in_order(&state.objects);
        changes.iter().for_each(|set| state.apply(set).unwrap());
        assert_in_order(&state.objects);
    }

    fn assert_in_order(objects: &Objects) {
        for (id, object) in objects.iter() {
            let children: Vec<(u32, &Object)> = objects.linked(id).collect();
            assert!(children.is_sorted_by_key(|(_, child)| !child.bears()), "those that bear lists come first");
            let bears = object.own_acl().is_some() || children.iter().any(|(_, child)| child.bears());
            assert_eq!(object.bears(), bears, "{}", objects.name(id));
            assert_eq!(object.has_children(), !children.is_empty());
            let before = children.last().into_iter().chain(&children).map(|(id, _)| *id);
            assert!(children.iter().map(|(_, child)| child.previous).eq(before.take(children.len())));
        }
        let linked: usize = objects.iter().map(|(id, _)| objects.linked(id).count()).sum();
        assert_eq!(linked, objects.len().saturating_sub(1), "every object but the root is linked once");
    }

    #[test]
    fn what_bears_lists_comes_first_whatever_is_made_moved_or_deleted() {
        let mut state = State::new().unwrap();
        run(&mut state, &format!(r#"{{"command":"createPolicy","arguments":{{"schema":{SCHEMA}}}}}"#));
        let mut random = 7_u32;
        let mut draw = |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % below
        };
        let mut most = 0;
        for _ in 0..1000 {
            let mut path = || (0..=draw(4)).map(|_| format!("/folders/{}", draw(4))).collect::<String>();
            let (path, other) = (path(), path());
            let (command, more) = match draw(14) {
                0..8 => {
                    // What is made needs what it lies under.
                    for (end, _) in path.match_indices("/folders/").skip(1) {
                        let above = path.get(..end).unwrap_or_default();
                        run(&mut state, &format!(r#"{{"command":"createObject","arguments":{{"path":"{above}"}}}}"#));
                    }
                    ("createObject", String::new())
                }
                8 => ("deleteObject", String::new()),
                9 => ("moveObject", format!(r#","newParent":"{other}""#)),
                10 => ("breakAclInheritance", String::new()),
                11 => ("restoreAclInheritance", String::new()),
                12 => {
                    ("createAclEntry", r#","principalType":"user","principalName":"u","viewPrivilege":"allow""#.into())
                }
                _ => ("deleteAclEntry", r#","principalType":"user","principalName":"u""#.into()),
            };
            run(&mut state, &format!(r#"{{"command":"{command}","arguments":{{"path":"{path}"{more}}}}}"#));
            most = most.max(state.objects.iter().filter(|(_, object)| object.bears()).count());
        }
        assert!(most > 15, "at most {most} objects bore lists");
        assert_in_order(&State::restore(&state.snapshot()).unwrap().objects);
    }

    #[test]
    fn a_path_is_remembered_until_an_object_is_deleted() {
        let mut state = State::new().unwrap();
        run(&mut state, &format!(r#"{{"command":"createPolicy","arguments":{{"schema":{SCHEMA}}}}}"#));
        for name in ["a", "b"] {
            run(&mut state, &format!(r#"{{"command":"createObject","arguments":{{"path":"/folders/{name}"}}}}"#));
        }
        let paths = ["/folders/a", "/folders/b"];
        assert_eq!(paths.map(|path| state.objects.recall(path)), [None; 2]);
        let [first, second] = paths.map(|path| state.find_path(path).unwrap());
        assert_eq!(paths.map(|path| state.objects.recall(path)), [Some(first.0), Some(second.0)]);
        state.objects.delete(second.0);
        assert_eq!(paths.map(|path| state.objects.recall(path)), [None; 2]);
        assert_eq!(paths.map(|path| state.find_path(path).unwrap()), [first, (ROOT, false)]);
    }

    #[test]
    fn a_flag_stays_however_often_it_is_set_and_no_other_changes() {
        let mut object = Object::new(SYSTEM_OBJECT);
        (0..2).for_each(|_| object.set(BEARS, true));
        assert_eq!(object.flags, LIVE | BEARS);
        (0..2).for_each(|_| object.set(BEARS, false));
        assert_eq!(object.flags, LIVE);
    }

    #[test]
    fn a_system_object_that_has_gone_is_not_found_and_the_others_are() {
        let mut state = State::new().unwrap();
        run(&mut state, r#"{"command":"createPolicy"}"#);
        let before = state.objects.system.clone();
        let is_bare = |id: u32| id != 0 && !state.objects.get(id).unwrap().has_children();
        let (gone, id) = before.iter().find(|(_, id)| is_bare(*id)).unwrap();
        state.objects.delete(*id);
        for (name, id) in &before {
            assert_eq!(state.objects.system_object(name), Some(if name == gone { 0 } else { *id }));
        }
    }

    #[test]
    fn room_for_the_objects_of_a_snapshot_is_made_at_once() {
        let objects = Objects::with_capacity(1000, &["a", "b"]).unwrap();
        assert!(objects.children.heap_bytes() >= 1000 * size_of::<u32>());
    }
}
