//! The module's exports, found by name once for an instance.

use wasmtime::{Instance, Memory, Store, TypedFunc, WasmParams, WasmResults};

use super::error::RuntimeError;
use super::instance::Limits;

/// A pointer, a length or a handle as the module knows it.
pub(super) type Address = u32;

/// A function that takes the engine and bytes, and returns bytes: the address in the high 32 bits, the length in the
/// low ones; 0 is nothing.
pub(super) type Exchange = TypedFunc<(Address, Address, u32), u64>;

/// A function that takes the engine and the length of what lies in the scratch buffer, and returns a handle.
pub(super) type Resolve = TypedFunc<(Address, u32), u64>;

/// Every export of the module, with its type.
pub(super) struct Exports {
    pub(super) memory: Memory,
    pub(super) engine_new: TypedFunc<(), Address>,
    pub(super) alloc: TypedFunc<u32, Address>,
    pub(super) free: TypedFunc<(Address, u32), ()>,
    pub(super) call: Exchange,
    pub(super) apply: Exchange,
    pub(super) restore: Exchange,
    pub(super) reveal: Exchange,
    pub(super) password_of: Exchange,
    pub(super) take_changes: TypedFunc<Address, u64>,
    pub(super) take_private: TypedFunc<Address, u64>,
    pub(super) next_end: TypedFunc<(Address, i64), i64>,
    pub(super) snapshot: TypedFunc<Address, u64>,
    pub(super) scratch: TypedFunc<Address, Address>,
    pub(super) resolve_principal: Resolve,
    pub(super) resolve_object: Resolve,
    pub(super) object_stamp: TypedFunc<Address, u64>,
    pub(super) check_handle: TypedFunc<(Address, u32, u32, u64, u32, i64), u32>,
    pub(super) check_path: TypedFunc<(Address, u32, u32, u32, i64), u32>,
    pub(super) check_text: TypedFunc<(Address, u32, u32, u32, i64), u32>,
}

impl Exports {
    /// Looks all of them up.
    pub(super) fn of(instance: &Instance, store: &mut Store<Limits>) -> Result<Self, RuntimeError> {
        let memory = instance.get_memory(&mut *store, "memory");
        let memory = memory.ok_or_else(|| RuntimeError::broken("the module exports no memory"))?;
        Ok(Self {
            memory,
            engine_new: function(instance, store, "engine_new")?,
            alloc: function(instance, store, "alloc")?,
            free: function(instance, store, "free")?,
            call: function(instance, store, "call")?,
            apply: function(instance, store, "apply")?,
            restore: function(instance, store, "restore")?,
            reveal: function(instance, store, "reveal")?,
            password_of: function(instance, store, "password_of")?,
            take_changes: function(instance, store, "take_changes")?,
            take_private: function(instance, store, "take_private")?,
            next_end: function(instance, store, "next_end")?,
            snapshot: function(instance, store, "snapshot")?,
            scratch: function(instance, store, "scratch")?,
            resolve_principal: function(instance, store, "resolve_principal")?,
            resolve_object: function(instance, store, "resolve_object")?,
            object_stamp: function(instance, store, "object_stamp")?,
            check_handle: function(instance, store, "check_handle")?,
            check_path: function(instance, store, "check_path")?,
            check_text: function(instance, store, "check_text")?,
        })
    }
}

fn function<P: WasmParams, R: WasmResults>(
    instance: &Instance,
    store: &mut Store<Limits>,
    name: &str,
) -> Result<TypedFunc<P, R>, RuntimeError> {
    instance.get_typed_func(store, name).map_err(RuntimeError::unusable)
}
