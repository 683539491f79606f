//! `precompile MODULE OUTPUT TRIPLE`: compiles a WebAssembly module, binary or text, to machine code for the host to
//! embed.
//!
//! A crate of its own, since the compiler takes minutes to build and `cargo xtask` must start in seconds.

#[path = "../../../host/src/runtime/config.rs"]
mod config;

use std::error::Error;
use std::{env, fs};

use wasmtime::Engine;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [module, output, triple] = arguments.as_slice() else {
        return Err("usage: precompile MODULE OUTPUT TRIPLE".into());
    };
    fs::write(output, compile(&fs::read(module)?, triple)?)?;
    Ok(())
}

/// Compiles for the baseline processor of `triple`: naming the target, even this machine's own, keeps the compiler
/// from using what this machine's processor has beyond that.
fn compile(module: &[u8], triple: &str) -> wasmtime::Result<Vec<u8>> {
    let mut config = config::engine();
    config.target(triple)?;
    Engine::new(&config)?.precompile_module(module)
}
