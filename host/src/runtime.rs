//! The engine at work: the WebAssembly module inside this program, and instances of it. The only place that knows
//! wasmtime.
//!
//! The module was compiled when this program was built and comes with it in both forms, as WebAssembly and as machine
//! code; nothing executable is read from disk. An [`Instance`] is one engine with one policy in a memory of its own.
//! When something goes wrong inside it, it answers nothing more: its owner drops it and makes another.

mod config;
mod deadline;
mod error;
mod exports;
mod instance;

use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use self::deadline::Ticker;
pub use self::error::RuntimeError;
pub use self::instance::{Instance, ObjectHandle, Verdict};

/// The engine as WebAssembly. Everyone who runs these bytes decides alike.
static MODULE: &[u8] = include_bytes!(env!("PORTCULLIS_ENGINE_WASM"));

/// The same as machine code for this kind of processor.
static CODE: &[u8] = include_bytes!(env!("PORTCULLIS_ENGINE_CODE"));

/// The module, ready to run. Making one takes a fraction of a millisecond; all instances of a process can share it.
pub struct Runtime {
    engine: Engine,
    module: Module,
    ticker: Arc<Ticker>,
}

impl Runtime {
    /// Loads the module inside this program.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::EngineFailure`] if this machine cannot run it.
    ///
    /// ```
    /// # use portcullis_host::runtime::Runtime;
    /// let runtime = Runtime::new()?;
    /// assert!(runtime.imports().is_empty());
    /// # Ok::<(), portcullis_host::runtime::RuntimeError>(())
    /// ```
    pub fn new() -> Result<Self, RuntimeError> {
        Self::load(CODE)
    }

    /// An engine with no policy yet, whose memory may grow to `memory_cap_bytes` (at most 4 GiB; what does not fit
    /// is [`RuntimeError::StateTooLarge`]).
    ///
    /// # Errors
    ///
    /// [`RuntimeError::StateTooLarge`] if not even an empty engine fits, [`RuntimeError::EngineFailure`] if this
    /// machine has not the address space for another instance.
    pub fn new_instance(&self, memory_cap_bytes: usize) -> Result<Instance, RuntimeError> {
        Instance::new(&self.engine, &self.module, Arc::clone(&self.ticker), memory_cap_bytes)
    }

    /// What the module imports, each `module.name`: nothing, or it is not the engine.
    pub fn imports(&self) -> Vec<String> {
        self.module.imports().map(|import| format!("{}.{}", import.module(), import.name())).collect()
    }

    /// The engine as WebAssembly, for whoever wants to run it elsewhere.
    pub fn module() -> &'static [u8] {
        MODULE
    }

    /// The SHA-256 of [`Runtime::module`], in hexadecimal digits: which engine this is.
    ///
    /// ```
    /// # use portcullis_host::runtime::Runtime;
    /// assert_eq!(Runtime::digest().len(), 64);
    /// ```
    pub fn digest() -> String {
        Sha256::digest(MODULE).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The size of the machine code, in bytes.
    pub fn code_bytes() -> usize {
        CODE.len()
    }

    fn load(code: &[u8]) -> Result<Self, RuntimeError> {
        let engine = Engine::new(&config::engine()).map_err(RuntimeError::unusable)?;
        #[expect(unsafe_code, reason = "precompiled code is trusted; wasmtime cannot check it")]
        // SAFETY: the code was made by this program's own build, by the same version of wasmtime, and embedded. That
        // its settings are those of `engine` is checked here.
        let module = unsafe { Module::deserialize(&engine, code) }.map_err(RuntimeError::unusable)?;
        let ticker = Arc::new(Ticker::new(engine.clone()));
        Ok(Self { engine, module, ticker })
    }
}

#[cfg(test)]
mod tests;
