//! One engine in a memory of its own.

use std::sync::Arc;
use std::time::Duration;

use portcullis_engine::{PrivatePart, PrivateValue};
use wasmtime::{Engine, Module, ResourceLimiter, Store, Trap, TypedFunc, WasmParams, WasmResults};

use super::deadline::{self, NEVER, Ticker};
use super::error::RuntimeError;
use super::exports::{Address, Exchange, Exports, Resolve};

/// The size of the buffer through which the quick calls pass their texts.
const SCRATCH_BYTES: usize = 16_384;

/// What the engine returns for a name that it does not know.
const UNKNOWN: u64 = u64::MAX;

/// An engine with one policy, or none yet.
///
/// Three families of methods. [`call`](Self::call) asks and proposes, in JSON; [`apply`](Self::apply),
/// [`restore`](Self::restore) and [`snapshot`](Self::snapshot) move state in and out, as bytes; and the quick calls,
/// [`resolve_principal`](Self::resolve_principal), [`resolve_object`](Self::resolve_object),
/// [`check_handle`](Self::check_handle) and [`check_text`](Self::check_text), only check.
///
/// After [`StateTooLarge`](RuntimeError::StateTooLarge), [`DeadlineExceeded`](RuntimeError::DeadlineExceeded) or
/// [`EngineFailure`](RuntimeError::EngineFailure) the state inside may be half of something. From then on every
/// method returns `EngineFailure`: drop the instance and make another.
pub struct Instance {
    store: Store<Limits>,
    exports: Exports,
    engine: Address,
    scratch: usize,
    ticker: Arc<Ticker>,
    is_poisoned: bool,
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No.
    Deny,
    /// Yes.
    Allow,
    /// No, because the handle's object is gone, or its path may now mean another: resolve it again.
    StaleHandle,
    /// The principal, the privilege or the path is not one, or they are too long together: nothing was decided. The
    /// same question through [`Instance::call`] says what is wrong.
    BadRequest,
}

/// An object, found by its path once, to be asked about often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectHandle {
    /// The engine's number for it.
    pub object: u32,
    /// 0 for a registered object, which the handle means for as long as it exists, under whatever name; otherwise it
    /// holds until an object is created, moved or renamed.
    pub stamp: u64,
}

impl Instance {
    /// Makes an instance with an engine in it.
    pub(super) fn new(
        engine: &Engine,
        module: &Module,
        ticker: Arc<Ticker>,
        cap_bytes: usize,
    ) -> Result<Self, RuntimeError> {
        let mut store = Store::new(engine, Limits { cap_bytes, is_exceeded: false });
        store.limiter(|limits| limits);
        store.set_epoch_deadline(NEVER);
        let instance = match wasmtime::Instance::new(&mut store, module, &[]) {
            Ok(instance) => instance,
            Err(_) if store.data().is_exceeded => {
                return Err(RuntimeError::StateTooLarge { cap_bytes });
            }
            Err(error) => return Err(RuntimeError::unusable(error)),
        };
        let exports = Exports::of(&instance, &mut store)?;
        let mut instance = Self { store, exports, engine: 0, scratch: 0, ticker, is_poisoned: false };
        instance.engine = instance.run(|exports| &exports.engine_new, ())?;
        instance.scratch = instance.run(|exports| &exports.scratch, instance.engine)? as usize;
        Ok(instance)
    }

