//! From addresses to objects and back.

use crate::address::{Address, PROPERTIES, PathSteps, write_path};
use crate::objects::ROOT;
use crate::refusal::Refusal;
use crate::schema::{SERVER, SYSTEM_OBJECT, TypeId};
use crate::state::State;
use uuid::Uuid;

/// What an address leads to: the deepest registered object on the way, and what is missing below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Located {
    /// The object, or the nearest registered ancestor.
    pub(crate) object: u32,
    /// The types and names that no object has, the outermost first; none where the object is registered.
    pub(crate) missing: Vec<(TypeId, String)>,
}

/// A stable reference to an object for many checks.
///
/// It is right through renames and moves. Once the object is deleted a check on it is denied as `StaleHandle`; so is,
/// from the next creation, move or renaming on, a check on what was resolved for a path that is not registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    /// The object's id; for an unregistered path that of its nearest registered ancestor.
    pub object: u32,
    /// 0 for a registered object; else one more than the revision at which it was resolved.
    pub stamp: u64,
}

impl State {
    /// The handle of what a path addresses, registered or not.
    ///
    /// # Errors
    ///
    /// As [`Address::parse`].
    pub fn resolve(&self, path: &str) -> Result<Handle, Box<Refusal>> {
        let (object, registered) = self.find_path(path)?;
        Ok(Handle { object, stamp: if registered { 0 } else { self.revision + 1 } })
    }

    /// The object that a handle stands for, unless it is stale.
    #[inline(always)]
    pub(crate) fn follow(&self, handle: Handle) -> Option<u32> {
        let fresh = handle.stamp == 0 || handle.stamp > self.structure;
        if fresh && self.objects.find(handle.object).is_some() { Some(handle.object) } else { None }
    }

    /// The deepest registered object on a path, and whether it is what the path addresses.
    #[inline]
    pub(crate) fn find_path(&self, path: &str) -> Result<(u32, bool), Box<Refusal>> {
        match self.objects.recall(path) {
            Some(object) => Ok((object, true)),
            None => self.follow_path(path),
        }
    }

    /// The same step by step, from the root or from the longest beginning of the path that has been found of late:
    /// whoever asks about a list's rows asks about siblings.
    #[inline(never)]
    fn follow_path(&self, path: &str) -> Result<(u32, bool), Box<Refusal>> {
        let (mut at, mut walk) = self.beginning(path);
        let mut above = None;
        let mut registered = true;
        while let Some(step) = walk.next_step() {
            let (kind, name) = step?;
            if registered {
                let next = self.step(at, kind, &name);
                registered = next.is_some();
                at = next.or(at).or_else(|| self.objects.system_parent(&self.schema, kind));
            }
            if registered && walk.read().len() < path.len() {
                above = at.map(|object| (walk.read(), object));
            }
        }
        if walk.sheet && registered {
            let sheet = self.sheet_of(at.unwrap_or(ROOT));
            return Ok((sheet.or(at).unwrap_or(ROOT), sheet.is_some()));
        }
        let object = at.unwrap_or(ROOT);
        // What goes on behind a property is still that property, and not something below its object.
        if registered && !walk.property {
            self.objects.remember(path, object, false);
        }
        if let Some((beginning, object)) = above {
            self.objects.remember(beginning, object, true);
        }
        Ok((object, registered))
    }

