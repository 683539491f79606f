//! Playing a case through the command line: a process for every command, and nothing between them but a store file.
//!
//! A command of a case is written with its arguments as options, `--name=value`. The answers are those of
//! `--output json`, and must be what the case expects of any target. What the words alone show to be wrong, the program
//! refuses by itself, and names an option as it was written, with its dashes; they are left out of the comparison.

mod desk;
mod program;

use crate::case::{Call, Case, Check, Outcome, Question, Stage};
use crate::play::last_reply;
use crate::play::{misfit, mismatch};
use crate::wallet::Wallet;
use desk::Desk;
use portcullis_engine::ArgumentKind;
pub use program::Program;
use serde_json::{Map, Value, json};

/// Plays a case with a program on a store file of its own, and says where the case is not true.
#[must_use]
pub fn play(case: &Case, program: &Program) -> Vec<String> {
    let mut player = match Desk::new(program) {
        Ok(desk) => Player { desk, faults: Vec::new(), stage: 0, wallet: Wallet::default() },
        Err(fault) => return vec![fault],
    };
    player.begin(case);
    for (number, stage) in case.stages.iter().enumerate() {
        player.stage = number + 1;
        player.play(stage);
    }
    let verified = player.desk.run(&["--as=admin".to_owned(), "verify".to_owned()], None);
    player.must_be_done("`verify`", verified);
    player.faults
}

struct Player<'a> {
    desk: Desk<'a>,
    faults: Vec<String>,
    stage: usize,
    wallet: Wallet,
}

