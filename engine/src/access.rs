//! Reverse questions: who may do what to an object, and what somebody may do to which objects.
//!
//! Both are exact: they list what asking one by one would give, because they do ask, with the walk of every check.

use crate::decision::Identity;
use crate::evaluate::Nobody;
use crate::order;
use crate::principals::Party;
use crate::refusal::Refusal;
use crate::state::State;

impl State {
    /// Every principal that may do anything to the object, and the mask of what: those that are registered and those
    /// that entries name. By type, then name without case.
    #[must_use]
    pub fn access_to(&self, object: u32, now_ms: i64) -> Vec<(Identity, u32)> {
        let mut held: Vec<(u32, u32)> = Vec::new();
        for (id, _) in self.principals.iter() {
            let party = self.principals.party(id);
            let mask = self.walk_as(party, object, self.schema.all_privileges(), now_ms, &mut Nobody).allowed;
            if mask != 0 {
                held.push((id, mask));
            }
        }
        let held = order::by_text(held, |(id, _)| self.principal_sort_key(*id));
        held.into_iter().filter_map(|(id, mask)| Some((self.identity(id)?, mask))).collect()
    }

    /// Every object at or below `top` to which any of the identities may do any of what is `asked`, and the mask of all
    /// that they may; in the order of the ids. Costs what it gives back, and the lists at and below `top` with what lies
    /// above these.
    pub(crate) fn access_where(&self, identities: &[Identity], top: u32, asked: u32, now_ms: i64) -> Vec<(u32, u32)> {
        let closures: Vec<_> = identities.iter().map(|identity| self.closure_of(identity)).collect();
        let parties: Vec<Party<'_>> = closures.iter().map(|closure| Party::new(closure)).collect();
        let all = self.schema.all_privileges();
        let ask = |object| {
            let masks = parties.iter().map(|party| self.walk_as(*party, object, all, now_ms, &mut Nobody).allowed);
            masks.fold(0, |all, mask| all | mask)
        };
        let mut held = Vec::new();
        let mut todo: Vec<(u32, u32)> = self.objects.get(top).map(|_| (top, ask(top))).into_iter().collect();
        while let Some((object, mask)) = todo.pop() {
            let may = mask & asked != 0;
            held.extend(may.then_some((object, mask)));
            // Where nothing is allowed, nothing is below either until a list says so.
            let worth_a_look = self.objects.linked(object).take_while(|(_, child)| may || child.bears());
            // What has no list of its own is allowed the same as what it lies under.
            todo.extend(worth_a_look.map(|(id, child)| (id, child.own_acl().map_or(mask, |_| ask(id)))));
        }
        order::by_number(held, |(object, _)| *object)
    }

    /// For each of many paths whether the principal (`user:NAME`) may do what the privilege's name says to what is
    /// there: 1 or 0. Faster than [`State::check_names`] on each.
    ///
    /// # Errors
    ///
    /// As [`State::check_names`]; for paths, the first that is none.
    pub fn filter<'a>(
        &self,
        principal: &str,
        privilege: &str,
        paths: impl Iterator<Item = &'a str>,
        now_ms: i64,
    ) -> Result<Vec<u8>, Box<Refusal>> {
        let wanted = self.privilege(privilege)?;
        let closure = self.closure_of_name(principal)?;
        let party = Party::new(&closure);
        let answers = paths.map(|path| {
            let (object, _) = self.find_path(path)?;
            let allowed = self.walk_as(party, object, wanted, now_ms, &mut Nobody).allowed;
            Ok(u8::from(allowed == wanted))
        });
        answers.collect()
    }

    /// The principal of an id.
    #[must_use]
    pub fn identity(&self, id: u32) -> Option<Identity> {
        let known = self.principals.get(id)?;
        Some(Identity { kind: known.kind, name: self.principals.name(id).to_owned(), groups: None })
    }
}
