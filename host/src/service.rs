//! The service: the one place that sees both the engine and a store.
//!
//! A request to change something is proposed on the **writer**, an engine that holds all that is on disk; what it would
//! change is applied there first, so that nothing is stored that cannot be applied, then appended to the store, and only
//! then answered. Questions go to the **reader**, which holds durable state only. After a conflict, an unknown outcome or
//! a trap, engines are thrown away and made anew from the store. Both are made when first needed.

mod clock;
mod error;
mod preparation;
mod verification;

use crate::credentials::Credential;
use crate::runtime::{Instance, Runtime};
use crate::store::{Head, Mark, NewSet, Outcome, PolicyId, PrivateRow, Store, StoreError, StoredSet, walk};
pub use clock::Clock;
pub use error::ServiceError;
use portcullis_engine::{ChangeSet, PrincipalType, PrivatePart, PrivateValue, Refusal, SESSION_IDLE_MS, Schema};
use preparation::{Prepared, let_in};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
pub use verification::verify;

/// The policy that a command line's store holds.
const POLICY: PolicyId = PolicyId(1);
/// How long a question may take.
const ASK_DEADLINE: Duration = Duration::from_secs(30);
/// How long a list of commands may take: an import of a million objects fits.
const PROPOSE_DEADLINE: Duration = Duration::from_secs(600);
/// How many private values are read at a time.
const PRIVATE_PAGE: u32 = 10_000;
/// The commands that let somebody in.
pub const LOGINS: [&str; 2] = ["login", "loginSso"];
/// A snapshot is due when starting would replay more change sets than this,
const TAIL_SETS: usize = 256;
/// or more bytes than this and than half the last snapshot.
const TAIL_BYTES: usize = 128 << 10;

/// How a service is made.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// The JSON of the schema that a new policy begins with; the CD/RO one where `None`.
    pub schema: Option<String>,
    /// How much memory each engine may take, in bytes.
    pub memory_cap_bytes: usize,
    /// How long a login session lasts without being used, in milliseconds; 3 days by default.
    pub session_idle_ms: i64,
    /// Where the time comes from; the machine's clock by default.
    pub clock: Clock,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self { schema: None, memory_cap_bytes: 2 << 30, session_idle_ms: SESSION_IDLE_MS, clock: Clock::default() }
    }
}

/// Who makes a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Caller {
    /// A principal for whom whoever calls the service vouches.
    Principal {
        /// The principal's type.
        kind: PrincipalType,
        /// The principal's name.
        name: String,
    },
    /// Whoever shows a session's cookie.
    Session(Credential),
    /// Whoever shows a user access token.
    Token(Credential),
}

impl Caller {
    /// A user.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self::Principal { kind: PrincipalType::User, name: name.into() }
    }

    /// Whether whoever calls the service vouches that it is the built-in user `admin`.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        *self == Self::user("admin")
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Principal { kind, name } => json!({ "type": kind.as_str(), "name": name }),
            Self::Session(Credential { id, hash }) => json!({ "session": id, "hash": hash }),
            Self::Token(Credential { id, hash }) => json!({ "token": id, "hash": hash }),
        }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Principal { kind, name } => write!(f, "{}:{name}", kind.as_str()),
            Self::Session(credential) => write!(f, "session {}", credential.id),
            Self::Token(credential) => write!(f, "token {}", credential.id),
        }
    }
}

/// The answer to a question.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// The revision of the policy that it is true of.
    pub revision: u64,
    /// The command's reply.
    pub reply: Value,
}

/// The answers to a list of commands, all of which are done and on disk.
#[derive(Clone, PartialEq)]
pub struct Answers {
    /// The policy's revision after them.
    pub revision: u64,
    /// Each command's reply.
    pub replies: Vec<Value>,
    /// Whether they changed anything.
    pub changed: bool,
}

/// A reply may be private, or hold a secret: printed, an answer is its revision.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer(revision {})", self.revision)
    }
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answers({}, revision {})", self.replies.len(), self.revision)
    }
}

/// A change set as the log tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// The revision that it led to, and the hash of the log up to it.
    pub mark: Mark,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// Who made it, such as `user:admin`.
    pub caller: String,
    /// The names of the commands.
    pub commands: Vec<String>,
    /// How many records it put or deleted.
    pub changes: usize,
}

