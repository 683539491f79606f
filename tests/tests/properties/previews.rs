//! Previews: they tell what doing the commands and asking about everybody and everything tells, and leave the policy as
//! it was.

use crate::cases;
use crate::policy::{Drawn, Policy, built_in, instead, small, to_json};
use conformance::case::Call;
use conformance::chance::{self, BUILT_IN, Realm, SMALL, directory_path, split};
use portcullis_engine::{Handle, Identity, PrincipalType, State};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One row: path, object id, principal, gains, loses, and at how many objects below.
type Row = (String, String, String, Vec<String>, Vec<String>, u64);

fn row(row: &Value) -> Row {
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let texts = |name: &str| row[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    let principal = format!("{}:{}", text("principalType"), text("principalName"));
    (text("path"), text("objectId"), principal, texts("gains"), texts("loses"), row["below"].as_u64().unwrap())
}

/// The states before and after, and who looks at them.
struct Comparison<'a> {
    realm: &'static Realm,
    sides: [&'a State; 2],
    caller: &'a str,
    now: i64,
}

impl Comparison<'_> {
    fn identity(&self, id: u32) -> Option<Identity> {
        self.sides[1].identity(id).or_else(|| self.sides[0].identity(id))
    }

    fn ids(is_there: impl Fn(u32) -> bool) -> Vec<u32> {
        (1..200).filter(|id| is_there(*id)).collect()
    }

    /// The handles of everybody before and after, and what they are called. Whoever goes is who comes back under that
    /// name; otherwise nobody knows them.
    fn people(&self) -> Vec<(String, [u32; 2])> {
        let nobody = |identity: &Identity| {
            let stranger = identity.kind == PrincipalType::User && !identity.name.starts_with("project: ");
            if stranger { u32::MAX } else { 0 }
        };
        let [before, after] = self.sides;
        let mut people = Vec::new();
        let mut back = Vec::new();
        for id in Self::ids(|id| before.identity(id).is_some()) {
            let old = before.identity(id).unwrap();
            let found = after.principal(&old);
            let is_new = after.identity(found).is_some() && before.identity(found).is_none();
            let now = match after.identity(id) {
                Some(_) => id,
                None if is_new => found,
                None => nobody(&old),
            };
            back.push(now);
            let name = after.identity(now).unwrap_or(old.clone()).to_string();
            let readable = self.may_ask_about(before, &old.to_string());
            people.extend(readable.then_some((name, [id, now])));
        }
        for id in Self::ids(|id| before.identity(id).is_none() && after.identity(id).is_some()) {
            let identity = self.identity(id).unwrap();
            if !back.contains(&id) && self.may_ask_about(after, &identity.to_string()) {
                people.push((identity.to_string(), [nobody(&identity), id]));
            }
        }
        people.retain(|(name, _)| name != "user:admin");
        people.sort_by_key(|(name, _)| {
            let (kind, name) = split(name);
            (kind.to_owned(), name.to_lowercase(), name.to_owned())
        });
        people
    }

    fn may_ask_about(&self, state: &State, principal: &str) -> bool {
        let path = directory_path(principal);
        principal == self.caller || state.check_names(self.caller, self.realm.privileges[0], &path, self.now).unwrap()
    }

    fn is_there(&self, side: usize, object: u32) -> bool {
        !self.sides[side].is_stale(Handle { object, stamp: 0 })
    }

    /// Every object of either state: its path, and the one that it lies under.
    fn objects(&self) -> BTreeMap<u32, (String, Option<u32>)> {
        let ids = Self::ids(|id| self.is_there(0, id) || self.is_there(1, id));
        let place = |id: u32| {
            let state = self.sides[usize::from(self.is_there(1, id))];
            let path = state.path(id);
            let parent = self.realm.parent(&path).map(|path| state.resolve(&path).unwrap().object);
            (path, parent)
        };
        ids.into_iter().map(|id| (id, place(id))).collect()
    }

    fn is_visible(&self, object: u32) -> bool {
        let state = self.sides[usize::from(!self.is_there(0, object))];
        let caller = state.principal(&Identity::parse(self.caller).unwrap());
        state.check(caller, Handle { object, stamp: 0 }, 1, self.now)
    }

    fn difference(&self, handles: [u32; 2], object: u32) -> (Vec<String>, Vec<String>) {
        let may = |side: usize, bit: usize| {
            self.sides[side].check(handles[side], Handle { object, stamp: 0 }, 1 << bit, self.now)
        };
        let names = |from: usize, to: usize| {
            let privileges = self.realm.privileges.iter().enumerate();
            let differ = privileges.filter(|(bit, _)| may(to, *bit) && !may(from, *bit));
            differ.map(|(_, name)| (*name).to_owned()).collect()
        };
        (names(0, 1), names(1, 0))
    }

    fn rows(&self) -> Vec<Row> {
        let objects = self.objects();
        let visible: Vec<u32> = objects.keys().copied().filter(|id| self.is_visible(*id)).collect();
        let above = |id: u32| {
            let mut at = objects[&id].1;
            while let Some(above) = at.filter(|above| !visible.contains(above)) {
                at = objects[&above].1;
            }
            at
        };
        let mut rows = Vec::new();
        for (name, handles) in self.people() {
            let differences: BTreeMap<u32, _> = visible.iter().map(|id| (*id, self.difference(handles, *id))).collect();
            let none = (Vec::new(), Vec::new());
            let handed_down = |id: u32| above(id).map_or(&none, |above| &differences[&above]);
            let begins: Vec<u32> = visible.iter().copied().filter(|id| differences[id] != *handed_down(*id)).collect();
            let row_of = |id: u32| std::iter::successors(Some(id), |at| above(*at)).find(|at| begins.contains(at));
            for id in &begins {
                let below = visible.iter().filter(|one| row_of(**one) == Some(*id)).count() as u64 - 1;
                let (gains, loses) = differences[id].clone();
                let object_id = object_id(self.sides[usize::from(self.is_there(1, *id))], *id);
                let row = (objects[id].0.clone(), object_id, name.clone(), gains, loses, below);
                rows.push((!self.is_there(1, *id), row));
            }
        }
        rows.sort_by_key(|(is_gone, row)| (row.0.clone(), *is_gone));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// As the answers have it.
fn object_id(state: &State, object: u32) -> String {
    let request = json!({"request": "ask", "caller": "user:admin", "now": 0, "command": "getAccess",
        "arguments": {"path": state.path(object)}});
    let mut copy = State::restore(&state.snapshot()).unwrap();
    let answer: Value = serde_json::from_str(&copy.call(request.to_string().as_bytes()).answer).unwrap();
    answer["reply"]["object"][0]["objectId"].as_str().unwrap().to_owned()
}

/// A policy in which `u0` may do everything from the root on, as far as nothing denies it.
fn policy_of(drawn: &Drawn) -> Policy {
    let mut policy = Policy::of(drawn);
    let may = drawn.realm.privileges.iter().map(|privilege| (format!("{privilege}Privilege"), json!("allow")));
    let whom = [("path", "/systemObjects/server"), ("principalType", "user"), ("principalName", "u0")];
    let whom = whom.map(|(name, text)| (name.to_owned(), json!(text)));
    let call = Call { command: "createAclEntry".into(), arguments: whom.into_iter().chain(may).collect() };
    assert!(policy.take(&call));
    policy
}

/// Of these commands, those that the caller may do behind each other.
fn possible(policy: &mut Policy, caller: &str, now: i64, calls: &[Call]) -> Vec<Value> {
    let mut possible = Vec::new();
    for call in calls {
        for one in [instead(call), to_json(call)] {
            possible.push(one);
            let (answer, _) = policy.try_out("propose", caller, now, &possible);
            if answer.get("error").is_none() {
                break;
            }
            possible.pop();
        }
    }
    possible
}

/// A policy, and what may then be done to it.
fn changed() -> impl Strategy<Value = (Drawn, Vec<Call>)> {
    prop_oneof![
        4 => (small(0..80), vec(chance::step(&SMALL), 1..8)),
        1 => (built_in(0..80), vec(chance::step(&BUILT_IN), 1..8)),
    ]
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_preview_equals_applying_and_comparing(
        (drawn, calls) in changed(),
        caller in select(&["user:admin", "user:u0", "user:u1"][..]),
        now in select(&[500_i64, 1_500][..]),
    ) {
        let mut policy = policy_of(&drawn);
        let commands = possible(&mut policy, caller, now, &calls);
        let (proposed, changes) = policy.try_out("propose", caller, now, &commands);
        let (snapshot, revision) = (policy.state.snapshot(), policy.state.revision());
        let (answer, none) = policy.try_out("preview", caller, now, &commands);
        prop_assert!(none.is_none() && policy.state.snapshot() == snapshot && policy.state.revision() == revision);
        prop_assert_eq!(&answer["replies"], &proposed["replies"]);
        let mut after = policy.copy().state;
        changes.iter().for_each(|set| after.apply(set).unwrap());
        let comparison = Comparison { realm: drawn.realm, sides: [&policy.state, &after], caller, now };
        let rows: Vec<Row> = answer["access"].as_array().unwrap().iter().map(row).collect();
        prop_assert_eq!(rows, comparison.rows(), "{} {:?}", caller, commands);
    }
}
