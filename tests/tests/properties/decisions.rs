//! Decisions: what is decided, by whatever means one asks, and why.

use crate::cases;
use crate::policy::{Policy, any_policy, small};
use crate::world::{World, everybody, principal};
use conformance::chance::{Realm, iso};
use conformance::oracle::Effect;
use portcullis_engine::{Identity, State};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Before, at and behind boundaries.
const INSTANTS: [i64; 4] = [0, 1_000, 2_500, 3_000];

/// A question about one principal.
#[derive(Clone, Copy, Debug)]
struct Question<'a> {
    who: &'a str,
    privilege: &'a str,
    path: &'a str,
    now: i64,
}

impl Question<'_> {
    fn arguments(&self) -> Value {
        json!({"path": self.path, "principal": self.who, "privilege": self.privilege})
    }

    fn explained(&self, policy: &mut Policy) -> Value {
        policy.ask(self.now, "explain", self.arguments())
    }
}

/// Every question there is to a world at an instant.
fn questions<'a>(realm: &'static Realm, world: &'a World, now: i64) -> impl Iterator<Item = Question<'a>> {
    world.paths.iter().flat_map(move |path| {
        everybody()
            .flat_map(move |who| realm.privileges.iter().map(move |privilege| Question { who, privilege, path, now }))
    })
}

/// `2026-01-01T00:00:00.000Z` of milliseconds.
fn millis(instant: i64) -> String {
    iso(instant).replace('Z', ".000Z")
}

/// Asked by names, by a handle and a path, by handles, in a list, and as a command: the oracle's answer.
fn agrees_with_the_oracle(policy: &mut Policy, world: &World, question: Question) -> Result<(), TestCaseError> {
    let Question { who, privilege, path, now } = question;
    let (allowed, until) = world.decide(who, privilege, path, now);
    let state = &policy.state;
    let (mask, handle) =
        (state.schema().privilege(privilege).unwrap(), state.principal(&Identity::parse(who).unwrap()));
    prop_assert_eq!(state.check_names(who, privilege, path, now), Ok(allowed), "by names, {:?}", question);
    prop_assert_eq!(state.check_path(handle, mask, path, now), Ok(allowed), "by a path, {:?}", question);
    prop_assert_eq!(
        state.check(handle, state.resolve(path).unwrap(), mask, now),
        allowed,
        "by handles, {:?}",
        question
    );
    prop_assert_eq!(
        state.filter(who, privilege, [path].into_iter(), now),
        Ok(vec![u8::from(allowed)]),
        "{:?}",
        question
    );
    prop_assert_eq!(state.valid_until(who, privilege, path, now), Ok(until), "{:?}", question);
    let checked = policy.ask(now, "check", question.arguments());
    prop_assert_eq!(checked["decision"] == "allow", allowed, "as a command, {:?}", question);
    prop_assert_eq!(checked["validUntil"].as_str().map(str::to_owned), until.map(millis), "{:?}", question);
    Ok(())
}

/// What the reason names must be what stands in the way: with that out of it, the oracle allows.
fn has_its_reason(world: &World, question: Question, reason: &Value) -> Result<(), TestCaseError> {
    let Question { who, privilege, path, now } = question;
    let object = reason["object"].as_str().unwrap_or("/systemObjects/server").to_owned();
    let mut without = world.oracle.clone();
    let acl = without.acl(&object);
    match reason["code"].as_str() {
        Some("EntryDenies") => {
            let named = reason["aclEntry"].as_array().into_iter().flatten();
            let named: Vec<_> = named.map(|entry| principal(&label(entry))).collect();
            prop_assert!(!named.is_empty(), "{:?}: no entry denies: {}", question, reason);
            for one in &named {
                let said =
                    acl.entries.get_mut(one).and_then(|entry| entry.effects.insert(privilege.into(), Effect::Allow));
                prop_assert_eq!(said, Some(Effect::Deny), "{:?}: {:?} does not deny", question, one);
            }
        }
        Some("InheritanceBroken") => {
            prop_assert!(acl.broken && reason.get("aclEntry").is_none(), "{:?}: {}", question, reason);
            acl.broken = false;
            acl.entries.insert(principal(who), conformance::oracle::Entry::new([(privilege, Effect::Allow)]));
        }
        Some("NoEntryMatches") => {
            prop_assert!(
                reason.get("object").is_none() && reason.get("aclEntry").is_none(),
                "{:?}: {}",
                question,
                reason
            );
            acl.entries.insert(principal(who), conformance::oracle::Entry::new([(privilege, Effect::Allow)]));
        }
        other => prop_assert!(false, "{:?} is denied because of {:?}", question, other),
    }
    let (allowed, _) = without.decide(&[principal(who)], privilege, path, now);
    prop_assert!(allowed, "{:?}: it is not {} that denies", question, reason);
    Ok(())
}

