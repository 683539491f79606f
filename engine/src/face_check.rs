//! The class `Projection` for JavaScript, through wasm-bindgen: alone in the module of the feature `face-check`, beside
//! the engine in that of `face-js`.
//!
//! What throws, throws an `Error` with a string property `code`.

#[cfg(feature = "face-js")]
use crate::face_js::Engine;
use crate::projection::{self, Question};
use crate::refusal::Refusal;
use crate::texts::Texts;
#[cfg(feature = "face-js")]
use crate::{decision::Identity, projection::SALT_BYTES};
use js_sys::{Error, Reflect};
use wasm_bindgen::prelude::*;

/// What decides for one principal.
#[wasm_bindgen]
pub struct Projection(projection::Projection);

#[wasm_bindgen]
impl Projection {
    /// The projection that `Engine.project` gave.
    ///
    /// # Errors
    ///
    /// `Damaged`.
    pub fn load(bytes: &[u8]) -> Result<Self, Error> {
        projection::Projection::load(bytes).map(Self).map_err(thrown)
    }

    /// The instant that it was made for, in milliseconds since 1970. An earlier `now` counts as this one.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn from(&self) -> f64 {
        // Exact for the 285,000 years around 1970.
        self.0.from_ms() as f64
    }

    /// Whether its principal (`user:NAME`) may do what the privilege's name says to the object at the path, `now` in
    /// milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// `NotInProjection` for another principal, `InvalidPrivilege`, and what a text that is no path gives.
    pub fn check(&self, principal: &str, privilege: &str, path: &str, now: f64) -> Result<bool, Error> {
        self.ask(principal, privilege).and_then(|question| question.check(path, now as i64)).map_err(thrown)
    }

    /// The instant from which the answer may be another; `undefined` where it holds until somebody changes the policy.
    ///
    /// # Errors
    ///
    /// As `check`.
    #[wasm_bindgen(js_name = validUntil)]
    pub fn valid_until(&self, principal: &str, privilege: &str, path: &str, now: f64) -> Result<Option<f64>, Error> {
        let until = self.ask(principal, privilege).and_then(|question| question.valid_until(path, now as i64));
        until.map(|until| until.map(|instant| instant as f64)).map_err(thrown)
    }

    /// Checks on many paths, which lie in `text` one after the other and end at `ends`: for each 1 or 0.
    ///
    /// # Errors
    ///
    /// As `check`, for the first path that is none.
    pub fn filter(
        &self,
        principal: &str,
        privilege: &str,
        text: &[u8],
        ends: &[u32],
        now: f64,
    ) -> Result<Vec<u8>, Error> {
        let answers = self.ask(principal, privilege).and_then(|question| {
            Texts::new(text, ends)?.iter().map(|path| question.check(path, now as i64).map(u8::from)).collect()
        });
        answers.map_err(thrown)
    }

    /// Many checks; the texts come in threes: principal, privilege, path. For each 1 or 0.
    ///
    /// # Errors
    ///
    /// As `check`, for the first that cannot be asked.
    #[wasm_bindgen(js_name = checkMany)]
    pub fn check_many(&self, text: &[u8], ends: &[u32], now: f64) -> Result<Vec<u8>, Error> {
        let check = |[principal, privilege, path]: [&str; 3]| self.ask(principal, privilege)?.check(path, now as i64);
        let checks = Texts::new(text, ends).and_then(Texts::triples);
        checks.and_then(|checks| checks.map(|texts| check(texts).map(u8::from)).collect()).map_err(thrown)
    }
}

impl Projection {
    fn ask(&self, principal: &str, privilege: &str) -> Result<Question<'_>, Box<Refusal>> {
        self.0.ask_names(principal, privilege)
    }
}

#[cfg(feature = "face-js")]
#[wasm_bindgen]
impl Engine {
    /// What decides for one principal from `now` (milliseconds since 1970) on, for `Projection.load`; `salt` is 16
    /// random bytes.
    ///
    /// # Errors
    ///
    /// A text that names no principal; `InvalidArgument` for a salt of another length, and where another salt is needed.
    pub fn project(&self, principal: &str, now: f64, salt: &[u8]) -> Result<Vec<u8>, Error> {
        let salt: Result<&[u8; SALT_BYTES], _> = salt.try_into();
        let salt = salt.map_err(|_| thrown(Refusal::invalid(format_args!("a salt has {SALT_BYTES} bytes"))))?;
        let identity = Identity::parse(principal).map_err(thrown)?;
        self.state.project(&identity, now as i64, salt).map_err(thrown)
    }
}

/// A refusal as JavaScript has it.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
pub(crate) fn thrown(refusal: Box<Refusal>) -> Error {
    let error = Error::new(&refusal.to_string());
    // Setting a property of a new object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &refusal.code().as_ref().into());
    error
}
