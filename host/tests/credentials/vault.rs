//! A policy on disk whose secrets can be recognised, and the search for them.

use crate::{done, done_by, runtime, session};
use portcullis_host::credentials::{Credential, SecretKind};
use portcullis_host::service::{Caller, Clock, Service, ServiceOptions};
use portcullis_host::store::{
    Hash, Head, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, SqliteOptions, SqliteStore, Store, StoreError,
    StoredSet,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const POLICY: PolicyId = PolicyId(1);

/// A store that is used by a service and looked at by the test.
#[derive(Clone)]
pub(crate) struct Shared(Rc<RefCell<SqliteStore>>);

impl Store for Shared {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        self.0.borrow().head(policy)
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        self.0.borrow_mut().append(policy, expected, sets)
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.0.borrow().read(policy, after, limit)
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.0.borrow().read_newest(policy, before, limit)
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        self.0.borrow().read_private(policy, after, limit)
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        self.0.borrow_mut().keep_instant(policy, at_ms)
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        self.0.borrow().snapshot(policy)
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().put_snapshot(policy, at, bytes)
    }
}

/// What must not be found, under the name by which a failure tells of it: the values in all their forms.
#[derive(Default)]
pub(crate) struct Secrets(pub(crate) BTreeMap<String, Vec<u8>>);

