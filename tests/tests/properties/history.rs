//! The log and snapshots: whichever way one comes to a state, it is the same bytes.

use crate::cases;
use crate::policy::{Policy, small, to_json};
use conformance::case::Call;
use conformance::chance::acts::{Act, acts};
use conformance::chance::{self, BUILT_IN, SMALL};
use conformance::sequence;
use conformance::target::{Native, Target};
use portcullis_engine::{ChangeSet, PrivatePart, SALT_BYTES, State};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A target that remembers every change set, and the snapshot behind each.
struct Logged {
    target: Native,
    sets: Vec<Vec<u8>>,
    snapshots: Vec<Vec<u8>>,
}

impl Logged {
    fn played(acts: &[Act]) -> Result<Self, TestCaseError> {
        let target = Native::new().unwrap();
        let snapshots = vec![target.state.snapshot()];
        let mut logged = Self { target, sets: Vec::new(), snapshots };
        sequence::play(acts, &mut logged).map_err(TestCaseError::fail)?;
        Ok(logged)
    }
}

impl Target for Logged {
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.target.call(request)
    }

    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String> {
        self.target.take_changes()
    }

    fn take_private(&mut self) -> Result<PrivatePart, String> {
        self.target.take_private()
    }

    fn password_of(&mut self, user_name: &str) -> Result<Option<String>, String> {
        self.target.password_of(user_name)
    }

    fn apply(&mut self, changes: &[u8], private: &PrivatePart) -> Result<(), String> {
        self.target.apply(changes, private)?;
        self.sets.push(changes.to_vec());
        self.snapshots.push(self.target.state.snapshot());
        Ok(())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        self.target.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.target.restore(snapshot)
    }

    fn project(&mut self, principal: &str, from_ms: i64, salt: &[u8; SALT_BYTES]) -> Result<Option<Vec<u8>>, String> {
        self.target.project(principal, from_ms, salt)
    }
}

/// The snapshot that change sets lead to from a state.
fn replayed(mut state: State, sets: &[Vec<u8>]) -> Vec<u8> {
    sets.iter().for_each(|set| state.apply(&ChangeSet::decode(set).unwrap()).unwrap());
    state.snapshot()
}

fn any_acts() -> impl Strategy<Value = Vec<Act>> {
    prop_oneof![acts(&SMALL), acts(&BUILT_IN)]
}

/// Commands that `admin` does one by one.
fn commands() -> impl Strategy<Value = Vec<Call>> {
    vec(prop_oneof![3 => chance::step(&SMALL).boxed(), 1 => chance::persona_step().boxed()], 1..15)
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn replay_equals_a_snapshot_plus_the_tail(acts in any_acts()) {
        let logged = Logged::played(&acts)?;
        let whole = replayed(State::new().unwrap(), &logged.sets);
        prop_assert!(logged.snapshots.last() == Some(&whole), "the log leads elsewhere");
        for (cut, snapshot) in logged.snapshots.iter().enumerate().skip(1) {
            let restored = State::restore(snapshot).unwrap();
            prop_assert!(replayed(restored, &logged.sets[cut..]) == whole, "behind change set {}", cut);
        }
    }

    #[test]
    fn to_take_a_snapshot_and_restore_it_is_the_identity_on_bytes(acts in any_acts()) {
        let logged = Logged::played(&acts)?;
        for (revision, snapshot) in logged.snapshots.iter().enumerate().skip(1) {
            let restored = State::restore(snapshot).unwrap();
            prop_assert!(restored.snapshot() == *snapshot, "at revision {}", revision);
            prop_assert_eq!(restored.revision(), revision as u64);
        }
        for set in &logged.sets {
            prop_assert!(ChangeSet::decode(set).unwrap().encode() == *set, "a change set, read, is written otherwise");
        }
    }

    #[test]
    fn the_same_proposal_twice_has_the_same_answer_and_alters_nothing(drawn in small(0..40), commands in commands()) {
        let mut policy = Policy::of(&drawn);
        let before = policy.state.snapshot();
        let commands: Vec<Value> = commands.iter().map(to_json).collect();
        for caller in ["user:admin", "user:u0", "user:stranger"] {
            let first = policy.try_out("propose", caller, 7, &commands);
            prop_assert_eq!(first, policy.try_out("propose", caller, 7, &commands));
            prop_assert!(policy.state.snapshot() == before, "a proposal altered the state");
        }
    }

    #[test]
    fn a_request_refused_at_its_end_takes_all_of_it_back(drawn in small(0..20), commands in commands()) {
        let mut apart = Policy::of(&drawn);
        let mut together = Policy::of(&drawn);
        let (before, log) = (together.state.snapshot(), apart.log.len());
        let is_done = |command: &Value| apart.propose("user:admin", 0, std::slice::from_ref(command)).is_ok();
        let done: Vec<Value> = commands.iter().map(to_json).filter(is_done).collect();
        let refused: Vec<Value> = done.iter().cloned().chain([json!({"command": "no such command"})]).collect();
        let (answer, changes) = together.try_out("propose", "user:admin", 0, &refused);
        prop_assert_eq!(&answer["error"]["code"], "InvalidRequestName");
        prop_assert!(changes.is_none() && together.state.snapshot() == before);
        // One request after another, or all in one: the same but for the revisions.
        let (answer, changes) = together.try_out("propose", "user:admin", 0, &done);
        prop_assert!(answer.get("error").is_none(), "{}", answer);
        let changes: Vec<_> = changes.into_iter().flat_map(|set| set.changes).collect();
        let one_by_one: Vec<_> = apart.log[log..].iter().flat_map(|set| set.changes.clone()).collect();
        prop_assert_eq!(changes, one_by_one);
    }
}
