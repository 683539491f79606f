//! Which policies there are up to a bound, each with a number.

use conformance::oracle::Effect;
use std::collections::{BTreeMap, BTreeSet};

/// The chain of objects, from the root down. No policy says anything of the last: it is never registered.
pub(crate) const LEVELS: [&str; 4] =
    ["/systemObjects/server", "/folders/m", "/folders/m/folders/l", "/folders/m/folders/l/folders/never"];
/// How many of them have a list.
pub(crate) const LISTS: usize = 3;

/// Two users and two groups that may be in each other, the group of all users, a user who is not registered; and two
/// whom no entry names: a user whom nobody knows, and `admin`.
pub(crate) const PRINCIPALS: [(&str, &str); 8] = [
    ("user", "u1"),
    ("user", "u2"),
    ("group", "g1"),
    ("group", "g2"),
    ("group", "Everyone"),
    ("user", "unregistered"),
    ("user", "unknown"),
    ("user", "admin"),
];
pub(crate) const USERS: [usize; 2] = [0, 1];
pub(crate) const GROUPS: [usize; 2] = [2, 3];
pub(crate) const EVERYONE: usize = 4;
pub(crate) const UNREGISTERED: usize = 5;

/// What is so or is not so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Mark {
    /// A principal, by its place in [`PRINCIPALS`], is in a group.
    Member { member: usize, group: usize },
    /// The inheritance of a level is broken.
    Broken(usize),
}

/// What an entry says of the one privilege that is asked about, and when it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    /// `None` for an entry that says nothing of it.
    pub(crate) effect: Option<Effect>,
    pub(crate) not_before: Option<i64>,
    pub(crate) not_after: Option<i64>,
}

/// One policy. Entries by level and principal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) marks: BTreeSet<Mark>,
    pub(crate) entries: BTreeMap<(usize, usize), Line>,
}

/// All policies with so many entries at most, with every pattern of broken inheritance.
#[derive(Clone)]
pub(crate) struct Bound {
    /// How many entries a policy has at most.
    pub(crate) entries: usize,
    /// Whom an entry may name: places in [`PRINCIPALS`].
    pub(crate) named: &'static [usize],
    /// What an entry may say.
    pub(crate) lines: Vec<Line>,
    /// With every way for the users to be in the groups and for the groups to be in one another; else with none in any.
    pub(crate) members: bool,
    /// When each question is asked.
    pub(crate) times: &'static [i64],
}

impl Bound {
    /// Entries for all who can be named, that hold at all times.
    pub(crate) fn of(entries: usize, lines: &[Line]) -> Self {
        let named = &[USERS[0], USERS[1], GROUPS[0], GROUPS[1], EVERYONE, UNREGISTERED];
        Self { entries, named, lines: lines.to_vec(), members: true, times: &[0] }
    }
}

/// Every policy of a [`Bound`]. Neighbours differ little.
pub(crate) struct Policies {
    memberships: Vec<BTreeSet<Mark>>,
    breaks: Vec<BTreeSet<Mark>>,
    lists: Vec<BTreeMap<(usize, usize), Line>>,
}

impl Policies {
    pub(crate) fn of(bound: &Bound) -> Self {
        let slots = (0..LISTS).flat_map(|level| bound.named.iter().map(move |principal| (level, *principal)));
        let slots: Vec<_> = slots.collect();
        let mut lists = Vec::new();
        add_lists(&mut lists, BTreeMap::new(), &slots, bound);
        let memberships = if bound.members { memberships() } else { vec![BTreeSet::new()] };
        Self { memberships, breaks: subsets(&(0..LISTS).map(Mark::Broken).collect::<Vec<_>>()), lists }
    }

    pub(crate) fn len(&self) -> usize {
        self.memberships.len() * self.breaks.len() * self.lists.len()
    }

    /// The policy of a number below [`Policies::len`].
    pub(crate) fn get(&self, number: usize) -> Policy {
        let (rest, list) = (number / self.lists.len(), number % self.lists.len());
        let (membership, broken) = (rest / self.breaks.len(), rest % self.breaks.len());
        Policy { marks: &self.memberships[membership] | &self.breaks[broken], entries: self.lists[list].clone() }
    }
}

/// Each user in each group or not; neither group in the other, the first in the second, the second in the first.
fn memberships() -> Vec<BTreeSet<Mark>> {
    let in_group = |member| GROUPS.map(|group| Mark::Member { member, group });
    let nested = [(0, 1), (1, 0)].map(|(inner, outer)| Mark::Member { member: GROUPS[inner], group: GROUPS[outer] });
    let nestings = [BTreeSet::new(), BTreeSet::from([nested[0]]), BTreeSet::from([nested[1]])];
    let users = subsets(&USERS.map(in_group).concat());
    nestings.iter().flat_map(|nesting| users.iter().map(move |users| users | nesting)).collect()
}

fn subsets(marks: &[Mark]) -> Vec<BTreeSet<Mark>> {
    let subset = |bits: usize| marks.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
    (0..1 << marks.len()).map(|bits| subset(bits).map(|(_, mark)| *mark).collect()).collect()
}

/// The entries so far, and what comes of adding further ones in the slots that are left.
fn add_lists(
    all: &mut Vec<BTreeMap<(usize, usize), Line>>,
    so_far: BTreeMap<(usize, usize), Line>,
    slots: &[(usize, usize)],
    bound: &Bound,
) {
    if so_far.len() < bound.entries {
        for (at, slot) in slots.iter().enumerate() {
            for line in &bound.lines {
                let mut more = so_far.clone();
                more.insert(*slot, *line);
                add_lists(all, more, &slots[at + 1..], bound);
            }
        }
    }
    all.push(so_far);
}
