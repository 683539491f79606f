//! What a case is played on: an engine, wherever it runs.

use portcullis_engine::{ChangeSet, State};
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

    /// Applies an encoded change set.
    ///
    /// # Errors
    ///
    /// What the target failed with, or why it refused the set.
    fn apply(&mut self, changes: &[u8]) -> Result<(), String>;

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
}

/// The engine linked into this program.
pub struct Native {
    /// The engine itself, for whoever asks it more than a target can be asked.
    pub state: State,
    proposed: Option<ChangeSet>,
}

impl Native {
    /// An engine with no policy yet.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn new() -> Result<Self, String> {
        let state = State::new().map_err(|refusal| refusal.to_string())?;
        Ok(Self { state, proposed: None })
    }
}

impl Target for Native {
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let (answer, changes) = self.state.call(request);
        self.proposed = changes;
        Ok(answer.to_string().into_bytes())
    }

    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.proposed.take().map(|set| set.encode()))
    }

    fn apply(&mut self, changes: &[u8]) -> Result<(), String> {
        let applied = ChangeSet::decode(changes).and_then(|set| self.state.apply(&set));
        applied.map_err(|refusal| refusal.to_string())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        Ok(self.state.snapshot())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.state = State::restore(snapshot).map_err(|refusal| refusal.to_string())?;
        Ok(())
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

    fn apply(&mut self, changes: &[u8]) -> Result<(), String> {
        self.instance.apply(changes).map_err(|error| error.to_string())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        self.instance.snapshot().map_err(|error| error.to_string())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.instance.restore(snapshot).map_err(|error| error.to_string())
    }
}
