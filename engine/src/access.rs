//! Reverse questions: who may do what to an object, and what somebody may do to which objects.
//!
//! Both are exact: they list what asking one by one would give, because they do ask, with the walk of every check.

use crate::decision::Identity;
use crate::evaluate::Nobody;
use crate::objects::NONE;
use crate::order;
use crate::refusal::Refusal;
use crate::state::State;

impl State {
    /// Every principal that may do anything to the object, and the mask of what: those that are registered and those
    /// that entries name. By type, then name without case.
    #[must_use]
    pub fn access_to(&self, object: u32, now_ms: i64) -> Vec<(Identity, u32)> {
        let mut held: Vec<(u32, u32)> = Vec::new();
        for (id, _) in self.principals.iter() {
            let closure = self.principals.closure(id);
            let mask = self.walk(closure, object, self.schema.all_privileges(), now_ms, &mut Nobody).allowed;
            if mask != 0 {
                held.push((id, mask));
            }
        }
        let held = order::by_text(held, |(id, _)| self.principal_sort_key(*id));
        held.into_iter().filter_map(|(id, mask)| Some((self.identity(id)?, mask))).collect()
    }

    /// Every object at or below `top` to which any of the identities may do anything, and the mask of what; in the
    /// order of the ids.
    #[must_use]
    pub fn access_of(&self, identities: &[Identity], top: u32, now_ms: i64) -> Vec<(u32, u32)> {
        // Objects with the same nearest list are allowed the same: one walk for each list.
        let mut masks: Vec<Option<u32>> = vec![None; self.acls.places() + 1];
        let mut held = Vec::new();
        for object in self.objects.subtree(top) {
            let place = self.acls.nearest(&self.objects, object);
            let all = self.schema.all_privileges();
            let ask = || self.allowed(identities, object, all, now_ms);
            let mask = match masks.get_mut(if place == NONE { self.acls.places() } else { place as usize }) {
                Some(known) => *known.get_or_insert_with(ask),
                None => ask(),
            };
            if mask != 0 {
                held.push((object, mask));
            }
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
        // Objects with the same nearest list are allowed the same, and neighbours often have.
        let mut last: Option<(u32, u8)> = None;
        let answers = paths.map(|path| {
            let (object, _) = self.find_path(path)?;
            let place = self.acls.nearest(&self.objects, object);
            let answer = match last {
                Some((known, answer)) if known == place => answer,
                _ => u8::from(self.walk(&closure, object, wanted, now_ms, &mut Nobody).allowed == wanted),
            };
            last = Some((place, answer));
            Ok(answer)
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
