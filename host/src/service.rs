//! The service: the one place that sees both the engine and a store.
//!
//! A request to change something is proposed on the **writer**, an engine that holds all that is on disk; what it would
//! change is applied there first, so that nothing is stored that cannot be applied, then appended to the store, and only
//! then answered. Questions go to the **reader**, which holds durable state only. After a conflict, an unknown outcome or
//! a trap, engines are thrown away and made anew from the store. Both are made when first needed.

mod error;

use crate::runtime::{Instance, Runtime};
use crate::store::{Head, Mark, NewSet, Outcome, PolicyId, Store, StoreError, StoredSet, verify as verify_chain, walk};
pub use error::ServiceError;
use portcullis_engine::{ChangeSet, PrincipalType, Refusal, Schema};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The policy that a command line's store holds.
const POLICY: PolicyId = PolicyId(1);
/// How long a question may take.
const ASK_DEADLINE: Duration = Duration::from_secs(30);
/// How long a list of commands may take: an import of a million objects fits.
const PROPOSE_DEADLINE: Duration = Duration::from_secs(600);
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
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self { schema: None, memory_cap_bytes: 2 << 30 }
    }
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The principal's type.
    pub kind: PrincipalType,
    /// The principal's name.
    pub name: String,
}

impl Caller {
    /// A user.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self { kind: PrincipalType::User, name: name.into() }
    }

    /// Refuses everyone but the built-in user `admin`.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn require_admin(&self, what: &str) -> Result<(), ServiceError> {
        if *self == Self::user("admin") {
            return Ok(());
        }
        Err(Box::new(Refusal::AdminOnly { principal: self.name.clone(), what: what.into() }).into())
    }

    fn to_json(&self) -> Value {
        json!({ "type": self.kind.as_str(), "name": self.name })
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The revision of the policy that it is true of.
    pub revision: u64,
    /// The command's reply.
    pub reply: Value,
}

/// The answers to a list of commands, all of which are done and on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// The policy's revision after them.
    pub revision: u64,
    /// Each command's reply.
    pub replies: Vec<Value>,
    /// Whether they changed anything.
    pub changed: bool,
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
    head: Head,
    writer: Option<Instance>,
    reader: Option<Instance>,
    tail: Tail,
    is_new: bool,
}

/// The engine's answer to a proposal, and the change set that the writer already holds.
struct Proposed {
    answer: Map<String, Value>,
    changes: Option<Vec<u8>>,
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
            head,
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
        let log = walk(&*self.store, POLICY, Head::EMPTY);
        let log = log.map(|set| set.map(|StoredSet { at_ms, body, .. }| NewSet { at_ms, body }));
        let log: Vec<NewSet> = log.collect::<Result<_, _>>()?;
        self.head = appended(store.append(POLICY, &Head::EMPTY, &log))?;
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
        let request = json!({
            "request": "ask", "caller": caller.to_json(), "now": self.now_ms(), "command": command, "arguments": arguments,
        });
        let called = self.reader()?.call(request.to_string().as_bytes(), ASK_DEADLINE);
        let answer = called.inspect_err(|_| self.reader = None)?;
        let mut answer = read_answer(&answer)?;
        Ok(Answer { revision: self.head.revision, reply: answer.remove("reply").unwrap_or_default() })
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
        let calls = commands.iter().map(|(command, arguments)| json!({ "command": command, "arguments": arguments }));
        let now_ms = self.now_ms();
        let request = json!({
            "request": "propose", "caller": caller.to_json(), "now": now_ms, "seed": seed()?,
            "commands": calls.collect::<Vec<_>>(),
        });
        let proposed = self.propose_on_writer(request.to_string().as_bytes()).inspect_err(|error| {
            if !error.is_refusal() {
                self.writer = None;
            }
        })?;
        let Proposed { answer, changes } = proposed;
        let replies = match answer.get("replies") {
            Some(Value::Array(replies)) => replies.clone(),
            _ => Vec::new(),
        };
        let changed = changes.is_some();
        if let Some(body) = changes {
            self.append(NewSet { at_ms: now_ms, body })?;
        }
        Ok(Answers { revision: self.head.revision, replies, changed })
    }

    /// Proposes, and applies what is proposed on the writer: what cannot be applied is never stored.
    fn propose_on_writer(&mut self, request: &[u8]) -> Result<Proposed, ServiceError> {
        let writer = self.writer()?;
        let answer = read_answer(&writer.call(request, PROPOSE_DEADLINE)?)?;
        let changes = writer.take_changes()?;
        if let Some(changes) = &changes {
            writer.apply(changes)?;
        }
        Ok(Proposed { answer, changes })
    }

    fn append(&mut self, set: NewSet) -> Result<(), ServiceError> {
        let outcome = self.store.append(POLICY, &self.head, std::slice::from_ref(&set));
        self.head = appended(outcome).inspect_err(|_| {
            // What the writer holds is no longer what the store holds, as far as anybody knows.
            (self.writer, self.reader) = (None, None);
        })?;
        self.tail.add(set.body.len());
        if self.reader.as_mut().is_some_and(|reader| reader.apply(&set.body).is_err()) {
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
    pub fn log(&self, caller: &Caller, before: u64, limit: u32) -> Result<Vec<LogRow>, ServiceError> {
        caller.require_admin("read the log")?;
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

    /// The clock, or the time of the last change if the clock has gone back behind it: time never runs back.
    fn now_ms(&self) -> i64 {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(clock.as_millis()).unwrap_or(i64::MAX).max(self.head.at_ms)
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
        self.head = log.head();
        Ok(instance)
    }
}

/// Checks the log of a store from its beginning, by its hashes and by replaying it, and against a mark kept elsewhere;
/// and the snapshot against what the replay gives.
///
/// # Errors
/// `AccessDenied` for anyone but `admin`; the first thing that is wrong.
pub fn verify(
    store: &dyn Store,
    runtime: &Runtime,
    caller: &Caller,
    kept: Option<&Mark>,
) -> Result<Head, ServiceError> {
    caller.require_admin("verify the log")?;
    let head = verify_chain(store, POLICY, kept)?;
    let mut instance = runtime.new_instance(ServiceOptions::default().memory_cap_bytes)?;
    let snapshot = store.snapshot(POLICY)?;
    for set in walk(store, POLICY, Head::EMPTY) {
        let set = set?;
        instance.apply(&set.body)?;
        let here = snapshot.as_ref().filter(|snapshot| snapshot.at.revision == set.revision);
        if here.is_some_and(|snapshot| instance.snapshot().ok().as_ref() != Some(&snapshot.bytes)) {
            return Err(ServiceError::SnapshotDiffers { revision: set.revision });
        }
    }
    Ok(head)
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
