//! How the module is compiled and run. The host and the build's `precompile` share this file, because a
//! precompiled module loads only into an engine configured exactly as the one that made it.

use wasmtime::Config;

/// The most that one linear memory can hold, and what each reserves of the address space: 4 GiB. With as much
/// reserved as 32 bits can address, no load or store needs a bounds check.
const RESERVATION_BYTES: u64 = 1 << 32;

/// What follows a memory's reservation and traps when touched: 32 MiB, so that a constant offset up to there
/// needs no check either.
const GUARD_BYTES: u64 = 32 << 20;

/// The configuration of both sides.
///
/// Epoch interruption is compiled in, for deadlines. What serves only debugging is left out: the module carries
/// no names, and a trap is told by its kind.
pub(crate) fn engine() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .memory_reservation(RESERVATION_BYTES)
        .memory_guard_size(GUARD_BYTES)
        .memory_may_move(false)
        .memory_init_cow(true)
        .signals_based_traps(true)
        .generate_address_map(false)
        .native_unwind_info(false)
        .wasm_backtrace_max_frames(None);
    config
}