    /// The longest beginning of a path that is remembered: its object, and the steps that come after it.
    fn beginning<'a>(&'a self, path: &'a str) -> (Option<u32>, PathSteps<'a>) {
        let grammar = self.schema.grammar();
        let mut rest = path;
        while let Some((beginning, _)) = rest.rsplit_once('/').and_then(|(above, _)| above.rsplit_once('/')) {
            let found = self.objects.recall(beginning).and_then(|id| Some((id, self.objects.get(id)?.kind())));
            if let Some((id, kind)) = found {
                return (Some(id), PathSteps::after(grammar, path, beginning.len(), kind));
            }
            rest = beginning;
        }
        (None, PathSteps::new(grammar, path))
    }

    /// From an object, or from the beginning of an address, one step down.
    #[inline]
    fn step(&self, at: Option<u32>, kind: TypeId, name: &str) -> Option<u32> {
        match at {
            None if kind == SYSTEM_OBJECT => self.objects.system_object(name).filter(|&id| id != 0),
            None => {
                let parent = self.objects.system_parent(&self.schema, kind).unwrap_or(ROOT);
                self.objects.child(parent, kind, name.as_bytes())
            }
            Some(parent) => self.objects.child(parent, kind, name.as_bytes()),
        }
    }

    /// What an address leads to.
    pub(crate) fn locate(&self, address: &Address) -> Located {
        let mut at = None;
        let mut steps = address.steps.iter();
        while let Some((kind, name)) = steps.clone().next() {
            match self.step(at, *kind, name) {
                Some(next) => at = Some(next),
                None => {
                    at = at.or_else(|| self.objects.system_parent(&self.schema, *kind));
                    break;
                }
            }
            steps.next();
        }
        let object = at.unwrap_or(ROOT);
        let mut missing: Vec<(TypeId, String)> = steps.cloned().collect();
        if address.sheet {
            match self.sheet_of(object).filter(|_| missing.is_empty()) {
                Some(sheet) => return Located { object: sheet, missing },
                None => missing.extend(self.sheet_type().map(|kind| (kind, PROPERTIES.to_owned()))),
            }
        }
        Located { object, missing }
    }

    fn sheet_type(&self) -> Option<TypeId> {
        self.schema.types().find(|(_, kind)| kind.properties).map(|(id, _)| id)
    }

    /// The object's property sheet: the first that it was given.
    fn sheet_of(&self, object: u32) -> Option<u32> {
        let kind = self.sheet_type()?;
        self.objects
            .children(object)
            .into_iter()
            .find(|&id| self.objects.get(id).is_some_and(|known| known.kind() == kind))
    }

    /// The address of an object.
    pub(crate) fn address(&self, object: u32) -> Address {
        let mut steps: Vec<(TypeId, String)> = Vec::new();
        for id in self.objects.ancestry(object).filter(|_| object != ROOT) {
            let Some(known) = self.objects.get(id) else { break };
            let below = steps.last().map(|(kind, _)| *kind);
            // Where a step's type says what it lies under, that is not in the path.
            if below.is_some_and(|kind| self.is_implied(id, kind) || (id == ROOT && kind == SYSTEM_OBJECT)) {
                break;
            }
            steps.push((known.kind(), self.objects.name(id).to_owned()));
        }
        steps.reverse();
        Address { steps, sheet: false }
    }

    /// Whether a type's place in the table says already that its objects lie under this system object.
    fn is_implied(&self, system: u32, kind: TypeId) -> bool {
        self.objects.system_parent(&self.schema, kind) == Some(system)
    }

    /// The path of an object.
    #[must_use]
    pub fn path(&self, object: u32) -> String {
        self.address(object).path(&self.schema)
    }

    /// The path of what was located, with what is missing.
    pub(crate) fn located_path(&self, located: &Located) -> String {
        let mut address = self.address(located.object);
        if let Some((kind, _)) = located.missing.first() {
            if self.is_implied(located.object, *kind) {
                address.steps.clear();
            } else if located.object == ROOT && *kind != SYSTEM_OBJECT {
                address.steps.push((SYSTEM_OBJECT, SERVER.to_owned()));
            }
        }
        address.steps.extend(located.missing.iter().cloned());
        if address.steps.is_empty() {
            return format!("/systemObjects/{SERVER}");
        }
        let steps = address.steps.iter();
        write_path(steps.map(|(kind, name)| (self.schema.object_type(*kind).collection.as_str(), name.as_str())))
    }

    /// The object's type's name.
    pub(crate) fn kind_name(&self, object: u32) -> &str {
        self.objects.get(object).map_or("", |known| &self.schema.object_type(known.kind()).name)
    }

    /// The object's name as people know it: with its parent's in front where the type says so.
    pub(crate) fn display_name(&self, object: u32) -> String {
        let name = self.objects.name(object);
        let Some(known) = self.objects.get(object) else { return String::new() };
        match &self.schema.object_type(known.kind()).qualified {
            Some(separator) => format!("{}{separator}{name}", self.objects.name(known.parent())),
            None => name.to_owned(),
        }
    }

    /// The object in an error text, such as `project 'Default'`.
    pub(crate) fn describe(&self, object: u32) -> String {
        format!("{} '{}'", self.kind_name(object), self.display_name(object))
    }

    /// The opaque `<type>-<uuid>` of an object: the policy's own first twelve bytes, and the object's id.
    pub(crate) fn object_id(&self, object: u32) -> String {
        format!("{}-{}", self.kind_name(object), self.uuid(object))
    }

    /// The opaque id of an entry.
    pub(crate) fn entry_id(&self, entry: u32) -> String {
        self.uuid(entry).to_string()
    }

    /// What tells the policy from every other: the UUID that the ids of its objects and entries begin with. That of an
    /// engine with no policy is all zeros.
    #[must_use]
    pub fn policy_id(&self) -> String {
        self.uuid(0).to_string()
    }

    fn uuid(&self, id: u32) -> Uuid {
        let mut bytes = self.policy;
        if let Some(end) = bytes.last_chunk_mut::<4>() {
            *end = id.to_be_bytes();
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The object of an id that [`State::object_id`] gave.
    pub(crate) fn object_by_id(&self, text: &str) -> Result<u32, Box<Refusal>> {
        let invalid = || Box::new(Refusal::InvalidObjectId(crate::address::shorten(text).to_string()));
        let (kind, uuid) = text.split_once('-').ok_or_else(invalid)?;
        let given = Uuid::try_parse(uuid).map_err(|_| invalid())?;
        let id = given.as_bytes().last_chunk::<4>().map(|end| u32::from_be_bytes(*end)).ok_or_else(invalid)?;
        if self.uuid(id) != given || self.schema.type_by_name(kind).is_none() {
            return Err(invalid());
        }
        let gone = || Box::new(Refusal::NoSuchObject { kind: kind.into(), name: text.into() });
        self.objects.get(id).map(|_| id).filter(|&id| self.kind_name(id) == kind).ok_or_else(gone)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    /// A policy with these objects.
    fn policy(paths: &[&str]) -> State {
        let mut commands = vec![json!({"command": "createPolicy"})];
        commands.extend(paths.iter().map(|path| json!({"command": "createObject", "arguments": {"path": path}})));
        let seed = "000102030405060708090a0b0c0d0e0f";
        let request =
            json!({"request": "propose", "caller": "user:admin", "now": 0, "seed": seed, "commands": commands});
        let mut state = State::new().unwrap();
        let called = state.call(request.to_string().as_bytes());
        state.apply(&called.changes.unwrap()).unwrap();
        state
    }

    #[test]
    fn what_lies_beside_what_was_found_is_looked_for_from_their_parent_on() {
        let state = policy(&["/projects/A", "/projects/A/procedures/b"]);
        assert_eq!(state.beginning("/projects/A/procedures/c").0, None);
        let (procedure, is_registered) = state.find_path("/projects/A/procedures/b").unwrap();
        assert!(is_registered);
        let project = state.objects.get(procedure).unwrap().parent();
        assert_eq!(state.beginning("/projects/A/procedures/c").0, Some(project));
    }

    #[test]
    fn what_was_passed_on_the_way_and_is_not_registered_is_not_taken_for_what_it_would_lie_under() {
        let state = policy(&["/projects/A"]);
        let (nearest, is_registered) = state.find_path("/projects/A/procedures/c/steps/d").unwrap();
        assert!(!is_registered);
        assert_eq!(state.find_path("/projects/A/procedures/c").unwrap(), (nearest, false));
        assert_eq!(state.find_path("/projects/A").unwrap(), (nearest, true));
    }
}
