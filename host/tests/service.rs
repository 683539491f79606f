//! A policy that is begun in memory and kept later; what is written when; and time, which never runs back.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use portcullis_host::credentials::{Credential, SecretKind};
use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Caller, Clock, Service, ServiceError, ServiceOptions, verify as verify_store};
use portcullis_host::store::{
    Hash, Head, MemoryStore, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, Store, StoreError, StoredSet, verify,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

const POLICY: PolicyId = PolicyId(1);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// When the tests' clocks begin.
const START_MS: i64 = 1_800_000_000_000;

fn begin(store: &MemoryStore) -> Service {
    Service::open(Box::new(store.clone()), runtime(), &ServiceOptions::default()).unwrap()
}

fn runtime() -> Arc<Runtime> {
    Arc::new(Runtime::new().unwrap())
}

fn create(service: &mut Service, project: &str) {
    done(service, "createObject", json!({ "projectName": project }));
}

/// The reply to a command of `admin`.
fn done(service: &mut Service, command: &str, arguments: Value) -> Value {
    done_by(service, &Caller::user("admin"), command, arguments)
}

fn done_by(service: &mut Service, caller: &Caller, command: &str, arguments: Value) -> Value {
    propose(service, caller, command, arguments).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn propose(service: &mut Service, caller: &Caller, command: &str, arguments: Value) -> Result<Value, ServiceError> {
    let answers = service.propose(caller, &[(command.to_owned(), arguments.as_object().unwrap().clone())])?;
    Ok(answers.replies[0].clone())
}

fn projects(service: &mut Service) -> Vec<String> {
    let arguments = Map::from_iter([("systemObjectName".to_owned(), json!("projects"))]);
    let reply = service.ask(&Caller::user("admin"), "getObjects", &arguments).unwrap().reply;
    let objects = reply.get("object").and_then(|objects| objects.as_array().cloned()).unwrap_or_default();
    objects.iter().map(|object| object.get("objectName").unwrap().as_str().unwrap().to_owned()).collect()
}

/// Whoever shows a cookie.
fn session(cookie: &Value) -> Caller {
    Caller::Session(Credential::parse(SecretKind::Session, cookie.as_str().unwrap()).unwrap())
}

fn login(service: &mut Service, user: &str, password: &str) -> Caller {
    let reply = done(service, "login", json!({"userName": user, "password": password}));
    session(&reply["sessionId"])
}

/// Why a question of the caller's own is refused, if it is.
fn refusal(service: &mut Service, caller: &Caller) -> Option<String> {
    service.ask(caller, "getUserSettings", &Map::new()).err().map(|error| error.code().to_owned())
}

/// A store in memory whose writing is counted, and fails when it is told to.
#[derive(Clone, Default)]
struct Watched {
    store: MemoryStore,
    appends: Arc<AtomicU32>,
    instants: Arc<AtomicU32>,
    loads: Arc<AtomicU32>,
    is_full: Arc<AtomicBool>,
}

impl Watched {
    /// How many change sets and how many instants were written since the last time.
    fn writes(&self) -> (u32, u32) {
        (self.appends.swap(0, Ordering::Relaxed), self.instants.swap(0, Ordering::Relaxed))
    }
}

impl Store for Watched {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        self.store.head(policy)
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(StoreError::TooLarge { bytes: 0, limit: 0 });
        }
        self.appends.fetch_add(1, Ordering::Relaxed);
        self.store.append(policy, expected, sets)
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.store.read(policy, after, limit)
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.store.read_newest(policy, before, limit)
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        self.store.read_private(policy, after, limit)
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(StoreError::TooLarge { bytes: 0, limit: 0 });
        }
        self.instants.fetch_add(1, Ordering::Relaxed);
        self.store.keep_instant(policy, at_ms)
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.store.snapshot(policy)
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        self.store.put_snapshot(policy, at, bytes)
    }
}

/// A store, and a clock that the test sets: milliseconds after [`START_MS`].
#[derive(Clone, Default)]
struct World {
    store: Watched,
    clock_ms: Arc<AtomicI64>,
}

impl World {
    /// A service on the store, which has the user `ann` and the service account `hook` from the first time on.
    fn open(&self) -> Service {
        let clock_ms = Arc::clone(&self.clock_ms);
        let clock = Clock::new(move || START_MS + clock_ms.load(Ordering::Relaxed));
        let options = ServiceOptions { clock, ..ServiceOptions::default() };
        let mut service = Service::open(Box::new(self.store.clone()), runtime(), &options).unwrap();
        if service.is_new() {
            done(&mut service, "createUser", json!({"userName": "ann", "password": "ann's"}));
            done(&mut service, "createObject", json!({"serviceAccountName": "hook"}));
        }
        service
    }

