//! A store whose faults are recovered from, and looked into, before anybody sees them: to whoever uses it, nothing ever
//! goes wrong. So any sentence of the contract can be put to it, whatever strikes meanwhile, and must still be true.
//!
//! After each fault it opens the store again, as a program does, and compares all that is there with a store in memory that
//! was given what had been acknowledged: the change that met the fault is there whole, or not at all.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis_host::store::{
    ChainError, Hash, Head, MemoryStore, NewSet, Outcome, PolicyId, PrivateRow, Snapshot, Store, StoreError, StoredSet,
    verify,
};

use crate::store_sentences::{OTHER, POLICY};
use crate::store_values;

/// What a store stands on, and what strikes it there.
pub(crate) trait Ground {
    /// Opens the store.
    fn open(&self) -> Result<Box<dyn Store>, StoreError>;

    /// Whether the process that had it open is dead.
    fn is_dead(&self) -> bool;

    /// Ends what a fault has begun. Where the process is dead, the store must be closed.
    fn restart(&self);

    /// Looks at what only the ground can tell of a store that holds this.
    fn check(&self, view: &View);

    /// Takes the power, with the store closed.
    fn cut_power(&self);
}

/// A store on some ground, and what of it was acknowledged.
pub(crate) struct Bench {
    ground: Box<dyn Ground>,
    acknowledged: RefCell<Vec<Change>>,
}

/// What a store was asked to change.
#[derive(Clone)]
enum Change {
    Append { policy: PolicyId, expected: Head, sets: Vec<NewSet> },
    Instant { policy: PolicyId, at_ms: i64 },
    Snapshot { policy: PolicyId, at: Head, bytes: Vec<u8> },
}

/// What it answered.
type Answer = Result<Reply, StoreError>;

#[derive(Debug)]
enum Reply {
    Ended(Outcome),
    Kept(Head),
    Put,
}

impl Change {
    fn make(&self, store: &mut dyn Store) -> Answer {
        match self {
            Self::Append { policy, expected, sets } => store.append(*policy, expected, sets).map(Reply::Ended),
            Self::Instant { policy, at_ms } => store.keep_instant(*policy, *at_ms).map(Reply::Kept),
            Self::Snapshot { policy, at, bytes } => store.put_snapshot(*policy, at, bytes).map(|()| Reply::Put),
        }
    }

    /// Whether an error that it ended with says that nothing was changed.
    const fn is_certain(&self) -> bool {
        matches!(self, Self::Append { .. })
    }
}

/// Whether the store answered as a sound one does.
const fn is_sound(answer: &Answer) -> bool {
    matches!(
        answer,
        Ok(Reply::Ended(Outcome::Done(_) | Outcome::Conflict(_)) | Reply::Kept(_) | Reply::Put)
            | Err(StoreError::TooLarge { .. } | StoreError::NotInLog { .. })
    )
}

/// All that a store holds of the policies that the sentences use.
#[derive(PartialEq, Debug)]
pub(crate) struct View([Policy; 2]);

#[derive(PartialEq, Debug)]
struct Policy {
    head: Head,
    sets: Vec<StoredSet>,
    private: Vec<PrivateRow>,
    snapshot: Option<Snapshot>,
}

impl View {
    fn of(store: &dyn Store) -> Result<Self, ChainError> {
        Ok(Self([Policy::of(store, POLICY)?, Policy::of(store, OTHER)?]))
    }

    /// By which its private values are found.
    pub(crate) fn digests(&self) -> BTreeSet<Hash> {
        self.0.iter().flat_map(|policy| policy.private.iter().map(|row| row.digest)).collect()
    }
}

impl Policy {
    fn of(store: &dyn Store, policy: PolicyId) -> Result<Self, ChainError> {
        Ok(Self {
            head: verify(store, policy, None)?,
            sets: store.read(policy, 0, u32::MAX)?,
            private: store.read_private(policy, None, u32::MAX)?,
            snapshot: store.snapshot(policy)?,
        })
    }
}

impl Bench {
    pub(crate) fn new(ground: impl Ground + 'static) -> Rc<Self> {
        Rc::new(Self { ground: Box::new(ground), acknowledged: RefCell::default() })
    }

    /// Opens the store, if need be after a fault, and looks whether it holds what it must.
    pub(crate) fn open(self: &Rc<Self>) -> Recovering {
        let (inner, view) = self.opened();
        assert_eq!(view, self.model(None).0, "the store holds what was acknowledged");
        Recovering { inner: Some(inner), bench: Rc::clone(self) }
    }

    /// The store, and what it holds: a fault may strike until that has been read, since the first question begins the
    /// file beside.
    fn opened(&self) -> (Box<dyn Store>, View) {
        let ground = &self.ground;
        let mut opened = ground.open();
        if ground.is_dead() || opened.is_err() {
            let error = opened.map(drop).err().filter(|_| !ground.is_dead());
            assert!(error.as_ref().is_none_or(|error| error.code() == "StoreUnavailable"), "{error:?}");
            ground.restart();
            opened = ground.open();
        }
        let mut store = opened.unwrap();
        let mut view = View::of(&*store);
        if ground.is_dead() {
            drop(store);
            ground.restart();
            store = ground.open().unwrap();
            view = View::of(&*store);
        } else if let Err(error) = &view {
            assert_eq!(error.code(), "StoreUnavailable", "{error}");
            ground.restart();
            view = View::of(&*store);
        }
        ground.restart();
        let view = view.unwrap();
        ground.check(&view);
        (store, view)
    }

