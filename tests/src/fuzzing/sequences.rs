//! Any bytes as a sequence of commands, done by the service over a store that fails on demand. After each of them the
//! store holds all of it or nothing, and the engine and the oracle answer every question alike.

use super::policy::{self, NOW};
use crate::failing::{Demand, FailingStore, Failure};
use crate::oracle::{Effect, Entry, Oracle, Principal};
use arbitrary::{Result as Taken, Unstructured};
use chrono::{DateTime, SecondsFormat};
use portcullis_engine::{ChangeSet, State};
use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Caller, Clock, Service, ServiceError, ServiceOptions};
use portcullis_host::store::{MemoryStore, PolicyId, Store};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

/// The policy that a service's store holds.
const POLICY: PolicyId = PolicyId(1);
/// More would say nothing new, and each takes its time.
const MOST_STEPS: usize = 40;
/// How long the fuzzer's day is, in which entries begin and end to hold; milliseconds.
const DAY_MS: i64 = 86_400_000;

const SERVER: &str = "/systemObjects/server";
const PROJECTS: &str = "/systemObjects/projects";
/// What there may be, each with what it lies under.
const OBJECTS: [(&str, &str); 6] = [
    (PROJECTS, SERVER),
    ("/projects/A", PROJECTS),
    ("/projects/B", PROJECTS),
    ("/projects/A/procedures/x", "/projects/A"),
    ("/projects/A/procedures/x/steps/s", "/projects/A/procedures/x"),
    ("/projects/B/procedures/x", "/projects/B"),
];
/// Who may be asked about, by type and name.
const PRINCIPALS: [(&str, &str); 8] = [
    ("user", "u"),
    ("user", "v"),
    ("user", "admin"),
    ("user", "project: A"),
    ("group", "g"),
    ("group", "h"),
    ("group", "Everyone"),
    ("serviceAccount", "c"),
];
/// One that is given at the beginning, and one that the commands on lists need.
const PRIVILEGES: [&str; 2] = ["read", "changePermissions"];
const CHANGE_PERMISSIONS: &str = "changePermissions";

static RUNTIME: LazyLock<Arc<Runtime>> = LazyLock::new(|| {
    let runtime = Runtime::new();
    assert!(runtime.is_ok(), "the engine runs here");
    Arc::new(runtime.unwrap_or_else(|_| std::process::abort()))
});

/// Bytes as commands, times and failures of a store.
///
/// # Panics
///
/// A command is half done, or engine, service and oracle do not answer alike.
pub fn run(bytes: &[u8]) {
    let mut input = Unstructured::new(bytes);
    let mut world = World::new();
    for _ in 0..MOST_STEPS {
        // Where the bytes end, so does the sequence.
        if input.is_empty() || world.step(&mut input).is_err() {
            return;
        }
    }
}

/// The service and its store, and twice what they must hold: as the engine says by the log alone, and as the oracle does.
struct World {
    memory: MemoryStore,
    demand: Demand,
    now: Arc<AtomicI64>,
    service: Option<Service>,
    replica: State,
    model: Model,
}

/// What the commands must have led to.
struct Model {
    oracle: Oracle,
    objects: BTreeSet<&'static str>,
    groups: BTreeSet<&'static str>,
}

