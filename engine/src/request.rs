//! Requests: who asks for what, when.

use crate::address::shorten;
use crate::arguments::{Arguments, identities};
use crate::change::{Change, ChangeSet, Key, PrincipalType, Record};
use crate::command::{self, Command, Run};
use crate::decision::Identity;
use crate::fields::Fields;
use crate::locate::Located;
use crate::principals::{ADMIN, PROJECT_PREFIX};
use crate::refusal::Refusal;
use crate::schema::TypeId;
use crate::state::State;
use serde_json::{Map, Value, json};
use std::sync::Arc;

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
            Some(unknown) => Err(Refusal::InvalidArgument(format!("a request has no field `{unknown}`")).into()),
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
        let mut transaction = Transaction {
            state: self,
            caller: &request.caller,
            now,
            seed: request.seed,
            changes: Vec::new(),
            undo: Vec::new(),
        };
        let mut replies = Vec::with_capacity(request.commands.len());
        let mut refused = None;
        for (index, call) in request.commands.iter().enumerate() {
            match transaction.run(call) {
                Ok(reply) => replies.push(reply.done()),
                Err(refusal) => {
                    refused = Some(RefusedCommand { command: index, refusal });
                    break;
                }
            }
        }
        let Transaction { changes, undo, .. } = transaction;
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

/// What a command that asks sees.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) caller: &'a [Identity],
    pub(crate) now: i64,
}

