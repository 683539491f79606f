//! The face for WebAssembly hosts: plain exports and no import at all.
//!
//! Pointers and lengths are those of the module's own memory. A *packed* result is `pointer << 32 | length` of a buffer
//! that the caller gives back with [`free`]; 0 is none. Every engine is a value of its own that [`engine_new`] makes:
//! the module keeps no global. `host/src/runtime.rs` is the other side.

#![expect(unsafe_code, reason = "the boundary of the module: raw memory of the host's making, and exported names")]

use crate::change::ChangeSet;
use crate::decision::Identity;
use crate::locate::Handle;
use crate::private::PrivatePart;
use crate::refusal::Refusal;
use crate::request::{Called, error_answer};
use crate::state::State;

/// How long a question on the hot path may be: principal, privilege and path together.
const SCRATCH: usize = 16_384;

/// One engine: a state, the change set that was proposed last with its private part, and the buffer of the hot path.
pub struct Engine {
    state: State,
    proposed: Option<ChangeSet>,
    private: PrivatePart,
    stamp: u64,
    scratch: Box<[u8]>,
}

const DENY: u32 = 0;
const ALLOW: u32 = 1;
const STALE: u32 = 2;
const BAD_REQUEST: u32 = 3;

/// A new engine with no policy in it; null in no case that is known.
#[unsafe(no_mangle)]
pub extern "C" fn engine_new() -> *mut Engine {
    let Ok(state) = State::new() else { return std::ptr::null_mut() };
    let private = PrivatePart::default();
    Box::into_raw(Box::new(Engine { state, proposed: None, private, stamp: 0, scratch: vec![0; SCRATCH].into() }))
}

/// Gives an engine back.
///
/// # Safety
///
/// `engine` came from [`engine_new`] and is used no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_free(engine: *mut Engine) {
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(engine) });
}

/// A buffer of `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; len].into_boxed_slice()).cast()
}

/// Gives a buffer back.
///
/// # Safety
///
/// `pointer` and `len` are those of [`alloc`] or of a packed result, given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(pointer: *mut u8, len: usize) {
    // SAFETY: as above; the slice's layout is that of the boxed slice that was handed out.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(pointer, len)) });
}

/// A JSON request in, a packed JSON answer out; see [`State::call`].
///
/// # Safety
///
/// `engine` came from [`engine_new`]; `pointer` and `len` are a buffer that the caller filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(engine: *mut Engine, pointer: *const u8, len: usize) -> u64 {
    // SAFETY: as above.
    let (engine, request) = unsafe { (&mut *engine, std::slice::from_raw_parts(pointer, len)) };
    let Called { answer, changes, private } = engine.state.call(request);
    (engine.proposed, engine.private) = (changes, private);
    pack(answer.into_bytes())
}

/// The change set of the last proposal, packed; 0 where it changed nothing.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn take_changes(engine: *mut Engine) -> u64 {
    // SAFETY: as above.
    let engine = unsafe { &mut *engine };
    engine.proposed.take().map_or(0, |set| pack(set.encode()))
}

/// The private part of the last proposal, packed; 0 where there is none. See [`PrivatePart::encode`].
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn take_private(engine: *mut Engine) -> u64 {
    // SAFETY: as above.
    let part = std::mem::take(unsafe { &mut (*engine).private });
    if part.is_empty() { 0 } else { pack(part.encode()) }
}

/// Gives the state private values, in the form of [`PrivatePart::encode`]; 0, or a packed JSON error.
///
/// # Safety
///
/// As [`call`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reveal(engine: *mut Engine, pointer: *const u8, len: usize) -> u64 {
    // SAFETY: as above.
    let (engine, bytes) = unsafe { (&mut *engine, std::slice::from_raw_parts(pointer, len)) };
    let revealed = PrivatePart::decode(bytes).map(|part| engine.state.reveal(&part.values));
    outcome(&engine.state, revealed)
}

/// The password of the user whose name it is given, as a PHC string, packed; 0 where there is none.
///
/// # Safety
///
/// As [`call`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn password_of(engine: *mut Engine, pointer: *const u8, len: usize) -> u64 {
    // SAFETY: as above.
    let (engine, name) = unsafe { (&*engine, std::slice::from_raw_parts(pointer, len)) };
    let password = std::str::from_utf8(name).ok().and_then(|name| engine.state.password_of(name));
    password.map_or(0, |phc| pack(phc.as_bytes().to_vec()))
}

/// The first instant after `after` at which a session or token ends, or an entry begins or ends to hold; the largest
/// number where there is none.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn next_end(engine: *mut Engine, after: i64) -> i64 {
    // SAFETY: as above.
    unsafe { &*engine }.state.next_end_ms(after).unwrap_or(i64::MAX)
}

/// Applies a change set; 0, or a packed JSON error and the state as it was.
///
/// # Safety
///
/// As [`call`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn apply(engine: *mut Engine, pointer: *const u8, len: usize) -> u64 {
    // SAFETY: as above.
    let (engine, bytes) = unsafe { (&mut *engine, std::slice::from_raw_parts(pointer, len)) };
    let applied = ChangeSet::decode(bytes).and_then(|set| engine.state.apply(&set));
    outcome(&engine.state, applied)
}

