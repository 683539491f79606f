//! Requests: who asks for what, when.

use crate::address::shorten;
use crate::arguments::{Arguments, identities};
use crate::change::{ChangeSet, Record};
use crate::command::{self, Run};
use crate::decision::Identity;
use crate::fields::{Fields, Json};
use crate::instant::is_writable;
use crate::json::{self, Map, Value};
use crate::preview::Page;
use crate::private::PrivatePart;
use crate::refusal::Refusal;
use crate::sessions::{Admitted, Caller, Proof, SESSION_IDLE_MS, Session, Via};
use crate::state::State;
use crate::transaction::{Ended, Transaction};
use crate::view::View;

/// A request: the caller, the time, and one command to ask or several to propose or to preview.
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
    caller: Caller,
    now_ms: i64,
    seed: [u8; 16],
    commands: Vec<Call>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Kind {
    Ask,
    Propose,
    Preview(Page),
}

#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) command: String,
    pub(crate) arguments: Map,
    pub(crate) issue: Option<Issue>,
}

/// Arguments may be private: printed, a call is its command.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.command)
    }
}

/// What the host has made for a command that issues a secret. Printed, it is nothing.
#[derive(Clone)]
pub(crate) struct Issue {
    /// The SHA-256 of the secret, as 64 hexadecimal digits.
    pub(crate) hash: String,
    /// How long a login session lasts without being used, in milliseconds.
    pub(crate) idle_ms: i64,
}

impl std::fmt::Debug for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issue(…)")
    }
}

/// What a list of commands would do.
pub struct Proposal {
    /// Each command's answer, in JSON.
    pub replies: Vec<String>,
    /// The changes, for [`State::apply`]; `None` where nothing would change.
    pub changes: Option<ChangeSet>,
    /// The private values that the changes put, for [`State::reveal`], and what is to be erased.
    pub private: PrivatePart,
}

/// Answers may be private: printed, a proposal is how much there is in it.
impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let changes = self.changes.as_ref().map_or(0, |set| set.changes.len());
        write!(f, "Proposal({} replies, {changes} changes)", self.replies.len())
    }
}

/// The answer to a request, and what it proposes.
pub struct Called {
    /// The answer, in JSON.
    pub answer: String,
    /// The changes; `None` where nothing would change.
    pub changes: Option<ChangeSet>,
    /// What travels beside them.
    pub private: PrivatePart,
}

impl From<Json> for Called {
    fn from(answer: Json) -> Self {
        Self { answer: answer.into_text(), changes: None, private: PrivatePart::default() }
    }
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

impl RefusedCommand {
    fn answer(&self, revision: u64) -> Json {
        error_answer(revision, &self.refusal, Some(self.command))
    }
}

impl Request {
    /// Reads a request's JSON.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where the text is no JSON object or has an unknown or unfit field, `MissingArgument`, and
    /// what an identity can be refused for.
    pub fn parse(json: &[u8]) -> Result<Self, Box<Refusal>> {
        let invalid = |error| Refusal::invalid(format_args!("the request is not valid JSON: {error}"));
        let Value::Object(mut fields) = json::parse(json).map_err(invalid)? else {
            return Err(Refusal::invalid(format_args!("a request is a JSON object")));
        };
        let mut take = |name: &str| fields.remove(name).ok_or_else(|| missing(name));
        let kind = match take("request")?.as_str() {
            Some("ask") => Kind::Ask,
            Some("propose") => Kind::Propose,
            Some("preview") => Kind::Preview(read_page(take("after").ok(), take("limit").ok())?),
            _ => return Err(Refusal::invalid(format_args!("`request` is neither `ask` nor `propose` nor `preview`"))),
        };
        let caller = read_caller(&take("caller")?)?;
        let now_ms = take("now")?.as_i64();
        let now_ms = now_ms.filter(|now| is_writable(*now)).ok_or_else(|| {
            Refusal::invalid(format_args!("`now` is not a whole number of milliseconds in the years 0 to 9999"))
        })?;
        let seed = if kind == Kind::Ask { [0; 16] } else { parse_seed(&take("seed")?)? };
        let commands = match take("commands") {
            Ok(commands) => read_calls(commands)?,
            Err(_) => vec![read_call(&take("command")?, take("arguments").ok(), None)?],
        };
        fields.remove("context");
        match fields.keys().next() {
            Some(unknown) => Err(Refusal::invalid(format_args!("a request has no field `{}`", shorten(unknown)))),
            None => Ok(Self { kind, caller, now_ms, seed, commands }),
        }
    }
}

/// One identity or several that the host vouches for, or the proof of a session or a token.
fn read_caller(value: &Value) -> Result<Caller, Box<Refusal>> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (session, token) = (text("session"), text("token"));
    if value.get("session").is_none() && value.get("token").is_none() {
        return identities(value).map(Caller::Vouched);
    }
    match (session, token, text("hash"), value.as_object().map(Map::len)) {
        (Some(id), None, Some(hash), Some(2)) => Ok(Caller::Session(Proof { id, hash })),
        (None, Some(id), Some(hash), Some(2)) => Ok(Caller::Token(Proof { id, hash })),
        _ => Err(Refusal::invalid(format_args!("`caller` is a principal, or a `session` or `token` with its `hash`"))),
    }
}