impl View<'_> {
    pub(crate) fn caller_name(&self) -> String {
        self.caller.iter().map(|identity| shorten(&identity.name)).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn is_admin(&self) -> bool {
        let is_admin = |identity: &Identity| self.state.principals.find(identity.kind, &identity.name) == Some(ADMIN);
        self.caller.iter().any(is_admin)
    }

    pub(crate) fn require_admin(&self, what: &str) -> Result<(), Box<Refusal>> {
        if self.is_admin() {
            return Ok(());
        }
        Err(Refusal::AdminOnly { principal: self.caller_name(), what: what.into() }.into())
    }

    pub(crate) fn may(&self, mask: u32, object: u32) -> bool {
        self.state.allowed(self.caller, object, mask, self.now) == mask && self.may_touch_admin(mask, object)
    }

    /// Only `admin` changes `admin`, and what hangs on it; whoever may read it may read it.
    fn may_touch_admin(&self, mask: u32, object: u32) -> bool {
        if mask & !self.state.schema.roles().read == 0 {
            return true;
        }
        let admin = self.state.principal_object(PrincipalType::User, "admin");
        !self.state.objects.ancestry(object).any(|above| Some(above) == admin) || self.is_admin()
    }

    pub(crate) fn may_read(&self, object: u32) -> bool {
        self.may(self.state.schema.roles().read, object)
    }

    /// Refuses a caller that lacks the privilege on the object.
    pub(crate) fn require(&self, mask: u32, object: u32) -> Result<(), Box<Refusal>> {
        if self.may(mask, object) { Ok(()) } else { Err(self.denied_on(mask, object)) }
    }

    fn denied_on(&self, mask: u32, object: u32) -> Box<Refusal> {
        self.denied(mask, self.state.kind_name(object), &self.state.display_name(object))
    }

    fn denied(&self, mask: u32, kind: &str, name: &str) -> Box<Refusal> {
        Box::new(Refusal::AccessDenied {
            principal: self.caller_name(),
            privilege: self.state.privilege_names(mask).collect::<Vec<_>>().join(", "),
            kind: kind.to_owned(),
            name: name.to_owned(),
        })
    }

    /// What the arguments address, registered or not.
    pub(crate) fn locate(&self, arguments: &Arguments) -> Result<Located, Box<Refusal>> {
        let address = arguments.address(&self.state.schema)?;
        let located = match (arguments.text("objectId")?, address) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid(
                    "`objectId` and another argument both say which object: give one of them",
                )
                .into());
            }
            (Some(id), None) => Located { object: self.state.object_by_id(&id)?, missing: Vec::new() },
            (None, Some(address)) => self.state.locate(&address),
            (None, None) => return Err(missing_object(arguments)),
        };
        self.check_object_type(arguments, &located)?;
        Ok(located)
    }

    /// `objectType` beside another locator must be the type of what that addresses.
    fn check_object_type(&self, arguments: &Arguments, located: &Located) -> Result<(), Box<Refusal>> {
        let Some(wanted) = arguments.text("objectType")?.filter(|_| arguments.command().name != "getObjects") else {
            return Ok(());
        };
        let kind = located
            .missing
            .last()
            .map(|(kind, _)| *kind)
            .or_else(|| Some(self.state.objects.get(located.object)?.kind()));
        let found = kind.map_or("", |kind| &self.state.schema.object_type(kind).name);
        if self.state.schema.type_by_name(&wanted).is_none() {
            return Err(Refusal::InvalidObjectType(shorten(&wanted).into_owned()).into());
        }
        if found == wanted {
            return Ok(());
        }
        Err(Refusal::InvalidArgument(format!("`objectType` is `{wanted}`, and what is addressed is a {found}")).into())
    }

    /// The registered object that the arguments address, on which the caller needs the privileges of `mask`.
    pub(crate) fn object(&self, arguments: &Arguments, mask: u32) -> Result<u32, Box<Refusal>> {
        let located = self.locate(arguments)?;
        self.require_registered(&located, located.missing.last(), mask)?;
        self.require_visible_id(arguments, located.object)?;
        self.require(mask, located.object)?;
        Ok(located.object)
    }

    /// What may not be read is not told by its id: ids can be counted through.
    pub(crate) fn require_visible_id(&self, arguments: &Arguments, object: u32) -> Result<(), Box<Refusal>> {
        match arguments.text("objectId")? {
            Some(id) if !self.may_read(object) => Err(Box::new(Refusal::NoSuchObject {
                kind: self.state.kind_name(object).to_owned(),
                name: shorten(&id).into_owned(),
            })),
            _ => Ok(()),
        }
    }

    /// Refuses a caller that lacks the privilege on what was located, be it there or not: both are told alike.
    pub(crate) fn require_on(&self, mask: u32, located: &Located) -> Result<(), Box<Refusal>> {
        if self.may(mask, located.object) {
            return Ok(());
        }
        Err(match located.missing.last() {
            Some((kind, name)) => self.denied(mask, &self.state.schema.object_type(*kind).name, &shorten(name)),
            None => self.denied_on(mask, located.object),
        })
    }

    /// Refuses what is not registered. Where the caller may not even look at what it would lie under, the denial is
    /// that of an object that is there: `checked` is what would be looked at first, the located one if nothing, and
    /// `mask` what for.
    pub(crate) fn require_registered(
        &self,
        located: &Located,
        checked: Option<&(TypeId, String)>,
        mask: u32,
    ) -> Result<(), Box<Refusal>> {
        let Some((kind, name)) = located.missing.first() else { return Ok(()) };
        if !self.may_read(located.object) {
            return Err(match checked {
                Some((kind, name)) => self.denied(mask, &self.state.schema.object_type(*kind).name, &shorten(name)),
                None => self.denied_on(mask, located.object),
            });
        }
        let kind = self.state.schema.object_type(*kind).name.clone();
        Err(Refusal::NoSuchObject { kind, name: shorten(name).into_owned() }.into())
    }

    /// Whether the caller may command: who is not registered may only ask.
    fn require_registered_caller(&self) -> Result<(), Box<Refusal>> {
        let known = |identity: &Identity| {
            let id = self.state.principals.find(identity.kind, &identity.name);
            let registered = id.and_then(|id| self.state.principals.get(id)).is_some_and(|known| known.registered);
            registered || identity.groups.is_some() || self.is_project_principal(identity)
        };
        if self.caller.iter().any(known) {
            return Ok(());
        }
        Err(Refusal::Unregistered(self.caller_name()).into())
    }

    /// A project's principal is as registered as its project.
    fn is_project_principal(&self, identity: &Identity) -> bool {
        let name = identity.name.strip_prefix(PROJECT_PREFIX).filter(|_| identity.kind == PrincipalType::User);
        let mut kinds =
            self.state.schema.types().filter(|(_, kind)| kind.principal_prefix.as_deref() == Some(PROJECT_PREFIX));
        name.is_some_and(|name| {
            kinds.any(|(kind, _)| {
                let parent = self.state.objects.system_parent(&self.state.schema, kind);
                parent.is_some_and(|parent| self.state.objects.child(parent, kind, name.as_bytes()).is_some())
            })
        })
    }
}