    /// Sends one request and returns the answer, both JSON. The engine may take `deadline`, give or take a few
    /// hundredths of a second, but never less.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::DeadlineExceeded`], [`RuntimeError::StateTooLarge`] or [`RuntimeError::EngineFailure`]; the
    /// instance can then no longer be used. A refusal is an answer, and no error here.
    pub fn call(&mut self, request: &[u8], deadline: Duration) -> Result<Vec<u8>, RuntimeError> {
        let running = self.ticker.begin()?;
        self.store.set_epoch_deadline(deadline::ticks(deadline));
        let answer = self.exchange(|exports| &exports.call, request);
        self.store.set_epoch_deadline(NEVER);
        drop(running);
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(self.poison(RuntimeError::broken("no answer"))),
            Err(RuntimeError::DeadlineExceeded { .. }) => Err(RuntimeError::DeadlineExceeded {
                deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            }),
            Err(error) => Err(error),
        }
    }

    /// The change set of the last proposal that succeeded, encoded as the store keeps it; nothing where it changed
    /// nothing. Gives it once.
    ///
    /// # Errors
    ///
    /// As [`Instance::snapshot`].
    pub fn take_changes(&mut self) -> Result<Option<Vec<u8>>, RuntimeError> {
        let changes = self.run(|exports| &exports.take_changes, self.engine)?;
        self.take(changes)
    }

    /// What travels beside that change set: the private values that it puts, and the digests of those that are gone.
    /// Gives it once.
    ///
    /// # Errors
    ///
    /// As [`Instance::snapshot`]; [`RuntimeError::Refused`] in no case that is known.
    pub fn take_private(&mut self) -> Result<PrivatePart, RuntimeError> {
        let part = self.run(|exports| &exports.take_private, self.engine)?;
        match self.take(part)? {
            Some(bytes) => PrivatePart::decode(&bytes).map_err(|_| RuntimeError::broken("a private part that is none")),
            None => Ok(PrivatePart::default()),
        }
    }

    /// Gives the engine the private values of records that it holds.
    ///
    /// # Errors
    ///
    /// As [`Instance::snapshot`].
    pub fn reveal(&mut self, values: &[PrivateValue]) -> Result<(), RuntimeError> {
        if values.is_empty() {
            return Ok(());
        }
        let part = PrivatePart { values: values.to_vec(), gone: Vec::new() };
        self.deliver(|exports| &exports.reveal, &part.encode())
    }

    /// A user's password as a PHC string; nothing where there is no such user, or the user has none.
    ///
    /// # Errors
    ///
    /// As [`Instance::snapshot`].
    pub fn password_of(&mut self, user_name: &str) -> Result<Option<String>, RuntimeError> {
        let password = self.exchange(|exports| &exports.password_of, user_name.as_bytes())?;
        Ok(password.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// The first instant after `after_ms` at which a session or a token ends, or an entry begins or ends to hold; the
    /// largest number where there is none.
    ///
    /// # Errors
    ///
    /// As [`Instance::snapshot`].
    pub fn next_end_ms(&mut self, after_ms: i64) -> Result<i64, RuntimeError> {
        self.run(|exports| &exports.next_end, (self.engine, after_ms))
    }

    /// Applies one encoded change set, the one at the next revision. Takes the time it takes.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Refused`] if it is damaged or does not follow on the present state; else as
    /// [`Instance::snapshot`].
    pub fn apply(&mut self, changes: &[u8]) -> Result<(), RuntimeError> {
        self.deliver(|exports| &exports.apply, changes)
    }

    /// Replaces the whole state by a snapshot's. Takes the time it takes.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Refused`] if it is damaged, the state being as before; else as [`Instance::snapshot`].
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), RuntimeError> {
        self.deliver(|exports| &exports.restore, snapshot)
    }

    /// The whole state as bytes, to be restored from. Takes the time it takes.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::StateTooLarge`] or [`RuntimeError::EngineFailure`]; the instance can then no longer be used.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, RuntimeError> {
        let snapshot = self.run(|exports| &exports.snapshot, self.engine)?;
        Ok(self.take(snapshot)?.unwrap_or_default())
    }

    /// The handle of a principal, `user:NAME`, `group:NAME` or `serviceAccount:NAME`; nothing where no record and no
    /// entry knows it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::ValueTooLong`] beyond 16,384 bytes, [`RuntimeError::EngineFailure`].
    pub fn resolve_principal(&mut self, principal: &str) -> Result<Option<u32>, RuntimeError> {
        let found = self.resolve(|exports| &exports.resolve_principal, principal)?;
        Ok(found.map(|handle| handle as u32))
    }

    /// The handle of an object by its path, which need not be registered; nothing where the text is not a path of the
    /// schema.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::ValueTooLong`] beyond 16,384 bytes, [`RuntimeError::EngineFailure`].
    pub fn resolve_object(&mut self, path: &str) -> Result<Option<ObjectHandle>, RuntimeError> {
        let Some(handle) = self.resolve(|exports| &exports.resolve_object, path)? else {
            return Ok(None);
        };
        let stamp = self.run(|exports| &exports.object_stamp, self.engine)?;
        Ok(Some(ObjectHandle { object: handle as u32, stamp }))
    }

    /// Checks on handles. `privilege` is one bit, as the schema numbers them; `now_ms` counts from 1970.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::EngineFailure`].
    #[inline]
    pub fn check_handle(
        &mut self,
        principal: u32,
        object: ObjectHandle,
        privilege: u32,
        now_ms: i64,
    ) -> Result<Verdict, RuntimeError> {
        let ObjectHandle { object, stamp } = object;
        self.run(|exports| &exports.check_handle, (self.engine, principal, object, stamp, privilege, now_ms))
            .map(verdict)
    }

    /// Checks on an object's path, for a principal's handle. `privilege` is one bit, as the schema numbers them.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::EngineFailure`]. A text that is no path, or too long, is [`Verdict::BadRequest`].
    #[inline]
    pub fn check_path(
        &mut self,
        principal: u32,
        privilege: u32,
        path: &str,
        now_ms: i64,
    ) -> Result<Verdict, RuntimeError> {
        if !self.write_scratch([path])? {
            return Ok(Verdict::BadRequest);
        }
        let arguments = (self.engine, principal, privilege, path.len() as u32, now_ms);
        self.run(|exports| &exports.check_path, arguments).map(verdict)
    }

    /// Checks on texts: `user:NAME`, a privilege's name, an object's path.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::EngineFailure`]. A text that is none of these, or too long, is [`Verdict::BadRequest`].
    #[inline]
    pub fn check_text(
        &mut self,
        principal: &str,
        privilege: &str,
        path: &str,
        now_ms: i64,
    ) -> Result<Verdict, RuntimeError> {
        if !self.write_scratch([principal, privilege, path])? {
            return Ok(Verdict::BadRequest);
        }
        let lengths = (principal.len() as u32, privilege.len() as u32, path.len() as u32);
        let arguments = (self.engine, lengths.0, lengths.1, lengths.2, now_ms);
        self.run(|exports| &exports.check_text, arguments).map(verdict)
    }

    /// How much memory the instance has by now, in bytes. It never shrinks.
    pub fn memory_bytes(&self) -> usize {
        self.exports.memory.data_size(&self.store)
    }
}

