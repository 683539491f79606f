//! The decision: one walk up the tree, in `domain.md` §1, "Evaluation", and nowhere else.

use crate::acl::{Acl, Entry};
use crate::objects::NONE;
use crate::principals::ADMIN;
use crate::state::State;

/// What one walk found, for the privileges that were asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Verdict {
    /// The privileges that are allowed; every other is denied.
    pub(crate) allowed: u32,
    /// The least boundary of a window after the walk's time among the entries that match, from the object to the
    /// deciding list.
    pub(crate) valid_until: Option<i64>,
    /// The walk ended at broken inheritance before all was decided.
    pub(crate) broken: bool,
}

/// Whoever looks on as the walk is made. A check looks on with [`Nobody`], which costs nothing; an explanation
/// writes down what it sees, so what it tells is what was decided.
pub(crate) trait Witness {
    /// The walk comes to a list.
    fn list(&mut self, acl: &Acl);
    /// An entry matches the principal and says something about what is asked. `holds`: its window includes now.
    fn entry(&mut self, entry: &Entry, holds: bool);
    /// An entry that matches is dated: at another time the verdict may be another.
    #[inline(always)]
    fn window(&mut self) {}
}

/// See [`Witness`].
pub(crate) struct Nobody;

impl Witness for Nobody {
    #[inline(always)]
    fn list(&mut self, _: &Acl) {}
    #[inline(always)]
    fn entry(&mut self, _: &Entry, _: bool) {}
}

/// Finds out whether the verdict holds at any time.
struct Timeless(bool);

impl Witness for Timeless {
    #[inline(always)]
    fn list(&mut self, _: &Acl) {}
    #[inline(always)]
    fn entry(&mut self, _: &Entry, _: bool) {}
    #[inline(always)]
    fn window(&mut self) {
        self.0 = false;
    }
}

impl State {
    /// Whether the principal may do all that `wanted` says to the object.
    #[inline(always)]
    pub(crate) fn is_allowed(&self, principal: u32, object: u32, wanted: u32, now: i64) -> bool {
        self.mask_of(principal, object, now) & wanted == wanted
    }

    /// All that the principal may do to the object: remembered, or walked for.
    #[inline(always)]
    pub(crate) fn mask_of(&self, principal: u32, object: u32, now: i64) -> u32 {
        let place = self.acls.nearest(&self.objects, object);
        match self.decisions.find(principal, place) {
            Some(allowed) => allowed,
            None => self.first_mask_of(principal, place, now),
        }
    }

    #[inline(never)]
    fn first_mask_of(&self, principal: u32, place: u32, now: i64) -> u32 {
        let mut timeless = Timeless(true);
        let closure = self.principals.closure(principal);
        let allowed = self.walk_from(closure, place, self.schema.all_privileges(), now, &mut timeless).allowed;
        if timeless.0 {
            self.decisions.keep(principal, place, allowed, self.acls.places());
        }
        allowed
    }

    /// Whether the principals that `closure` stands for may do what `wanted` says to the object.
    #[inline]
    pub(crate) fn walk<W: Witness>(
        &self,
        closure: &[u32],
        object: u32,
        wanted: u32,
        now: i64,
        witness: &mut W,
    ) -> Verdict {
        self.walk_from(closure, self.acls.nearest(&self.objects, object), wanted, now, witness)
    }

    /// The same from the nearest list on.
    #[inline]
    fn walk_from<W: Witness>(
        &self,
        closure: &[u32],
        mut place: u32,
        wanted: u32,
        now: i64,
        witness: &mut W,
    ) -> Verdict {
        // Sorted, and Everyone alone comes before.
        if matches!(closure, [ADMIN, ..] | [_, ADMIN, ..]) {
            return Verdict { allowed: wanted, ..Verdict::default() };
        }
        let mut verdict = Verdict::default();
        let mut pending = wanted;
        while place != NONE {
            let Some(acl) = self.acls.at(place) else { break };
            witness.list(acl);
            let (allow, deny) = weigh(acl, closure, pending, now, &mut verdict.valid_until, witness);
            verdict.allowed |= pending & allow & !deny;
            pending &= !(allow | deny);
            if pending == 0 {
                break;
            }
            if !acl.inheriting {
                verdict.broken = true;
                break;
            }
            place = self.acls.above(&self.objects, acl);
        }
        verdict
    }
}

/// A list this long is searched for each of the principal's groups instead of read from end to end.
const LONG_LIST: usize = 32;

/// What the matching entries of one list allow and deny.
#[inline(always)]
fn weigh<W: Witness>(
    acl: &Acl,
    closure: &[u32],
    pending: u32,
    now: i64,
    valid_until: &mut Option<i64>,
    witness: &mut W,
) -> (u32, u32) {
    let (mut allow, mut deny) = (0, 0);
    let is_long = acl.entries.len() > LONG_LIST && acl.entries.len() > closure.len();
    for place in 0..if is_long { closure.len() } else { acl.entries.len() } {
        let matching = match is_long {
            true => closure.get(place).and_then(|&principal| acl.find(principal)),
            false => acl.entries.get(place).filter(|entry| is_in(closure, entry.principal)),
        };
        let Some(entry) = matching.filter(|entry| (entry.allow | entry.deny) & pending != 0) else { continue };
        let holds = acl.windows.is_none() || {
            witness.window();
            let window = acl.window(entry.id);
            let boundary = window.next_boundary(now);
            *valid_until = [*valid_until, boundary].into_iter().flatten().min();
            window.holds(now)
        };
        witness.entry(entry, holds);
        if holds {
            allow |= entry.allow;
            deny |= entry.deny;
        }
    }
    (allow, deny)
}

/// Whether a sorted list of principals has this one. Most are short, and then looking at each is fastest.
#[inline(always)]
fn is_in(closure: &[u32], principal: u32) -> bool {
    if closure.len() > 16 {
        return closure.binary_search(&principal).is_ok();
    }
    // `contains` would be a call for each entry.
    for known in closure {
        if *known == principal {
            return true;
        }
    }
    false
}
