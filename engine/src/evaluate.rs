//! The decision: one walk up the tree, in `domain.md` §1, "Evaluation", and nowhere else.

use crate::acl::{Acl, Entry};
use crate::objects::NONE;
use crate::principals::{ADMIN, EVERYONE, Party};
use crate::state::State;

/// What one walk found, for the privileges that were asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Verdict {
    /// The privileges that are allowed; every other is denied.
    pub(crate) allowed: u32,
    /// The least boundary of a window after the walk's time among the entries that match, from the object to the
    /// deciding list.
    pub(crate) valid_until: Option<i64>,
    /// The walk ended at broken inheritance before all was decided, as far as the witness sees.
    pub(crate) broken: bool,
}

/// Whoever looks on as the walk is made. A check looks on with [`Nobody`], which costs nothing; an explanation
/// writes down what it sees, so what it tells is what was decided.
pub(crate) trait Witness {
    /// Whether it looks at all: what decides nothing is passed over for one that does not.
    const SEES: bool = true;
    /// The walk comes to a list.
    fn list(&mut self, acl: &Acl);
    /// An entry matches the principal and says something about what is asked. `holds`: its window includes now.
    fn entry(&mut self, entry: &Entry, holds: bool);
}

/// See [`Witness`].
pub(crate) struct Nobody;

impl Witness for Nobody {
    const SEES: bool = false;
    #[inline(always)]
    fn list(&mut self, _: &Acl) {}
    #[inline(always)]
    fn entry(&mut self, _: &Entry, _: bool) {}
}

impl State {
    /// Whether the principal may do all that `wanted` says to the object.
    #[inline(always)]
    pub(crate) fn is_allowed(&self, principal: u32, object: u32, wanted: u32, now: i64) -> bool {
        self.walk_as(self.principals.party(principal), object, wanted, now, &mut Nobody).allowed == wanted
    }

    /// What the principals that `closure` stands for may do to the object, of what is `wanted`.
    #[inline]
    pub(crate) fn walk<W: Witness>(
        &self,
        closure: &[u32],
        object: u32,
        wanted: u32,
        now: i64,
        witness: &mut W,
    ) -> Verdict {
        self.walk_as(Party::new(closure), object, wanted, now, witness)
    }

    /// The same for a party.
    #[inline(always)]
    pub(crate) fn walk_as<W: Witness>(
        &self,
        party: Party<'_>,
        object: u32,
        wanted: u32,
        now: i64,
        witness: &mut W,
    ) -> Verdict {
        // Sorted, and Everyone alone comes before.
        if matches!(party.closure, [ADMIN, ..] | [_, ADMIN, ..]) {
            return Verdict { allowed: wanted, ..Verdict::default() };
        }
        let mut verdict = Verdict::default();
        let mut pending = wanted;
        let mut place = self.acls.nearest(&self.objects, object);
        while place != NONE {
            if !W::SEES
                && let Some(everyone) = self.acls.silent_about(&self.objects, place, &party.marks)
            {
                let is_meant = matches!(party.closure, [EVERYONE, ..]);
                verdict.allowed |= if is_meant { pending & everyone } else { 0 };
                break;
            }
            let Some(acl) = self.acls.at(place) else { break };
            witness.list(acl);
            let (allow, deny) = weigh(acl, party.closure, pending, now, &mut verdict.valid_until, witness);
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
