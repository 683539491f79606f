//! The engine as WebAssembly, and as machine code made from it. Both lie in `target/engine`, from where the host's
//! `build.rs` embeds them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{process, wasm};

/// What the machine code depends on besides the module: the compiler's version, its settings, and how it is called.
const COMPILER_SOURCES: [&str; 3] = ["Cargo.lock", "host/src/runtime/config.rs", "xtask/precompile/src/main.rs"];

/// Builds the module that hosts run.
///
/// # Errors
///
/// It does not compile, or it imports something.
pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let module = compile(workspace, toolchain, "face-host")?;
    let imports = wasm::imports(&module)?;
    if !imports.is_empty() {
        bail!("the engine's module for hosts must import nothing, but imports {}", imports.join(", "));
    }
    write_if_changed(&module_path(workspace), &wasm::stripped(&module)?)
}

/// Builds the module for JavaScript. Nothing is kept of it: this tells whether it can be built.
///
/// # Errors
///
/// It does not compile, or imports something that wasm-bindgen's own glue does not provide.
pub(crate) fn build_javascript(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let imports = wasm::imports(&compile(workspace, toolchain, "face-js")?)?;
    match imports.iter().find(|name| !name.starts_with("__wbindgen_")) {
        Some(foreign) => bail!("the engine's module for JavaScript imports `{foreign}`"),
        None => Ok(()),
    }
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

/// Where modules are compiled: apart, since cargo locks a target folder, and the compiler may be another one.
pub(crate) fn wasm_target(workspace: &Workspace) -> PathBuf {
    workspace.target("wasm")
}

/// Where the host's `build.rs` looks.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("engine")
}

/// Compiles the engine with one of its faces and returns the module.
fn compile(workspace: &Workspace, toolchain: &Toolchain, face: &str) -> Result<Vec<u8>> {
    let target = wasm_target(workspace);
    process::run(
        toolchain
            .cargo(workspace)
            .args(["rustc", "--profile", "wasm", "--target", "wasm32-unknown-unknown"])
            .args(["--package", "portcullis-engine", "--features", face, "--lib", "--crate-type", "cdylib"])
            .arg("--target-dir")
            .arg(&target),
    )?;
    let module = target.join("wasm32-unknown-unknown/wasm/portcullis_engine.wasm");
    fs::read(&module).with_context(|| format!("cannot read {}", module.display()))
}

/// Compiles one module. The key beside the code says what it was made from, and is there only if the code is whole.
fn precompile_one(workspace: &Workspace, module: &Path, code: &Path) -> Result<()> {
    let key = code.with_extension("key");
    let wanted = key_of(workspace, module)?;
    if code.exists() && fs::read_to_string(&key).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if key.exists() {
        fs::remove_file(&key)?;
    }
    let triple = host_triple()?;
    process::run(workspace.cargo().args(["run", "--profile", "precompile", "--package", "precompile", "--"]).args([
        module.as_os_str(),
        code.as_os_str(),
        OsStr::new(&triple),
    ]))?;
    Ok(fs::write(key, wanted)?)
}

/// Leaves the file alone where nothing changes, so that what is built from it stays up to date.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, content)?)
}

/// What tells one compilation from another.
fn key_of(workspace: &Workspace, module: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(fs::read(module).with_context(|| format!("cannot read {}", module.display()))?);
    for source in COMPILER_SOURCES {
        digest.update(fs::read(workspace.source(source)).with_context(|| format!("cannot read {source}"))?);
    }
    Ok(hex(&digest.finalize()))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The kind of machine that the active compiler builds for.
fn host_triple() -> Result<String> {
    let version = process::text(process::command("rustc").arg("-vV"))?;
    let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(str::to_owned).context("rustc does not say what it builds for")
}
