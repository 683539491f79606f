//! A policy in a test: an engine, what it was told, and short ways to tell and to ask it.

use portcullis_engine::{ChangeSet, PrivatePart, State};
use serde_json::{Value, json};

/// What an engine answers, read.
pub(crate) struct Called {
    pub(crate) answer: Value,
    pub(crate) changes: Option<ChangeSet>,
    pub(crate) private: PrivatePart,
}

/// An engine that is asked in JSON.
pub(crate) trait Answers {
    /// Answers, and reads the answer.
    fn answered(&mut self, request: &[u8]) -> Called;
}

impl Answers for State {
    fn answered(&mut self, request: &[u8]) -> Called {
        let portcullis_engine::Called { answer, changes, private } = self.call(request);
        Called { answer: serde_json::from_str(&answer).unwrap(), changes, private }
    }
}

/// An engine with its log.
pub(crate) struct Policy {
    /// The engine.
    pub(crate) state: State,
    /// Every change set so far.
    pub(crate) log: Vec<ChangeSet>,
}

impl Policy {
    /// A new policy with the CD/RO schema.
    pub(crate) fn new() -> Self {
        Self::with(&[json!({"command": "createPolicy"})])
    }

    /// A new policy with another schema.
    pub(crate) fn of(schema: &Value) -> Self {
        Self::with(&[json!({"command": "createPolicy", "arguments": {"schema": schema}})])
    }

    fn with(commands: &[Value]) -> Self {
        let mut policy = Self { state: State::new().unwrap(), log: Vec::new() };
        policy.propose("user:admin", 0, commands).unwrap();
        policy
    }

    /// Proposes commands and applies what they change. The refusal's `error` where they are refused.
    pub(crate) fn propose(&mut self, caller: &str, now: i64, commands: &[Value]) -> Result<Value, Value> {
        let Called { answer, changes, private } = self.try_out(caller, now, commands);
        if let Some(set) = changes {
            self.state.apply(&set).unwrap();
            self.state.reveal(&private.values);
            self.log.push(set);
        }
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["replies"].clone()),
        }
    }

    /// Proposes commands and leaves it at that.
    pub(crate) fn try_out(&mut self, caller: &str, now: i64, commands: &[Value]) -> Called {
        let seed = "000102030405060708090a0b0c0d0e0f";
        let request = json!({"request": "propose", "caller": caller, "now": now, "seed": seed, "commands": commands});
        self.state.answered(request.to_string().as_bytes())
    }

    /// One command of `admin` at the beginning of time.
    pub(crate) fn admin(&mut self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.propose("user:admin", 0, &[json!({"command": command, "arguments": arguments})])
    }

    /// A question; the reply, or the refusal's `error`.
    pub(crate) fn ask(&mut self, caller: &str, now: i64, command: &str, arguments: Value) -> Result<Value, Value> {
        let request =
            json!({"request": "ask", "caller": caller, "now": now, "command": command, "arguments": arguments});
        let answer = self.state.answered(request.to_string().as_bytes()).answer;
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["reply"].clone()),
        }
    }

    /// The state that the log leads to from nothing, through the binary form.
    pub(crate) fn replayed(&self) -> State {
        let mut state = State::new().unwrap();
        for set in &self.log {
            state.apply(&ChangeSet::decode(&set.encode()).unwrap()).unwrap();
        }
        state
    }
}
