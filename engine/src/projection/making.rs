//! How a projection is made from the whole policy.

use super::keys::Keys;
use super::table::Table;
use super::timeline::{Step, Timelines};
use super::{SALT_BYTES, SEAL};
use crate::bytes::{put_u32, put_u64};
use crate::decision::Identity;
use crate::evaluate::{Nobody, Verdict};
use crate::objects::{NONE, ROOT};
use crate::order;
use crate::refusal::Refusal;
use crate::schema::grammar::put_texts;
use crate::schema::{SYSTEM_OBJECT, TypeId};
use crate::state::State;
use std::borrow::Cow;
use std::collections::BTreeMap;

impl State {
    /// What decides for one principal from `now_ms` (milliseconds since 1970, UTC) on, in bytes that
    /// [`Projection::load`](crate::Projection::load) reads; `salt` is 16 random bytes. Nothing is drawn or read, so the
    /// same policy, principal, instant and salt give the same bytes; so does any other policy that has the same types
    /// and privileges and gives the principal the same answers.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where two objects would have the same key, once in 10¹⁰ times with 40,000 objects: ask again
    /// with another salt.
    pub fn project(&self, identity: &Identity, now_ms: i64, salt: &[u8; SALT_BYTES]) -> Result<Vec<u8>, Box<Refusal>> {
        self.project_by(&Keys::new(salt), identity, now_ms, salt)
    }

    fn project_by(
        &self,
        keys: &Keys,
        identity: &Identity,
        now_ms: i64,
        salt: &[u8; SALT_BYTES],
    ) -> Result<Vec<u8>, Box<Refusal>> {
        let mut answers = Answers::new(self, identity, now_ms);
        let root = answers.number(ROOT);
        let rows = rows(&mut answers, &self.addresses(keys))?;
        let (timelines, numbers) = answers.in_order(root, &rows);
        let renumbered = |number: u32| numbers.get(number as usize).copied().unwrap_or(NONE);
        let table = Table::new(
            rows.iter().map(|(key, _)| *key).collect(),
            rows.iter().map(|(_, number)| renumbered(*number)).collect(),
        );
        let mut out = Vec::with_capacity(rows.len() * 9 + 4096);
        SEAL.begin(&mut out);
        put_u64(&mut out, now_ms.cast_unsigned());
        out.extend_from_slice(salt);
        put_u64(&mut out, keys.identity(identity));
        self.write_grammar(&mut out);
        timelines.write(&mut out);
        put_u32(&mut out, renumbered(root));
        table.write(&mut out, timelines.len());
        SEAL.close(&mut out);
        Ok(out)
    }

    fn write_grammar(&self, out: &mut Vec<u8>) {
        put_texts(out, self.schema.privileges());
        self.schema.grammar().write(out);
    }

    /// Every object with its key, and an object's first property sheet with its second key too.
    fn addresses(&self, keys: &Keys) -> Vec<(u64, u32)> {
        let sheets = self.schema.types().find(|(_, kind)| kind.properties).map(|(id, _)| id);
        let mut found = Vec::with_capacity(self.objects.len());
        found.extend(self.objects.get(ROOT).map(|_| (keys.root(), ROOT)));
        let mut also = Vec::new();
        let mut at = 0;
        while let Some(&(key, object)) = found.get(at) {
            let mut sheet = None;
            for child in self.objects.children(object) {
                let kind = self.kind_of(child);
                sheet = sheet.or(Some(child).filter(|_| Some(kind) == sheets));
                found.push((keys.child(key, kind, self.objects.name(child)), child));
            }
            also.extend(sheet.map(|sheet| (keys.sheet(key), sheet)));
            at += 1;
        }
        found.append(&mut also);
        found
    }

    fn kind_of(&self, object: u32) -> TypeId {
        self.objects.get(object).map_or(SYSTEM_OBJECT, |known| known.kind())
    }
}

/// The rows of the table, in the order of the keys: objects with another timeline than what they lie under.
fn rows(answers: &mut Answers, addresses: &[(u64, u32)]) -> Result<Vec<(u64, u32)>, Box<Refusal>> {
    let rows = addresses.iter().filter_map(|&(key, object)| Some((key, answers.own(object)?))).collect();
    let rows: Vec<(u64, u32)> = order::sorted(rows);
    let keys: Vec<u64> = rows.iter().map(|(key, _)| *key).collect();
    let is_once = keys.is_sorted_by(|before, after| before < after);
    let table = Table::new(keys, vec![0; rows.len()]);
    let taken = |&(key, object): &(u64, u32)| table.find(key).is_some() && answers.own(object).is_none();
    if !is_once || addresses.iter().any(taken) {
        return Err(Refusal::invalid(format_args!(
            "with this salt two objects have the same key: ask again with another salt"
        )));
    }
    Ok(rows)
}

/// The timelines of one principal. Objects with the same nearest list are allowed the same: one for each list.
struct Answers<'a> {
    state: &'a State,
    closure: Cow<'a, [u32]>,
    from: i64,
    /// Numbered as they were first met.
    timelines: BTreeMap<Vec<Step>, u32>,
    /// The number for the objects of each list, and last for those that have none up to the root.
    of_place: Vec<Option<u32>>,
}