impl Secrets {
    pub(crate) fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        assert!(value.as_ref().len() >= 8, "{name} is too short to be recognised");
        self.0.insert(name.to_owned(), value.as_ref().to_vec());
    }

    /// A cookie or a token: the whole, its secret part with and without the checksum and in bytes, and its hash in both
    /// forms. The id is no secret.
    pub(crate) fn add_credential(&mut self, name: &str, kind: SecretKind, text: &str) {
        let Credential { hash, .. } = Credential::parse(kind, text).unwrap();
        let tail = &text[text.len() - 49..];
        self.add(name, text);
        self.add(&format!("{name}, checked part"), tail);
        self.add(&format!("{name}, secret part"), &tail[..43]);
        self.add(&format!("{name}, most of the secret part"), &tail[..40]);
        self.add(&format!("{name}, bytes"), number(&tail[..43]));
        self.add(&format!("{name}, hash's bytes"), bytes_of(&hash));
        self.add(&format!("{name}, hash"), hash);
    }

    /// Everything that a store keeps apart, and the salts.
    fn add_private(&mut self, rows: &[PrivateRow]) {
        for (place, row) in rows.iter().enumerate() {
            let (salt, value) = row.value.split_at(16);
            self.add(&format!("salt {place} of {}", rows.len()), salt);
            self.add(&format!("private value {place} of {}", rows.len()), value);
        }
    }

    pub(crate) fn found(&self, bytes: &[u8]) -> Vec<&str> {
        let is_in = |value: &Vec<u8>| bytes.windows(value.len()).any(|window| window == value);
        self.0.iter().filter(|(_, value)| is_in(value)).map(|(name, _)| name.as_str()).collect()
    }

    #[track_caller]
    pub(crate) fn assert_absent(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let found = self.found(bytes.as_ref());
        assert!(found.is_empty(), "{place} has {found:?}: {}", String::from_utf8_lossy(bytes.as_ref()));
    }

    /// Those of a name's beginning.
    pub(crate) fn of(&self, beginning: &str) -> Self {
        let some = self.0.iter().filter(|(name, _)| name.starts_with(beginning));
        Self(some.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// The number that digits of base 62 are, in 32 bytes.
fn number(digits: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = vec![0; 32];
    for digit in digits.bytes() {
        let mut carry = u32::try_from(DIGITS.iter().position(|known| *known == digit).unwrap()).unwrap();
        for byte in number.iter_mut().rev() {
            carry += u32::from(*byte) * 62;
            *byte = (carry % 256) as u8;
            carry /= 256;
        }
    }
    number
}

fn bytes_of(hash: &str) -> Vec<u8> {
    (0..hash.len() / 2).map(|place| u8::from_str_radix(&hash[2 * place..2 * place + 2], 16).unwrap()).collect()
}

/// All bytes of all files of a folder.
pub(crate) fn files(folder: &Path) -> Vec<u8> {
    fs::read_dir(folder).unwrap().flat_map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

/// A policy on disk with users, tokens and sessions of values that can be recognised.
pub(crate) struct Vault {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Shared,
    pub(crate) service: Service,
    pub(crate) clock_ms: Arc<AtomicI64>,
    pub(crate) secrets: Secrets,
    /// Cookies and tokens, by name.
    pub(crate) shown: BTreeMap<&'static str, String>,
}

impl Vault {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("policy.db"), &SqliteOptions::default()).unwrap();
        let store = Shared(Rc::new(RefCell::new(store)));
        let clock_ms = Arc::new(AtomicI64::new(1_800_000_000_000));
        let service = open(&store, &clock_ms);
        let mut vault = Self { folder, store, service, clock_ms, secrets: Secrets::default(), shown: BTreeMap::new() };
        vault.fill();
        vault
    }

    fn fill(&mut self) {
        for user in ["ann", "bob"] {
            let [password, email, full] =
                ["Password", "address@example.org", "Full Name"].map(|what| format!("{user}'s very own {what}"));
            self.secrets.add(&format!("{user}: password"), &password);
            self.secrets.add(&format!("{user}: e-mail address"), &email);
            self.secrets.add(&format!("{user}: full name"), &full);
            let arguments = json!({"userName": user, "password": password, "email": email, "fullUserName": full});
            done(&mut self.service, "createUser", arguments);
        }
        self.keep_private();
        done(&mut self.service, "createObject", json!({"serviceAccountName": "hook"}));
        self.secrets.add("ann: later password", "ann's later and better password");
        let later = json!({"userName": "ann", "password": "ann's later and better password"});
        let session =
            self.log_in("ann: first session", json!({"userName": "ann", "password": "ann's very own Password"}));
        done_by(&mut self.service, &session, "changeOwnUser", later);
        let token = done_by(
            &mut self.service,
            &session,
            "createUserAccessToken",
            json!({"userAccessTokenName": "ci", "description": "for the night build"}),
        );
        self.show("ann: token", SecretKind::Token, &token["token"]);
        let expiring = done_by(
            &mut self.service,
            &session,
            "createUserAccessToken",
            json!({"userAccessTokenName": "brief", "expirationDays": 1}),
        );
        self.show("ann: brief token", SecretKind::Token, &expiring["token"]);
        self.log_in("ann: session by token", json!({ "token": token["token"] }));
        self.log_in("bob: session", json!({"userName": "bob", "password": "bob's very own Password"}));
        let hook = done(&mut self.service, "createSession", json!({"serviceAccountName": "hook"}));
        self.show("hook: session", SecretKind::Session, &hook["sessionId"]);
        self.keep_private();
    }

    fn log_in(&mut self, name: &'static str, arguments: Value) -> Caller {
        let reply = done(&mut self.service, "login", arguments);
        session(&self.show(name, SecretKind::Session, &reply["sessionId"]))
    }

    fn show(&mut self, name: &'static str, kind: SecretKind, text: &Value) -> String {
        let text = text.as_str().unwrap().to_owned();
        self.secrets.add_credential(name, kind, &text);
        self.shown.insert(name, text.clone());
        text
    }

    fn keep_private(&mut self) {
        self.secrets.add_private(&self.private());
    }

    /// Those of the private values, and their salts, that the store has no longer.
    pub(crate) fn gone(&self, before: &[PrivateRow]) -> Secrets {
        let left = self.private();
        let gone: Vec<PrivateRow> = before.iter().filter(|row| !left.contains(row)).cloned().collect();
        let mut secrets = Secrets::default();
        secrets.add_private(&gone);
        secrets
    }

    pub(crate) fn private(&self) -> Vec<PrivateRow> {
        self.store.read_private(POLICY, None, u32::MAX).unwrap()
    }

    pub(crate) fn advance(&self, by_ms: i64) {
        self.clock_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// The bodies of the log, and the snapshot that is kept, which is forced.
    pub(crate) fn log_and_snapshot(&mut self) -> Vec<u8> {
        for number in 0..270 {
            done(&mut self.service, "createObject", json!({"projectName": format!("recognisable project {number}")}));
        }
        let sets = self.store.read(POLICY, 0, u32::MAX).unwrap();
        let snapshot = self.store.snapshot(POLICY).unwrap().unwrap().bytes;
        sets.into_iter().flat_map(|set| set.body).chain(snapshot).collect()
    }
}

pub(crate) fn open(store: &Shared, clock_ms: &Arc<AtomicI64>) -> Service {
    let clock_ms = Arc::clone(clock_ms);
    let clock = Clock::new(move || clock_ms.load(Ordering::Relaxed));
    let options = ServiceOptions { clock, ..ServiceOptions::default() };
    Service::open(Box::new(store.clone()), runtime(), &options).unwrap()
}
