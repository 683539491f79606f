//! Requests: who asks for what, when.

use crate::address::shorten;
use crate::arguments::{Arguments, identities};
use crate::change::ChangeSet;
use crate::command::{self, Run};
use crate::decision::Identity;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use serde_json::{Map, Value, json};

/// A request: the caller, the time, and one command to ask or several to propose.
///
/// ```
/// use portcullis_engine::{Request, State};
///
/// let mut state = State::new()?;
/// let request = Request::parse(br#"{"request": "propose", "caller": {"type": "user", "name": "admin"}, "now": 0,
///     "seed": "00112233445566778899aabbccddeeff", "commands": [{"command": "createPolicy"}]}"#)?;
/// let changes = state.propose(&request)?.changes.ok_or("nothing changed")?;
/// assert_eq!(state.revision(), 0, "proposing alters nothing");
/// state.apply(&changes)?;
/// assert_eq!(state.revision(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    kind: Kind,
    caller: Vec<Identity>,
    now_ms: i64,
    seed: [u8; 16],
    commands: Vec<Call>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Ask,
    Propose,
}

#[derive(Clone, Debug)]
struct Call {
    command: String,
    arguments: Map<String, Value>,
}

/// What a list of commands would do.
#[derive(Debug)]
pub struct Proposal {
    /// Each command's answer.
    pub replies: Vec<Value>,
    /// The changes, for [`State::apply`]; `None` where nothing would change.
    pub changes: Option<ChangeSet>,
}

/// A refusal, and which of the request's commands was refused.
#[derive(Debug)]
pub struct RefusedCommand {
    /// The command's place in the request, from 0.
    pub command: usize,
    /// Why.
    pub refusal: Box<Refusal>,
}

impl std::fmt::Display for RefusedCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.refusal.fmt(f)
    }
}

impl std::error::Error for RefusedCommand {}

impl Request {
    /// Reads a request's JSON.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where the text is no JSON object or has an unknown or unfit field, `MissingArgument`, and
    /// what an identity can be refused for.
    pub fn parse(json: &[u8]) -> Result<Self, Box<Refusal>> {
        let invalid = |error| Box::new(Refusal::InvalidArgument(format!("the request is not valid JSON: {error}")));
        let Value::Object(mut fields) = serde_json::from_slice(json).map_err(invalid)? else {
            return Err(Refusal::invalid("a request is a JSON object").into());
        };
        let mut take = |name: &str| fields.remove(name).ok_or_else(|| missing(name));
        let kind = match take("request")?.as_str() {
            Some("ask") => Kind::Ask,
            Some("propose") => Kind::Propose,
            _ => return Err(Refusal::invalid("`request` is neither `ask` nor `propose`").into()),
        };
        let caller = identities(&take("caller")?)?;
        let now_ms = take("now")?.as_i64();
        let now_ms = now_ms.ok_or_else(|| Box::new(Refusal::invalid("`now` is not a whole number of milliseconds")))?;
        let seed = if kind == Kind::Propose { parse_seed(&take("seed")?)? } else { [0; 16] };
        let commands = match take("commands") {
            Ok(commands) => read_calls(commands)?,
            Err(_) => vec![read_call(
                json!({ "command": take("command")?, "arguments": take("arguments").unwrap_or(Value::Null) }),
            )?],
        };
        fields.remove("context");
        match fields.keys().next() {
            Some(unknown) => {
                Err(Refusal::InvalidArgument(format!("a request has no field `{}`", shorten(unknown))).into())
            }
            None => Ok(Self { kind, caller, now_ms, seed, commands }),
        }
    }
}

fn missing(name: &str) -> Box<Refusal> {
    Refusal::MissingArgument(format!("the request lacks `{name}`")).into()
}

fn parse_seed(value: &Value) -> Result<[u8; 16], Box<Refusal>> {
    let text = value.as_str().unwrap_or_default();
    let seed = (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok()).flatten();
    seed.map(u128::to_be_bytes).ok_or_else(|| Box::new(Refusal::invalid("`seed` is not 32 hexadecimal digits")))
}

