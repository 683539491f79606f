//! The face for JavaScript: a class, through wasm-bindgen.
//!
//! Structured questions and answers are JSON text inside and values outside; the hot path takes strings and numbers.
//! Errors are `Error`s with a `code`.

use crate::change::ChangeSet;
use crate::decision::Identity;
use crate::locate::Handle;
use crate::refusal::Refusal;
use crate::request::Called;
use crate::state::State;
use js_sys::{Error, Reflect};
use wasm_bindgen::prelude::*;

/// One engine with one policy.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) state: State,
    proposed: Option<ChangeSet>,
}

/// A stable reference to an object; see the engine's `Handle`.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub struct ObjectHandle(Handle);

#[wasm_bindgen]
impl Engine {
    /// An engine with no policy in it.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, Error> {
        Ok(Self { state: State::new().map_err(thrown)?, proposed: None })
    }

    /// An engine with a snapshot's policy.
    ///
    /// # Errors
    ///
    /// `Damaged`.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self { state: State::restore(bytes).map_err(thrown)?, proposed: None })
    }

    /// The policy in bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.state.snapshot()
    }

    /// How many change sets have been applied.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn revision(&self) -> f64 {
        // Exact up to 2^53, which no log reaches.
        self.state.revision() as f64
    }

    /// Answers a request in JSON with JSON; what it proposes is kept for `takeChanges`.
    pub fn call(&mut self, request: &str) -> String {
        let Called { answer, changes, .. } = self.state.call(request.as_bytes());
        self.proposed = changes;
        answer
    }

    /// The change set of the last proposal, in bytes; `undefined` where it changed nothing.
    #[wasm_bindgen(js_name = takeChanges)]
    pub fn take_changes(&mut self) -> Option<Vec<u8>> {
        self.proposed.take().map(|set| set.encode())
    }

    /// Applies a change set.
    ///
    /// # Errors
    ///
    /// `Damaged`; the policy is then as it was.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), Error> {
        ChangeSet::decode(bytes).and_then(|set| self.state.apply(&set)).map_err(thrown)
    }

    /// Whether the principal (`user:NAME`) may do what the privilege's name says to the object at the path, `now` in
    /// milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// A name that is none.
    pub fn check(&self, principal: &str, privilege: &str, path: &str, now: f64) -> Result<bool, Error> {
        self.state.check_names(principal, privilege, path, now as i64).map_err(thrown)
    }

    /// The principal's handle for `checkHandle`.
    ///
    /// # Errors
    ///
    /// A text that names no principal.
    #[wasm_bindgen(js_name = resolvePrincipal)]
    pub fn resolve_principal(&self, principal: &str) -> Result<u32, Error> {
        Identity::parse(principal).map(|identity| self.state.principal(&identity)).map_err(thrown)
    }

    /// The handle of the object at the path.
    ///
    /// # Errors
    ///
    /// A text that is no path.
    #[wasm_bindgen(js_name = resolveObject)]
    pub fn resolve_object(&self, path: &str) -> Result<ObjectHandle, Error> {
        self.state.resolve(path).map(ObjectHandle).map_err(thrown)
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
    pub fn check_handle(&self, principal: u32, object: &ObjectHandle, privilege: u32, now: f64) -> bool {
        let wanted = 1_u32.checked_shl(privilege).unwrap_or(0) & self.state.schema().all_privileges();
        wanted != 0 && self.state.check(principal, object.0, wanted, now as i64)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn thrown(refusal: Box<Refusal>) -> Error {
    error(&refusal.code(), &refusal.to_string())
}

fn error(code: &str, message: &str) -> Error {
    let error = Error::new(message);
    // Setting a property of a new object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error
}