impl Player<'_> {
    fn fault(&mut self, text: impl std::fmt::Display) {
        self.faults.push(format!("stage {}: {text}", self.stage));
    }

    /// The answer to what must not be refused.
    fn must_be_done(&mut self, what: &str, answer: Result<Value, String>) -> Value {
        let answer = answer.and_then(|answer| match answer.get("error") {
            Some(error) => Err(format!("it was refused: {error}")),
            None => Ok(answer),
        });
        answer.unwrap_or_else(|fault| {
            self.fault(format!("{what}: {fault}"));
            Value::Null
        })
    }

    fn begin(&mut self, case: &Case) {
        let schema = case.schema.iter().map(|schema| ("schema".to_owned(), schema.clone()));
        let create = Call { command: "createPolicy".into(), arguments: schema.collect() };
        self.prepare(&create);
    }

    fn play(&mut self, stage: &Stage) {
        for call in &stage.given {
            self.prepare(call);
        }
        if let Some(outcome) = &stage.then
            && let Err(fault) = self.perform(stage, outcome)
        {
            self.fault(format!("`when`: {fault}"));
        }
        for check in &stage.check {
            self.check(check);
        }
        for question in &stage.ask {
            self.ask(question, stage);
        }
    }

    /// A command of `admin` that must be done.
    fn prepare(&mut self, call: &Call) {
        let answer = self.send(&"user:admin".into(), call);
        self.must_be_done(&format!("`{}` of `given`", call.command), answer);
    }

    /// The stage's commands one by one, up to the first that is refused.
    fn perform(&mut self, stage: &Stage, outcome: &Outcome) -> Result<(), String> {
        if stage.when.len() > 1 && outcome.refusal.is_some() {
            return Err("several commands in one request have no command line: `notFor` must say so".into());
        }
        let before = self.desk.head()?;
        let mut answer = Value::Null;
        for (place, call) in stage.when.iter().enumerate() {
            answer = self.send(&stage.caller, call)?;
            if let Some(Value::Object(error)) = answer.get_mut("error") {
                error.insert("command".into(), place.into());
                break;
            }
        }
        self.wallet.keep(outcome, last_reply(&answer));
        let changed = self.desk.head()?.revision != before.revision;
        if changed && answer.get("error").is_some() {
            return Err(format!("it was refused, and changed something: {answer}"));
        }
        misfit(outcome, &answer, changed).map_or(Ok(()), Err)
    }

    fn ask(&mut self, question: &Question, stage: &Stage) {
        let caller = question.caller.as_ref().unwrap_or(&stage.caller);
        let answer = self.send(caller, &question.question);
        let fault = answer.map_or_else(Some, |answer| misfit(&question.expect, &answer, false));
        if let Some(fault) = fault {
            self.fault(format!("`{}`: {fault}", question.question.command));
        }
    }

    fn check(&mut self, check: &Check) {
        for privilege in &check.may {
            let what = json!({"principal": check.who, "privilege": privilege, "path": check.on});
            let arguments = what.as_object().cloned().unwrap_or_default();
            let answer = self.send(&"user:admin".into(), &Call { command: "explain".into(), arguments });
            let fault = answer.map_or_else(Some, |answer| {
                mismatch(check, &answer).map(|fault| format!("{fault}; the answer is {answer}"))
            });
            if let Some(fault) = fault {
                self.fault(format!("{} {privilege} {}: {fault}", check.who, check.on));
            }
        }
    }

    fn send(&self, caller: &Value, call: &Call) -> Result<Value, String> {
        let (caller, call) = (self.wallet.fill(caller), &self.wallet.fill_call(call));
        let session = caller.get("session").and_then(Value::as_str);
        let mut words = match session {
            Some(_) => Vec::new(),
            None => vec![format!("--as={}", name(&caller)?)],
        };
        words.extend(match call.command.as_str() {
            "createPolicy" => self.with_schema("init", &call.arguments)?,
            "setSchema" => self.with_schema("setSchema", &call.arguments)?,
            "eraseUser" => {
                let name = call.arguments.get("userName").map(simple).transpose()?;
                ["erase".into(), "user".into()].into_iter().chain(name.map(|name| format!("--name={name}"))).collect()
            }
            "import" => return Err("`import` reads a folder: `notFor` must say so".into()),
            command => words_of(command, &call.arguments)?,
        });
        self.desk.run(&words, session)
    }

    /// A command that reads a schema from a file, if the case brings one.
    fn with_schema(&self, command: &str, arguments: &Map<String, Value>) -> Result<Vec<String>, String> {
        let mut words = vec![command.to_owned()];
        if let Some(schema) = arguments.get("schema") {
            let text = schema.as_str().map_or_else(|| schema.to_string(), str::to_owned);
            words.push(format!("--schema={}", self.desk.write("schema.json", &text)?));
        }
        Ok(words)
    }
}

/// A command with its arguments as options.
fn words_of(command: &str, arguments: &Map<String, Value>) -> Result<Vec<String>, String> {
    let mut words = vec![command.to_owned()];
    for (option, value) in arguments {
        let is_structure = portcullis_engine::command(command).is_ok_and(|known| {
            known.arguments.iter().any(|argument| argument.name == option && argument.kind == ArgumentKind::Json)
        });
        if is_structure && !value.is_string() {
            words.push(format!("--{option}={value}"));
            continue;
        }
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            words.push(format!("--{option}={}", simple(value)?));
        }
    }
    Ok(words)
}

fn name(caller: &Value) -> Result<&str, String> {
    caller.as_str().ok_or_else(|| format!("`--as` cannot say {caller}: `notFor` must say so"))
}

/// The word for a value.
fn simple(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(format!("no word of a command line is {value}: `notFor` must say so")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_option_repeated_and_a_structure_has_no_word() {
        let words = |arguments: Value| words_of("check", arguments.as_object().unwrap_or(&Map::new()));
        let several = json!({"principal": ["user:a b", "group:c"], "limit": 3, "recursive": true});
        let wanted = ["check", "--principal=user:a b", "--principal=group:c", "--limit=3", "--recursive=true"];
        assert_eq!(words(several), Ok(wanted.map(str::to_owned).to_vec()));
        assert!(words(json!({"principal": {"type": "user"}})).is_err());
        assert!(name(&json!(["user:a", "user:b"])).is_err());
    }
}