fn read_calls(value: Value) -> Result<Vec<Call>, Box<Refusal>> {
    match value {
        Value::Array(calls) => calls.into_iter().map(read_call).collect(),
        _ => Err(Refusal::invalid("`commands` is not a list").into()),
    }
}

fn read_call(mut value: Value) -> Result<Call, Box<Refusal>> {
    let arguments = match value.get_mut("arguments").map(Value::take) {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Refusal::invalid("`arguments` is not an object").into()),
    };
    let command = value.get("command").and_then(Value::as_str).ok_or_else(|| missing("command"))?;
    Ok(Call { command: command.to_owned(), arguments })
}

impl State {
    /// Answers a request in JSON with JSON, and with the changes where it proposes some. Both faces are this.
    pub fn call(&mut self, json: &[u8]) -> (Value, Option<ChangeSet>) {
        let request = match Request::parse(json) {
            Ok(request) => request,
            Err(refusal) => return (error_answer(self.revision, &refusal, None), None),
        };
        if request.kind == Kind::Ask {
            let answer = match self.ask(&request) {
                Ok(reply) => json!({ "revision": self.revision, "reply": reply }),
                Err(refusal) => error_answer(self.revision, &refusal, None),
            };
            return (answer, None);
        }
        match self.propose(&request) {
            Ok(proposal) => (json!({ "revision": self.revision, "replies": proposal.replies }), proposal.changes),
            Err(refused) => (error_answer(self.revision, &refused.refusal, Some(refused.command)), None),
        }
    }

    /// Answers a question.
    ///
    /// # Errors
    ///
    /// What the command refuses; `InvalidArgument` for a command that would change something.
    pub fn ask(&self, request: &Request) -> Result<Value, Box<Refusal>> {
        let [call] = request.commands.as_slice() else {
            return Err(Refusal::invalid("one question is asked at a time").into());
        };
        let command = command::find(&call.command)?;
        if self.policy == [0; 16] {
            return Err(Refusal::invalid("there is no policy yet: `createPolicy` comes first").into());
        }
        let Run::Ask(run) = command.run else {
            let name = command.name;
            return Err(
                Refusal::InvalidArgument(format!("`{name}` changes the policy: it is proposed, not asked")).into()
            );
        };
        let arguments = Arguments::new(command, &self.schema, &call.arguments)?;
        run(&View { state: self, caller: &request.caller, now: request.now_ms }, &arguments).map(Fields::done)
    }

    /// Says what a list of commands would change, each seeing what those before it would do. The state is afterwards
    /// as it was before.
    ///
    /// # Errors
    ///
    /// What the first refused command refuses, and its place in the list.
    pub fn propose(&mut self, request: &Request) -> Result<Proposal, RefusedCommand> {
        let before = self.mark();
        self.revision += 1;
        let now = request.now_ms.max(self.at_ms);
        let mut transaction = Transaction::new(self, &request.caller, now, request.seed);
        let mut replies = Vec::with_capacity(request.commands.len());
        let mut refused = None;
        for (index, call) in request.commands.iter().enumerate() {
            match transaction.run(&call.command, &call.arguments) {
                Ok(reply) => replies.push(reply.done()),
                Err(refusal) => {
                    refused = Some(RefusedCommand { command: index, refusal });
                    break;
                }
            }
        }
        let (changes, undo) = transaction.end();
        self.revert(undo, before);
        if let Some(refused) = refused {
            return Err(refused);
        }
        let caller: Vec<String> = request.caller.iter().map(Identity::to_string).collect();
        let changes = (!changes.is_empty()).then(|| ChangeSet {
            revision: self.revision + 1,
            at_ms: now,
            caller: caller.join(","),
            commands: request.commands.iter().map(|call| call.command.clone()).collect(),
            changes,
        });
        Ok(Proposal { replies, changes })
    }
}

/// The answer to a request that is refused.
pub(crate) fn error_answer(revision: u64, refusal: &Refusal, command: Option<usize>) -> Value {
    let error = Fields::default().text("code", &refusal.code()).text("message", &refusal.to_string());
    let error = match command {
        Some(place) => error.number("command", place),
        None => error,
    };
    Fields::default().number("revision", revision as usize).value("error", error.done()).done()
}