impl<'a> Answers<'a> {
    fn new(state: &'a State, identity: &Identity, from: i64) -> Self {
        let of_place = vec![None; state.acls.places() + 1];
        Self { state, closure: state.closure_of(identity), from, timelines: BTreeMap::new(), of_place }
    }

    /// The number of the object's timeline, if it is not that of what the object lies under. Without a list of its own
    /// it cannot be another.
    fn own(&mut self, object: u32) -> Option<u32> {
        let known = self.state.objects.get(object).filter(|_| object != ROOT)?;
        known.own_acl()?;
        let number = self.number(object);
        (number != self.number(known.parent())).then_some(number)
    }

    /// The number of the object's timeline.
    fn number(&mut self, object: u32) -> u32 {
        let place = self.state.acls.nearest(&self.state.objects, object);
        let place = if place == NONE { self.of_place.len() - 1 } else { place as usize };
        if let Some(number) = self.of_place.get(place).copied().flatten() {
            return number;
        }
        let next = self.timelines.len() as u32;
        let number = *self.timelines.entry(self.timeline(object)).or_insert(next);
        if let Some(known) = self.of_place.get_mut(place) {
            *known = Some(number);
        }
        number
    }

    /// For each privilege the instants until which its answers hold, one after the other.
    fn timeline(&self, object: u32) -> Vec<Step> {
        let all = self.state.schema.all_privileges();
        let first = self.verdict(object, all, self.from);
        let mut ends: BTreeMap<i64, u32> = BTreeMap::new();
        if first.valid_until.is_some() {
            let privileges = (0..u32::BITS).map(|bit| 1 << bit).filter(|privilege| privilege & all != 0);
            privileges.for_each(|privilege| self.follow(object, privilege, &mut ends));
        }
        let later =
            ends.into_iter().map(|(at, ends)| Step { at, ends, allowed: self.verdict(object, all, at).allowed });
        std::iter::once(Step { at: self.from, ends: 0, allowed: first.allowed }).chain(later).collect()
    }

    fn follow(&self, object: u32, privilege: u32, ends: &mut BTreeMap<i64, u32>) {
        let mut at = self.from;
        while let Some(next) = self.verdict(object, privilege, at).valid_until {
            *ends.entry(next).or_default() |= privilege;
            at = next;
        }
    }

    fn verdict(&self, object: u32, wanted: u32, at: i64) -> Verdict {
        self.state.walk(&self.closure, object, wanted, at, &mut Nobody)
    }

    /// The timelines that are used, in an order that tells nothing of how they were met, and the new number of each.
    fn in_order(&self, root: u32, rows: &[(u64, u32)]) -> (Timelines, Vec<u32>) {
        let mut is_used = vec![false; self.timelines.len()];
        for number in rows.iter().map(|(_, number)| *number).chain([root]) {
            is_used.iter_mut().skip(number as usize).take(1).for_each(|used| *used = true);
        }
        let mut timelines = Timelines::default();
        let mut numbers = vec![NONE; is_used.len()];
        for (timeline, &number) in &self.timelines {
            let number = number as usize;
            if let (Some(true), Some(new)) = (is_used.get(number), numbers.get_mut(number)) {
                *new = timelines.len() as u32;
                timelines.push(timeline);
            }
        }
        (timelines, numbers)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    /// Forty objects, half of which are the principal's own.
    fn state() -> State {
        let mut commands: Vec<Value> = vec![json!({"command": "createPolicy"})];
        for number in 0..40 {
            let path = format!("/projects/{number}");
            commands.push(json!({"command": "createObject", "arguments": {"path": path}}));
            if number % 2 == 0 {
                let entry =
                    json!({"path": path, "principalType": "user", "principalName": "ann", "readPrivilege": "allow"});
                commands.push(json!({"command": "createAclEntry", "arguments": entry}));
            }
        }
        let request = json!({"request": "propose", "caller": "user:admin", "now": 0,
            "seed": "00112233445566778899aabbccddeeff", "commands": commands});
        let mut state = State::new().unwrap();
        let changes = state.call(request.to_string().as_bytes()).changes.unwrap();
        state.apply(&changes).unwrap();
        state
    }

    /// Whether two addresses have the same key, and at least one of them a row.
    fn collides(state: &State, keys: &Keys) -> bool {
        let ann = Identity::parse("user:ann").unwrap();
        let mut answers = Answers::new(state, &ann, 0);
        let mut known: BTreeMap<u64, bool> = BTreeMap::new();
        state.addresses(keys).into_iter().any(|(key, object)| {
            let has_row = answers.own(object).is_some();
            known.insert(key, has_row).is_some_and(|other| has_row || other)
        })
    }

    #[test]
    fn where_two_objects_have_the_same_key_another_salt_is_asked_for() {
        let state = state();
        let ann = Identity::parse("user:ann").unwrap();
        let (mut refused, mut made) = (0, 0);
        for salt in (0..64).map(|number| [number; SALT_BYTES]) {
            let mut keys = Keys::new(&salt);
            keys.bits = 0x3ff;
            let projected = state.project_by(&keys, &ann, 0, &salt);
            assert_eq!(projected.is_err(), collides(&state, &keys));
            match projected {
                Ok(_) => made += 1,
                Err(refusal) => {
                    assert_eq!(refusal.code(), "InvalidArgument");
                    assert!(refusal.to_string().contains("ask again with another salt"), "{refusal}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 10 && made > 2, "{refused} refused, {made} made");
    }
}
