//! The part of the tree that changes reach.

use super::{AFTER, BEFORE};
use crate::change::{Change, Key, Record};
use crate::objects::{NONE, ROOT};
use crate::order;
use crate::state::State;
use crate::view::View;

/// The objects at and below those that changes touch, each behind what it lies under.
pub(super) struct Region {
    /// The principals of the entries that change.
    pub(super) touched: Vec<u32>,
    /// The privileges that may be another.
    pub(super) bits: u32,
    /// What lies in it.
    pub(super) places: Vec<Place>,
    /// The objects that change.
    roots: Vec<u32>,
    /// Ids from here on are those of objects that the changes make.
    first_new: u32,
    /// Place numbers in the order of the objects' ids.
    by_object: Vec<u32>,
    /// The objects that change themselves, and not only their entries.
    altered: Vec<u32>,
    /// The principals that lists here or further up name.
    involved: Vec<u32>,
    /// What is looked at for those whom the changes are about.
    whole: Breaks,
    /// What is looked at for everybody: what lies at and below the objects that change themselves.
    altered_part: Breaks,
}

/// Where a difference may begin or end.
#[derive(Default)]
struct Breaks {
    /// For anybody.
    common: Vec<u64>,
    /// For one principal: the principal, and the place whose list names it.
    entries: Vec<u64>,
}

/// One object, before and after.
pub(super) struct Place {
    pub(super) object: u32,
    /// What it lies under; [`NONE`] where it is not there.
    parents: [u32; 2],
    /// The place of what it lies under, at last; [`NONE`] where that is outside.
    above: u32,
    /// Its list breaks inheritance, before or after.
    breaks: bool,
    /// It lies at or below an object that changes itself.
    is_altered: bool,
    /// The caller may read it: before, if it is there before.
    is_visible: bool,
    /// How many objects there are at and below it that the caller may read.
    weight: u32,
}

impl Place {
    fn is_there(&self) -> [bool; 2] {
        self.parents.map(|parent| parent != NONE)
    }

    fn moves(&self) -> bool {
        self.is_there() == [true, true] && self.parents[BEFORE] != self.parents[AFTER]
    }
}

impl Region {
    /// What the changes themselves name. `state` is the one before.
    pub(super) fn touched_by(changes: &[Change], state: &State) -> Self {
        let mut region = Self {
            touched: Vec::new(),
            bits: 0,
            places: Vec::new(),
            roots: Vec::new(),
            first_new: state.next.object,
            by_object: Vec::new(),
            altered: Vec::new(),
            involved: Vec::new(),
            whole: Breaks::default(),
            altered_part: Breaks::default(),
        };
        changes.iter().for_each(|change| region.note(change, state));
        region.touched = distinct(std::mem::take(&mut region.touched));
        region.altered = distinct(std::mem::take(&mut region.altered));
        region
    }

    fn note(&mut self, change: &Change, state: &State) {
        let key = match change {
            Change::Put(record) => record.key(),
            Change::Delete(key) => key.clone(),
        };
        let old = state.record(&key);
        let new = match change {
            Change::Put(record) => Some(record),
            Change::Delete(_) => None,
        };
        match key {
            Key::Policy => self.note_object(ROOT),
            Key::Object(id) if place_of(old.as_ref()) != place_of(new) => self.note_object(id),
            Key::Entry { object, principal, .. } => {
                self.roots.push(object);
                self.touched.push(principal);
                self.bits |= mask_of(old.as_ref()) | mask_of(new);
            }
            _ => {}
        }
    }

    fn note_object(&mut self, id: u32) {
        self.roots.push(id);
        self.altered.push(id);
        self.bits = u32::MAX;
    }

    /// Adds what reaches further because principals belong to other groups than before: the lists that name those.
    pub(super) fn reach(&mut self, after: &State, groups: &[u32]) {
        if !groups.is_empty() {
            self.bits = u32::MAX;
            let lists = after.acls.iter();
            let lists =
                lists.filter(|acl| acl.entries.iter().any(|entry| groups.binary_search(&entry.principal).is_ok()));
            self.roots.extend(lists.map(|acl| acl.object));
        }
        self.roots = distinct(std::mem::take(&mut self.roots));
    }

    /// Adds what there is on one side. The side after comes first.
    pub(super) fn explore(&mut self, view: &View, side: usize) {
        let objects = &view.state.objects;
        let is_below = |id: u32| objects.ancestry(id).skip(1).any(|above| self.roots.binary_search(&above).is_ok());
        let tops: Vec<u32> = self.roots.iter().copied().filter(|&id| !is_below(id)).collect();
        // Many may lie under the same few.
        for above in distinct(tops.iter().flat_map(|&top| objects.ancestry(top).skip(1)).collect()) {
            let acl = view.state.acls.of(objects, above);
            self.involved.extend(acl.into_iter().flat_map(|acl| acl.entries.iter().map(|entry| entry.principal)));
        }
        for top in tops {
            objects.subtree(top).into_iter().for_each(|object| self.enter(view, side, object));
        }
        self.by_object = order::by_number((0..self.places.len() as u32).collect(), |place| self.object(*place));
    }

