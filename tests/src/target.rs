//! What a case is played on: an engine, wherever it runs.

use portcullis_engine::{Called, ChangeSet, Identity, PrivatePart, SALT_BYTES, State};
use portcullis_host::runtime::{Instance, Runtime};
use std::time::Duration;

/// An engine with one policy. An error is a failure of the target itself; a refusal is an answer.
pub trait Target {
    /// Sends one JSON request and returns the JSON answer, byte for byte.
    ///
    /// # Errors
    ///
    /// What the target failed with.
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String>;

    /// The encoded change set of the last proposal; nothing where it changed nothing.
    ///
    /// # Errors
    ///
    /// What the target failed with.
    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String>;

    /// What travels beside that change set.
    ///
    /// # Errors
    ///
    /// What the target failed with.
    fn take_private(&mut self) -> Result<PrivatePart, String>;

    /// A user's password as it is kept.
    ///
    /// # Errors
    ///
    /// What the target failed with.
    fn password_of(&mut self, user_name: &str) -> Result<Option<String>, String>;

    /// Applies an encoded change set, and reveals the private values that came beside it.
    ///
    /// # Errors
    ///
    /// What the target failed with, or why it refused the set.
    fn apply(&mut self, changes: &[u8], private: &PrivatePart) -> Result<(), String>;

    /// The whole state in bytes.
    ///
    /// # Errors
    ///
    /// What the target failed with.
    fn snapshot(&mut self) -> Result<Vec<u8>, String>;

    /// Takes a snapshot's state in the place of its own.
    ///
    /// # Errors
    ///
    /// What the target failed with, or why it refused the snapshot.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String>;

    /// The bytes of a projection for a principal from an instant on; nothing where the target makes none.
    ///
    /// # Errors
    ///
    /// What the target failed with, or why it refused.
    fn project(&mut self, principal: &str, from_ms: i64, salt: &[u8; SALT_BYTES]) -> Result<Option<Vec<u8>>, String>;
}

/// The engine linked into this program.
pub struct Native {
    /// The engine itself, for whoever asks it more than a target can be asked.
    pub state: State,
    proposed: Option<ChangeSet>,
    private: PrivatePart,
}

impl Native {
    /// An engine with no policy yet.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn new() -> Result<Self, String> {
        let state = State::new().map_err(|refusal| refusal.to_string())?;
        Ok(Self { state, proposed: None, private: PrivatePart::default() })
    }
}

impl Target for Native {
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let Called { answer, changes, private } = self.state.call(request);
        (self.proposed, self.private) = (changes, private);
        Ok(answer.into_bytes())
    }

    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.proposed.take().map(|set| set.encode()))
    }

    fn take_private(&mut self) -> Result<PrivatePart, String> {
        Ok(std::mem::take(&mut self.private))
    }

    fn password_of(&mut self, user_name: &str) -> Result<Option<String>, String> {
        Ok(self.state.password_of(user_name).map(str::to_owned))
    }

    fn apply(&mut self, changes: &[u8], private: &PrivatePart) -> Result<(), String> {
        let applied = ChangeSet::decode(changes).and_then(|set| self.state.apply(&set));
        self.state.reveal(&private.values);
        applied.map_err(|refusal| refusal.to_string())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        Ok(self.state.snapshot())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.state = State::restore(snapshot).map_err(|refusal| refusal.to_string())?;
        Ok(())
    }

    fn project(&mut self, principal: &str, from_ms: i64, salt: &[u8; SALT_BYTES]) -> Result<Option<Vec<u8>>, String> {
        let made = Identity::parse(principal).and_then(|identity| self.state.project(&identity, from_ms, salt));
        made.map(Some).map_err(|refusal| refusal.to_string())
    }
}

/// The engine's WebAssembly module in wasmtime.
pub struct Wasmtime {
    instance: Instance,
}

/// Far more than any case needs; what takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(20);
const MEMORY_CAP_BYTES: usize = 256 << 20;

impl Wasmtime {
    /// An engine with no policy yet.
    ///
    /// # Errors
    ///
    /// What the runtime failed with.
    pub fn new(runtime: &Runtime) -> Result<Self, String> {
        let instance = runtime.new_instance(MEMORY_CAP_BYTES).map_err(|error| error.to_string())?;
        Ok(Self { instance })
    }
}

impl Target for Wasmtime {
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.instance.call(request, DEADLINE).map_err(|error| error.to_string())
    }

    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String> {
        self.instance.take_changes().map_err(|error| error.to_string())
    }

    fn take_private(&mut self) -> Result<PrivatePart, String> {
        self.instance.take_private().map_err(|error| error.to_string())
    }

    fn password_of(&mut self, user_name: &str) -> Result<Option<String>, String> {
        self.instance.password_of(user_name).map_err(|error| error.to_string())
    }

    fn apply(&mut self, changes: &[u8], private: &PrivatePart) -> Result<(), String> {
        let applied = self.instance.apply(changes).and_then(|()| self.instance.reveal(&private.values));
        applied.map_err(|error| error.to_string())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        self.instance.snapshot().map_err(|error| error.to_string())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.instance.restore(snapshot).map_err(|error| error.to_string())
    }

    /// The host has no use for projections, and its module no export for them.
    fn project(&mut self, _: &str, _: i64, _: &[u8; SALT_BYTES]) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}