fn missing_object(arguments: &Arguments) -> Box<Refusal> {
    let name = arguments.command().name;
    Refusal::MissingArgument(format!("`{name}` needs an object: locator arguments such as `projectName`, or `path`"))
        .into()
}

/// What a command that changes sees: the state as the commands before it would leave it, and a place for its own
/// changes. All are taken back at the end; what is kept is the list of them.
pub(crate) struct Transaction<'a> {
    pub(crate) state: &'a mut State,
    caller: &'a [Identity],
    now: i64,
    pub(crate) seed: [u8; 16],
    changes: Vec<Change>,
    undo: Vec<Change>,
}

impl Transaction<'_> {
    pub(crate) fn view(&self) -> View<'_> {
        View { state: self.state, caller: self.caller, now: self.now }
    }

    pub(crate) fn caller(&self) -> Option<&Identity> {
        self.caller.first()
    }

    fn run(&mut self, call: &Call) -> Result<Fields, Box<Refusal>> {
        let command: &'static Command = command::find(&call.command)?;
        let schema = Arc::clone(&self.state.schema);
        let arguments = Arguments::new(command, &schema, &call.arguments)?;
        match command.run {
            Run::Ask(run) => run(&self.view(), &arguments),
            Run::Change(run) => {
                self.require_policy(command)?;
                run(self, &arguments)
            }
        }
    }

    fn require_policy(&self, command: &Command) -> Result<(), Box<Refusal>> {
        if self.state.policy == [0; 16] {
            let first = command.name == "createPolicy";
            return if first {
                Ok(())
            } else {
                Err(Refusal::invalid("there is no policy yet: `createPolicy` comes first").into())
            };
        }
        self.view().require_registered_caller()
    }

    /// Puts a record, unless it stands there already.
    pub(crate) fn put(&mut self, record: Record) -> Result<(), Box<Refusal>> {
        if self.state.record(&record.key()).as_ref() == Some(&record) {
            return Ok(());
        }
        self.change(Change::Put(record))
    }

    pub(crate) fn delete(&mut self, key: Key) -> Result<(), Box<Refusal>> {
        self.change(Change::Delete(key))
    }

    fn change(&mut self, change: Change) -> Result<(), Box<Refusal>> {
        let inverse = self.state.change(&change)?;
        self.undo.push(inverse);
        self.changes.push(change);
        Ok(())
    }

    /// How many changes have been made so far.
    pub(crate) fn change_count(&self) -> usize {
        self.changes.len()
    }

    /// The principal's id, giving it a record if it has none.
    pub(crate) fn keep_principal(&mut self, kind: PrincipalType, name: &str) -> Result<u32, Box<Refusal>> {
        if let Some(known) = self.state.principals.find(kind, name) {
            return Ok(known);
        }
        let id = take_id(self.state.next.principal, "principals")?;
        self.put(Record::Principal { id, kind, name: name.into() })?;
        Ok(id)
    }

    /// Removes a principal's record when nothing refers to it any more.
    pub(crate) fn release_principal(&mut self, id: u32) -> Result<(), Box<Refusal>> {
        let Some(known) = self.state.principals.get(id) else { return Ok(()) };
        let used = known.registered || known.entries > 0 || !known.groups.is_empty() || !known.members.is_empty();
        if used || id <= crate::principals::DEFAULT_USER { Ok(()) } else { self.delete(Key::Principal(id)) }
    }
}

/// The next id, unless all have been given.
pub(crate) fn take_id(next: u32, what: &str) -> Result<u32, Box<Refusal>> {
    if next < u32::MAX - 1 {
        Ok(next)
    } else {
        Err(Refusal::StateTooLarge(format!("the policy has given all its ids to {what}")).into())
    }
}
