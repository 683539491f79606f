//! Whom changes concern: principals, by what entries match them before and after.

use super::region::Region;
use super::{AFTER, BEFORE};
use crate::change::PrincipalType;
use crate::decision::Identity;
use crate::order;
use crate::principals::{ADMIN, Closure, PROJECT_PREFIX, STRANGER};
use crate::state::State;
use crate::view::View;

/// Everybody who is registered or named by an entry, before or after, but for `admin`, who may everything.
pub(super) struct People {
    all: Vec<Person>,
    /// So many of them, the first, are there before.
    known: usize,
    /// What entries match a user whom nobody knows, before.
    stranger: Closure,
    /// The groups to which somebody belongs only before, or only after.
    moved: Vec<u32>,
}

struct Person {
    id: u32,
    /// As it is named at last.
    identity: Identity,
    closures: [Closure; 2],
    /// Whether it belongs to other groups than before.
    moves: bool,
    /// New, and the caller may read it.
    is_readable: bool,
    /// The place in the order of lists.
    rank: u32,
}

/// Principals whom the same entries match, before and after: what one of them may, all may.
pub(super) struct Class {
    /// Their numbers.
    pub(super) people: Vec<u32>,
    /// What entries match them.
    pub(super) closures: [Vec<u32>; 2],
    /// The places at which a difference may begin or end.
    pub(super) places: Vec<u32>,
    /// What they may do there.
    pub(super) masks: [Vec<u32>; 2],
}

impl People {
    /// Those who are there before.
    pub(super) fn of(state: &State) -> Self {
        let ids = state.principals.iter().map(|(id, _)| id).filter(|id| *id != ADMIN);
        let all: Vec<Person> = ids
            .filter_map(|id| {
                let closures = [state.principals.closure(id).into(), Closure::new()];
                Some(Person { closures, ..Person::new(id, state.identity(id)?) })
            })
            .collect();
        Self { known: all.len(), all, stranger: state.principals.closure(STRANGER).into(), moved: Vec::new() }
    }

    /// Looks at them as they are after, and at those who come. Whoever goes, and comes back under the same name, is
    /// the same.
    pub(super) fn meet(&mut self, view: &View) {
        let principals = &view.state.principals;
        let mut back = Vec::new();
        let newcomer = |id: &u32| *id != ADMIN && self.all.binary_search_by_key(id, |known| known.id).is_err();
        let mut new: Vec<u32> = principals.iter().map(|(id, _)| id).filter(newcomer).collect();
        for person in &mut self.all {
            let Identity { kind, name, .. } = &person.identity;
            let named = || principals.find(*kind, name).filter(|id| new.binary_search(id).is_ok());
            let now = principals.get(person.id).map(|_| person.id).or_else(named);
            back.extend(now.filter(|now| *now != person.id));
            person.closures[AFTER] = match now {
                Some(id) => principals.closure(id).into(),
                None => principals.closure_from(&[], *kind, name, false),
            };
            person.identity = now.and_then(|id| view.state.identity(id)).unwrap_or(person.identity.clone());
            person.compare(now.unwrap_or(person.id), &mut self.moved);
        }
        new.retain(|id| !back.contains(id));
        for id in new {
            let Some(identity) = view.state.identity(id) else { continue };
            let mut person = Person::new(id, identity);
            person.closures[AFTER] = principals.closure(id).into();
            person.is_readable = view.may_ask_about(&person.identity);
            let is_stranger = person.identity.kind == PrincipalType::User;
            if is_stranger && !person.identity.name.starts_with(PROJECT_PREFIX) {
                person.closures[BEFORE] = self.stranger.clone();
            }
            person.compare(id, &mut self.moved);
            self.all.push(person);
        }
        self.moved = order::by_number(std::mem::take(&mut self.moved), |id| *id);
        self.sort();
    }

    fn sort(&mut self) {
        let key = |number: &u32| self.identity(*number).map_or(String::new(), sort_key);
        let sorted = order::by_text((0..self.all.len() as u32).collect(), key);
        for (number, rank) in sorted.into_iter().zip(0..) {
            if let Some(person) = self.all.get_mut(number as usize) {
                person.rank = rank;
            }
        }
    }

    /// The groups to which somebody belongs only before, or only after; sorted.
    pub(super) fn moved(&self) -> &[u32] {
        &self.moved
    }

    /// Whom the changes may concern, as far as the caller may know of them. `before` is the view of the state before.
    pub(super) fn classes(&self, region: &Region, before: &View) -> Vec<Class> {
        let mut keyed = Vec::new();
        for (person, number) in self.all.iter().zip(0..) {
            let is_readable = || match before.state.identity(person.id).filter(|_| (number as usize) < self.known) {
                Some(identity) => before.may_ask_about(&identity),
                None => person.is_readable,
            };
            let is_meant = person.is_meant(region);
            if (is_meant || region.concerns_all()) && is_readable() {
                let closures = person.closures.each_ref().map(|closure| region.involved(closure));
                keyed.push(((is_meant, closures), number));
            }
        }
        let mut classes: Vec<Class> = Vec::new();
        let mut last = None;
        for (key, number) in order::by_text(keyed, |(key, _)| format!("{key:?}")) {
            match classes.last_mut().filter(|_| last.as_ref() == Some(&key)) {
                Some(class) => class.people.push(number),
                None => {
                    let (is_meant, closures) = key.clone();
                    let places = region.places_for(&closures, is_meant);
                    classes.push(Class { people: vec![number], closures, places, masks: Default::default() });
                }
            }
            last = Some(key);
        }
        classes
    }

    pub(super) fn identity(&self, number: u32) -> Option<&Identity> {
        self.all.get(number as usize).map(|person| &person.identity)
    }

    /// The place in the order of lists.
    pub(super) fn rank(&self, number: u32) -> u32 {
        self.all.get(number as usize).map_or(0, |person| person.rank)
    }
}

/// The order of lists (`domain.md` §1).
fn sort_key(identity: &Identity) -> String {
    format!("{}\0{}", identity.kind.as_str(), order::name_key(&identity.name))
}

impl Person {
    fn new(id: u32, identity: Identity) -> Self {
        let closures = [Closure::new(), Closure::new()];
        Self { id, identity, closures, moves: false, is_readable: false, rank: 0 }
    }

    /// Notes the groups that are only in one of the closures. What the changes do to its own entries, they name.
    fn compare(&mut self, now: u32, moved: &mut Vec<u32>) {
        let [before, after] = &self.closures;
        if before == after {
            return;
        }
        let only_before = before.iter().filter(|id| !after.contains(id));
        let only = only_before.chain(after.iter().filter(|id| !before.contains(id)));
        for &group in only.filter(|&&id| id != self.id && id != now) {
            self.moves = true;
            if !moved.contains(&group) {
                moved.push(group);
            }
        }
    }

    /// Whether the changes are about this very principal: its groups, or entries that match it.
    fn is_meant(&self, region: &Region) -> bool {
        let names = |closure: &Closure| closure.iter().any(|id| region.touched.binary_search(id).is_ok());
        self.moves || self.closures.iter().any(names)
    }
}