fn verdict(number: u32) -> Verdict {
    match number {
        1 => Verdict::Allow,
        2 => Verdict::StaleHandle,
        3 => Verdict::BadRequest,
        _ => Verdict::Deny,
    }
}

/// How bytes get in and out.
impl Instance {
    /// Calls one export. Everything that runs in the module runs here, so that a trap is never missed.
    #[inline]
    fn run<P: WasmParams, R: WasmResults>(
        &mut self,
        function: impl Fn(&Exports) -> &TypedFunc<P, R>,
        arguments: P,
    ) -> Result<R, RuntimeError> {
        if self.is_poisoned {
            return Err(RuntimeError::broken("it has failed before, and is to be made anew"));
        }
        function(&self.exports).call(&mut self.store, arguments).map_err(|error| {
            let failure = self.failure(&error);
            self.poison(failure)
        })
    }

    /// Why a call did not return.
    #[cold]
    fn failure(&self, error: &wasmtime::Error) -> RuntimeError {
        let limits = self.store.data();
        match error.downcast_ref::<Trap>() {
            _ if limits.is_exceeded => RuntimeError::StateTooLarge { cap_bytes: limits.cap_bytes },
            Some(Trap::Interrupt) => RuntimeError::DeadlineExceeded { deadline_ms: 0 },
            Some(trap) => RuntimeError::EngineFailure { reason: trap.to_string() },
            None => RuntimeError::EngineFailure { reason: error.to_string() },
        }
    }

