//! What a caller can come to: the closure of what the rows of the table give, on one state.
//!
//! It counts everything that some sequence of commands could give, as if no command got in the way of another, and no
//! more. So whatever commands are done, what the same callers can come to afterwards must be in it.

use super::model::{ADMIN, ALL, CHANGE, EVERYONE, MODIFY, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Whom the callers can act as, and what they can come to hold.
pub(super) struct Potential {
    /// Principals that they are or can log in as. `None` stands for a user whom they create.
    pub(super) identities: BTreeSet<Option<u32>>,
    /// By object.
    pub(super) held: BTreeMap<u32, u32>,
}

impl Potential {
    pub(super) fn of(model: &Model, callers: &BTreeSet<u32>) -> Self {
        let identities = callers.iter().map(|id| Some(*id)).collect();
        let mut found = Self { identities, held: model.objects.keys().map(|id| (*id, 0)).collect() };
        while found.grow(model) {}
        found
    }

    pub(super) fn held(&self, object: u32) -> u32 {
        self.held.get(&object).copied().unwrap_or(0)
    }

    /// One round of every rule; whether any gave something.
    fn grow(&mut self, model: &Model) -> bool {
        let before = (self.identities.len(), self.held.values().map(|mask| mask.count_ones()).sum::<u32>());
        self.hold(model);
        self.act(model);
        before != (self.identities.len(), self.held.values().map(|mask| mask.count_ones()).sum::<u32>())
    }

    /// What entries give to whom they can act as; and with `changePermissions` on an object everything on it and on
    /// what inherits from it.
    fn hold(&mut self, model: &Model) {
        let bearers: Vec<_> = self.identities.iter().map(|identity| Reach::of(self, model, *identity)).collect();
        for (id, known) in &model.objects {
            // What has no list of its own is as what it lies under: most objects.
            if known.inheriting && model.list(*id).next().is_none() {
                self.held.insert(*id, self.held(*id) | self.held(known.parent));
                continue;
            }
            let inherited = model.ancestry(*id).scan(true, |open, (above, known)| {
                let reached = open.then_some(above);
                *open = *open && known.inheriting;
                reached
            });
            let mut mask = self.held(*id);
            if inherited.map(|above| self.held(above)).any(|mask| mask & CHANGE != 0) {
                mask = ALL;
            }
            mask |= bearers.iter().fold(0, |all, bearer| all | bearer.allowed(model, *id));
            self.held.insert(*id, mask);
        }
    }

    /// `modify` on a user or a service account is acting as it, and `modify` on `directory` is acting as a new user.
    fn act(&mut self, model: &Model) {
        let modifiable = |(id, mask): (&u32, &u32)| (mask & MODIFY != 0).then_some(*id);
        let objects: Vec<u32> = self.held.iter().filter_map(modifiable).collect();
        for id in objects {
            if model.system("directory") == id {
                self.identities.insert(None);
            }
            let kind = model.objects.get(&id).map(|known| known.kind.as_str());
            let bearer = model.bearer(id).filter(|bearer| *bearer != ADMIN);
            if let (Some("user" | "serviceAccount"), Some(bearer)) = (kind, bearer) {
                self.identities.insert(Some(bearer));
            }
        }
    }

    /// Whether they can say who is in a group.
    fn can_modify(&self, model: &Model, group: u32) -> bool {
        group != EVERYONE && model.home(group).is_some_and(|home| self.held(home) & MODIFY != 0)
    }
}

/// Which entries match somebody who joins and leaves all groups that it can.
struct Reach {
    /// Those that can match.
    may: BTreeSet<u32>,
    /// Those that match in any case.
    must: BTreeSet<u32>,
}

impl Reach {
    fn of(potential: &Potential, model: &Model, identity: Option<u32>) -> Self {
        let everyone = identity.is_none_or(|id| model.is_in_everyone(id)).then_some(EVERYONE);
        let start: Vec<u32> = identity.into_iter().chain(everyone).collect();
        let groups = model.principals.keys().copied().filter(|id| potential.can_modify(model, *id));
        let joined: Vec<u32> = start.iter().copied().chain(groups).collect();
        let may = model.outwards(joined, |_| true);
        let must = model.outwards(start, |group| !potential.can_modify(model, group));
        Self { may, must }
    }

    /// The walk, with every allow that can match and every deny that cannot be escaped.
    fn allowed(&self, model: &Model, object: u32) -> u32 {
        let (mut allowed, mut open) = (0, ALL);
        for (id, known) in model.ancestry(object) {
            for (principal, entry) in model.list(id) {
                if self.must.contains(&principal) && entry.not_before.is_none() && entry.not_after.is_none() {
                    open &= !entry.deny;
                }
            }
            for (principal, entry) in model.list(id) {
                if self.may.contains(&principal) {
                    allowed |= entry.allow & open;
                }
            }
            if !known.inheriting {
                break;
            }
        }
        allowed
    }
}

/// What the callers can come to `after` and could not `before`, which no row gives.
pub(super) fn gained(before: &Model, after: &Model, callers: &BTreeSet<u32>) -> Vec<String> {
    let (could, can) = (Potential::of(before, callers), Potential::of(after, &still(before, after, callers)));
    let mut found = Vec::new();
    for identity in can.identities.iter().flatten() {
        let is_new = !before.principals.contains_key(identity) && could.identities.contains(&None);
        let is_user = after.home(*identity).is_some_and(|home| after.objects[&home].kind == "user");
        if !(could.identities.contains(&Some(*identity)) || is_new && is_user) {
            found.push(format!("can act as {:?}", after.principals.get(identity)));
        }
    }
    for (object, mask) in &can.held {
        let more = mask & !due(before, after, &could, *object);
        if more != 0 {
            found.push(format!("can come to {more:04b} on {:?}", after.objects.get(object)));
        }
    }
    found
}

/// The callers as they are afterwards: renamed or not, and those who have come back under their names.
fn still(before: &Model, after: &Model, callers: &BTreeSet<u32>) -> BTreeSet<u32> {
    let same = callers.iter().copied().filter(|id| after.principals.contains_key(id));
    let back = callers.iter().filter_map(|id| {
        let (kind, name) = before.principals.get(id)?;
        after.principal(*kind, name)
    });
    same.chain(back).filter(|id| after.home(*id).is_some()).collect()
}

/// What may be held on an object: on one that is new, what is on the nearest above it that is not, and what creation
/// gives: a credential to its creator, and a project to its own principal.
fn due(before: &Model, after: &Model, could: &Potential, object: u32) -> u32 {
    for (id, known) in after.ancestry(object) {
        if before.objects.contains_key(&id) {
            return could.held(id);
        }
        let own = || before.principals.iter().find(|(_, known_as)| known_as.1 == format!("project: {}", known.name));
        let is_given = match known.kind.as_str() {
            "credential" => true,
            "project" => own().is_some_and(|(id, _)| could.identities.contains(&Some(*id))),
            _ => false,
        };
        if is_given {
            return ALL;
        }
        if !known.inheriting {
            return 0;
        }
    }
    0
}
