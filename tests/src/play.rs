//! Playing a case: its stages one after the other on one target.

use crate::case::{Answer, Call, Case, Check, Outcome, Preview, Question, Stage};
use crate::expectation::difference;
use crate::target::Target;
use crate::wallet::Wallet;
use portcullis_engine::PrivatePart;
use serde_json::{Value, json};

/// What was sent to a target and what came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The request's JSON.
    pub request: String,
    /// The answer's bytes.
    pub answer: Vec<u8>,
    /// The change set's bytes.
    pub changes: Option<Vec<u8>>,
}

/// What came of playing a case on a target.
#[derive(Default, Debug)]
pub struct Played {
    /// Everything that was sent and came back, in order.
    pub exchanges: Vec<Exchange>,
    /// The state at the end.
    pub snapshot: Vec<u8>,
    /// Where the case is not true of the target.
    pub faults: Vec<String>,
}

/// Plays a case on a target that has no policy yet. `after_stage` looks at the target after every stage, with all
/// change sets so far and the stage's time, and says what is wrong.
pub fn play<T: Target>(
    case: &Case,
    target: &mut T,
    mut after_stage: impl FnMut(&mut T, &[Vec<u8>], i64) -> Vec<String>,
) -> Played {
    let wallet = Wallet::default();
    let mut player = Player { target, log: Vec::new(), played: Played::default(), stage: 0, wallet };
    player.begin(case);
    for (number, stage) in case.stages.iter().enumerate() {
        player.stage = number + 1;
        player.play(stage);
        let faults = after_stage(player.target, &player.log, stage.at);
        faults.into_iter().for_each(|fault| player.fault(fault));
    }
    match player.target.snapshot() {
        Ok(snapshot) => player.played.snapshot = snapshot,
        Err(error) => player.fault(error),
    }
    player.played
}

struct Player<'a, T> {
    target: &'a mut T,
    log: Vec<Vec<u8>>,
    played: Played,
    stage: usize,
    wallet: Wallet,
}