    /// What a store in memory holds that was given what was acknowledged, and then this change, and its answer to that.
    fn model(&self, last: Option<&Change>) -> (View, Option<Answer>) {
        let mut model = MemoryStore::new();
        for change in self.acknowledged.borrow().iter() {
            assert!(is_sound(&change.make(&mut model)));
        }
        let answer = last.map(|change| change.make(&mut model));
        (View::of(&model).unwrap(), answer)
    }

    fn acknowledge(&self, change: Change) {
        self.acknowledged.borrow_mut().push(change);
    }

    /// Uses the store on, and takes its power when it is closed and nothing is flushed for it any more.
    pub(crate) fn finish(self: &Rc<Self>) {
        let mut store = self.open();
        for policy in [POLICY, OTHER] {
            let head = store.head(policy).unwrap();
            let set = NewSet { private: vec![store_values::row(77, 50)], ..NewSet::new(1, b"on".to_vec()) };
            assert!(matches!(store.append(policy, &head, &[set]), Ok(Outcome::Done(_))));
        }
        drop(store);
        self.ground.cut_power();
        drop(self.open());
    }
}

/// The store as the sentences see it.
pub(crate) struct Recovering {
    inner: Option<Box<dyn Store>>,
    bench: Rc<Bench>,
}

impl Recovering {
    fn inner(&self) -> &dyn Store {
        &**self.inner.as_ref().unwrap()
    }

    /// Makes the change, however often that takes.
    fn make(&mut self, change: Change) -> Answer {
        loop {
            let answer = change.make(&mut **self.inner.as_mut().unwrap());
            let is_dead = self.bench.ground.is_dead();
            if !is_dead && is_sound(&answer) {
                self.bench.ground.restart();
                self.bench.acknowledge(change);
                self.check_erased();
                return answer;
            }
            if !is_dead {
                self.check_given_up(&answer);
            }
            if let Some(done) = self.recovered(&change, &answer) {
                self.bench.acknowledge(change);
                return done;
            }
        }
    }

    fn check_erased(&self) {
        let acknowledged = self.bench.acknowledged.borrow();
        if let Some(Change::Append { sets, .. }) = acknowledged.last()
            && sets.iter().any(|set| !set.gone.is_empty() || !set.private.is_empty())
        {
            self.bench.ground.check(&View::of(self.inner()).unwrap());
        }
    }

    /// After an unknown outcome every method answers the same.
    fn check_given_up(&mut self, answer: &Answer) {
        if !matches!(answer, Ok(Reply::Ended(Outcome::Unknown(_)))) {
            return;
        }
        let store = self.inner.as_mut().unwrap();
        let codes = [
            store.head(POLICY).map(drop),
            store.append(POLICY, &Head::EMPTY, &[]).map(drop),
            store.read(POLICY, 0, 1).map(drop),
            store.read_newest(POLICY, 1, 1).map(drop),
            store.read_private(POLICY, None, 1).map(drop),
            store.keep_instant(POLICY, 1).map(drop),
            store.snapshot(POLICY).map(drop),
            store.put_snapshot(POLICY, &Head::EMPTY, b""),
        ]
        .map(|answer| answer.map_err(|error| error.code()));
        assert_eq!(codes, [Err("StorePoisoned"); 8]);
    }

    /// Opens the store again. The answer that the change would have had, if it turns out to be made.
    fn recovered(&mut self, change: &Change, answer: &Answer) -> Option<Answer> {
        drop(self.inner.take());
        self.bench.ground.restart();
        let (store, found) = self.bench.opened();
        self.inner = Some(store);
        let (made, its_answer) = self.bench.model(Some(change));
        let (unmade, _) = self.bench.model(None);
        if answer.is_err() && change.is_certain() {
            assert_eq!(found, unmade, "a change that was answered with an error is not made");
        }
        if found == made {
            return its_answer;
        }
        assert_eq!(found, unmade, "a change is made whole or not at all");
        None
    }
}

impl Drop for Recovering {
    fn drop(&mut self) {
        drop(self.inner.take());
        if !std::thread::panicking() && self.bench.ground.is_dead() {
            self.bench.ground.restart();
        }
    }
}

impl Store for Recovering {
    fn head(&self, policy: PolicyId) -> Result<Head, StoreError> {
        self.inner().head(policy)
    }

    fn append(&mut self, policy: PolicyId, expected: &Head, sets: &[NewSet]) -> Result<Outcome, StoreError> {
        let change = Change::Append { policy, expected: *expected, sets: sets.to_vec() };
        self.make(change).map(|reply| match reply {
            Reply::Ended(outcome) => outcome,
            other => panic!("{other:?}"),
        })
    }

    fn read(&self, policy: PolicyId, after: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.inner().read(policy, after, limit)
    }

    fn read_newest(&self, policy: PolicyId, before: u64, limit: u32) -> Result<Vec<StoredSet>, StoreError> {
        self.inner().read_newest(policy, before, limit)
    }

    fn read_private(&self, policy: PolicyId, after: Option<&Hash>, limit: u32) -> Result<Vec<PrivateRow>, StoreError> {
        self.inner().read_private(policy, after, limit)
    }

    fn keep_instant(&mut self, policy: PolicyId, at_ms: i64) -> Result<Head, StoreError> {
        self.make(Change::Instant { policy, at_ms }).map(|reply| match reply {
            Reply::Kept(head) => head,
            other => panic!("{other:?}"),
        })
    }

    fn snapshot(&self, policy: PolicyId) -> Result<Option<Snapshot>, StoreError> {
        self.inner().snapshot(policy)
    }

    fn put_snapshot(&mut self, policy: PolicyId, at: &Head, bytes: &[u8]) -> Result<(), StoreError> {
        self.make(Change::Snapshot { policy, at: *at, bytes: bytes.to_vec() }).map(drop)
    }
}