/// A store, the engines that hold what it holds, and a clock.
pub struct Service {
    store: Box<dyn Store>,
    runtime: Arc<Runtime>,
    memory_cap_bytes: usize,
    session_idle_ms: i64,
    clock: Clock,
    head: Head,
    /// The largest instant that was used: time never runs back.
    latest_ms: i64,
    /// The first instant after the head's at which a session or token ends, or an entry begins or ends to hold, where it is
    /// known.
    next_end_ms: Option<i64>,
    writer: Option<Instance>,
    reader: Option<Instance>,
    tail: Tail,
    is_new: bool,
}

/// The engine's answer to a proposal, and the change set that the writer already holds.
struct Proposed {
    answer: Map<String, Value>,
    changes: Option<Vec<u8>>,
    private: PrivatePart,
}

/// What a start would have to replay.
#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    sets: usize,
    bytes: usize,
    snapshot_bytes: usize,
}

impl Tail {
    fn add(&mut self, bytes: usize) {
        self.sets += 1;
        self.bytes += bytes;
    }

    const fn is_long(&self) -> bool {
        self.sets > TAIL_SETS || (self.bytes > TAIL_BYTES && self.bytes > self.snapshot_bytes / 2)
    }
}

impl Service {
    /// Serves the policy in a store, and begins one where there is none.
    ///
    /// # Errors
    /// What the store, its log or the engine fails with; a refusal of the schema.
    pub fn open(store: Box<dyn Store>, runtime: Arc<Runtime>, options: &ServiceOptions) -> Result<Self, ServiceError> {
        let head = store.head(POLICY)?;
        let mut service = Self {
            store,
            runtime,
            memory_cap_bytes: options.memory_cap_bytes,
            session_idle_ms: options.session_idle_ms,
            clock: options.clock.clone(),
            head,
            latest_ms: head.at_ms,
            next_end_ms: None,
            writer: None,
            reader: None,
            tail: Tail::default(),
            is_new: head.revision == 0,
        };
        if service.is_new {
            let schema = options.schema.as_ref().map(|json| ("schema".to_owned(), json.as_str().into()));
            let arguments = schema.into_iter().collect();
            service.propose(&Caller::user("admin"), &[("createPolicy".into(), arguments)])?;
        }
        Ok(service)
    }

    /// Whether [`Service::open`] has just begun the policy.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Takes the policy over into a store that has none, with its whole log in one append, and serves it from there. So
    /// a policy can be begun in memory, and kept once there is something to keep.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] where the store has a policy; a failure of either store. The policy then stays where
    /// it was.
    pub fn move_to(&mut self, mut store: Box<dyn Store>) -> Result<(), ServiceError> {
        let mut log = walk(&*self.store, POLICY, Head::EMPTY);
        let sets = log.by_ref().map(|set| set.map(|StoredSet { at_ms, body, .. }| NewSet::new(at_ms, body)));
        let mut sets: Vec<NewSet> = sets.collect::<Result<_, _>>()?;
        if let Some(last) = sets.last_mut() {
            last.private = private_rows(&*self.store)?;
        }
        let kept = log.head();
        appended(store.append(POLICY, &Head::EMPTY, &sets))?;
        self.head = store.keep_instant(POLICY, kept.at_ms)?;
        // Without its snapshot, the policy only takes longer to load.
        if let Ok(Some(snapshot)) = self.store.snapshot(POLICY) {
            drop(store.put_snapshot(POLICY, &snapshot.at, &snapshot.bytes));
        }
        self.store = store;
        Ok(())
    }

