//! The engine in two places, asked alike: native, and under wasmtime.

use std::time::Duration;

use portcullis_engine::{ChangeSet, Handle, Identity, State};
use portcullis_host::runtime::{Instance, ObjectHandle, Verdict};

use crate::questions::Check;

/// A question, made ready for each way of asking.
pub(crate) struct Asked {
    pub(crate) names: Check,
    pub(crate) principal: u32,
    pub(crate) object: Handle,
    /// One bit.
    pub(crate) privilege: u32,
}

impl Asked {
    pub(crate) fn of(state: &State, names: Check) -> Self {
        Self {
            principal: state.principal(&Identity::parse(&names.principal).expect("a principal")),
            object: state.resolve(&names.path).expect("a path"),
            privilege: state.schema().privilege(&names.privilege).expect("a privilege"),
            names,
        }
    }
}

/// What can be asked in each place.
pub(crate) trait Engine {
    /// A change set as this place takes it.
    type Changes;

    fn check_handle(&mut self, asked: &Asked, now: i64) -> bool;
    fn check_path(&mut self, asked: &Asked, now: i64) -> bool;
    fn check_names(&mut self, names: &Check, now: i64) -> bool;
    /// A request's answer.
    fn call(&mut self, request: &[u8]) -> Vec<u8>;
    /// What the last request has proposed.
    fn take_changes(&mut self) -> Self::Changes;
    fn apply(&mut self, changes: &Self::Changes);
}

/// The native engine.
pub(crate) struct Native {
    pub(crate) state: State,
    proposed: Option<ChangeSet>,
}

impl Native {
    pub(crate) fn new(state: State) -> Self {
        Self { state, proposed: None }
    }
}

impl Engine for Native {
    type Changes = ChangeSet;

    #[inline]
    fn check_handle(&mut self, asked: &Asked, now: i64) -> bool {
        self.state.check(asked.principal, asked.object, asked.privilege, now)
    }

    #[inline]
    fn check_path(&mut self, asked: &Asked, now: i64) -> bool {
        self.state.check_path(asked.principal, asked.privilege, &asked.names.path, now).expect("an answer")
    }

    #[inline]
    fn check_names(&mut self, Check { principal, privilege, path, .. }: &Check, now: i64) -> bool {
        self.state.check_names(principal, privilege, path, now).expect("an answer")
    }

    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        let called = self.state.call(request);
        self.proposed = called.changes;
        called.answer.into_bytes()
    }

    fn take_changes(&mut self) -> ChangeSet {
        self.proposed.take().expect("changes")
    }

    fn apply(&mut self, changes: &ChangeSet) {
        self.state.apply(changes).expect("a change set that fits");
    }
}

/// Longer than anything takes.
const DEADLINE: Duration = Duration::from_secs(60);

impl Engine for Instance {
    type Changes = Vec<u8>;

    #[inline]
    fn check_handle(&mut self, asked: &Asked, now: i64) -> bool {
        let object = ObjectHandle { object: asked.object.object, stamp: asked.object.stamp };
        let verdict = Instance::check_handle(self, asked.principal, object, asked.privilege.trailing_zeros(), now);
        verdict.expect("an answer") == Verdict::Allow
    }

    #[inline]
    fn check_path(&mut self, asked: &Asked, now: i64) -> bool {
        let bit = asked.privilege.trailing_zeros();
        let verdict = Instance::check_path(self, asked.principal, bit, &asked.names.path, now);
        verdict.expect("an answer") == Verdict::Allow
    }

    #[inline]
    fn check_names(&mut self, Check { principal, privilege, path, .. }: &Check, now: i64) -> bool {
        self.check_text(principal, privilege, path, now).expect("an answer") == Verdict::Allow
    }

    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        Instance::call(self, request, DEADLINE).expect("an answer")
    }

    fn take_changes(&mut self) -> Vec<u8> {
        Instance::take_changes(self).expect("an answer").expect("changes")
    }

    fn apply(&mut self, changes: &Vec<u8>) {
        Instance::apply(self, changes).expect("a change set that fits");
    }
}