    fn set(&self, clock_ms: i64) {
        self.clock_ms.store(clock_ms, Ordering::Relaxed);
    }
}

#[test]
fn a_policy_moves_with_its_whole_log_and_goes_on_where_it_moved() {
    let (begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let mut service = begin(&begun);
    create(&mut service, "before");
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(verify(&kept, POLICY, None), begun.head(POLICY).map_err(Into::into));
    create(&mut service, "after");
    assert_eq!((begun.head(POLICY).unwrap().revision, kept.head(POLICY).unwrap().revision), (2, 3));
    assert_eq!(service.head(), kept.head(POLICY).unwrap());
    assert_eq!(projects(&mut begin(&kept)), ["after", "before"]);
}

#[test]
fn a_snapshot_moves_along() {
    let (begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let mut service = begin(&begun);
    (0..300).for_each(|number| create(&mut service, &number.to_string()));
    let snapshot = begun.snapshot(POLICY).unwrap();
    assert!(snapshot.is_some());
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(kept.snapshot(POLICY).unwrap(), snapshot);
}

#[test]
fn a_policy_does_not_move_over_another() {
    let (begun, taken) = (MemoryStore::new(), MemoryStore::new());
    create(&mut begin(&taken), "first");
    let before: Head = taken.head(POLICY).unwrap();
    let mut service = begin(&begun);
    create(&mut service, "second");
    assert_eq!(service.move_to(Box::new(taken.clone())).unwrap_err().code(), "Conflict");
    assert_eq!(taken.head(POLICY).unwrap(), before);
    assert_eq!(projects(&mut service), ["second"], "it stays where it was");
}

#[test]
fn private_values_move_along_and_those_that_were_erased_do_not_come_back() {
    let (begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let mut service = begin(&begun);
    for user in ["ann", "bob"] {
        done(&mut service, "createUser", json!({"userName": user, "password": user, "email": format!("{user}@x.org")}));
    }
    let ann = login(&mut service, "ann", "ann");
    done(&mut service, "eraseUser", json!({"userName": "bob"}));
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(kept.read_private(POLICY, None, 10).unwrap().len(), 3, "ann's password, address and session");
    let mut moved = begin(&kept);
    for service in [&mut service, &mut moved] {
        assert_eq!(refusal(service, &ann), None);
        login(service, "ann", "ann");
        let bob = json!({"userName": "bob", "password": "bob"});
        let refused = propose(service, &Caller::user("admin"), "login", bob).unwrap_err();
        assert_eq!(refused.code(), "InvalidCredentials");
    }
}

#[test]
fn a_store_whose_private_values_were_altered_is_neither_served_nor_verified() {
    let sound = MemoryStore::new();
    let mut service = begin(&sound);
    done(&mut service, "createUser", json!({"userName": "ann", "password": "ann"}));
    assert_eq!(verify_store(&sound, &runtime(), None).unwrap(), sound.head(POLICY).unwrap());
    let set = |private: Vec<PrivateRow>, store: &mut MemoryStore| {
        // A set without changes, that brings private values all the same.
        let head = store.head(POLICY).unwrap();
        let revision = head.revision + 1;
        let empty = portcullis_engine::ChangeSet {
            revision,
            at_ms: head.at_ms,
            caller: String::new(),
            commands: Vec::new(),
            changes: Vec::new(),
        };
        let set = NewSet { private, ..NewSet::new(head.at_ms, empty.encode()) };
        assert!(matches!(store.append(POLICY, &head, &[set]).unwrap(), Outcome::Done(_)));
    };
    let mut row = sound.read_private(POLICY, None, 1).unwrap().remove(0);
    row.value[20] ^= 1;
    let mut altered = sound.clone();
    set(vec![row], &mut altered);
    assert_eq!(verify_store(&altered, &runtime(), None).unwrap_err().code(), "PrivateDiffers");
    let served = Service::open(Box::new(altered), runtime(), &ServiceOptions::default());
    let asked = served.and_then(|mut service| service.ask(&Caller::user("admin"), "getSchema", &Map::new()));
    assert_eq!(asked.unwrap_err().code(), "PrivateDiffers");
}

#[test]
fn one_command_or_one_question_loads_one_engine() {
    let world = World::default();
    let cookie = login(&mut world.open(), "ann", "ann's");
    let loads = |world: &World| world.store.loads.swap(0, Ordering::Relaxed);
    loads(&world);
    create(&mut world.open(), "P");
    assert_eq!(loads(&world), 1);
    projects(&mut world.open());
    assert_eq!(loads(&world), 1);
    login(&mut world.open(), "ann", "ann's");
    assert_eq!(loads(&world), 1);
    world.set(HOUR_MS);
    assert_eq!(refusal(&mut world.open(), &cookie), None);
    assert_eq!(loads(&world), 2, "a session was extended, too");
}

#[test]
fn asking_writes_nothing_but_when_an_end_is_crossed_and_then_once() {
    let world = World::default();
    let mut service = world.open();
    let hook = json!({"serviceAccountName": "hook", "expirationDate": "2027-01-16T00:00:00Z"});
    done(&mut service, "createSession", hook);
    world.store.writes();
    // START_MS is 2027-01-15T08:00:00Z: the session ends sixteen hours later.
    for (after_ms, writes) in [
        (0, (0, 0)),
        (HOUR_MS, (0, 0)),
        (16 * HOUR_MS - 1, (0, 0)),
        (16 * HOUR_MS, (0, 1)),
        (16 * HOUR_MS + 1, (0, 0)),
        (90 * DAY_MS, (0, 0)),
        (16 * HOUR_MS - 1, (0, 0)),
    ] {
        world.set(after_ms);
        projects(&mut service);
        projects(&mut service);
        assert_eq!(world.store.writes(), writes, "at {after_ms}");
    }
    assert_eq!(service.head(), world.store.head(POLICY).unwrap());
    assert_eq!(service.head().at_ms, START_MS + 16 * HOUR_MS);
    create(&mut service, "P");
    assert_eq!(world.store.writes(), (1, 0));
}

#[test]
fn a_session_that_only_asks_slides_by_a_change_at_most_once_an_hour() {
    let world = World::default();
    let mut service = world.open();
    let ann = login(&mut service, "ann", "ann's");
    world.store.writes();
    let uses = [
        (0, 0),
        (HOUR_MS - 1, 0),
        (HOUR_MS, 1),
        (HOUR_MS + 1, 0),
        (2 * HOUR_MS - 1, 0),
        (2 * HOUR_MS, 1),
        (3 * DAY_MS, 1),
        (6 * DAY_MS - 1, 1),
    ];
    for (after_ms, appends) in uses {
        world.set(after_ms);
        let before = service.head().revision;
        for asked in 0..3 {
            let answer = service.ask(&ann, "getUserSettings", &Map::new()).unwrap();
            let slid = u64::from(asked > 0 && appends > 0);
            assert_eq!(answer.revision, before + slid, "the revision that it is true of, at {after_ms}");
        }
        assert_eq!(world.store.writes(), (appends, 0), "at {after_ms}");
        assert_eq!(service.head().revision, before + u64::from(appends));
    }
    let rows = service.log(&Caller::user("admin"), u64::MAX, 1).unwrap();
    assert_eq!((rows[0].caller.as_str(), rows[0].commands.len(), rows[0].changes), ("user:ann", 0, 1));
    world.set(9 * DAY_MS - 2);
    assert_eq!(refusal(&mut service, &ann), None);
    world.set(12 * DAY_MS - 2);
    assert_eq!(refusal(&mut service, &ann).as_deref(), Some("ExpiredSession"));
}

#[test]
fn reading_the_log_is_a_use_of_a_session_too() {
    let world = World::default();
    let mut service = world.open();
    done(&mut service, "modifyUser", json!({"userName": "admin", "password": "admin's"}));
    let admin = login(&mut service, "admin", "admin's");
    for day in 1..8 {
        world.set(day * 2 * DAY_MS);
        service.log(&admin, u64::MAX, 1).unwrap();
        service.snapshot(&admin).unwrap();
    }
    world.set(17 * DAY_MS);
    assert_eq!(service.log(&admin, u64::MAX, 1).unwrap_err().code(), "ExpiredSession");
    assert_eq!(service.snapshot(&admin).unwrap_err().code(), "ExpiredSession");
}

#[test]
fn an_answer_is_given_also_where_the_session_cannot_be_extended() {
    let world = World::default();
    let mut service = world.open();
    let ann = login(&mut service, "ann", "ann's");
    world.set(HOUR_MS);
    world.store.is_full.store(true, Ordering::Relaxed);
    assert_eq!(refusal(&mut service, &ann), None);
    assert_eq!(refusal(&mut service, &ann), None);
    world.store.is_full.store(false, Ordering::Relaxed);
    world.store.writes();
    assert_eq!(refusal(&mut service, &ann), None);
    assert_eq!(world.store.writes(), (1, 0), "the next use has tried again");
}

#[test]
fn an_end_that_cannot_be_kept_is_told_to_nobody() {
    let world = World::default();
    let mut service = world.open();
    let ann = login(&mut service, "ann", "ann's");
    world.set(3 * DAY_MS);
    world.store.is_full.store(true, Ordering::Relaxed);
    let asked = service.ask(&Caller::user("admin"), "getSchema", &Map::new());
    assert!(!asked.unwrap_err().is_refusal(), "an answer of that time could be taken back");
    world.store.is_full.store(false, Ordering::Relaxed);
    assert_eq!(refusal(&mut service, &ann).as_deref(), Some("ExpiredSession"));
}

/// The ends that a clock may have passed before it goes back: of a login, of a session by its date, of a token, and of a
/// session by its token.
#[test]
fn whatever_had_ended_when_anybody_asked_stays_so_for_a_new_service_whose_clock_went_back() {
    let world = World::default();
    let mut service = world.open();
    let login_session = login(&mut service, "ann", "ann's");
    let hook = json!({"serviceAccountName": "hook", "expirationDate": "2027-01-18T08:00:00Z"});
    let hook = session(&done(&mut service, "createSession", hook)["sessionId"]);
    let days = json!({"userAccessTokenName": "ci", "expirationDays": 3});
    let token = done_by(&mut service, &Caller::user("ann"), "createUserAccessToken", days)["token"].clone();
    world.set(1);
    let by_token = session(&done(&mut service, "login", json!({ "token": token }))["sessionId"]);
    let token_caller = Caller::Token(Credential::parse(SecretKind::Token, token.as_str().unwrap()).unwrap());
    let callers = [&login_session, &by_token, &hook, &token_caller];
    let codes = |service: &mut Service| {
        callers.map(|caller| service.ask(caller, "getSchema", &Map::new()).err().map(|error| error.code().to_owned()))
    };
    world.set(3 * DAY_MS - 1);
    assert_eq!(codes(&mut service), [const { None }; 4]);
    let over = ["ExpiredSession", "ExpiredSession", "ExpiredSession", "InvalidCredentials"].map(|c| Some(c.to_owned()));

    // The uses just now have extended the sessions that slide.
    let mut again = world.open();
    world.set(0);
    assert_eq!(codes(&mut again), [const { None }; 4]);
    world.set(6 * DAY_MS - 1);
    assert_eq!(projects(&mut again), Vec::<String>::new(), "somebody else asks");
    for clock_ms in [3 * DAY_MS - 1, 0, -DAY_MS, i64::MIN / 2] {
        world.set(clock_ms);
        assert_eq!(codes(&mut again), over, "the same service at {clock_ms}");
        assert_eq!(codes(&mut world.open()), over, "a new service at {clock_ms}");
    }
    let mut last = world.open();
    let prolong = json!({"sessionId": match &hook { Caller::Session(hook) => hook.id.clone(), _ => String::new() }, "expirationDate": "2028-01-01"});
    let refused = propose(&mut last, &Caller::user("admin"), "modifySession", prolong).unwrap_err();
    assert_eq!(refused.code(), "ExpiredSession");
    let refused = propose(&mut last, &Caller::user("admin"), "login", json!({ "token": token })).unwrap_err();
    assert_eq!(refused.code(), "InvalidCredentials");
}

/// The control of the test before: if nobody had asked meanwhile, no instant was used that could count.
#[test]
fn a_time_that_nobody_used_ends_nothing() {
    let world = World::default();
    let ann = login(&mut world.open(), "ann", "ann's");
    world.set(4 * DAY_MS);
    drop(world.open());
    world.set(0);
    assert_eq!(refusal(&mut world.open(), &ann), None);
}

#[test]
fn each_end_is_exact_to_the_millisecond() {
    for (after_ms, code) in [(-1, None), (0, Some("ExpiredSession")), (1, Some("ExpiredSession"))] {
        let world = World::default();
        let mut service = world.open();
        let ann = login(&mut service, "ann", "ann's");
        let hook = json!({"serviceAccountName": "hook", "expirationDate": "2027-01-18T09:00:00+01:00"});
        let hook = session(&done(&mut service, "createSession", hook)["sessionId"]);
        let days = json!({"expirationDays": 3});
        let token = done_by(&mut service, &Caller::user("ann"), "createUserAccessToken", days)["token"].clone();
        let by_token = session(&done(&mut service, "loginSso", json!({ "token": token }))["sessionId"]);
        world.set(3 * DAY_MS + after_ms);
        for caller in [&ann, &hook, &by_token] {
            let asked = service.ask(caller, "getSchema", &Map::new()).err();
            assert_eq!(asked.as_ref().map(ServiceError::code), code, "{caller:?} at {after_ms}");
        }
        let again = propose(&mut service, &Caller::user("admin"), "login", json!({ "token": token })).err();
        let code = code.map(|_| "InvalidCredentials");
        assert_eq!(again.as_ref().map(ServiceError::code), code, "a token at {after_ms}");
    }
}

#[test]
fn the_idle_time_is_the_services_and_a_short_one_slides_too() {
    let world = World::default();
    drop(world.open());
    let clock_ms = Arc::clone(&world.clock_ms);
    let clock = Clock::new(move || START_MS + clock_ms.load(Ordering::Relaxed));
    let options = ServiceOptions { clock, session_idle_ms: 10_000, ..ServiceOptions::default() };
    let mut service = Service::open(Box::new(world.store.clone()), runtime(), &options).unwrap();
    let ann = login(&mut service, "ann", "ann's");
    for second in (5..60).step_by(5) {
        world.set(second * 1000);
        assert_eq!(refusal(&mut service, &ann), None, "second {second}");
    }
    world.set(64_999);
    assert_eq!(refusal(&mut service, &ann), None);
    world.set(75_000);
    assert_eq!(refusal(&mut service, &ann).as_deref(), Some("ExpiredSession"));
}

/// Two services on one store, as two machines have them: whoever was behind learns of it, and spoils nothing.
#[test]
fn a_service_that_is_behind_when_it_keeps_an_instant_goes_on_from_where_the_log_stands() {
    let world = World::default();
    let mut one = world.open();
    let ann = login(&mut one, "ann", "ann's");
    let mut two = world.open();
    create(&mut two, "of two");
    world.set(3 * DAY_MS);
    assert_eq!(refusal(&mut one, &ann).as_deref(), Some("ExpiredSession"));
    create(&mut one, "of one");
    assert_eq!(projects(&mut one), ["of one", "of two"]);
    assert_eq!(verify_store(&world.store, &runtime(), None).unwrap(), one.head());
    assert_eq!(projects(&mut world.open()), ["of one", "of two"]);
}

/// The end that somebody else's session has is not known to a service that is behind; once it has caught up, it is.
#[test]
fn an_end_that_came_with_somebody_elses_change_counts_too() {
    let world = World::default();
    let mut one = world.open();
    projects(&mut one);
    let ann = login(&mut world.open(), "ann", "ann's");
    let conflict = propose(&mut one, &Caller::user("admin"), "createObject", json!({"projectName": "P"}));
    assert_eq!(conflict.unwrap_err().code(), "Conflict");
    create(&mut one, "P");
    world.set(4 * DAY_MS);
    assert_eq!(projects(&mut one), ["P"]);
    world.set(0);
    assert_eq!(refusal(&mut world.open(), &ann).as_deref(), Some("ExpiredSession"));
}

#[test]
fn a_clock_that_goes_back_puts_no_entry_into_effect_again() {
    let world = World::default();
    let mut service = world.open();
    create(&mut service, "P");
    // START_MS is 2027-01-15T08:00:00Z.
    let window = json!({"principalType": "user", "principalName": "ann", "projectName": "P", "modifyPrivilege": "allow",
        "notAfter": "2027-01-15T09:00:00Z"});
    done(&mut service, "createAclEntry", window);
    let may = |service: &mut Service| {
        let arguments = json!({"projectName": "P", "principal": "user:ann", "privilege": "modify"});
        let reply = service.ask(&Caller::user("admin"), "check", arguments.as_object().unwrap()).unwrap().reply;
        reply["decision"].as_str().unwrap().to_owned()
    };
    world.set(HOUR_MS - 1);
    assert_eq!(may(&mut service), "allow");
    world.set(HOUR_MS);
    assert_eq!(may(&mut service), "deny");
    world.set(0);
    assert_eq!(may(&mut world.open()), "deny");
}
