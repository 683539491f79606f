//! The engine as WebAssembly for hosts, and as machine code made from it. Both lie in `target/engine`, from where the
//! host's `build.rs` embeds them. The same sources and tools give the same bytes on every machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::artefact::{digest, make_once, read};
use crate::binaryen::Pass;
use crate::face::Face;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{process, wasm};

/// How cargo compiles it: a profile of the workspace's `Cargo.toml`.
const PROFILE: &str = "wasm";

/// What the machine code depends on besides the module: the compiler's version, its settings, and how it is called.
const COMPILER_SOURCES: [&str; 3] = ["Cargo.lock", "host/src/runtime/config.rs", "xtask/precompile/src/main.rs"];

/// Builds the module that hosts run.
///
/// # Errors
///
/// It does not compile, it cannot be optimised, or it imports something.
pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let compiled = Face::HOST.compile(workspace, toolchain, PROFILE)?;
    let module = module_path(workspace);
    let key = digest(&[read(&compiled)?, Pass::HOST.recipe().into_bytes()]);
    make_once(&module, &key, |output| Pass::HOST.optimise(&compiled, output))?;
    let imports = wasm::imports(&read(&module)?)?;
    if !imports.is_empty() {
        bail!("the engine's module for hosts must import nothing, but imports {}", imports.join(", "));
    }
    Ok(())
}

/// Compiles for this machine's kind of processor, unless that was done before: the module, and the one that misbehaves
/// for the tests of the runtime.
///
/// # Errors
///
/// There is no module yet, or the compiler refuses it.
pub(crate) fn precompile(workspace: &Workspace) -> Result<()> {
    let faulty = workspace.source("host/src/runtime/faulty.wat");
    for (module, code) in [(module_path(workspace), "engine.cwasm"), (faulty, "faulty.cwasm")] {
        precompile_one(workspace, &module, &folder(workspace).join(code))?;
    }
    Ok(())
}

/// Where the host's module lies.
pub(crate) fn module_path(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("engine.wasm")
}

/// Where the host's `build.rs` looks.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("engine")
}

/// Compiles one module.
fn precompile_one(workspace: &Workspace, module: &Path, code: &Path) -> Result<()> {
    let mut parts = vec![read(module)?];
    for source in COMPILER_SOURCES {
        parts.push(read(&workspace.source(source))?);
    }
    make_once(code, &digest(&parts), |output| {
        let triple = host_triple()?;
        process::run(
            workspace.cargo().args(["run", "--profile", "precompile", "--package", "precompile", "--"]).args([
                module.as_os_str(),
                output.as_os_str(),
                OsStr::new(&triple),
            ]),
        )
    })
}

/// The kind of machine that the active compiler builds for.
fn host_triple() -> Result<String> {
    let version = process::text(process::command("rustc").arg("-vV"))?;
    let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(str::to_owned).context("rustc does not say what it builds for")
}