    fn enter(&mut self, view: &View, side: usize, object: u32) {
        let number = self.find(object).unwrap_or(self.places.len() as u32);
        if number as usize == self.places.len() {
            self.places.push(Place {
                object,
                parents: [NONE; 2],
                above: NONE,
                breaks: false,
                is_altered: false,
                is_visible: false,
                weight: 0,
            });
        }
        let Some(place) = self.places.get_mut(number as usize) else { return };
        if let Some(parent) = place.parents.get_mut(side) {
            *parent = view.state.objects.get(object).map_or(NONE, |known| known.parent());
        }
        if side == BEFORE || object >= self.first_new {
            place.is_visible = view.may_read(object);
        }
        let Some(acl) = view.state.acls.of(&view.state.objects, object) else { return };
        place.breaks |= !acl.inheriting;
        let entries = acl.entries.iter().filter(|entry| (entry.allow | entry.deny) & self.bits != 0);
        self.whole.entries.extend(entries.map(|entry| u64::from(entry.principal) << 32 | u64::from(number)));
    }

    /// Joins what both sides have shown.
    pub(super) fn join(&mut self) {
        self.whole.entries = order::sorted(std::mem::take(&mut self.whole.entries));
        self.whole.entries.dedup();
        self.involved.extend(self.whole.entries.iter().map(|entry| (entry >> 32) as u32));
        self.involved = distinct(std::mem::take(&mut self.involved));
        for number in 0..self.places.len() as u32 {
            self.join_place(number);
        }
        let is_altered = |place: &&u64| self.places.get(**place as u32 as usize).is_some_and(|place| place.is_altered);
        self.altered_part.common = self.whole.common.iter().filter(is_altered).copied().collect();
        self.altered_part.entries = self.whole.entries.iter().filter(is_altered).copied().collect();
        for number in (0..self.places.len()).rev() {
            let Some(place) = self.places.get_mut(number) else { continue };
            place.weight += u32::from(place.is_visible);
            let (above, weight) = (place.above, place.weight);
            if let Some(above) = self.places.get_mut(above as usize) {
                above.weight += weight;
            }
        }
    }

    fn join_place(&mut self, number: u32) {
        let Some(place) = self.places.get(number as usize) else { return };
        let [before, after] = place.parents;
        let parent = if after == NONE { before } else { after };
        let above = self.find(parent).filter(|_| parent != 0);
        let known = above.and_then(|above| self.places.get(above as usize));
        let comes_or_goes = place.is_there() != known.map_or([true, true], Place::is_there);
        let comes_to_sight = place.is_visible && known.is_some_and(|above| !above.is_visible);
        if comes_or_goes || comes_to_sight || place.breaks || place.moves() {
            self.whole.common.push(u64::from(number));
        }
        let is_altered =
            known.is_some_and(|above| above.is_altered) || self.altered.binary_search(&place.object).is_ok();
        if let Some(place) = self.places.get_mut(number as usize) {
            (place.above, place.is_altered) = (above.unwrap_or(NONE), is_altered);
        }
    }

    /// Of these principals, those that lists here or further up name.
    pub(super) fn involved(&self, closure: &[u32]) -> Vec<u32> {
        closure.iter().copied().filter(|id| self.involved.binary_search(id).is_ok()).collect()
    }

    /// Whether the changes may concern everybody somewhere.
    pub(super) fn concerns_all(&self) -> bool {
        !self.altered.is_empty()
    }

    /// The places at which a difference may begin or end for whoever these principals are; each behind what it lies
    /// under. `is_meant`: the changes are about them, and not about everybody alike.
    pub(super) fn places_for(&self, closures: &[Vec<u32>; 2], is_meant: bool) -> Vec<u32> {
        let Breaks { common, entries } = if is_meant { &self.whole } else { &self.altered_part };
        let mut found = common.clone();
        for id in closures.iter().flatten().map(|id| u64::from(*id)) {
            let start = entries.partition_point(|entry| entry >> 32 < id);
            let named = entries.iter().skip(start).take_while(|entry| *entry >> 32 == id);
            found.extend(named.map(|entry| entry & u64::from(u32::MAX)));
        }
        found = order::sorted(found);
        found.dedup();
        found.into_iter().map(|place| place as u32).collect()
    }

    /// What a place lies under, as far as the caller may read it.
    pub(super) fn above(&self, place: u32) -> impl Iterator<Item = u32> {
        let step = |at: &u32| self.places.get(*at as usize).map(|place| place.above);
        let all = std::iter::successors(step(&place), step);
        all.filter(|at| self.places.get(*at as usize).is_some_and(|place| place.is_visible))
    }

    /// How many objects at and below a place the caller may read; 0 where that is not the place itself.
    pub(super) fn weight(&self, place: u32) -> u32 {
        let place = self.places.get(place as usize).filter(|place| place.is_visible);
        place.map_or(0, |place| place.weight)
    }

    fn object(&self, place: u32) -> u32 {
        self.places.get(place as usize).map_or(NONE, |place| place.object)
    }

    /// The place of an object, of those that the last exploration left.
    fn find(&self, object: u32) -> Option<u32> {
        let found = self.by_object.binary_search_by_key(&object, |place| self.object(*place)).ok()?;
        self.by_object.get(found).copied()
    }
}

/// Where an object lies, and whether it inherits.
fn place_of(record: Option<&Record>) -> Option<(u32, bool)> {
    match record {
        Some(Record::Object { parent, inheriting, .. }) => Some((*parent, *inheriting)),
        _ => None,
    }
}

/// What an entry says something about.
fn mask_of(record: Option<&Record>) -> u32 {
    match record {
        Some(Record::Entry { allow, deny, .. }) => allow | deny,
        _ => 0,
    }
}

/// Sorted, and each once.
fn distinct(numbers: Vec<u32>) -> Vec<u32> {
    let mut sorted = order::by_number(numbers, |number| *number);
    sorted.dedup();
    sorted
}
