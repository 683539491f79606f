//! A policy in a test: an engine, its log, and short ways to tell and to ask it.

use conformance::case::Call;
use conformance::chance::{self, BUILT_IN, Realm, SMALL};
use portcullis_engine::{Called, ChangeSet, State};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt;

/// What a random policy is made by.
#[derive(Clone)]
pub(crate) struct Drawn {
    pub(crate) realm: &'static Realm,
    pub(crate) commands: Vec<Call>,
}

/// As a failure shows it: one command on a line, ready for a case.
impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = |call: &&Call| !call.arguments.contains_key("schema");
        self.commands
            .iter()
            .filter(schema)
            .try_for_each(|call| writeln!(f, "{}", json!({&call.command: call.arguments})))
    }
}

/// A policy with a schema of the user's own.
pub(crate) fn small(steps: std::ops::Range<usize>) -> impl Strategy<Value = Drawn> {
    chance::policy(&SMALL, steps).prop_map(|commands| Drawn { realm: &SMALL, commands })
}

/// A policy with the schema of CD/RO.
pub(crate) fn built_in(steps: std::ops::Range<usize>) -> impl Strategy<Value = Drawn> {
    chance::policy(&BUILT_IN, steps).prop_map(|commands| Drawn { realm: &BUILT_IN, commands })
}

/// Mostly one with the small schema.
pub(crate) fn any_policy() -> impl Strategy<Value = Drawn> {
    prop_oneof![3 => small(0..80), 1 => built_in(0..80)]
}

/// An engine with its log.
pub(crate) struct Policy {
    pub(crate) realm: &'static Realm,
    pub(crate) state: State,
    pub(crate) log: Vec<ChangeSet>,
}

impl Policy {
    /// What the commands make that are not refused.
    pub(crate) fn of(drawn: &Drawn) -> Self {
        let mut policy = Self { realm: drawn.realm, state: State::new().unwrap(), log: Vec::new() };
        for call in &drawn.commands {
            policy.take(call);
        }
        policy
    }

    /// Another one that goes on from here.
    pub(crate) fn copy(&self) -> Self {
        let state = State::restore(&self.state.snapshot()).unwrap();
        Self { realm: self.realm, state, log: self.log.clone() }
    }

    /// Does a command of `admin` at the beginning of time, unless it is refused; an entry that is there is modified.
    pub(crate) fn take(&mut self, call: &Call) -> bool {
        let [command, instead] = [to_json(call), instead(call)];
        self.propose("user:admin", 0, &[command]).or_else(|_| self.propose("user:admin", 0, &[instead])).is_ok()
    }

    /// Does what must not be refused.
    pub(crate) fn admin(&mut self, command: &str, arguments: Value) -> Value {
        let done = self.propose("user:admin", 0, &[json!({"command": command, "arguments": arguments})]);
        done.unwrap_or_else(|error| panic!("{command} {arguments}: {error}"))
    }

    /// Proposes commands and applies what they change. The refusal's `error` where they are refused.
    pub(crate) fn propose(&mut self, caller: &str, now: i64, commands: &[Value]) -> Result<Value, Value> {
        let (answer, changes) = self.try_out("propose", caller, now, commands);
        if let Some(set) = changes {
            self.state.apply(&set).unwrap();
            self.log.push(set);
        }
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["replies"].clone()),
        }
    }

    /// What `propose` or `preview` answers, and no more than that.
    pub(crate) fn try_out(
        &mut self,
        kind: &str,
        caller: &str,
        now: i64,
        commands: &[Value],
    ) -> (Value, Option<ChangeSet>) {
        let seed = "000102030405060708090a0b0c0d0e0f";
        self.call(&json!({"request": kind, "caller": caller, "now": now, "seed": seed, "commands": commands}))
    }

    /// A question of `admin` that must be answered.
    pub(crate) fn ask(&mut self, now: i64, command: &str, arguments: Value) -> Value {
        let request =
            json!({"request": "ask", "caller": "user:admin", "now": now, "command": command, "arguments": arguments});
        let (answer, _) = self.call(&request);
        assert!(answer.get("error").is_none(), "{request}: {answer}");
        answer["reply"].clone()
    }

    fn call(&mut self, request: &Value) -> (Value, Option<ChangeSet>) {
        let Called { answer, changes, .. } = self.state.call(request.to_string().as_bytes());
        (serde_json::from_str(&answer).unwrap(), changes)
    }
}

/// A command as a request has it.
pub(crate) fn to_json(call: &Call) -> Value {
    json!({"command": call.command, "arguments": call.arguments})
}

/// What is there already may be modified.
pub(crate) fn instead(call: &Call) -> Value {
    let mut other = to_json(call);
    if call.command == "createAclEntry" {
        other["command"] = "modifyAclEntry".into();
    }
    other
}