    /// Where the log stands.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Answers a question.
    ///
    /// # Errors
    /// What the command refuses; a failure of the store or the engine.
    pub fn ask(
        &mut self,
        caller: &Caller,
        command: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Answer, ServiceError> {
        let (revision, mut answer) = self.question(caller, command, arguments)?;
        Ok(Answer { revision, reply: answer.remove("reply").unwrap_or_default() })
    }

    /// The whole of the engine's answer, and the revision that it is true of. A session that asks is extended if it is due.
    fn question(
        &mut self,
        caller: &Caller,
        command: &str,
        arguments: &Map<String, Value>,
    ) -> Result<(u64, Map<String, Value>), ServiceError> {
        let now_ms = self.now_ms()?;
        let request = json!({
            "request": "ask", "caller": caller.to_json(), "now": now_ms, "command": command, "arguments": arguments,
        });
        let called = self.reader()?.call(request.to_string().as_bytes(), ASK_DEADLINE);
        let answer = read_answer(&called.inspect_err(|_| self.reader = None)?)?;
        let revision = self.head.revision;
        if answer.contains_key("extendSession") {
            // The answer is right also where the session cannot be extended: then the next use will try.
            drop(self.propose(caller, &[]));
        }
        Ok((revision, answer))
    }

    /// The principal that a caller is.
    ///
    /// # Errors
    /// A session or token that is none, or has ended; a failure of the store or the engine.
    pub fn identify(&mut self, caller: &Caller) -> Result<String, ServiceError> {
        if let Caller::Principal { kind, name } = caller {
            return Ok(format!("{}:{name}", kind.as_str()));
        }
        let (_, mut answer) = self.question(caller, "getSchema", &Map::new())?;
        match answer.remove("caller") {
            Some(Value::String(principal)) => Ok(principal),
            _ => Err(ServiceError::BadAnswer),
        }
    }

    /// Refuses everyone but the built-in user `admin`.
    ///
    /// # Errors
    /// `AccessDenied`; as [`Service::identify`].
    pub fn require_admin(&mut self, caller: &Caller, what: &str) -> Result<(), ServiceError> {
        let principal = self.identify(caller)?;
        if principal == "user:admin" {
            return Ok(());
        }
        let name = principal.split_once(':').map_or(principal.as_str(), |(_, name)| name);
        Err(Box::new(Refusal::AdminOnly { principal: name.into(), what: what.into() }).into())
    }

    /// Does a list of commands, all or none. When it returns, what they changed is on disk.
    ///
    /// # Errors
    /// What the first refused command refuses, with its place; a failure of the store or the engine. Nothing is then
    /// changed, but after [`StoreError`] of an unknown outcome, which says so.
    pub fn propose(
        &mut self,
        caller: &Caller,
        commands: &[(String, Map<String, Value>)],
    ) -> Result<Answers, ServiceError> {
        // First, so that the next end is asked of it: a process that does one command then loads one engine.
        self.writer()?;
        let now_ms = self.now_ms()?;
        let (caller, prepared) = self.prepare(caller, commands)?;
        let calls: Vec<&Value> = prepared.iter().map(|prepared| &prepared.call).collect();
        let request = json!({
            "request": "propose", "caller": caller.to_json(), "now": now_ms, "seed": seed()?, "commands": calls,
        });
        let proposed = self.propose_on_writer(request.to_string().as_bytes()).inspect_err(|error| {
            if !error.is_refusal() {
                self.writer = None;
            }
        })?;
        let Proposed { mut answer, changes, private } = proposed;
        let changed = changes.is_some();
        if let Some(body) = changes {
            self.append(now_ms, body, &private)?;
        }
        let replies = match answer.remove("replies") {
            Some(Value::Array(replies)) => replies,
            _ => Vec::new(),
        };
        let replies = prepared.into_iter().zip(replies).map(|(prepared, reply)| prepared.finish(reply)).collect();
        Ok(Answers { revision: self.head.revision, replies, changed })
    }

    /// The commands as the engine takes them, and who makes the request: a login is made by whom it lets in.
    fn prepare(
        &mut self,
        caller: &Caller,
        commands: &[(String, Map<String, Value>)],
    ) -> Result<(Caller, Vec<Prepared>), ServiceError> {
        let idle_ms = self.session_idle_ms;
        if !commands.iter().any(|(command, _)| LOGINS.contains(&command.as_str())) {
            let prepared = commands.iter().map(|(command, arguments)| Prepared::new(command, arguments, idle_ms));
            return Ok((caller.clone(), prepared.collect::<Result<_, _>>()?));
        }
        let [(command, arguments)] = commands else {
            let text = "a login comes alone: what follows it is somebody else's request";
            return Err(Refusal::InvalidArgument(text.into()).into());
        };
        let mut arguments = arguments.clone();
        let let_in = let_in(command, &mut arguments, self.writer()?)?;
        Ok((let_in.unwrap_or_else(|| caller.clone()), vec![Prepared::new(command, &arguments, idle_ms)?]))
    }

    /// Proposes, and applies what is proposed on the writer: what cannot be applied is never stored.
    fn propose_on_writer(&mut self, request: &[u8]) -> Result<Proposed, ServiceError> {
        let writer = self.writer()?;
        let answer = read_answer(&writer.call(request, PROPOSE_DEADLINE)?)?;
        let (changes, private) = (writer.take_changes()?, writer.take_private()?);
        if let Some(changes) = &changes {
            writer.apply(changes)?;
            writer.reveal(&private.values)?;
        }
        Ok(Proposed { answer, changes, private })
    }

    fn append(&mut self, at_ms: i64, body: Vec<u8>, private: &PrivatePart) -> Result<(), ServiceError> {
        let rows = private.values.iter().map(|value| PrivateRow { digest: value.digest(), value: value.encode() });
        let set = NewSet { at_ms, body, private: rows.collect(), gone: private.gone.clone() };
        let outcome = self.store.append(POLICY, &self.head, std::slice::from_ref(&set));
        self.head = appended(outcome).inspect_err(|_| {
            // What the writer holds is no longer what the store holds, as far as anybody knows.
            (self.writer, self.reader) = (None, None);
        })?;
        self.next_end_ms = None;
        self.tail.add(set.body.len());
        let follow = |reader: &mut Instance| reader.apply(&set.body).and_then(|()| reader.reveal(&private.values));
        if self.reader.as_mut().is_some_and(|reader| follow(reader).is_err()) {
            self.reader = None;
        }
        self.snapshot_if_due();
        Ok(())
    }

    /// Keeps a snapshot when the next start would be slow without. Should that fail, the log is there all the same.
    fn snapshot_if_due(&mut self) {
        if !self.tail.is_long() {
            return;
        }
        let Some(Ok(bytes)) = self.writer.as_mut().map(Instance::snapshot) else { return };
        if self.store.put_snapshot(POLICY, &self.head, &bytes).is_ok() {
            self.tail = Tail { snapshot_bytes: bytes.len(), ..Tail::default() };
        }
    }

    /// The change sets before revision `before`, newest first, at most `limit`.
    ///
    /// # Errors
    /// `AccessDenied` for anyone but `admin`; a failure of the store; a change set that this version cannot read.
    pub fn log(&mut self, caller: &Caller, before: u64, limit: u32) -> Result<Vec<LogRow>, ServiceError> {
        self.require_admin(caller, "read the log")?;
        let rows = self.store.read_newest(POLICY, before, limit)?;
        let read = rows.into_iter().map(|row| {
            let set = ChangeSet::decode(&row.body)?;
            let mark = Mark { revision: row.revision, hash: row.hash };
            Ok(LogRow {
                mark,
                at_ms: row.at_ms,
                caller: set.caller,
                commands: set.commands,
                changes: set.changes.len(),
            })
        });
        read.collect()
    }

    /// The policy's schema.
    ///
    /// # Errors
    /// A failure of the store or the engine.
    pub fn schema(&mut self) -> Result<Schema, ServiceError> {
        let answer = self.ask(&Caller::user("admin"), "getSchema", &Map::new())?;
        let json = answer.reply.get("schema").map(Value::to_string).unwrap_or_default();
        Ok(Schema::parse(&json)?)
    }

    /// The whole policy in bytes, for an engine elsewhere. Private values are not in it.
    ///
    /// # Errors
    /// `AccessDenied` for anyone but `admin`; a failure of the store or the engine.
    pub fn snapshot(&mut self, caller: &Caller) -> Result<Vec<u8>, ServiceError> {
        self.require_admin(caller, "take a snapshot")?;
        Ok(self.reader()?.snapshot()?)
    }

    /// The clock, or the largest instant that was used before, should the clock have gone back: time never runs back.
    ///
    /// Where the clock has passed the end of a session or a token, or the date of an entry, that is kept with the head before anything is answered,
    /// so that no later start takes it for valid. Between two such ends no instant makes a difference, and none is kept.
    fn now_ms(&mut self) -> Result<i64, ServiceError> {
        self.latest_ms = self.clock.now_ms().max(self.latest_ms).max(self.head.at_ms);
        if self.head.revision > 0 && self.next_end_ms()? <= self.latest_ms {
            let head = self.store.keep_instant(POLICY, self.latest_ms)?;
            self.go_to(head);
        }
        Ok(self.latest_ms)
    }

    /// Takes over where the store says that the log stands. Engines that do not hold what somebody else has appended are
    /// of no use any more, and the end that is next need not be.
    fn go_to(&mut self, head: Head) {
        if head.mark() != self.head.mark() {
            (self.writer, self.reader) = (None, None);
        }
        (self.head, self.next_end_ms) = (head, None);
    }

    fn next_end_ms(&mut self) -> Result<i64, ServiceError> {
        if let Some(known) = self.next_end_ms {
            return Ok(known);
        }
        let after_ms = self.head.at_ms;
        let engine = if self.writer.is_some() { self.writer()? } else { self.reader()? };
        let end = engine.next_end_ms(after_ms)?;
        Ok(*self.next_end_ms.insert(end))
    }

    fn writer(&mut self) -> Result<&mut Instance, ServiceError> {
        let instance = match self.writer.take() {
            Some(instance) => instance,
            None => self.load()?,
        };
        Ok(self.writer.insert(instance))
    }

    fn reader(&mut self) -> Result<&mut Instance, ServiceError> {
        let instance = match self.reader.take() {
            Some(instance) => instance,
            None => self.load()?,
        };
        Ok(self.reader.insert(instance))
    }

    /// An engine that holds what the store holds: the snapshot, if there is a sound one, and the log after it.
    fn load(&mut self) -> Result<Instance, ServiceError> {
        let snapshot = match self.store.snapshot(POLICY) {
            Ok(snapshot) => snapshot,
            Err(StoreError::SnapshotDamaged { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let mut instance = self.runtime.new_instance(self.memory_cap_bytes)?;
        self.tail = Tail::default();
        let mut from = Head::EMPTY;
        if let Some(snapshot) = snapshot
            && instance.restore(&snapshot.bytes).is_ok()
        {
            from = snapshot.at;
            self.tail.snapshot_bytes = snapshot.bytes.len();
        }
        let mut log = walk(&*self.store, POLICY, from);
        for set in &mut log {
            let set = set?;
            instance.apply(&set.body)?;
            self.tail.add(set.body.len());
        }
        let at_ms = log.head().at_ms.max(self.head.at_ms);
        self.go_to(Head { at_ms, ..log.head() });
        instance.reveal(&private_values(&private_rows(&*self.store)?)?)?;
        Ok(instance)
    }
}

/// Every private value that the store keeps.
fn private_rows(store: &dyn Store) -> Result<Vec<PrivateRow>, ServiceError> {
    let mut rows: Vec<PrivateRow> = Vec::new();
    loop {
        let page = store.read_private(POLICY, rows.last().map(|row| &row.digest), PRIVATE_PAGE)?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

/// The values, each of which must be the one that its digest is of.
fn private_values(rows: &[PrivateRow]) -> Result<Vec<PrivateValue>, ServiceError> {
    let read = |row: &PrivateRow| {
        let value = PrivateValue::decode(&row.value).ok().filter(|value| value.digest() == row.digest);
        value.ok_or_else(|| private_differs(&row.digest))
    };
    rows.iter().map(read).collect()
}

fn private_differs(digest: &[u8; 32]) -> ServiceError {
    ServiceError::PrivateDiffers { digest: digest.iter().map(|byte| format!("{byte:02x}")).collect() }
}

/// The new head, where an append was done.
fn appended(outcome: Result<Outcome, StoreError>) -> Result<Head, ServiceError> {
    match outcome? {
        Outcome::Done(head) => Ok(head),
        Outcome::Conflict(head) => Err(ServiceError::Conflict { head: head.mark() }),
        Outcome::Unknown(error) => Err(ServiceError::UnknownOutcome(error)),
    }
}

fn read_answer(json: &[u8]) -> Result<Map<String, Value>, ServiceError> {
    let mut answer: Map<String, Value> = serde_json::from_slice(json).map_err(|_| ServiceError::BadAnswer)?;
    match answer.remove("error") {
        Some(error) => Err(ServiceError::from_answer(&error)),
        None => Ok(answer),
    }
}

/// The entropy of one request: 32 hexadecimal digits.
fn seed() -> Result<String, ServiceError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| ServiceError::NoEntropy(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