fn missing(name: &str) -> Box<Refusal> {
    Refusal::told(Refusal::MissingArgument, format_args!("the request lacks `{name}`"))
}

fn parse_seed(value: &Value) -> Result<[u8; 16], Box<Refusal>> {
    let text = value.as_str().unwrap_or_default();
    let seed = (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok()).flatten();
    seed.map(u128::to_be_bytes).ok_or_else(|| Refusal::invalid(format_args!("`seed` is not 32 hexadecimal digits")))
}

/// Which part of a preview: behind a row, and at most so many.
fn read_page(after: Option<Value>, limit: Option<Value>) -> Result<Page, Box<Refusal>> {
    let after = match after {
        None => None,
        Some(Value::String(after)) => Some(after),
        Some(_) => return Err(Refusal::invalid(format_args!("`after` is not a text"))),
    };
    let limit = match limit.map(|limit| limit.as_i64().and_then(|limit| u64::try_from(limit).ok())) {
        None => usize::MAX,
        Some(Some(limit)) => usize::try_from(limit).unwrap_or(usize::MAX),
        Some(None) => return Err(Refusal::InvalidInteger("`limit` is not a whole number from 0 on".into()).into()),
    };
    Ok(Page { after, limit })
}

fn read_calls(value: Value) -> Result<Vec<Call>, Box<Refusal>> {
    match value {
        Value::Array(calls) => calls.into_iter().map(read_whole_call).collect(),
        _ => Err(Refusal::invalid(format_args!("`commands` is not a list"))),
    }
}

fn read_whole_call(value: Value) -> Result<Call, Box<Refusal>> {
    let Value::Object(mut fields) = value else { return Err(missing("command")) };
    let arguments = fields.remove("arguments");
    read_call(fields.get("command").unwrap_or(&Value::Null), arguments, fields.get("issue"))
}

fn read_call(command: &Value, arguments: Option<Value>, issue: Option<&Value>) -> Result<Call, Box<Refusal>> {
    let arguments = match arguments {
        None | Some(Value::Null) => Map::default(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Refusal::invalid(format_args!("`arguments` is not an object"))),
    };
    let command = command.as_str().ok_or_else(|| missing("command"))?.to_owned();
    Ok(Call { command, arguments, issue: issue.map(read_issue).transpose()? })
}

/// A hundred years.
const LONGEST_IDLE_MS: i64 = 36_500 * 86_400_000;

fn read_issue(value: &Value) -> Result<Issue, Box<Refusal>> {
    let hash = value.get("hash").and_then(Value::as_str).unwrap_or_default();
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::invalid(format_args!("`issue` has no `hash` of 64 hexadecimal digits")));
    }
    let idle_ms = value
        .get("idleMs")
        .and_then(Value::as_i64)
        .filter(|idle| (1..=LONGEST_IDLE_MS).contains(idle))
        .unwrap_or(SESSION_IDLE_MS);
    Ok(Issue { hash: hash.to_owned(), idle_ms })
}

impl State {
    /// Answers a request in JSON with JSON, and with the changes where it proposes some. Both faces are this.
    pub fn call(&mut self, json: &[u8]) -> Called {
        let request = match Request::parse(json) {
            Ok(request) => request,
            Err(refusal) => return error_answer(self.revision, &refusal, None).into(),
        };
        match &request.kind {
            Kind::Ask => match self.ask_admitted(&request) {
                Ok((reply, caller)) => self.answered(&request, reply, &caller).into(),
                Err(refusal) => error_answer(self.revision, &refusal, None).into(),
            },
            Kind::Propose => match self.propose(&request) {
                Ok(Proposal { replies, changes, private }) => {
                    Called { answer: self.replied(replies).done().into_text(), changes, private }
                }
                Err(refused) => refused.answer(self.revision).into(),
            },
            Kind::Preview(page) => match self.previewed(&request, page) {
                Ok(answer) => answer.into(),
                Err(refused) => refused.answer(self.revision).into(),
            },
        }
    }

    /// What a list of commands would answer, and who would gain or lose what where. The state is afterwards as it was
    /// before.
    fn previewed(&mut self, request: &Request, page: &Page) -> Result<Json, RefusedCommand> {
        let Proposal { replies, changes, .. } = self.propose(request)?;
        let outright = |refusal| RefusedCommand { command: 0, refusal };
        // The commands would be done then, and time never runs back.
        let now = request.now_ms.max(self.at_ms);
        let caller = self.admit(&request.caller, now).map_err(outright)?;
        let changes = changes.map(|set| set.changes).unwrap_or_default();
        let (rows, more) = self.preview(&changes, &caller, now, page).map_err(outright)?;
        let answer = self.replied(replies).list("access", rows);
        Ok(if more { answer.value("more", Json::written("true".to_owned())) } else { answer }.done())
    }

