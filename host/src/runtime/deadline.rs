//! Deadlines: a thread that moves wasmtime's epoch on while calls with a deadline are under way. It starts with the
//! first of them and sleeps while there are none; a process that only checks never has it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

use super::error::RuntimeError;

/// The grain of a deadline.
const TICK: Duration = Duration::from_millis(10);

/// After how many ticks without a call the thread goes to sleep. Waking it costs microseconds, so that it is not done
/// for every call.
const IDLE_TICKS: u32 = 100;

/// What an instance's epoch deadline is while it has none.
pub(super) const NEVER: u64 = u64::MAX / 2;

/// The thread, and who needs it. Ends with the runtime and the last of its instances.
pub(super) struct Ticker {
    shared: Arc<Shared>,
    thread: OnceLock<Option<JoinHandle<()>>>,
}

/// A call with a deadline is under way for as long as this lives.
pub(super) struct Running(Arc<Ticker>);

struct Shared {
    engine: Engine,
    /// How many calls are under way.
    running: AtomicUsize,
    /// The thread sleeps until someone takes this back and wakes it.
    asleep: AtomicBool,
    ended: AtomicBool,
}

impl Ticker {
    /// A ticker whose thread does not exist yet.
    pub(super) fn new(engine: Engine) -> Self {
        let (running, asleep, ended) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
        Self { shared: Arc::new(Shared { engine, running, asleep, ended }), thread: OnceLock::new() }
    }

    /// Begins a call, with the thread awake until it ends.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::EngineFailure`] if this machine cannot start a thread.
    pub(super) fn begin(self: &Arc<Self>) -> Result<Running, RuntimeError> {
        let running = Running(Arc::clone(self));
        self.shared.running.fetch_add(1, SeqCst);
        let thread = self.thread.get_or_init(|| start(&self.shared)).as_ref();
        let thread = thread.ok_or_else(|| RuntimeError::broken("no thread to watch the deadline"))?.thread();
        if self.shared.asleep.swap(false, SeqCst) {
            thread.unpark();
        }
        Ok(running)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        if let Some(Some(thread)) = self.thread.take() {
            thread.thread().unpark();
            // It cannot have panicked, and there is no one to tell.
            drop(thread.join());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.shared.running.fetch_sub(1, SeqCst);
    }
}

/// A deadline in ticks. Two more than fit, since the first may be about to end and one may be cut short by a wake-up:
/// a call has its full time.
pub(super) fn ticks(deadline: Duration) -> u64 {
    u64::try_from(deadline.as_millis().div_ceil(TICK.as_millis()) + 2).unwrap_or(NEVER).min(NEVER)
}

fn start(shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    thread::Builder::new().name("deadlines".to_owned()).spawn(move || shared.tick()).ok()
}

impl Shared {
    /// The thread's life.
    fn tick(&self) {
        let mut idle = 0;
        while !self.ended.load(SeqCst) {
            idle = if self.running.load(SeqCst) > 0 { 0 } else { idle + 1 };
            if idle > IDLE_TICKS {
                self.sleep();
                idle = 0;
            }
            thread::park_timeout(TICK);
            self.engine.increment_epoch();
        }
    }

    /// Sleeps until a call begins. One that began meanwhile either is seen here, or sees `asleep` and wakes this.
    fn sleep(&self) {
        self.asleep.store(true, SeqCst);
        while self.asleep.load(SeqCst) && self.running.load(SeqCst) == 0 && !self.ended.load(SeqCst) {
            thread::park();
        }
        self.asleep.store(false, SeqCst);
    }
}