impl<T: Target> Player<'_, T> {
    fn fault(&mut self, text: impl std::fmt::Display) {
        self.played.faults.push(format!("stage {}: {text}", self.stage));
    }

    fn begin(&mut self, case: &Case) {
        let schema = case.schema.iter().map(|schema| ("schema".to_owned(), schema.clone())).collect();
        let create = Call { command: "createPolicy".into(), arguments: schema };
        let at = case.stages.first().map_or(0, |stage| stage.at);
        self.prepare(&create, at);
    }

    fn play(&mut self, stage: &Stage) {
        for call in &stage.given {
            self.prepare(call, stage.at);
        }
        if let Some(outcome) = &stage.then {
            let answer = self.perform(&stage.caller, stage.at, &stage.when);
            self.compare("`when`", outcome, &answer);
            self.wallet.keep(outcome, last_reply(&answer));
        }
        for check in &stage.check {
            self.check(check, stage.at);
        }
        for question in &stage.ask {
            self.ask(question, stage);
        }
        for preview in &stage.preview {
            self.preview(preview, stage);
        }
    }

    /// A command of `admin` that must be done.
    fn prepare(&mut self, call: &Call, at: i64) {
        let answer = self.propose(&"user:admin".into(), at, std::slice::from_ref(call));
        if let Some(error) = answer.get("error") {
            self.fault(format!("given `{}`: {error}", call.command));
        }
    }

    fn perform(&mut self, caller: &Value, at: i64, calls: &[Call]) -> Value {
        match calls {
            [call] if portcullis_engine::command(&call.command).is_ok_and(|command| command.asks()) => {
                self.question(caller, at, call)
            }
            calls => self.propose(caller, at, calls),
        }
    }

    fn question(&mut self, caller: &Value, at: i64, call: &Call) -> Value {
        let Call { command, arguments } = self.wallet.fill_call(call);
        let caller = self.wallet.caller(caller);
        self.send(json!({"request": "ask", "caller": caller, "now": at, "command": command, "arguments": arguments}))
    }

    fn propose(&mut self, caller: &Value, at: i64, calls: &[Call]) -> Value {
        let prepared = self.wallet.prepare(caller, calls, self.target);
        let (caller, commands, seed) = (&prepared.caller, &prepared.commands, self.seed());
        let answer =
            self.send(json!({"request": "propose", "caller": caller, "now": at, "seed": seed, "commands": commands}));
        self.wallet.remember(&prepared, &answer);
        answer
    }

    /// Any will do, as long as it is the same on every target.
    fn seed(&self) -> String {
        format!("{:032x}", 0x0070_6f72_7463_756c_u128 + self.played.exchanges.len() as u128)
    }

    /// Sends a request, and applies what it changes.
    fn send(&mut self, request: Value) -> Value {
        let request = request.to_string();
        let before = self.target.snapshot();
        let answer = self.target.call(request.as_bytes()).unwrap_or_else(|error| {
            self.fault(error);
            Vec::new()
        });
        if self.target.snapshot() != before {
            self.fault("the call itself changed the state");
        }
        let changes = self.target.take_changes().unwrap_or_else(|error| {
            self.fault(error);
            None
        });
        let private = self.target.take_private().unwrap_or_else(|error| {
            self.fault(error);
            PrivatePart::default()
        });
        if let Some(changes) = &changes {
            match self.target.apply(changes, &private) {
                Ok(()) => self.log.push(changes.clone()),
                Err(error) => self.fault(format!("what it proposed could not be applied: {error}")),
            }
        }
        let value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
        self.played.exchanges.push(Exchange { request, answer, changes });
        value
    }

    /// Whether the answer is what must come of the commands.
    fn compare(&mut self, what: &str, outcome: &Outcome, answer: &Value) {
        let changed = self.played.exchanges.last().is_some_and(|exchange| exchange.changes.is_some());
        if let Some(fault) = misfit(outcome, answer, changed) {
            self.fault(format!("{what}: {fault}"));
        }
    }

    fn ask(&mut self, question: &Question, stage: &Stage) {
        let caller = question.caller.as_ref().unwrap_or(&stage.caller);
        let answer = self.question(caller, question.at.unwrap_or(stage.at), &question.question);
        self.compare(&format!("`{}`", question.question.command), &question.expect, &answer);
    }

    /// The answer as a whole counts as the reply.
    fn preview(&mut self, preview: &Preview, stage: &Stage) {
        let caller = preview.caller.as_ref().unwrap_or(&stage.caller);
        let prepared = self.wallet.prepare(caller, &preview.of, self.target);
        let mut request = json!({"request": "preview", "caller": prepared.caller, "now": preview.at.unwrap_or(stage.at),
            "seed": self.seed(), "commands": prepared.commands});
        let page = [("after", preview.after.clone().map(Value::from)), ("limit", preview.limit.map(Value::from))];
        if let Some(fields) = request.as_object_mut() {
            fields.extend(page.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        let answer = self.send(request);
        let reply = if answer.get("error").is_some() { answer } else { json!({ "reply": answer }) };
        self.compare("`preview`", &preview.expect, &reply);
    }

    fn check(&mut self, check: &Check, stage_at: i64) {
        let at = check.at.unwrap_or(stage_at);
        for privilege in &check.may {
            let what = json!({"principal": check.who, "privilege": privilege, "path": check.on});
            let arguments = what.as_object().cloned().unwrap_or_default();
            let explain = Call { command: "explain".into(), arguments };
            let answer = self.question(&"user:admin".into(), at, &explain);
            if let Some(fault) = mismatch(check, &answer) {
                self.fault(format!("{} {privilege} {}: {fault}; the answer is {answer}", check.who, check.on));
            }
        }
    }
}

/// How an answer is not what must come of the commands.
pub(crate) fn misfit(outcome: &Outcome, answer: &Value, changed: bool) -> Option<String> {
    let error = answer.get("error");
    match (&outcome.refusal, error) {
        (None, Some(error)) => return Some(format!("it was refused: {error}")),
        (Some(code), None) => return Some(format!("it was done, where `{code}` is expected: {answer}")),
        (Some(code), Some(error)) => return differs_from_refusal(code, outcome, error),
        (None, None) => {}
    }
    if outcome.changed.is_some_and(|expected| expected != changed) {
        return Some(format!("it changed {}", if changed { "something" } else { "nothing" }));
    }
    difference(outcome.reply.as_ref()?, last_reply(answer), outcome.exactly)
}

/// The answer to the last command.
pub(crate) fn last_reply(answer: &Value) -> &Value {
    let last = || answer.get("replies").and_then(Value::as_array).and_then(|replies| replies.last());
    answer.get("reply").or_else(last).unwrap_or(&Value::Null)
}

fn differs_from_refusal(code: &str, outcome: &Outcome, error: &Value) -> Option<String> {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let place = error.get("command").and_then(Value::as_u64);
    let right = text("code") == code
        && outcome.message.as_ref().is_none_or(|part| text("message").contains(part.as_str()))
        && outcome.command.is_none_or(|command| place == Some(command as u64));
    (!right).then(|| format!("it was refused with {error}, where `{code}` is expected: {:?}", outcome.message))
}

/// How an explanation is not what the check expects.
pub(crate) fn mismatch(check: &Check, answer: &Value) -> Option<String> {
    let at = |pointer: &str| answer.pointer(&format!("/reply/{pointer}")).and_then(Value::as_str);
    let wanted = match check.answer {
        Answer::Allow => "allow",
        Answer::Deny => "deny",
    };
    let through = || {
        let groups = answer.pointer("/reply/reason/aclEntry/0/through").and_then(Value::as_array);
        let names = groups.into_iter().flatten().filter_map(Value::as_str);
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    if at("decision") != Some(wanted) {
        return Some(format!("the answer is not {wanted}"));
    }
    if at("reason/code") != Some(check.reason.as_str()) {
        return Some(format!("the reason is not {}", check.reason));
    }
    if check.decided_at.is_some() && at("reason/object") != check.decided_at.as_deref() {
        return Some("another object's list decides".into());
    }
    if check.through.as_ref().is_some_and(|groups| *groups != through()) {
        return Some("the deciding entry reaches the principal another way".into());
    }
    if at("validUntil") != check.valid_until.as_deref() {
        return Some("`validUntil` is another".into());
    }
    check.fix.as_ref().and_then(|fix| differs_from_fix(fix, answer))
}

fn differs_from_fix(fix: &[Call], answer: &Value) -> Option<String> {
    let expected = fix.iter().map(|call| json!({"command": call.command, "arguments": call.arguments}));
    let found = answer.pointer("/reply/fix").unwrap_or(&Value::Null);
    difference(&expected.collect::<Vec<_>>().into(), found, true)
        .map(|difference| format!("the fix differs: {difference}"))
}
