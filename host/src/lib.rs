//! The host of Portcullis: the engine's WebAssembly in wasmtime, and what the engine must not have: storage, a clock,
//! randomness, a command line.

pub mod cli;
pub mod credentials;
pub mod import;
pub mod runtime;
pub mod service;
pub mod store;