/// Takes a snapshot's state in the place of the engine's; 0, or a packed JSON error and the state as it was.
///
/// # Safety
///
/// As [`call`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restore(engine: *mut Engine, pointer: *const u8, len: usize) -> u64 {
    // SAFETY: as above.
    let (engine, bytes) = unsafe { (&mut *engine, std::slice::from_raw_parts(pointer, len)) };
    let restored = State::restore(bytes).map(|state| engine.state = state);
    outcome(&engine.state, restored)
}

/// The state in bytes, packed.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn snapshot(engine: *mut Engine) -> u64 {
    // SAFETY: as above.
    pack(unsafe { &*engine }.state.snapshot())
}

/// The buffer of the hot path, [`SCRATCH`] bytes long.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scratch(engine: *mut Engine) -> *mut u8 {
    // SAFETY: as above.
    unsafe { &mut *engine }.scratch.as_mut_ptr()
}

/// The handle of the principal whose `TYPE:NAME` is in the scratch buffer; `u64::MAX` where the text is none.
/// Handle 0 is a principal that nobody knows.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn resolve_principal(engine: *mut Engine, len: usize) -> u64 {
    // SAFETY: as above.
    let engine = unsafe { &mut *engine };
    let identity = text(&engine.scratch, 0, len).and_then(|text| Identity::parse(text).ok());
    identity.map_or(u64::MAX, |identity| u64::from(engine.state.principal(&identity)))
}

/// The object id of the handle for the path in the scratch buffer, and its stamp for [`object_stamp`]; `u64::MAX`
/// where the text is no path.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn resolve_object(engine: *mut Engine, len: usize) -> u64 {
    // SAFETY: as above.
    let engine = unsafe { &mut *engine };
    let handle = text(&engine.scratch, 0, len).and_then(|path| engine.state.resolve(path).ok());
    engine.stamp = handle.map_or(0, |handle| handle.stamp);
    handle.map_or(u64::MAX, |handle| u64::from(handle.object))
}

/// The stamp of the handle that [`resolve_object`] gave last.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn object_stamp(engine: *mut Engine) -> u64 {
    // SAFETY: as above.
    unsafe { &*engine }.stamp
}

/// A check on the path in the scratch buffer, for a principal's handle: 0 deny, 1 allow, 3 a text that is no path.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn check_path(engine: *mut Engine, principal: u32, privilege: u32, len: usize, now: i64) -> u32 {
    // SAFETY: as above.
    let engine = unsafe { &*engine };
    let asked = mask(&engine.state, privilege).zip(text(&engine.scratch, 0, len));
    let answer = asked.and_then(|(wanted, path)| engine.state.check_path(principal, wanted, path, now).ok());
    answer.map_or(BAD_REQUEST, |allowed| if allowed { ALLOW } else { DENY })
}

/// The mask of a privilege by its place in the schema.
fn mask(state: &State, privilege: u32) -> Option<u32> {
    1_u32.checked_shl(privilege).filter(|mask| mask & state.schema().all_privileges() != 0)
}

/// A check on handles: 0 deny, 1 allow, 2 stale handle, which is a denial. `privilege` is the privilege's place in the
/// schema.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn check_handle(
    engine: *mut Engine,
    principal: u32,
    object: u32,
    stamp: u64,
    privilege: u32,
    now: i64,
) -> u32 {
    // SAFETY: as above.
    let state = &unsafe { &*engine }.state;
    let handle = Handle { object, stamp };
    let Some(wanted) = mask(state, privilege) else { return BAD_REQUEST };
    match state.check(principal, handle, wanted, now) {
        true => ALLOW,
        false if state.is_stale(handle) => STALE,
        false => DENY,
    }
}

/// A check on the texts in the scratch buffer: principal, privilege and path, one after the other. 0 deny, 1 allow,
/// 3 a request that [`call`] would refuse in words.
///
/// # Safety
///
/// `engine` came from [`engine_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn check_text(
    engine: *mut Engine,
    principal_len: usize,
    privilege_len: usize,
    path_len: usize,
    now: i64,
) -> u32 {
    // SAFETY: as above.
    let engine = unsafe { &*engine };
    let middle = principal_len.saturating_add(privilege_len);
    let principal = text(&engine.scratch, 0, principal_len);
    let privilege = text(&engine.scratch, principal_len, privilege_len);
    let (Some(principal), Some(privilege), Some(path)) =
        (principal, privilege, text(&engine.scratch, middle, path_len))
    else {
        return BAD_REQUEST;
    };
    match engine.state.check_names(principal, privilege, path, now) {
        Ok(true) => ALLOW,
        Ok(false) => DENY,
        Err(_) => BAD_REQUEST,
    }
}

fn text(scratch: &[u8], start: usize, len: usize) -> Option<&str> {
    std::str::from_utf8(scratch.get(start..start.checked_add(len)?)?).ok()
}

fn outcome(state: &State, result: Result<(), Box<Refusal>>) -> u64 {
    match result {
        Ok(()) => 0,
        Err(refusal) => pack(error_answer(state.revision(), &refusal, None).into_text().into_bytes()),
    }
}

fn pack(bytes: Vec<u8>) -> u64 {
    let bytes = bytes.into_boxed_slice();
    let len = bytes.len() as u64;
    (Box::into_raw(bytes).cast::<u8>().addr() as u64) << 32 | len
}