    /// How the answer to commands begins, be they proposed or previewed.
    fn replied(&self, replies: Vec<String>) -> Fields {
        let replies = replies.into_iter().map(Json::written).collect();
        Fields::default().number("revision", self.revision as usize).list("replies", replies)
    }

    /// The answer to a question. To whoever came with a session or a token it also says who that is, and whether the
    /// session is due to be extended, which a proposal of no command at all does.
    fn answered(&self, request: &Request, reply: Json, Admitted { identities, via }: &Admitted) -> Json {
        let answer = Fields::default().number("revision", self.revision as usize).value("reply", reply);
        if *via == Via::Vouched {
            return answer.done();
        }
        let answer = answer.maybe("caller", identities.first().map(Identity::to_string));
        answer.flag("extendSession", via.session().is_some_and(|session| session.is_due(request.now_ms))).done()
    }

    /// Answers a question, in JSON.
    ///
    /// # Errors
    ///
    /// What the command refuses; `InvalidArgument` for a command that would change something.
    pub fn ask(&self, request: &Request) -> Result<String, Box<Refusal>> {
        self.ask_admitted(request).map(|(reply, _)| reply.into_text())
    }

    /// The answer, and who was let in.
    fn ask_admitted(&self, request: &Request) -> Result<(Json, Admitted), Box<Refusal>> {
        let [call] = request.commands.as_slice() else {
            return Err(Refusal::invalid(format_args!("one question is asked at a time")));
        };
        let command = command::find(&call.command)?;
        if self.policy == [0; 16] {
            return Err(Refusal::invalid(format_args!("there is no policy yet: `createPolicy` comes first")));
        }
        let Run::Ask(run) = command.run else {
            let name = command.name;
            return Err(Refusal::invalid(format_args!("`{name}` changes the policy: it is proposed, not asked")));
        };
        let caller = self.admit(&request.caller, request.now_ms)?;
        let arguments = Arguments::new(command, &self.schema, &call.arguments)?;
        let view = View { state: self, caller: &caller.identities, via: &caller.via, now: request.now_ms };
        let reply = run(&view, &arguments)?.done();
        Ok((reply, caller))
    }

    /// Says what a list of commands would change, each seeing what those before it would do. The state is afterwards
    /// as it was before.
    ///
    /// # Errors
    ///
    /// What the first refused command refuses, and its place in the list.
    pub fn propose(&mut self, request: &Request) -> Result<Proposal, RefusedCommand> {
        let before = self.mark();
        let now = request.now_ms.max(self.at_ms);
        let refused = |command: usize| move |refusal| RefusedCommand { command, refusal };
        let admitted = self.admit(&request.caller, now).map_err(refused(0))?;
        self.revision += 1;
        let mut transaction = Transaction::new(self, &admitted, now, request.seed);
        let mut replies = Vec::with_capacity(request.commands.len());
        let mut outcome = Ok(());
        for (index, call) in request.commands.iter().enumerate() {
            let still = transaction.state.still_holds(&admitted.via);
            match still.and_then(|()| transaction.run(call)) {
                Ok(reply) => replies.push(reply.done().into_text()),
                Err(refusal) => {
                    outcome = Err(refused(index)(refusal));
                    break;
                }
            }
        }
        let outcome = outcome.and_then(|()| extend_session(&mut transaction, &admitted).map_err(refused(0)));
        let Ended { changes, undo, private, told } = transaction.end();
        self.revert(undo, before);
        told.iter().for_each(|digest| self.vault.forget(digest));
        outcome?;
        let caller: Vec<String> = admitted.identities.iter().map(Identity::to_string).collect();
        let changes = (!changes.is_empty()).then(|| ChangeSet {
            revision: self.revision + 1,
            at_ms: now,
            caller: caller.join(","),
            commands: request.commands.iter().map(|call| call.command.clone()).collect(),
            changes,
        });
        Ok(Proposal { replies, changes, private })
    }
}

/// A session that is used is extended, if it is one of those and the hour is up, and if no command has ended it.
fn extend_session(tx: &mut Transaction, caller: &Admitted) -> Result<(), Box<Refusal>> {
    let now = tx.now;
    let Some(session) = caller.via.session().filter(|session| session.is_due(now)) else { return Ok(()) };
    let Some(session) = tx.state.session(session.principal, session.id).cloned() else { return Ok(()) };
    tx.put(Record::Session(Session { extended_ms: now, ..session }))
}

/// The answer to a request that is refused.
pub(crate) fn error_answer(revision: u64, refusal: &Refusal, command: Option<usize>) -> Json {
    let error = Fields::default().text("code", &refusal.code()).text("message", &refusal.to_string());
    let error = match command {
        Some(place) => error.number("command", place),
        None => error,
    };
    Fields::default().number("revision", revision as usize).value("error", error.done()).done()
}
