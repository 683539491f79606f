//! The face for JavaScript: a class, through wasm-bindgen.
//!
//! Structured questions and answers cross as JSON text, the very bytes of every other target; the hot path takes
//! strings, numbers and byte arrays. What throws, throws an `Error` with a `code`. `now` is milliseconds since 1970,
//! UTC. The TypeScript face in `pkg` is the other side, and looks at what it hands over.

use crate::change::ChangeSet;
use crate::decision::Identity;
use crate::face_check::thrown;
use crate::locate::Handle;
use crate::private::PrivatePart;
use crate::refusal::Refusal;
use crate::request::Called;
use crate::state::State;
use crate::texts::Texts;
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// One engine with one policy.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) state: State,
    proposed: Option<ChangeSet>,
    private: PrivatePart,
    stamp: u64,
}

impl Engine {
    fn with(state: State) -> Self {
        Self { state, proposed: None, private: PrivatePart::default(), stamp: 0 }
    }
}

#[wasm_bindgen]
impl Engine {
    /// An engine with no policy in it.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, Error> {
        State::new().map(Self::with).map_err(thrown)
    }

    /// An engine with a snapshot's policy.
    ///
    /// # Errors
    ///
    /// `Damaged`.
    pub fn restore(snapshot: &[u8]) -> Result<Self, Error> {
        State::restore(snapshot).map(Self::with).map_err(thrown)
    }

    /// The policy in bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.state.snapshot()
    }

    /// What tells the policy from every other.
    #[wasm_bindgen(getter, js_name = policyId)]
    #[must_use]
    pub fn policy_id(&self) -> String {
        self.state.policy_id()
    }

    /// How many change sets have been applied.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn revision(&self) -> f64 {
        // Exact up to 2^53, which no log reaches.
        self.state.revision() as f64
    }

    /// Answers a request in JSON with JSON; what it proposes is kept for `takeChanges` and `takePrivate`. Never throws:
    /// a refusal is an answer with an `error`.
    #[must_use]
    pub fn call(&mut self, request: &str) -> String {
        let Called { answer, changes, private } = self.state.call(request.as_bytes());
        (self.proposed, self.private) = (changes, private);
        answer
    }

    /// The change set of the last proposal, in bytes; `undefined` where it changed nothing.
    #[wasm_bindgen(js_name = takeChanges)]
    pub fn take_changes(&mut self) -> Option<Vec<u8>> {
        self.proposed.take().map(|set| set.encode())
    }

    /// What travels beside that change set; see [`PrivatePart::encode`].
    #[wasm_bindgen(js_name = takePrivate)]
    pub fn take_private(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.private).encode()
    }

    /// Applies a change set, and reveals the private values that came beside it.
    ///
    /// # Errors
    ///
    /// `Damaged`; the policy is then as it was.
    pub fn apply(&mut self, changes: &[u8], beside: Option<Vec<u8>>) -> Result<(), Error> {
        self.take(changes, beside.as_deref()).map_err(thrown)
    }

    fn take(&mut self, changes: &[u8], beside: Option<&[u8]>) -> Result<(), Box<Refusal>> {
        let set = ChangeSet::decode(changes)?;
        let private = beside.map(PrivatePart::decode).transpose()?;
        self.state.apply(&set)?;
        private.iter().for_each(|part| self.state.reveal(&part.values));
        Ok(())
    }

    /// The user's password as it is kept, a PHC string, for whoever logs users in.
    #[wasm_bindgen(js_name = passwordOf)]
    #[must_use]
    pub fn password_of(&self, user_name: &str) -> Option<String> {
        self.state.password_of(user_name).map(str::to_owned)
    }

    /// Whether the principal (`user:NAME`) may do what the privilege's name says to the object at the path.
    ///
    /// # Errors
    ///
    /// A name that is none.
    pub fn check(&self, principal: &str, privilege: &str, path: &str, now: f64) -> Result<bool, Error> {
        self.state.check_names(principal, privilege, path, now as i64).map_err(thrown)
    }

    /// The instant from which that answer may be another, if nothing is changed before; `undefined` for never.
    ///
    /// # Errors
    ///
    /// As `check`.
    #[wasm_bindgen(js_name = validUntil)]
    pub fn valid_until(&self, principal: &str, privilege: &str, path: &str, now: f64) -> Result<Option<f64>, Error> {
        let until = self.state.valid_until(principal, privilege, path, now as i64).map_err(thrown)?;
        Ok(until.map(|instant| instant as f64))
    }

    /// The principal's handle for `checkHandle`; 4294967295 for a user whom nobody knows, 0 for another principal whom
    /// nobody knows.
    ///
    /// # Errors
    ///
    /// A text that names no principal.
    #[wasm_bindgen(js_name = resolvePrincipal)]
    pub fn resolve_principal(&self, principal: &str) -> Result<u32, Error> {
        Identity::parse(principal).map(|identity| self.state.principal(&identity)).map_err(thrown)
    }

    /// The id of what is at the path, for `checkHandle` together with `objectStamp`.
    ///
    /// # Errors
    ///
    /// A text that is no path.
    #[wasm_bindgen(js_name = resolveObject)]
    pub fn resolve_object(&mut self, path: &str) -> Result<u32, Error> {
        let Handle { object, stamp } = self.state.resolve(path).map_err(thrown)?;
        self.stamp = stamp;
        Ok(object)
    }

    /// The stamp of what `resolveObject` gave last: 0 for a registered object, else one more than the revision.
    #[wasm_bindgen(getter, js_name = objectStamp)]
    #[must_use]
    pub fn object_stamp(&self) -> f64 {
        self.stamp as f64
    }

    /// The privilege's place in the schema, for `checkHandle`.
    ///
    /// # Errors
    ///
    /// `InvalidPrivilege`.
    #[wasm_bindgen(js_name = resolvePrivilege)]
    pub fn resolve_privilege(&self, name: &str) -> Result<u32, Error> {
        self.state.privilege(name).map(u32::trailing_zeros).map_err(thrown)
    }

    /// A check on handles. A stale one is denied.
    #[wasm_bindgen(js_name = checkHandle)]
    #[must_use]
    pub fn check_handle(&self, principal: u32, object: u32, stamp: f64, privilege: u32, now: f64) -> bool {
        let wanted = 1_u32.checked_shl(privilege).unwrap_or(0) & self.state.schema().all_privileges();
        wanted != 0 && self.state.check(principal, Handle { object, stamp: stamp as u64 }, wanted, now as i64)
    }

    /// Whether the answer of any check may depend on `now`: an entry is dated.
    #[wasm_bindgen(getter, js_name = isDated)]
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.state.is_dated()
    }

    /// Whether the handle no longer stands for anything.
    #[wasm_bindgen(js_name = isStale)]
    #[must_use]
    pub fn is_stale(&self, object: u32, stamp: f64) -> bool {
        self.state.is_stale(Handle { object, stamp: stamp as u64 })
    }

    /// `check` on many paths at once, which are UTF-8 in `text`, one after the other, and end at `ends`: a byte for
    /// each, 1 or 0.
    ///
    /// # Errors
    ///
    /// As `check`; for paths, the first that is none.
    pub fn filter(
        &self,
        principal: &str,
        privilege: &str,
        text: &[u8],
        ends: &[u32],
        now: f64,
    ) -> Result<Vec<u8>, Error> {
        let paths = Texts::new(text, ends).map_err(thrown)?;
        self.state.filter(principal, privilege, paths.iter(), now as i64).map_err(thrown)
    }

    /// Many questions at once, each of three texts, a principal, a privilege and a path, as `filter` has them: a byte
    /// for each question, 1 or 0.
    ///
    /// # Errors
    ///
    /// As `check`, for the first that is none.
    #[wasm_bindgen(js_name = checkMany)]
    pub fn check_many(&self, text: &[u8], ends: &[u32], now: f64) -> Result<Vec<u8>, Error> {
        let questions = Texts::new(text, ends).and_then(Texts::triples).map_err(thrown)?;
        let answers = questions.map(|[principal, privilege, path]| {
            self.state.check_names(principal, privilege, path, now as i64).map(u8::from)
        });
        answers.collect::<Result<_, _>>().map_err(thrown)
    }
}