    /// Gives the instance up.
    #[cold]
    fn poison(&mut self, error: RuntimeError) -> RuntimeError {
        self.is_poisoned = true;
        error
    }

    /// Hands bytes in and gets bytes back.
    fn exchange(&mut self, function: fn(&Exports) -> &Exchange, input: &[u8]) -> Result<Option<Vec<u8>>, RuntimeError> {
        let (address, length) = self.give(input)?;
        let output = self.run(function, (self.engine, address, length))?;
        self.run(|exports| &exports.free, (address, length))?;
        self.take(output)
    }

    /// Hands bytes in where only a refusal comes back.
    fn deliver(&mut self, function: fn(&Exports) -> &Exchange, input: &[u8]) -> Result<(), RuntimeError> {
        match self.exchange(function, input)? {
            None => Ok(()),
            Some(refusal) => Err(RuntimeError::refused(&refusal)),
        }
    }

    /// Copies bytes into the instance's memory.
    fn give(&mut self, bytes: &[u8]) -> Result<(Address, u32), RuntimeError> {
        let cap_bytes = self.store.data().cap_bytes;
        let length = u32::try_from(bytes.len()).map_err(|_| RuntimeError::StateTooLarge { cap_bytes })?;
        let address = self.run(|exports| &exports.alloc, length)?;
        self.write(address as usize, bytes)?;
        Ok((address, length))
    }

    /// Copies what the engine returned out of its memory, and frees it there.
    fn take(&mut self, packed: u64) -> Result<Option<Vec<u8>>, RuntimeError> {
        if packed == 0 {
            return Ok(None);
        }
        let (address, length) = ((packed >> 32) as u32, packed as u32);
        let (start, end) = (address as usize, address as usize + length as usize);
        let Some(bytes) = self.exports.memory.data(&self.store).get(start..end).map(<[u8]>::to_vec) else {
            return Err(self.poison(RuntimeError::broken("an answer beyond its memory")));
        };
        self.run(|exports| &exports.free, (address, length))?;
        Ok(Some(bytes))
    }

    #[inline]
    fn write(&mut self, address: usize, bytes: &[u8]) -> Result<(), RuntimeError> {
        let memory = self.exports.memory.data_mut(&mut self.store);
        match memory.get_mut(address..address + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(self.poison(RuntimeError::broken("a buffer beyond its memory"))),
        }
    }

    /// Writes texts into the scratch buffer, one after the other; false where they do not fit.
    #[inline]
    fn write_scratch<const N: usize>(&mut self, texts: [&str; N]) -> Result<bool, RuntimeError> {
        if texts.iter().map(|text| text.len()).sum::<usize>() > SCRATCH_BYTES {
            return Ok(false);
        }
        let mut address = self.scratch;
        for text in texts {
            self.write(address, text.as_bytes())?;
            address += text.len();
        }
        Ok(true)
    }

    fn resolve(&mut self, function: fn(&Exports) -> &Resolve, text: &str) -> Result<Option<u64>, RuntimeError> {
        if !self.write_scratch([text])? {
            return Err(RuntimeError::ValueTooLong { bytes: text.len() });
        }
        let handle = self.run(function, (self.engine, text.len() as u32))?;
        Ok((handle != UNKNOWN).then_some(handle))
    }
}

/// How much memory an instance may have, and whether it wanted more.
pub(super) struct Limits {
    cap_bytes: usize,
    is_exceeded: bool,
}

impl ResourceLimiter for Limits {
    /// Growing beyond the cap is an error and so a trap: the engine need not notice that its memory did not grow.
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.cap_bytes.min(maximum.unwrap_or(usize::MAX));
        if desired > allowed {
            self.is_exceeded = true;
            return Err(wasmtime::Error::msg("the memory's cap is reached"));
        }
        Ok(true)
    }

    /// A memory of 4 GiB cannot grow any more, whatever its cap; nor can one for which the machine has no more.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.is_exceeded = true;
        Err(error)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