/// One command.
enum Command {
    CreateObject(&'static str),
    DeleteObject(&'static str),
    CreateEntry(&'static str, Principal, Entry),
    ModifyEntry(&'static str, Principal, Entry),
    DeleteEntry(&'static str, Principal),
    SetInheriting(&'static str, bool),
    CreateUser(&'static str),
    DeleteUser(&'static str),
    CreateGroup(&'static str),
    DeleteGroup(&'static str),
    AddMember(&'static str, Principal),
    RemoveMember(&'static str, Principal),
}

impl World {
    fn new() -> Self {
        let (memory, demand) = (MemoryStore::new(), Demand::default());
        let now = Arc::new(AtomicI64::new(NOW));
        let mut world = Self { memory, demand, now, service: None, replica: policy::new(), model: Model::new() };
        world.reopen();
        world.follow();
        world
    }

    /// Opens the store and serves it, as a program does that is started again.
    fn reopen(&mut self) {
        let now = Arc::clone(&self.now);
        let clock = Clock::new(move || now.load(Ordering::Relaxed));
        let store = FailingStore::new(self.memory.clone(), &self.demand);
        let options = ServiceOptions { clock, ..ServiceOptions::default() };
        let opened = Service::open(Box::new(store), Arc::clone(&RUNTIME), &options);
        assert!(opened.is_ok(), "the store cannot be served: {:?}", opened.err());
        self.service = opened.ok();
    }

    fn revision(&self) -> u64 {
        self.memory.head(POLICY).map_or(0, |head| head.revision)
    }

    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Does one command, or lets time pass, and looks.
    fn step(&mut self, input: &mut Unstructured<'_>) -> Taken<()> {
        let passed = input.ratio(1, 8)?;
        if passed {
            self.now.fetch_add(DAY_MS * input.int_in_range(0..=2)?, Ordering::Relaxed);
        }
        let caller = *input.choose(&["admin", "admin", "admin", "u"])?;
        let command = Command::take(input)?;
        if input.ratio(1, 4)? {
            let failure = *input.choose(&[Failure::Error, Failure::UnknownUndone, Failure::UnknownDone])?;
            self.demand.demand(input.int_in_range(0..=1)?, failure);
        }
        let before = self.revision();
        self.carry_out(caller, &command);
        // What was refused has changed nothing that could be asked about.
        if self.revision() != before || passed {
            self.compare();
        }
        self.ask_service(input)
    }

    fn carry_out(&mut self, caller: &str, command: &Command) {
        let may = self.model.may(caller, command, self.now_ms());
        let before = self.revision();
        let Some(service) = &mut self.service else { return };
        let proposed = service.propose(&Caller::user(caller), &[command.call()]).map(|answers| answers.changed);
        let struck = self.demand.take_back();
        let is_done = match &proposed {
            Ok(changed) => *changed,
            Err(ServiceError::UnknownOutcome(_)) => self.revision() > before,
            Err(error) => {
                assert!(error.is_refusal() || struck, "{error}");
                assert!(error.code() != "AccessDenied" || may != Some(true), "{:?}: {error}", command.list());
                false
            }
        };
        assert_eq!(self.revision(), before + u64::from(is_done), "what is answered is in the log: {proposed:?}");
        assert!(proposed.is_err() || may != Some(false), "`{caller}` may not: {}", Value::Object(command.call().1));
        if is_done {
            self.model.follow(command);
        }
        if struck {
            self.look_after_failure();
        }
        self.follow();
    }

    /// A service whose store has failed serves nothing that is not in it. Then it is started again.
    fn look_after_failure(&mut self) {
        let revision = self.revision();
        if let Some(service) = &mut self.service
            && let Ok(answer) = service.ask(&Caller::user("admin"), "getSchema", &Map::new())
        {
            assert_eq!(answer.revision, revision, "an answer of a revision that is not the store's");
        }
        self.service = None;
        self.reopen();
    }

    /// Takes over what is new in the log.
    fn follow(&mut self) {
        let sets = self.memory.read(POLICY, self.replica.revision(), u32::MAX).unwrap_or_default();
        for set in sets {
            let applied = ChangeSet::decode(&set.body).and_then(|set| self.replica.apply(&set));
            assert!(applied.is_ok(), "the log cannot be replayed: {applied:?}");
        }
    }

    /// Every question.
    fn compare(&self) {
        let now = self.now_ms();
        for object in std::iter::once(SERVER).chain(OBJECTS.map(|(object, _)| object)) {
            for (kind, name) in PRINCIPALS {
                for privilege in PRIVILEGES {
                    let who = format!("{kind}:{name}");
                    let expected = self.model.oracle.decide(&[Principal::new(kind, name)], privilege, object, now);
                    let allowed = self.replica.check_names(&who, privilege, object, now);
                    let until = self.replica.valid_until(&who, privilege, object, now);
                    let found =
                        allowed.and_then(|allowed| Ok((allowed, until?))).map_err(|refusal| refusal.to_string());
                    assert_eq!(found, Ok(expected), "{who} {privilege} {object} at {now}");
                }
            }
        }
    }

    /// One question to the service itself.
    fn ask_service(&mut self, input: &mut Unstructured<'_>) -> Taken<()> {
        let ((object, _), (kind, name)) = (*input.choose(&OBJECTS)?, *input.choose(&PRINCIPALS)?);
        let privilege = *input.choose(&PRIVILEGES)?;
        let arguments = json!({"principal": format!("{kind}:{name}"), "privilege": privilege, "path": object});
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let Some(service) = &mut self.service else { return Ok(()) };
        let answer = service.ask(&Caller::user("admin"), "explain", &arguments);
        let decision = answer
            .map(|answer| answer.reply.get("decision").cloned().unwrap_or_default())
            .map_err(|error| error.to_string());
        let (allowed, _) = self.model.oracle.decide(&[Principal::new(kind, name)], privilege, object, self.now_ms());
        assert_eq!(decision, Ok(if allowed { "allow" } else { "deny" }.into()), "{arguments:?}");
        Ok(())
    }
}

impl Command {
    fn take(input: &mut Unstructured<'_>) -> Taken<Self> {
        let object = *input.choose(&OBJECTS)?;
        let object = if input.ratio(1, 6)? { SERVER } else { object.0 };
        let principal = |input: &mut Unstructured<'_>| -> Taken<Principal> {
            let (kind, name) = *input.choose(&PRINCIPALS)?;
            Ok(Principal::new(kind, name))
        };
        let user = |input: &mut Unstructured<'_>| input.choose(&["u", "v"]).copied();
        let group = |input: &mut Unstructured<'_>| input.choose(&["g", "h"]).copied();
        Ok(match input.int_in_range(0..=14)? {
            0 | 1 => Self::CreateObject(object),
            2 => Self::DeleteObject(object),
            3 | 4 => Self::CreateEntry(object, principal(input)?, entry(input)?),
            5 => Self::ModifyEntry(object, principal(input)?, entry(input)?),
            6 => Self::DeleteEntry(object, principal(input)?),
            7 | 8 => Self::SetInheriting(object, input.arbitrary()?),
            9 => Self::CreateUser(user(input)?),
            10 => Self::DeleteUser(user(input)?),
            11 => Self::CreateGroup(group(input)?),
            12 => Self::DeleteGroup(group(input)?),
            13 => Self::AddMember(group(input)?, principal(input)?),
            _ => Self::RemoveMember(group(input)?, principal(input)?),
        })
    }

    /// The object whose list it is about, where it is one of the commands on lists.
    fn list(&self) -> Option<&'static str> {
        match self {
            Self::CreateEntry(object, ..)
            | Self::ModifyEntry(object, ..)
            | Self::DeleteEntry(object, _)
            | Self::SetInheriting(object, _) => Some(object),
            _ => None,
        }
    }

    /// As the service takes it.
    fn call(&self) -> (String, Map<String, Value>) {
        let (name, arguments) = match self {
            Self::CreateObject(path) => ("createObject", json!({ "path": path })),
            Self::DeleteObject(path) => ("deleteObject", json!({ "path": path })),
            Self::CreateEntry(path, principal, entry) => ("createAclEntry", line(path, principal, Some(entry))),
            Self::ModifyEntry(path, principal, entry) => ("modifyAclEntry", line(path, principal, Some(entry))),
            Self::DeleteEntry(path, principal) => ("deleteAclEntry", line(path, principal, None)),
            Self::SetInheriting(path, true) => ("restoreAclInheritance", json!({ "path": path })),
            Self::SetInheriting(path, false) => ("breakAclInheritance", json!({ "path": path })),
            Self::CreateUser(user) => ("createObject", json!({ "path": format!("/users/{user}") })),
            Self::DeleteUser(user) => ("deleteUser", json!({ "userName": user })),
            Self::CreateGroup(group) => ("createGroup", json!({ "groupName": group })),
            Self::DeleteGroup(group) => ("deleteGroup", json!({ "groupName": group })),
            Self::AddMember(group, member) => ("addGroupMember", membership(group, member)),
            Self::RemoveMember(group, member) => ("removeGroupMember", membership(group, member)),
        };
        (name.to_owned(), arguments.as_object().cloned().unwrap_or_default())
    }
}

fn membership(group: &str, member: &Principal) -> Value {
    json!({"groupName": group, "memberType": member.kind, "userName": member.name})
}

fn line(path: &str, principal: &Principal, entry: Option<&Entry>) -> Value {
    let mut line = json!({"path": path, "principalType": principal.kind, "principalName": principal.name});
    let (Some(entry), Some(fields)) = (entry, line.as_object_mut()) else { return line };
    for privilege in PRIVILEGES {
        let word = match entry.effects.get(privilege) {
            Some(Effect::Allow) => "allow",
            Some(Effect::Deny) => "deny",
            None => "inherit",
        };
        fields.insert(format!("{privilege}Privilege"), word.into());
    }
    for (name, instant) in [("notBefore", entry.not_before), ("notAfter", entry.not_after)] {
        let text =
            |at| DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true);
        fields.extend(instant.map(|at| (name.to_owned(), text(at).into())));
    }
    line
}

fn entry(input: &mut Unstructured<'_>) -> Taken<Entry> {
    let mut entry = Entry::default();
    for privilege in PRIVILEGES {
        let effect = *input.choose(&[None, Some(Effect::Allow), Some(Effect::Deny)])?;
        entry.effects.extend(effect.map(|effect| (privilege.to_owned(), effect)));
    }
    if input.ratio(1, 3)? {
        let begin = input.int_in_range(0..=4)?;
        entry.not_before = input.arbitrary::<bool>()?.then_some(NOW + DAY_MS * begin);
        entry.not_after = input.arbitrary::<bool>()?.then_some(NOW + DAY_MS * (begin + 2));
    }
    Ok(entry)
}

impl Model {
    fn new() -> Self {
        let mut oracle = Oracle::default();
        oracle.parents.extend(OBJECTS.map(|(object, parent)| (object.to_owned(), parent.to_owned())));
        let entries = &mut oracle.acl(SERVER).entries;
        entries.insert(Principal::everyone(), Entry::new([("read", Effect::Allow), ("execute", Effect::Allow)]));
        oracle.registered.insert("admin".to_owned());
        Self { oracle, objects: [SERVER, PROJECTS].into(), groups: BTreeSet::new() }
    }

    /// Whether the caller may give a command on a list; `None` where something else decides too.
    fn may(&self, caller: &str, command: &Command, now: i64) -> Option<bool> {
        let object = command.list()?;
        if !self.objects.contains(object) {
            return None;
        }
        let principal = Principal::new("user", caller);
        let (allowed, _) = self.oracle.decide(&[principal], CHANGE_PERMISSIONS, object, now);
        Some(allowed && self.oracle.registered.contains(caller))
    }

    /// Takes over what a command has done.
    fn follow(&mut self, command: &Command) {
        match command {
            Command::CreateObject(object) => self.create(object),
            Command::DeleteObject(object) => self.delete(object),
            Command::CreateEntry(object, principal, entry) => {
                self.oracle.acl(object).entries.insert(principal.clone(), entry.clone());
            }
            Command::ModifyEntry(object, principal, entry) => self.modify(object, principal, entry),
            Command::DeleteEntry(object, principal) => drop(self.oracle.acl(object).entries.remove(principal)),
            Command::SetInheriting(object, inheriting) => self.oracle.acl(object).broken = !inheriting,
            Command::CreateUser(user) => drop(self.oracle.registered.insert((*user).to_owned())),
            Command::DeleteUser(user) => {
                self.oracle.registered.remove(*user);
                self.forget(&Principal::new("user", user));
            }
            Command::CreateGroup(group) => drop(self.groups.insert(group)),
            Command::DeleteGroup(group) => {
                self.groups.remove(group);
                self.forget(&Principal::new("group", group));
            }
            Command::AddMember(group, member) => {
                self.oracle.members.insert((member.clone(), Principal::new("group", group)));
            }
            Command::RemoveMember(group, member) => {
                self.oracle.members.remove(&(member.clone(), Principal::new("group", group)));
            }
        }
    }

    /// "A new project: inheriting, one entry `user "project: <its name>"` all `allow`."
    fn create(&mut self, object: &'static str) {
        self.objects.insert(object);
        let Some(name) = object.strip_prefix("/projects/").filter(|name| !name.contains('/')) else { return };
        let owner = Principal::new("user", &format!("project: {name}"));
        let all = ["read", "modify", "execute", CHANGE_PERMISSIONS].map(|privilege| (privilege, Effect::Allow));
        self.oracle.acl(object).entries.insert(owner, Entry::new(all));
    }

    fn delete(&mut self, object: &str) {
        let below = format!("{object}/");
        let is_gone = |known: &str| known == object || known.starts_with(&below);
        self.objects.retain(|known| !is_gone(known));
        self.oracle.acls.retain(|known, _| !is_gone(known));
    }

    /// "`modifyAclEntry` leaves what is not named unchanged": the privileges are named, an instant may be.
    fn modify(&mut self, object: &str, principal: &Principal, new: &Entry) {
        let Some(entry) = self.oracle.acl(object).entries.get_mut(principal) else { return };
        entry.effects.retain(|privilege, _| !PRIVILEGES.contains(&privilege.as_str()));
        entry.effects.extend(new.effects.clone());
        entry.not_before = new.not_before.or(entry.not_before);
        entry.not_after = new.not_after.or(entry.not_after);
    }

    fn forget(&mut self, principal: &Principal) {
        self.oracle.members.retain(|(member, group)| member != principal && group != principal);
    }
}