/// `user:ann`, of an entry or a row.
fn label(row: &Value) -> String {
    format!("{}:{}", row["principalType"].as_str().unwrap(), row["principalName"].as_str().unwrap())
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn however_one_asks_the_answer_is_the_oracles(drawn in any_policy()) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for now in INSTANTS {
            for question in questions(drawn.realm, &world, now) {
                agrees_with_the_oracle(&mut policy, &world, question)?;
            }
        }
    }

    #[test]
    fn a_restored_and_a_replayed_policy_decide_like_the_first(drawn in any_policy()) {
        let policy = Policy::of(&drawn);
        let world = World::of(&policy);
        let mut replayed = State::new().unwrap();
        policy.log.iter().for_each(|set| replayed.apply(set).unwrap());
        let restored = policy.copy().state;
        for question in questions(drawn.realm, &world, 1_000) {
            let Question { who, privilege, path, now } = question;
            let expected = world.decide(who, privilege, path, now);
            for state in [&restored, &replayed] {
                let until = state.valid_until(who, privilege, path, now);
                let given = (state.check_names(who, privilege, path, now), until);
                prop_assert_eq!(given, (Ok(expected.0), Ok(expected.1)), "{:?}", question);
            }
        }
    }

    #[test]
    fn what_one_of_several_principals_may_they_may_together(drawn in small(0..80), now in select(&INSTANTS[..])) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for several in [["user:u0", "user:u1"], ["user:project: P", "group:g0"], ["user:stranger", "user:u2"]] {
            let privileges = drawn.realm.privileges.iter();
            for (path, privilege) in world.paths.iter().flat_map(|path| privileges.clone().map(move |one| (path, one))) {
                let question = json!({"path": path, "principal": several, "privilege": privilege});
                let (allowed, until) = world.oracle.decide(&several.map(principal), privilege, path, now);
                let checked = policy.ask(now, "check", question.clone());
                prop_assert_eq!(checked["decision"] == "allow", allowed, "{} at {}", question, now);
                let checked_until = checked["validUntil"].as_str().map(str::to_owned);
                prop_assert_eq!(checked_until, until.map(millis), "{} at {}", question, now);
            }
        }
    }

    #[test]
    fn explain_agrees_with_check(drawn in any_policy()) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for now in [0, 2_500] {
            for question in questions(drawn.realm, &world, now) {
                let explained = question.explained(&mut policy);
                let checked = policy.ask(now, "check", question.arguments());
                for field in ["decision", "reason", "validUntil"] {
                    prop_assert_eq!(explained.get(field), checked.get(field), "{:?}: {}", question, field);
                }
                prop_assert_eq!(explained.get("fix").is_some(), explained["decision"] == "deny", "{:?}", question);
                let says = ["Admin", "EntryAllows"].iter().any(|code| explained["reason"]["code"] == *code);
                prop_assert_eq!(says, explained["decision"] == "allow", "{:?}: {}", question, explained["reason"]);
            }
        }
    }

    #[test]
    fn every_denial_has_a_reason(drawn in any_policy()) {
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for now in [0, 1_000] {
            for question in questions(drawn.realm, &world, now) {
                let explained = question.explained(&mut policy);
                if explained["decision"] == "deny" {
                    has_its_reason(&world, question, &explained["reason"])?;
                }
            }
        }
    }
}

/// A sentence about what never occurs is true, and shows nothing.
#[test]
fn the_dice_fall_on_every_kind_of_answer() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..12 {
        let drawn = small(40..80).new_tree(&mut runner).unwrap().current();
        let mut policy = Policy::of(&drawn);
        let world = World::of(&policy);
        for question in questions(drawn.realm, &world, 1_000) {
            for kind in kinds(&question.explained(&mut policy)) {
                *seen.entry(kind).or_insert(0) += 1;
            }
        }
    }
    let wanted =
        ["Admin", "EntryAllows", "EntryDenies", "NoEntryMatches", "InheritanceBroken", "dated", "unregistered"];
    for kind in wanted.into_iter().chain(["through 1", "through 2", "several deny", "fixed by 1", "fixed by 2"]) {
        assert!(seen.get(kind).is_some_and(|times| *times >= 5), "{kind}: {seen:?}");
    }
}

fn kinds(explained: &Value) -> Vec<String> {
    let reason = &explained["reason"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let entries = list(&reason["aclEntry"]);
    let mut kinds = vec![reason["code"].as_str().unwrap().to_owned()];
    kinds.extend(explained.get("validUntil").map(|_| "dated".to_owned()));
    kinds.extend(explained.get("registered").map(|_| "unregistered".to_owned()));
    kinds.extend(entries.iter().map(|entry| format!("through {}", list(&entry["through"]).len())));
    kinds.extend((entries.len() > 1 && reason["code"] == "EntryDenies").then(|| "several deny".to_owned()));
    kinds.extend(explained.get("fix").map(|fix| format!("fixed by {}", list(fix).len())));
    kinds
}
